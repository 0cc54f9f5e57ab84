"""The zip file of a Lambda function: its source and the Python packages it needs, the same bytes from run to run.

Lambda compares packages by the SHA-256 of the zip, so entries are sorted and have fixed dates and permissions.

A function's sources are directories; each may hold Python files, certificates (``*.pem``) and a ``requirements.lock``
(``uv pip compile --generate-hashes``) of the packages that it needs. The packages are not downloaded: they are those
installed beside this one, and must be of the locked version. What an installed package consists of, with the hash of
every file, is in its ``RECORD`` (https://packaging.python.org/en/latest/specifications/recording-installed-packages/);
a file that differs from it is refused. Only packages of pure Python are taken, so that one zip runs on any machine.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

LOCK = "requirements.lock"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
PERMISSIONS = 0o644 << 16
LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
NATIVE = (".so", ".pyd", ".dylib", ".dll")
# What an installer leaves in the metadata besides; it differs between machines.
INSTALLER_FILES = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"})


class PackageError(Exception):
    """A function that cannot be packed; the text says why."""


def build(sources: Sequence[Path]) -> bytes:
    """Zip the function whose files are in these directories.

    Raises:
        PackageError: no Python file, a file name that comes twice, a package that is missing, of another version, not
            pure Python, or changed since it was installed.
    """
    entries: dict[str, bytes] = {}
    for directory in sources:
        for path in sorted([*directory.glob("*.py"), *directory.glob("*.pem")]):
            if path.name in entries:
                raise PackageError(f"{path}: another source has a file of this name")
            entries[path.name] = path.read_bytes()
    if not any(name.endswith(".py") for name in entries):
        raise PackageError(f"{', '.join(map(str, sources))}: there is no Python file")
    for lock in (directory / LOCK for directory in sources):
        for name, version in locked(lock.read_text(encoding="utf-8")) if lock.exists() else ():
            entries |= dict(_files_of(name, version))
    return _zip(entries)


def digest(package: bytes) -> str:
    """Give the hash as Lambda writes it in ``CodeSha256``."""
    return base64.b64encode(hashlib.sha256(package).digest()).decode("ascii")


def locked(text: str) -> list[tuple[str, str]]:
    """Give name and version of every package in a lock file's text."""
    return [(match["name"], match["version"]) for match in map(LINE.match, text.splitlines()) if match]


def _zip(entries: dict[str, bytes]) -> bytes:
    # Stored, not compressed: another version of zlib compresses to other bytes.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            entry = zipfile.ZipInfo(name, FIRST_DATE)
            entry.external_attr = PERMISSIONS
            entry.create_system = 3  # Unix, on whichever machine it is made
            archive.writestr(entry, entries[name])
    return buffer.getvalue()


def _files_of(name: str, version: str) -> Iterator[tuple[str, bytes]]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise PackageError(f"{name}=={version} is not installed; `make setup` installs it") from None
    if distribution.version != version:
        raise PackageError(f"{name} {version} is locked, and {distribution.version} is installed; run `make setup`")
    for file in distribution.files or ():
        path = Path(str(file))
        if path.suffix in NATIVE:
            raise PackageError(f"{name} {version} is not pure Python: it has {path}")
        if _is_left_out(path):
            continue
        content = Path(str(distribution.locate_file(file))).read_bytes()
        if file.hash is not None and _hash(file.hash.mode, content) != file.hash.value:
            raise PackageError(f"{name} {version}: {path} is not as it was installed")
        yield path.as_posix(), content


def _is_left_out(path: Path) -> bool:
    outside = path.parts[0] == ".." or path.is_absolute()  # scripts in bin/
    return outside or "__pycache__" in path.parts or path.name in INSTALLER_FILES


def _hash(mode: str, content: bytes) -> str:
    """The hash of a RECORD: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.new(mode, content).digest()).rstrip(b"=").decode("ascii")
