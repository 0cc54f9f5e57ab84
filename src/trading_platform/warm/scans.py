"""Find and scan the files that every payload needs once, instead of once per kind of module.

Before it can send a module, Ansible looks for each file the payload will hold and parses it, to find what else must be
in it. It keeps the finished payload for the rest of the run, but not what it found of each file, so the same 80 files
are looked for and parsed again for every kind of module, in a worker whose memory is then lost: a fifth of a second
each time.
"""

from collections.abc import Hashable
from typing import Any

from trading_platform.warm import shared


def remember(module_common: Any, modules: shared.SharedModules) -> None:
    """Make Ansible's ``executor.module_common`` remember where files are, and what it finds in the preloaded modules'.

    There is no setting for this, and no other place to keep it, so the initialiser of the class that scans is wrapped.
    What it finds depends on nothing but its arguments (a module's name, its content, whether it is a package), and only
    equal arguments get a remembered answer: payloads hold the very same files as before.
    """
    scanner = module_common.ModuleDepFinder
    scan = scanner.__init__
    known: dict[Hashable, dict[str, Any]] = {}

    def remembered(self: Any, name: str, content: bytes, is_pkg_init: bool = False, *args: Any, **kwargs: Any) -> None:
        found = known.get((name, content, bool(is_pkg_init)))
        if found is None or args or kwargs:
            scan(self, name, content, is_pkg_init, *args, **kwargs)
        else:
            vars(self).update(found)

    for name, one in modules.by_name.items():
        is_package = one.zip_path.endswith("/__init__.py")
        found = dict(vars(scanner(name, one.content, is_package)))
        # Some 30 MB in all, which Ansible looks at for the module itself only, never for these.
        del found["tree"]
        known[name, one.content, is_package] = found
    scanner.__init__ = remembered
    _remember_places(module_common)


def _remember_places(module_common: Any) -> None:
    """Make it remember where it found files of ``ansible.module_utils``, and what is in them, from now on.

    Where it looks is among the arguments: a role with ``module_utils`` of its own adds a directory.
    """
    locator = module_common.LegacyModuleUtilLocator
    locate = locator.__init__
    known: dict[Hashable, dict[str, Any]] = {}

    def remembered(self: Any, name_parts: tuple[str, ...], is_ambiguous: bool = False, **where: Any) -> None:
        key = (name_parts, bool(is_ambiguous), repr(sorted(where.items())))
        if key not in known:
            locate(self, name_parts, is_ambiguous, **where)
            known[key] = dict(vars(self))
        vars(self).update(known[key])

    locator.__init__ = remembered
