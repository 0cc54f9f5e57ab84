"""Packages are imported apart from the controller's copies, and ours is one that may be."""

import subprocess
import sys
from pathlib import Path

import pytest

from trading_platform.warm import libraries


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with a submodule that keeps a list, and one that can't be imported."""
    directory = tmp_path / "warm_library" / "inner"
    directory.mkdir(parents=True)
    (directory.parent / "__init__.py").write_text("")
    (directory / "__init__.py").write_text("")
    (directory / "sound.py").write_text("kept = []\n")
    (directory / "broken.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "warm_library.inner"


def test_whole_package_without_what_is_broken(package: str) -> None:
    names = {"warm_library", package, f"{package}.sound"}
    assert set(libraries.preload([package])) == names
    assert not any(name.startswith("warm_library") for name in sys.modules)


def test_the_controllers_copy_stays_its_own(package: str) -> None:
    from warm_library.inner import sound  # type: ignore[import-not-found]

    preloaded = libraries.preload([package])
    assert sys.modules[f"{package}.sound"] is sound
    sound.kept.append("by a filter plugin")
    assert preloaded[f"{package}.sound"].kept == []


def test_a_missing_package_is_left_out() -> None:
    assert libraries.preload(["no_such_package.inner"]) == {}


def test_our_library_does_not_import_ansible() -> None:
    """Preloaded, it would hold the controller's Ansible, which behaves differently from a module's."""
    program = (
        "import sys; from trading_platform.warm import libraries; found = libraries.preload(['trading_platform.aws']); "
        "print(len(found), [name for name in sys.modules if name.partition('.')[0].startswith('ansible')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, ansible = done.stdout.split(maxsplit=1)
    assert int(count) > 5 and ansible.strip() == "[]"
