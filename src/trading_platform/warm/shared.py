"""Execute Ansible's target-side modules once, in the parent of all workers, as payloads will import them.

A module's payload (AnsiballZ) is a program that writes a zip file with the module and every ``ansible.module_utils``
and collection file it needs, puts it first on ``sys.path`` and imports from it. Compiling and executing these some
80 files is most of a task's time. ``preload`` executes them apart from the controller's own copies, which behave
differently (``ansible.module_utils._internal.is_controller``); ``finder`` hands them to the payloads that ship the
very same files.
"""

import importlib.abc
import importlib.machinery
import pathlib
import sys
import types
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trading_platform.warm import modules

# Where preloaded modules say they are until a payload gives them a place. Nothing is ever opened there.
NOWHERE = "/warm_local_payload.zip"
_NAMESPACES = ("ansible", "ansible_collections")
# Payloads carry files of their own making for these; they extend their search path when they run, so are not shared.
_LEFT_TO_PAYLOAD = ("ansible", "ansible.module_utils")
_INIT = "/__init__.py"

# What Ansible puts into every payload, whatever its module imports.
IN_EVERY_PAYLOAD = (
    "ansible.module_utils.basic",
    "ansible.module_utils._internal._ansiballz._loader",
    "ansible.module_utils._internal._json._profiles._module_legacy_c2m",
    "ansible.module_utils._internal._json._profiles._module_legacy_m2c",
)


@dataclass(frozen=True)
class Shared:
    """One preloaded module: where a payload keeps it, what must be equal there, and what has to move with it."""

    module: types.ModuleType
    zip_path: str
    content: bytes
    crc: int
    code: types.CodeType
    path_globals: tuple[str, ...]


@dataclass(frozen=True)
class SharedModules:
    """Preloaded modules by name, ``roots`` as given to ``preload``, and import hooks that the modules have added.

    Empty is valid: nothing is shared then.
    """

    by_name: dict[str, Shared] = field(default_factory=dict)
    roots: dict[str, pathlib.Path] = field(default_factory=dict)
    hooks: list[Any] = field(default_factory=list)

    def fitting(self, contents: Mapping[str, tuple[int, int]]) -> dict[str, Shared]:
        """Return the modules that a payload also ships, or nothing at all if one of them differs there.

        ``contents`` maps paths inside the payload's zip to (size in bytes, CRC-32). All or nothing, because the
        preloaded modules refer to each other, and would not refer to the payload's differing one.
        """
        result = {}
        for name, shared in self.by_name.items():
            shipped = contents.get(shared.zip_path)
            if shipped == (len(shared.content), shared.crc):
                result[name] = shared
            elif shipped is not None or _other_form(shared.zip_path) in contents:
                return {}
        return result


def _other_form(zip_path: str) -> str:
    """``a/b.py`` for ``a/b/__init__.py`` and the other way round."""
    if zip_path.endswith(_INIT):
        return zip_path.removesuffix(_INIT) + ".py"
    return zip_path.removesuffix(".py") + _INIT


@dataclass(frozen=True)
class Source:
    """A module on disk: its file, or None for a package without one."""

    file: pathlib.Path | None
    is_package: bool


def locate(roots: Mapping[str, pathlib.Path], name: str) -> Source | None:
    """Return where ``name`` is on disk; ``roots`` maps a dotted prefix (``ansible.module_utils``) to its directory."""
    if any(prefix.startswith(f"{name}.") for prefix in roots):
        return Source(None, True)  # above a root: payloads make these up
    for prefix, directory in roots.items():
        if name == prefix or name.startswith(f"{prefix}."):
            inside = name.removeprefix(prefix).replace(".", "/")
            return _source_at(pathlib.Path(f"{directory}{inside}"))
    return None


def _source_at(base: pathlib.Path) -> Source | None:
    file = base.with_name(f"{base.name}.py")
    if file.is_file():
        return Source(file, False)
    if base.is_dir():
        init = base / "__init__.py"
        return Source(init if init.is_file() else None, True)
    return None


def compiled(name: str, file: pathlib.Path) -> types.CodeType:
    """Return the code of a source file, through the standard loader for the sake of its bytecode cache."""
    code = importlib.machinery.SourceFileLoader(name, str(file)).get_code(name)
    if code is None:
        raise ImportError(f"{file} has no code", name=name)
    return code


def module_utils_of(collection: str, directory: pathlib.Path) -> list[str]:
    """Return the names of all ``module_utils`` of a collection (``amazon.aws``) that is installed in ``directory``."""
    utilities = directory / "plugins" / "module_utils"
    names = []
    for file in sorted(utilities.rglob("*.py")):
        inside = [part for part in file.relative_to(utilities).with_suffix("").parts if part != "__init__"]
        names.append(".".join(["ansible_collections", collection, "plugins", "module_utils", *inside]))
    return names


class _PreloadFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports ``ansible.*`` and ``ansible_collections.*`` from their source trees as from a payload: plain files."""

    def __init__(self, roots: Mapping[str, pathlib.Path]) -> None:
        self.roots = roots
        self.loaded: dict[str, Shared] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in _NAMESPACES:
            return None
        source = locate(self.roots, name)
        if source is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        inside = name.replace(".", "/")
        origin = f"{NOWHERE}/{inside}{_INIT if source.is_package else '.py'}"
        spec = importlib.machinery.ModuleSpec(name, self, origin=origin, is_package=source.is_package)
        spec.loader_state = (source, origin)
        if source.is_package:
            spec.submodule_search_locations = [f"{NOWHERE}/{inside}"]
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        source, origin = module.__spec__.loader_state if module.__spec__ else (Source(None, False), "")
        module.__file__ = origin
        content = source.file.read_bytes() if source.file else b""
        name = module.__name__
        code = compiled(name, source.file) if source.file else compile(content, origin, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  # what importing is
        if name not in _LEFT_TO_PAYLOAD:
            moving = tuple(key for key, value in module.__dict__.items() if _is_path_from_nowhere(key, value))
            inside = origin.removeprefix(f"{NOWHERE}/")
            self.loaded[name] = Shared(module, inside, content, zlib.crc32(content), code, moving)


def _is_path_from_nowhere(key: str, value: object) -> bool:
    is_path = isinstance(value, str | pathlib.PurePath) and str(value).startswith(NOWHERE)
    return is_path and not (key.startswith("__") and key.endswith("__"))


def preload(roots: Mapping[str, pathlib.Path], names: Iterable[str]) -> SharedModules:
    """Import ``names`` from the source trees ``roots`` as payloads see them, apart from the controller's own modules.

    To be called while no other thread of this process imports anything. When it returns, the controller's modules
    and import hooks are as before. A name that can't be imported (it needs a library that is not there) is left out:
    payloads then import it themselves, and fail as they would have.
    """
    finder = _PreloadFinder(roots)
    controller = modules.take(_NAMESPACES)
    hooks_before = list(sys.meta_path)
    sys.meta_path.insert(0, finder)
    try:
        for name in names:
            modules.import_if_possible(name)
        kept = {name: shared for name, shared in finder.loaded.items() if sys.modules.get(name) is shared.module}
    finally:
        sys.meta_path.remove(finder)
        modules.take(_NAMESPACES)
        sys.modules.update(controller)
    hooks = [hook for hook in sys.meta_path if hook not in hooks_before and type(hook).__module__ in finder.loaded]
    for hook in hooks:  # ansible.module_utils.six has one, for six.moves
        sys.meta_path.remove(hook)
    return SharedModules(kept, dict(roots), hooks)
