"""What a fresh clone installs: the locks, the Galaxy list and the package agree, and say nothing about this machine."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import ansible
import boto3
import jsonschema
import moto
import yaml
from ansible_collections import __path__ as collection_paths

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def pins(lock: Path) -> dict[str, str]:
    """Read ``name==version`` of every package of a lock."""
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", lock.read_text(), re.MULTILINE))


def test_every_package_of_every_lock_has_a_hash() -> None:
    assert LOCKS
    for lock in LOCKS:
        entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
        without = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
        assert without == [], lock.name


def test_no_lock_names_an_index() -> None:
    for lock in LOCKS:
        assert not re.search(r"https?://|--index|--find-links", lock.read_text()), lock.name


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    development = pins(ROOT / "requirements/dev.lock")
    runtime = pins(ROOT / "requirements/runtime.lock")
    assert runtime.items() <= development.items()


def test_exact_versions_of_the_project_are_those_of_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    exact = dict(re.findall(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==(\S+)$", "\n".join(asked), re.MULTILINE))
    assert exact.items() <= pins(ROOT / "requirements/dev.lock").items()


def test_the_galaxy_list_names_the_collections_that_are_installed() -> None:
    listed = {c["name"]: c["version"] for c in yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]}
    assert {"amazon.aws", "community.aws", "kubernetes.core"} <= listed.keys()
    for name, version in listed.items():
        folders = [Path(path, *name.split(".")) for path in collection_paths]
        manifest = next(folder / "MANIFEST.json" for folder in folders if folder.exists())
        assert f'"version": "{version}"' in manifest.read_text(), name


def test_what_is_installed_is_not_the_installers_own_copy() -> None:
    """uv checks hashes when it downloads and not when it links: an edit here would reach every later environment."""
    installed = [Path(str(module.__file__)) for module in (ansible, boto3, jsonschema, moto)]
    shared = [str(path) for path in installed if path.stat().st_nlink > 1]
    assert shared == [], "made by an older set-up: make clean, then make setup"


def test_a_python_is_found_by_running_it() -> None:
    found = subprocess.run([ROOT / "scripts/find-python"], capture_output=True, text=True, check=True)
    version = subprocess.run([found.stdout.strip(), "--version"], capture_output=True, text=True, check=True)
    assert re.match(r"Python 3\.1[2-9]", version.stdout)


def test_without_a_python_the_message_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3").chmod(0o755)
    for tool in ("cat", "ls", "sort"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    environment = {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path), "HOME": str(tmp_path)}
    result = subprocess.run(
        ["/bin/sh", ROOT / "scripts/find-python"], capture_output=True, text=True, env=environment, check=False
    )
    assert result.returncode == 1
    assert "needs Python 3.12 or newer" in result.stderr
    assert "apt-get install" in result.stderr


def test_no_two_test_files_have_one_name() -> None:
    """pytest imports them by name, and takes the second for the first."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
