"""Recognise the one command line that can be answered by a fork: ``sh -c 'NAME=value ... python'`` with the program on
standard input. Everything else belongs to the stock ``local`` connection.
"""

import os
import pathlib
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Variables that a process reads once, while it starts. A fork has started already, so a task that changes one of them
# gets a fresh interpreter. HOME is here because botocore and site fix paths below it at import.
_READ_AT_START = ("HOME", "LANG", "LANGUAGE", "LC_", "PYTHON", "LD_", "OPENSSL_", "MALLOC_", "GLIBC_TUNABLES")


@dataclass(frozen=True)
class PipedPython:
    """A shell command that sets variables and starts a Python which reads its program from standard input."""

    shell: str
    interpreter: str
    environment: dict[str, str]


def parse(command: str, shell: str) -> PipedPython | None:
    """Return what ``command`` does, or None if it is anything but variables and one absolute path.

    ``shell`` is the executable Ansible puts in front (``/bin/sh``). The command is put together again from its parts
    and must come out letter by letter: then the shell would have understood it the same way.
    """
    try:
        script = shlex.split(command)[-1]
        words = shlex.split(script)
    except (ValueError, IndexError):
        return None
    if not words or not words[-1].startswith("/"):
        return None
    pairs = [word.partition("=") for word in words[:-1]]
    if not all(equals and _NAME.fullmatch(name) for name, equals, _ in pairs):
        return None
    parts = [f"{name}={shlex.quote(value)}" for name, _, value in pairs] + [shlex.quote(words[-1])]
    if command != f"{shell} -c {shlex.quote(' '.join(parts))}":
        return None
    return PipedPython(shell, words[-1], {name: value for name, _, value in pairs})


def is_this_interpreter(path: str) -> bool:
    """Whether ``path`` is the interpreter that runs now, in the same virtual environment.

    A virtual environment is found from the directory the executable is called from, so that has to be the same too.
    """
    asked, running = pathlib.Path(path), pathlib.Path(sys.executable)
    return asked.resolve() == running.resolve() and asked.parent.resolve() == running.parent.resolve()


def has_plain_start() -> bool:
    """Whether this process was started without interpreter options (``python -I ...``), as a module would be."""
    first = sys.orig_argv[1] if len(sys.orig_argv) > 1 else ""
    return not first.startswith("-") or first == "-m"


def needs_fresh_process(environment: Mapping[str, str]) -> bool:
    """Whether ``environment`` changes a variable that only a starting process reads."""
    return any(name.startswith(_READ_AT_START) and os.environ.get(name) != value for name, value in environment.items())
