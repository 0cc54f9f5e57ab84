"""trading_platform.aws.several: what no AWS of ours does, answers that lack for a while what was just made."""

from unittest import mock

import pytest

from trading_platform.aws import several
from trading_platform.aws.engine import BaseItem, RefusedError, State, WaitTimeoutError
from trading_platform.aws.several import converge_several


class Thing(BaseItem):
    """Something with a colour and a shape for life, kept in a dict."""

    kind = "thing"
    fixed = frozenset({"shape"})

    def __init__(self, name: str, store: dict[str, State], shape: str = "round") -> None:
        self.name = name
        self.store = store
        self.shape = shape

    def wanted(self, current: State | None) -> State:
        return {"shape": self.shape}

    def create(self, wanted: State) -> None:
        self.store[self.name] = wanted


class Things:
    """Things whose list lacks them for a number of answers."""

    kind = "things"
    name = "of the test"

    def __init__(self, store: dict[str, State], items: list[Thing], late: int = 0) -> None:
        self.store = store
        self.items = {item.name: item for item in items}
        self.late = late
        self.reads = 0

    def find(self) -> dict[str, State]:
        self.reads += 1
        return dict(self.store) if self.reads > self.late else {}


def test_it_waits_until_the_list_has_what_was_made() -> None:
    store: dict[str, State] = {}
    things = Things(store, [Thing("a", store), Thing("b", store)], late=3)
    with mock.patch("time.sleep"):
        outcomes = converge_several(things, present=True, check_mode=False)
    assert {name: outcome.after for name, outcome in outcomes.items()} == store
    assert things.reads == 4


def test_it_says_when_the_list_never_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several, "CONSISTENCY_SECONDS", 0.0)
    store: dict[str, State] = {}
    with pytest.raises(WaitTimeoutError, match="things of the test"):
        converge_several(Things(store, [Thing("a", store)], late=9), present=True, check_mode=False)


def test_nothing_is_written_when_one_has_to_be_refused() -> None:
    store: dict[str, State] = {"b": {"shape": "square"}}
    with pytest.raises(RefusedError, match="thing b: shape is 'square'"):
        converge_several(Things(store, [Thing("a", store), Thing("b", store)]), present=True, check_mode=False)
    assert list(store) == ["b"]
