"""What is seen while something takes long: a line that says what and how long, and a dot for every two seconds."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

SECONDS_PER_DOT = 2.0


def about(seconds: int) -> str:
    """Say how long in words: ``about 40 s``, ``about 3 min``."""
    return f"about {seconds} s" if seconds < 100 else f"about {round(seconds / 60)} min"


@contextlib.contextmanager
def shown(what: str) -> Iterator[Callable[[], None]]:
    """Print what begins, and give a function that is called often and prints the dots; end with the time taken.

    All goes to standard error: standard output is for results.
    """
    began = time.monotonic()
    dots = 0

    def tick() -> None:
        nonlocal dots
        due = int((time.monotonic() - began) / SECONDS_PER_DOT)
        if due > dots:
            print("." * (due - dots), end="", file=sys.stderr, flush=True)
            dots = due

    print(f"{what} ", end="", file=sys.stderr, flush=True)
    try:
        yield tick
    except BaseException:
        print(file=sys.stderr, flush=True)
        raise
    print(f" {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
