"""Compiled Python code that the processes of one run share, in files of a directory that ends with the run."""

import contextlib
import hashlib
import marshal
import os
import pathlib
import threading
import types


class CodeStore:
    """Code by what it was compiled from. A key is text that says everything the code depends on."""

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._known: dict[str, types.CodeType] = {}

    def get(self, key: str) -> types.CodeType | None:
        """The code, or None if no process of this run has compiled it yet."""
        if key not in self._known:
            with contextlib.suppress(OSError):
                self._known[key] = marshal.loads(self._file(key).read_bytes())  # noqa: S302  # our own run's files
        return self._known.get(key)

    def put(self, key: str, code: types.CodeType) -> None:
        """Keep it; where it cannot be written, for this process and its forks."""
        self._known[key] = code
        file = self._file(key)
        partial = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}")
        with contextlib.suppress(OSError):
            partial.write_bytes(marshal.dumps(code))
            partial.replace(file)  # in one step: another process may be reading

    def _file(self, key: str) -> pathlib.Path:
        return self._directory / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
