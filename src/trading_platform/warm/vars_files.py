"""Parse a play's ``vars_files`` once, instead of for every task and host.

Ansible keeps what it has read of inventories and roles, and of ``vars_files`` only what was encrypted: the rest is read
and parsed again each time a task's variables are put together, in the process that starts all workers.
"""

import pathlib
from typing import Any


def remember(data_loader: Any) -> None:
    """Make Ansible's ``DataLoader`` remember files it is asked to read without keeping them.

    A file that has changed meanwhile is read again. The parsed content is shared between the callers, as Ansible itself
    shares what it keeps: they have said (``unsafe``) that they copy what they change.
    """
    load = data_loader.load_from_file
    known: dict[object, Any] = {}

    def load_once(self: Any, file_name: str, cache: str = "all", unsafe: bool = False, **options: Any) -> Any:
        if cache != "vaulted" or not unsafe:
            return load(self, file_name, cache, unsafe, **options)
        path = self.path_dwim(file_name)
        try:
            file = pathlib.Path(path).stat()
        except OSError:  # Ansible says what is wrong with it
            return load(self, file_name, cache, unsafe, **options)
        key = (path, file.st_ino, file.st_size, file.st_mtime_ns, *sorted(options.items()))
        if key not in known:
            known[key] = load(self, file_name, cache, unsafe, **options)
        return known[key]

    data_loader.load_from_file = load_once
