"""What the callback prepares in the parent and the connection plugin finds in each worker, a fork of that parent."""

import gc
import pathlib
import sys
import types
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trading_platform.warm import (
    code_store,
    command,
    finder,
    fork,
    fresh,
    libraries,
    scans,
    shared,
    templates,
    vars_files,
)

if TYPE_CHECKING:
    from trading_platform.warm import aws


@dataclass(frozen=True)
class Source:
    """Where Ansible's own code is and what of it to import: ``roots`` and ``names`` as in ``shared.preload``."""

    roots: Mapping[str, pathlib.Path]
    names: Iterable[str]


@dataclass(frozen=True)
class Controller:
    """Parts of Ansible's controller that do the same over and over; see the ``remember`` of each file for what changes.

    ``run_directory`` is a directory of this run's own, for its processes to share files in.
    """

    module_common: Any
    jinja_bits: Any
    plugin_loaders: tuple[Any, ...]
    data_loader: Any
    run_directory: pathlib.Path


@dataclass(frozen=True)
class Warm:
    """Everything a fork gets ready-made."""

    modules: shared.SharedModules
    models: "aws.Models"
    libraries: dict[str, types.ModuleType]
    code: code_store.CodeStore
    warning_filters: list[object]

    def prepare(self) -> None:
        """Install it in this process, a fork that is about to run one payload."""
        fresh.restore_warning_filters(self.warning_filters)
        self.models.share()
        sys.modules.update(self.libraries)
        sys.meta_path.insert(0, finder.Finder(self.modules, self.code))


_warm: Warm | None = None


def is_warm() -> bool:
    """Whether ``preload`` has run in this process or the one it was forked from."""
    return _warm is not None


def preload(source: Source, services: Iterable[str], packages: Iterable[str], controller: Controller) -> bool:
    """Import once, for all workers to come; return whether it was done. Later calls do nothing.

    ``services`` are as in ``aws.preload``, ``packages`` as in ``libraries.preload``. Without boto3, or under an
    interpreter started with options a module's would not have, nothing is prepared and every task runs as in ``local``.
    """
    global _warm
    if _warm is not None or not command.has_plain_start():
        return _warm is not None
    try:
        from trading_platform.warm import aws
    except ImportError:
        return False
    models = aws.preload(services)
    if models is None:
        return False
    modules = shared.preload(source.roots, source.names)
    code = code_store.CodeStore(controller.run_directory)
    scans.remember(controller.module_common, modules)
    templates.remember(controller.jinja_bits, controller.plugin_loaders, code)
    vars_files.remember(controller.data_loader)
    _warm = Warm(modules, models, libraries.preload(packages), code, list(warnings.filters))
    fresh.list_controller()
    # Workers and forks share this memory until they write to it, and a collection writes to every object it visits.
    gc.freeze()
    return True


def recognise(shell_command: str, shell: str) -> command.PipedPython | None:
    """Return what ``shell_command`` starts if a fork can do the same here and now, else None."""
    if _warm is None or not fork.can_fork():
        return None
    piped = command.parse(shell_command, shell)
    if piped is None or not command.is_this_interpreter(piped.interpreter):
        return None
    return None if command.needs_fresh_process(piped.environment) else piped


def run(piped: command.PipedPython, program: bytes, cwd: str | None) -> tuple[int, bytes, bytes]:
    """Run ``program`` as ``piped`` would, in directory ``cwd`` if given; return (exit code, stdout, stderr)."""
    if _warm is None:
        raise RuntimeError("preload first")
    code, stdout, stderr = fork.run(program, piped.environment, cwd, _warm.prepare)
    if code < 0:
        code, message = fork.as_reported_by(piped.shell, -code)
        stderr += message
    return code, stdout, stderr
