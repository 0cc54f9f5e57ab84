"""The exporters of PostgreSQL and Redis, which no Go module has, out of packages of Debian; nothing is installed.

apt keeps its lists in a folder of its own, and dpkg-deb unpacks into the cache folder of the toolbox: neither needs
root. The suite is Debian 14 (forky): earlier ones have exporters of years ago, which do not know the arguments that the
chart gives, and what forky has needs no newer C library than Debian 12's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from trading_platform.toolbox import command, places, progress

SUITE = "forky"
MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PACKAGES = ("prometheus-postgres-exporter", "prometheus-redis-exporter")


class UnavailableError(Exception):
    """The exporters cannot be had here; the text says why. `excused`: this machine is none that could have them."""

    def __init__(self, reason: str, excused: bool = False) -> None:
        super().__init__(reason)
        self.excused = excused


def exporters() -> dict[str, Path]:
    """Programs of both packages by the package's name, fetched when they are not there yet.

    Raises:
        UnavailableError: this is no Debian, or its packages cannot be fetched.
    """
    folder = places.home() / f"debian-{SUITE}-{_architecture()}"
    if not folder.exists():
        with places.in_use(), places.alone(folder.name) as target:
            if not folder.exists():  # another process may have fetched them while we waited
                _fetch(target)
                target.rename(folder)
    places.used(folder)
    return {name: folder / "usr" / "bin" / name for name in PACKAGES}


def _architecture() -> str:
    for tool in ("apt-get", "dpkg", "dpkg-deb"):
        if not shutil.which(tool):
            raise UnavailableError(f"this is no Debian: there is no {tool}", excused=True)
    if not KEYRING.exists():
        raise UnavailableError(f"this is no Debian: there is no {KEYRING} to check its packages with", excused=True)
    answer = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def _fetch(target: Path) -> None:
    """Download and unpack the packages into a folder."""
    state = target / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} {SUITE} main\n")
    # Parts of the configuration are read before options, and an APT_CONFIG before both.
    (state / "apt.conf").write_text(
        f'Dir "/"; Dir::State "{state}"; Dir::State::status "{state}/status"; Dir::State::lists "{state}/lists";\n'
        f'Dir::Cache "{state}"; Dir::Cache::archives "{state}/archives"; Dir::Etc::SourceList "{state}/sources.list";\n'
        'Dir::Etc::SourceParts "/dev/null"; APT::Sandbox::User ""; Acquire::Languages "none"; Acquire::Retries "3";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(state / "apt.conf")}
    with progress.shown(f"exporters of Debian {SUITE}: fetching the lists and two packages, 25 MB") as tick:
        try:
            command.run(["apt-get", "-q", "update", "--error-on=any"], tick, target, environment)
            command.run(["apt-get", "-q", "download", *PACKAGES], tick, target, environment)
            for package in target.glob("*.deb"):
                command.run(["dpkg-deb", "--extract", package, target], tick, target, environment)
                package.unlink()
        except command.CommandError as problem:
            raise UnavailableError(
                f"packages of Debian {SUITE} cannot be fetched from {_mirror()}: {problem}"
            ) from None
    shutil.rmtree(state)


def _mirror() -> str:
    """The mirror of Debian that this machine uses: in a network without the public one there may be another."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    for file in files:
        if file.suffix in (".list", ".sources") and file.is_file():
            text = re.sub(r"#.*", "", file.read_text(encoding="utf-8", errors="replace"))
            found = re.search(r"(?:^URIs:|^deb\b)[^\n]*?(https?://\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
            if found:
                return found[1]
    return MIRROR
