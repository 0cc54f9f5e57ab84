"""Fingerprints of AUTH tokens, and what each strategy makes of them."""

import pytest

from trading_platform.aws.elasticache_auth_token import fingerprint, token_problems, wanted_fingerprint
from trading_platform.aws.engine import RefusedError

GROUP = "production-trading-engine"


def test_a_fingerprint_depends_on_group_and_token_and_shows_neither() -> None:
    one = fingerprint(GROUP, "a" * 32)
    assert one == fingerprint(GROUP, "a" * 32)
    assert len({one, fingerprint(GROUP, "b" * 32), fingerprint("staging", "a" * 32)}) == 3
    assert len(one) == 16
    int(one, 16)


@pytest.mark.parametrize(
    ("current", "strategy", "wanted"),
    [
        (None, None, "new"),
        (None, "rotate", "new"),
        ("new", None, "new"),
        ("new", "rotate", "new"),
        ("new", "set", "new"),
        ("old", None, "old"),
        ("old", "rotate", "new+old"),
        ("new+old", None, "new+old"),
        ("new+old", "rotate", "new+old"),
        ("new+old", "set", "new"),
        ("old+older", "rotate", "new+old"),
        ("unknown", "rotate", "new+unknown"),
    ],
)
def test_each_strategy(current: str | None, strategy: str | None, wanted: str) -> None:
    assert wanted_fingerprint(current, "new", strategy, GROUP) == wanted


@pytest.mark.parametrize("current", ["old", "old+new", "unknown"])
def test_set_without_rotate_is_refused(current: str) -> None:
    with pytest.raises(RefusedError, match="rotate first"):
        wanted_fingerprint(current, "new", "set", GROUP)


@pytest.mark.parametrize("token", ["a" * 16, "A1!&#$^<>-" * 12, "z" * 128])
def test_tokens_that_elasticache_takes(token: str) -> None:
    assert token_problems(token) == []


@pytest.mark.parametrize("token", ["a" * 15, "a" * 129, "a" * 20 + "@", "a" * 20 + " ", "a" * 20 + "é"])
def test_tokens_that_it_does_not_take_are_not_repeated(token: str) -> None:
    assert token_problems(token)
    assert token not in str(token_problems(token))
