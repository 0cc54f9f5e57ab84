"""Where things are kept: a folder of the user's cache, shared by all checkouts; who may write; what is forgotten.

``<tool>-<key>/``        a program, whole or not there at all
``go-<version>-<key>/``  Go
``build/``               Go's build cache: what tools have in common is compiled once
``downloads/``           sources, removed after a build
``unfinished/``          what is being made
``locks/``               who makes what
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from trading_platform.toolbox import command, progress
from trading_platform.toolbox.errors import ToolError

FORGET_AFTER_DAYS = 30
KEY = "[0-9a-f]" * 16
"""What a key looks like, as a pattern of file names."""


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


def opened(name: str) -> IO[str]:
    """Open a lock file; it is never removed, as others may be waiting for it."""
    place = home()
    try:
        (place / "locks").mkdir(parents=True, exist_ok=True)
        return (place / "locks" / name).open("w", encoding="utf-8")
    except OSError as problem:
        raise ToolError(
            f"{place}: tools cannot be kept there: {problem.strerror}. XDG_CACHE_HOME chooses another folder"
        ) from None


def locked(lock: IO[str], how: int) -> bool:
    """Take a lock unless somebody has it. It is given back when the file is closed, also by dying."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take(lock: IO[str], how: int, waiting: str) -> None:
    """Take a lock, and say what is waited for if somebody has it."""
    if locked(lock, how):
        return
    with progress.shown(waiting) as tick:
        while not locked(lock, how):
            time.sleep(0.1)
            tick()


@contextlib.contextmanager
def in_use() -> Iterator[None]:
    """Use what builds share. Who is the last to leave, and leaves without an error, tidies up."""
    with opened("all") as lock:
        take(lock, fcntl.LOCK_SH, "waiting for another process that is tidying up")
        yield
        if locked(lock, fcntl.LOCK_EX):
            tidy()


@contextlib.contextmanager
def alone(name: str) -> Iterator[Path]:
    """Be the only one that makes ``home() / name``, and give an empty folder to make it in."""
    with opened(name) as lock:
        take(lock, fcntl.LOCK_EX, f"waiting for another process that is making {name.rpartition('-')[0]}")
        (home() / "unfinished").mkdir(exist_ok=True)
        # A name of its own: what a killed process started may still be writing to the folder that it had.
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=home() / "unfinished"))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            remove(folder)


def clean() -> None:
    """Remove what only builds need, once nobody is building."""
    with opened("all") as lock:
        take(lock, fcntl.LOCK_EX, "waiting for another process that is building tools")
        tidy()
        for folder in [home() / "build", *home().glob("go-*")]:
            remove(folder)


def tidy() -> None:
    """Remove sources, what killed builds left, and what nobody has used for a month, as programs of former pins."""
    if (home() / "downloads").exists():
        remove_sources()
    remove(home() / "unfinished")
    oldest = time.time() - FORGET_AFTER_DAYS * 24 * 3600
    for folder in home().glob("*-" + KEY):
        if folder.stat().st_mtime < oldest:
            remove(folder)


def used(folder: Path) -> None:
    """Note that a folder is in use, so that it is not forgotten."""
    with contextlib.suppress(OSError):  # a cache of somebody else's that we may only read
        os.utime(folder)


def remove_sources() -> None:
    """Remove what was downloaded, a hundred thousand files, which takes a busy disk up to a minute."""
    with progress.shown("removing the sources") as tick:
        try:
            command.run(["rm", "-rf", home() / "downloads"], tick, home(), os.environ)
        except command.CommandError as problem:
            raise ToolError(f"the sources cannot be removed: {problem}") from None


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
