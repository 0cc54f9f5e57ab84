"""Import the Python packages that our own modules use, apart from the controller's copies of them.

They are no part of a payload: a module imports them from ``sys.path``, where a fork would find the same files. The
packages must not import Ansible, whose controller side they would get.
"""

import pkgutil
import sys
import types
from collections.abc import Iterable

from trading_platform.warm import modules


def preload(packages: Iterable[str]) -> dict[str, types.ModuleType]:
    """Import ``packages`` with all their submodules; return these by name, and leave ``sys.modules`` as it was.

    A package or submodule that can't be imported is left out; the task that imports it will say why.
    """
    packages = list(packages)
    tops = {package.partition(".")[0] for package in packages}
    controller = modules.take(tops)
    try:
        for package in packages:
            _import_all(package)
    finally:
        ours = modules.take(tops)
        sys.modules.update(controller)
    return ours


def _import_all(package: str) -> None:
    if not modules.import_if_possible(package):
        return
    for found in pkgutil.walk_packages(sys.modules[package].__path__, f"{package}."):
        modules.import_if_possible(found.name)
