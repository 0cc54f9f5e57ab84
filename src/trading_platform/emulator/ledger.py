"""Counts of the calls answered, so that a test can say "this run changed nothing"."""

from collections import Counter
from typing import Any

from trading_platform.emulator.call import Call


class Ledger:
    """How often each action was called since the start or the last reset, changing and reading calls apart."""

    def __init__(self) -> None:
        self.mutating: Counter[str] = Counter()
        self.reading: Counter[str] = Counter()
        self.in_full: list[dict[str, Any]] | None = None
        """The calls themselves, in order, with service, region, action and parameters; None unless asked for."""

    def record(self, call: Call) -> None:
        counter = self.mutating if call.is_mutating else self.reading
        counter[f"{call.service}.{call.action or 'Unknown'}"] += 1
        if self.in_full is not None and call.action:
            one = {"service": call.service, "region": call.region, "action": call.action, "parameters": call.params}
            self.in_full.append(one)

    def reset(self) -> None:
        self.mutating.clear()
        self.reading.clear()
        self.in_full = None

    def record_in_full(self) -> None:
        """Count from nothing, and keep from now on also what is asked, until the next reset."""
        self.reset()
        self.in_full = []

    def as_dict(self) -> dict[str, dict[str, int]]:
        return {"mutating": dict(sorted(self.mutating.items())), "reading": dict(sorted(self.reading.items()))}
