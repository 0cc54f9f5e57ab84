"""Counts of the calls answered, so that a test can say "this run changed nothing"."""

from collections import Counter

from trading_platform.emulator.call import Call


class Ledger:
    """How often each action was called since the start or the last reset, changing and reading calls apart."""

    def __init__(self) -> None:
        self.mutating: Counter[str] = Counter()
        self.reading: Counter[str] = Counter()

    def record(self, call: Call) -> None:
        counter = self.mutating if call.is_mutating else self.reading
        counter[f"{call.service}.{call.action or 'Unknown'}"] += 1

    def reset(self) -> None:
        self.mutating.clear()
        self.reading.clear()

    def as_dict(self) -> dict[str, dict[str, int]]:
        return {"mutating": dict(sorted(self.mutating.items())), "reading": dict(sorted(self.reading.items()))}
