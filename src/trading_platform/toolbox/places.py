"""Where things are kept: a folder of the user's cache, shared by all checkouts; who may write; what is forgotten.

``<tool>-<key>/``        a program, whole or not there at all
``go-<version>-<key>/``  Go
``build/``               Go's build cache: what tools have in common is compiled once
``downloads/``           sources, removed after a build
``unfinished/``          what is being made; nobody else's after its maker has died
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from trading_platform.toolbox import progress
from trading_platform.toolbox.errors import ToolError

FORGET_AFTER_DAYS = 30


def home() -> Path:
    """Give the folder of this package in the user's cache, which may not exist yet.

    A relative XDG_CACHE_HOME is invalid and ignored, as https://specifications.freedesktop.org/basedir-spec says.
    """
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        cache = xdg if xdg.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        raise ToolError("there is no home folder to keep tools in: set XDG_CACHE_HOME to a folder") from None
    return cache / "trading-platform" / "tools"


@contextlib.contextmanager
def building() -> Iterator[Path]:
    """Be the only one that builds: wait for others, tidy up after those that were killed, and give ``unfinished``."""
    place = home()
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / "lock").open("w", encoding="utf-8")
    except OSError as problem:
        raise ToolError(
            f"{place}: tools cannot be kept there: {problem.strerror}. XDG_CACHE_HOME chooses another folder"
        ) from None
    with lock:
        if not locked(lock.fileno()):
            with progress.shown("waiting for another process that is building tools") as tick:
                while not locked(lock.fileno()):
                    time.sleep(0.1)
                    tick()
        forget(place)
        unfinished = place / "unfinished"
        remove(unfinished)
        unfinished.mkdir()
        try:
            yield unfinished
        finally:
            remove(unfinished)


def locked(descriptor: int) -> bool:
    """Take the lock unless somebody has it. It is given back when the file is closed, also by dying."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def used(folder: Path) -> None:
    """Note that a folder is in use, so that it is not forgotten."""
    with contextlib.suppress(OSError):  # a cache of somebody else's that we may only read
        os.utime(folder)


def forget(place: Path) -> None:
    """Remove what nobody has used for a month: programs of pins that have been replaced, and what they were made of."""
    oldest = time.time() - FORGET_AFTER_DAYS * 24 * 3600
    for folder in place.iterdir():
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
