"""Packages of Lambda functions: the same bytes from run to run, and nothing in them that was not locked."""

import base64
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from trading_platform.lambda_package import PackageError, build, digest, locked

FILES = Path(__file__).resolve().parents[2] / "roles" / "secrets_manager" / "files"
DATABASE = [FILES / "rotation", FILES / "rotate_database"]


def names(package: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.namelist()


def source(tmp_path: Path, lock: str = "") -> Path:
    (tmp_path / "function.py").write_text("def handler(event, context): ...\n")
    if lock:
        (tmp_path / "requirements.lock").write_text(lock)
    return tmp_path


def test_the_same_bytes_whenever_it_is_built(tmp_path: Path) -> None:
    first = build([source(tmp_path)])
    os.utime(tmp_path / "function.py", (0, 1_000_000_000))
    (tmp_path / "function.py").chmod(0o600)
    assert build([source(tmp_path)]) == first


def test_another_source_is_another_package(tmp_path: Path) -> None:
    first = build([source(tmp_path)])
    (tmp_path / "function.py").write_text("def handler(event, context): return 1\n")
    assert digest(build([tmp_path])) != digest(first)


def test_the_digest_is_lambdas() -> None:
    assert digest(b"zip") == base64.b64encode(hashlib.sha256(b"zip").digest()).decode()


def test_the_function_that_rotates_the_database_has_all_it_imports() -> None:
    package = build(DATABASE)
    found = names(package)
    assert found == sorted(found)
    assert {"rotate_database.py", "rotation.py", "rds-ca.pem", "pg8000/native.py", "scramp/core.py"} <= set(found)
    assert not [name for name in found if "__pycache__" in name or name.endswith((".so", "RECORD", "INSTALLER"))]
    assert [name for name in found if name.startswith("pg8000-") and "LICENSE" in name]
    assert len(package) < 50 * 2**20


def test_the_packed_function_can_be_imported_without_anything_else(tmp_path: Path) -> None:
    (tmp_path / "function.zip").write_bytes(build(DATABASE))
    command = [sys.executable, "-I", "-S", "-c"]
    path = str(tmp_path / "function.zip")
    code = f"import sys; sys.path.insert(0, {path!r}); import rotate_database; print(rotate_database.handler)"
    done = subprocess.run([*command, code], capture_output=True, text=True, check=False)
    assert "function handler" in done.stdout, done.stderr


def test_every_locked_package_is_installed_in_that_version() -> None:
    for name, version in locked((FILES / "rotate_database" / "requirements.lock").read_text()):
        assert metadata.version(name) == version


def test_locks() -> None:
    text = "six==1.17.0 \\\n    --hash=sha256:ff \\\n    # via x\nPy-Thing==2.0.post1 ; python_version > '3'\n"
    assert locked(text) == [("six", "1.17.0"), ("Py-Thing", "2.0.post1")]


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        ("six==0.1 \\", "six 0.1 is locked, and .* is installed"),
        ("no-such-package==1.0", "no-such-package==1.0 is not installed"),
        (f"cryptography=={metadata.version('cryptography')}", "is not pure Python"),
    ],
)
def test_packages_that_cannot_be_packed(tmp_path: Path, lock: str, message: str) -> None:
    with pytest.raises(PackageError, match=message):
        build([source(tmp_path, lock)])


def test_a_changed_file_of_a_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "site" / "thing-1.0.dist-info"
    directory.mkdir(parents=True)
    (directory / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (tmp_path / "site" / "thing.py").write_text("x = 1\n")
    good = base64.urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).rstrip(b"=").decode()
    (directory / "RECORD").write_text(f"thing.py,sha256={good},6\nthing-1.0.dist-info/RECORD,,\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    function = tmp_path / "function"
    function.mkdir()
    assert "thing.py" in names(build([source(function, "thing==1.0")]))
    (tmp_path / "site" / "thing.py").write_text("x = 2\n")
    with pytest.raises(PackageError, match=r"thing 1.0: thing.py is not as it was installed"):
        build([function])


def test_no_source_and_the_same_name_twice(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="there is no Python file"):
        build([tmp_path])
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(PackageError, match="another source has a file of this name"):
        build([source(tmp_path), source(other)])
