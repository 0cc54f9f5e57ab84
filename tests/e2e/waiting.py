"""Waits for what is to come, and says what came instead."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.1


def until[Result](find: Callable[[], Result], what: str, seconds: float = 60.0) -> Result:
    """Call `find` until what it gives is true, and give that.

    `find` may fail with AssertionError or OSError (a server that does not answer yet); when the time is up, the last
    such error, or the last result, is in the message.
    """
    deadline = time.monotonic() + seconds
    while True:
        found: Result | None = None
        problem: Exception | None = None
        try:
            found = find()
        except (AssertionError, OSError) as error:
            problem = error
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s; the last was: {problem or found!r}") from problem
        time.sleep(POLL_SECONDS)
