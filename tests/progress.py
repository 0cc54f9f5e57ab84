"""A word every few seconds while long tests run: a silent terminal looks like one that hangs."""

import os
import threading
import time

import pytest

EVERY = 5.0


class Progress:
    """Says how many tests are done, when the terminal has been silent for a while."""

    def __init__(self) -> None:
        self.done = 0
        self.spoke = self.started = time.monotonic()
        self.terminal = 2
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._speak, daemon=True)

    def _speak(self) -> None:
        while not self.ended.wait(0.5):
            if time.monotonic() - self.spoke >= EVERY:
                self.spoke = time.monotonic()
                word = f"\n[{self.spoke - self.started:.0f} s: {self.done} done, still testing]\n"
                os.write(self.terminal, word.encode())

    def pytest_sessionstart(self) -> None:
        """Begin. While a test runs, pytest keeps what is written to standard error: a copy leads past it."""
        self.terminal = os.dup(2)
        self.thread.start()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count; pytest prints something for every test that is done."""
        if report.when == "call":
            self.done += 1
            self.spoke = time.monotonic()

    def pytest_sessionfinish(self) -> None:
        """End."""
        self.ended.set()
