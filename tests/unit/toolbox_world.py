"""A folder with two tiny tools, a cache of its own, and a stand-in for Go that is as quick as a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from trading_platform.toolbox import builder, toolchain

TABLE = """
[hello]
group = "test"
package = "example.org/hello/cmd/hello"
tags = ["loud"]
ldflags = ["-X main.version={version}"]
check = ["--version"]
files = ["data/words.txt", "more"]
seconds = 2

[second]
group = "e2e"
folder = "hello"
package = "example.org/hello/cmd/hello"
check = []
seconds = 170
"""
PINS = """module tools/hello

go 1.27

require example.org/hello v1.2.3

replace example.org/hello v1.2.3 => ../../sources

tool example.org/hello/cmd/hello
"""
PROGRAM = "package main\n\nvar version string\n\nfunc main() { println(version, loud) }\n"

# Notes each call; then does what the file `behaviour` beside it says, or makes a program that tells its version.
GO = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
if [ "$1" = list ]; then echo "$here/sources"; exit 0; fi
while [ "$#" -gt 2 ]; do if [ "$1" = -o ]; then target=$2; fi; shift; done
. "$here/behaviour"
mkdir -p "$(dirname "$target")"
printf '#!/bin/sh\\necho hello 1.2.3\\n' > "$target"
chmod +x "$target"
touch "$here/ended"
"""

MAKE = """
import sys
from pathlib import Path
from trading_platform.toolbox import cli, progress, toolchain
go, tools = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
toolchain.find = lambda: go
progress.SECONDS_PER_DOT = 0.2
sys.exit(cli.main(tools))
"""


@dataclass
class World:
    """The folders of one test."""

    root: Path

    @property
    def tools(self) -> Path:
        return self.root / "tools"

    @property
    def kept(self) -> Path:
        """Where tools are kept."""
        return self.root / "cache/trading-platform/tools"

    def go(self, behaviour: str) -> None:
        """Say what the stand-in does when it is asked to build, in the language of the shell."""
        (self.root / "behaviour").write_text(f"{behaviour}\n")

    def builds(self) -> list[str]:
        """How Go was called to build."""
        calls = self.root / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line for line in lines if line.startswith("build")]

    def change(self, name: str, old: str, new: str) -> None:
        """Edit a file of tools/."""
        text = (self.tools / name).read_text()
        assert old in text
        (self.tools / name).write_text(text.replace(old, new))

    def make(self) -> Path:
        """Build hello in this process."""
        return builder.make(["hello"], self.tools)["hello"]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", MAKE, self.root / "go", self.tools, *arguments],
            env={**os.environ, "XDG_CACHE_HOME": str(self.root / "cache")},
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip


def make_world(root: Path) -> World:
    """Write everything, the sources of the tiny tool included."""
    world = World(root)
    for name, text in {
        "tools/tools.toml": TABLE,
        "tools/hello/go.mod": PINS,
        "tools/hello/go.sum": "",
        "sources/go.mod": "module example.org/hello\n\ngo 1.27\n",
        "sources/cmd/hello/main.go": PROGRAM,
        "sources/cmd/hello/loud.go": '//go:build loud\n\npackage main\n\nconst loud = "LOUD"\n',
        "sources/cmd/hello/quiet.go": '//go:build !loud\n\npackage main\n\nconst loud = "quiet"\n',
        "sources/data/words.txt": "words\n",
        "sources/more/deep/file.txt": "deep\n",
        "go": GO,
        "behaviour": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "go").chmod(0o755)
    return world


def use_stand_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process build with the stand-in and keep tools in the test's folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.root / "cache"))
    monkeypatch.setattr(toolchain, "find", lambda: world.root / "go")
