"""Give a payload the preloaded modules, in the fork that runs it.

The payload's first import of something in ``ansible.module_utils`` comes by here. By then it has put its zip file first
on ``sys.path``, so its files can be compared with the preloaded ones by size and CRC-32. One that differs (a role's own
``module_utils``, another version) and nothing is shared: the payload imports everything from its zip, as always.

What an import computes from its own location is moved to the zip: ``__file__``, ``__path__``, ``__spec__``,
``__loader__``, module globals that are paths, and the file names in code objects.

The module itself is always executed anew, but its code is compiled once: where its source file on disk is the same as
the zip's, it may come from Python's bytecode cache, and within a run from the code that another task has compiled.
"""

import _imp
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import pathlib
import sys
import types
import zipfile
import zipimport
import zlib
from collections.abc import Mapping, Sequence

from trading_platform.warm import code_store, shared

_TRIGGER = "ansible.module_utils."


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """To be put first on ``sys.meta_path``. Does nothing for programs that are no payloads."""

    def __init__(self, modules: shared.SharedModules, store: code_store.CodeStore) -> None:
        self.modules = modules
        self.store = store
        self.contents: dict[str, tuple[int, int]] | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if self.contents is not None:
            return self._find_compiled(name)
        if not name.startswith(_TRIGGER):
            return None
        payload = sys.path[0]
        self.contents = contents_of(payload)
        install(self.modules, payload, self.contents)
        return importlib.machinery.ModuleSpec(name, self) if name in sys.modules else None

    def _find_compiled(self, name: str) -> importlib.machinery.ModuleSpec | None:
        """Find a module that the payload carries as a plain file."""
        inside = f"{name.replace('.', '/')}.py"
        if not self.contents or inside not in self.contents:
            return None
        loader = _CompiledOnce(f"{sys.path[0]}/{inside}".rpartition("/")[0])
        loader.store, loader.source = self.store, self._source_on_disk(name, self.contents[inside])
        return loader.find_spec(name)

    def _source_on_disk(self, name: str, shipped: tuple[int, int]) -> pathlib.Path | None:
        source = shared.locate(self.modules.roots, name)
        if source is None or source.file is None or source.is_package:
            return None
        content = source.file.read_bytes()
        return source.file if shipped == (len(content), zlib.crc32(content)) else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = sys.modules[spec.name]
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__spec__ is not None:  # the import system has put ours in place of the module's own
            module.__spec__ = module.__spec__.loader_state


class _CompiledOnce(zipimport.zipimporter):
    """The payload's own importer, except that a file is compiled once in a run; ``source`` is the same file on disk."""

    store: code_store.CodeStore
    source: pathlib.Path | None = None

    def get_code(self, fullname: str) -> types.CodeType:
        filename = self.get_filename(fullname)
        content = self.get_data(filename)
        key = f"{fullname} {hashlib.sha256(content).hexdigest()}"
        code = self.store.get(key)
        if code is None:
            code = shared.compiled(fullname, self.source) if self.source else super().get_code(fullname)
            self.store.put(key, code)
        _rename(code, filename)
        return code


def contents_of(payload: str) -> dict[str, tuple[int, int]]:
    """Return path -> (size in bytes, CRC-32) of every file in the zip ``payload``; nothing if it is no zip file."""
    if not zipfile.is_zipfile(payload):
        return {}
    with zipfile.ZipFile(payload) as archive:
        return {entry.filename: (entry.file_size, entry.CRC) for entry in archive.infolist()}


def install(modules: shared.SharedModules, payload: str, contents: Mapping[str, tuple[int, int]]) -> None:
    """Put the preloaded modules that fit the zip file ``payload`` into ``sys.modules``, moved to their place in it."""
    fitting = modules.fitting(contents)
    loaders: dict[str, zipimport.zipimporter] = {}
    for name, one in fitting.items():
        directory = f"{payload}/{name.replace('.', '/')}".rpartition("/")[0]
        if directory not in loaders:
            loaders[directory] = zipimport.zipimporter(directory)
        _move(name, one, payload, loaders[directory])
        sys.modules[name] = one.module
    sys.meta_path.extend(hook for hook in modules.hooks if type(hook).__module__ in fitting)
    for name, one in modules.by_name.items():
        _bind(name, one.module, name in fitting)


def _bind(name: str, module: types.ModuleType, is_installed: bool) -> None:
    """Make a module an attribute of its package, as importing it does; or not, if this payload doesn't ship it."""
    parent, _, child = name.rpartition(".")
    if parent not in sys.modules:
        return
    if is_installed:
        setattr(sys.modules[parent], child, module)
    elif getattr(sys.modules[parent], child, None) is module:
        delattr(sys.modules[parent], child)


def _move(name: str, one: shared.Shared, payload: str, loader: zipimport.zipimporter) -> None:
    module = one.module
    location = f"{payload}/{one.zip_path}"
    is_package = "__path__" in module.__dict__
    spec = importlib.machinery.ModuleSpec(name, None, origin=location, is_package=is_package)
    spec.loader, spec.has_location = loader, True  # type: ignore[assignment]  # typeshed: zipimporter is no Loader
    if is_package:
        module.__path__ = spec.submodule_search_locations = [location.rpartition("/")[0]]
    module.__file__, module.__loader__, module.__spec__ = location, loader, spec
    for key in one.path_globals:
        value = module.__dict__[key]
        module.__dict__[key] = type(value)(str(value).replace(shared.NOWHERE, payload, 1))
    _rename(one.code, location)


def _rename(code: types.CodeType, location: str) -> None:
    """Set the file name in ``code`` and all code inside it, as importlib does with bytecode it finds in its cache.

    Ansible asks the stack for file names to find out which plugin deprecates something; tracebacks show them.
    """
    _imp._fix_co_filename(code, location)  # type: ignore[attr-defined]  # importlib._bootstrap_external uses it
