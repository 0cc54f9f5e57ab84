"""Builds tools that are missing. One that is there was built from exactly what go.mod, go.sum and the table say."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from trading_platform.toolbox import command, places, progress, table, toolchain
from trading_platform.toolbox.errors import ToolError
from trading_platform.toolbox.table import TOOLS, Tool

# -pgo=off: a profile beside a main package would have everything below it compiled anew for that program alone.
# -dwarf=false: what only debuggers read is left out of the programs anyway; not making it saves a seventh of the time.
BUILD = ("build", "-mod=readonly", "-trimpath", "-pgo=off", "-gcflags=all=-dwarf=false")
LDFLAGS = ("-s", "-w")


def key(tool: Tool) -> str:
    """Hash all that a program is made from: its pins, how it is built, the pinned Go, and the kind of machine."""
    settings = (BUILD, LDFLAGS, toolchain.SETTINGS, toolchain.FLAGS, toolchain.pinned())
    how = (tool.name, tool.package, tool.version, tool.check, tool.tags, tool.ldflags, tool.files)
    pins = [hashlib.sha256((tool.folder / name).read_bytes()).hexdigest() for name in ("go.mod", "go.sum")]
    machine = (sys.platform, os.uname().machine)
    return hashlib.sha256(repr((settings, how, pins, machine)).encode()).hexdigest()[:16]


def program_of(tool: Tool) -> Path:
    """Say where a tool's program is, or will be once it is built."""
    return places.home() / f"{tool.name}-{key(tool)}" / tool.name


def is_there(program: Path) -> bool:
    """Say whether a program has been built, and note that it is still wanted."""
    if not program.exists():
        return False
    places.used(program.parent)
    return True


def build(tool: Tool, go: Path, target: Path) -> None:
    """Build one tool in an empty folder, with the files that it needs.

    Raises:
        ToolError: Go cannot build it, or the program does not run.
    """
    options = [f"-tags={','.join(tool.tags)}", f"-ldflags={' '.join([*LDFLAGS, *tool.ldflags])}"]
    arguments = [*BUILD, *options, "-o", str(target / tool.name), tool.package]
    with progress.shown(f"{tool.name} {tool.version}: building, {progress.about(tool.seconds)}") as tick:
        try:
            command.run([go, *arguments], tick, tool.folder, toolchain.environment())
        except command.CommandError as problem:
            raise ToolError(failure(tool, arguments, str(problem))) from None
        check(tool, target / tool.name)
        copy_files(tool, go, target)


def failure(tool: Tool, arguments: list[str], said: str) -> str:
    """Explain a failed build: what Go said, and what to do about it."""
    if "checksum mismatch" in said:
        advice = (
            f"Sources differ from those that {tool.folder / 'go.sum'} pins. Do not build them: "
            "find out whether the module proxy or the pin is wrong."
        )
    elif "updates to go.mod needed" in said or "missing go.sum entry" in said:
        advice = f"go.mod and go.sum disagree. python -m trading_platform.toolbox --go {tool.folder.name} mod tidy"
    else:
        advice = (
            "Can Go reach its module proxy (GOPROXY, HTTPS_PROXY, SSL_CERT_FILE)? Is there room on the disk? "
            "Run the same command again: it goes on with what has been compiled."
        )
    return (
        f"{tool.name} {tool.version} cannot be built. Go said at last:\n{said}\n{advice}\n"
        f"In {tool.folder} this ran: go {' '.join(arguments)}"
    )


def check(tool: Tool, program: Path) -> None:
    """Run a fresh program: it has to start and to say the version that the pins promise."""
    try:
        answer = subprocess.run(  # noqa: S603  (what we have just built, with arguments of the table)
            [program, *tool.check], capture_output=True, text=True, timeout=60, check=False
        )
        said, code = answer.stdout + answer.stderr, answer.returncode
    except (OSError, subprocess.SubprocessError) as problem:
        said, code = str(problem), None
    if code != 0 or tool.version not in said:
        raise ToolError(
            f"{tool.name} was built, but `{' '.join([tool.name, *tool.check])}` should say {tool.version}, and "
            f"ended with {code}:\n{command.last_lines(said)}"
        )


def copy_files(tool: Tool, go: Path, target: Path) -> None:
    """Copy what the program needs from the sources of its module, under the same names."""
    if not tool.files:
        return
    answer = subprocess.run(  # noqa: S603  (Go, with arguments of the table)
        [go, "list", "-m", "-f", "{{.Dir}}", tool.module],
        cwd=tool.folder, env=toolchain.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in tool.files:
        source, copy = Path(answer.stdout.strip(), name), target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
        except OSError:
            raise ToolError(f"tools.toml: {tool.name}: files: {tool.module} {tool.version} has no {name}") from None


def make_one(tool: Tool, program: Path) -> None:
    """Build one tool, unless another process has done it meanwhile, and put it, whole, where it belongs."""
    with places.alone(program.parent.name) as unfinished:
        if is_there(program):
            return
        build(tool, toolchain.find(), unfinished)
        places.remove(program.parent)  # somebody may have deleted the program alone
        unfinished.rename(program.parent)


def make(names: list[str], tools: Path = TOOLS) -> dict[str, Path]:
    """Build the tools of these names and groups that are missing.

    Returns:
        Tool to its program, for all of them, in the table's order.

    Raises:
        ToolError: a name is unknown, or a tool cannot be built.
    """
    programs = {tool.name: (tool, program_of(tool)) for tool in table.choose(names, table.read(tools))}
    missing = [program for _, program in programs.values() if not is_there(program)]
    if missing:
        with places.in_use():
            for tool, program in programs.values():
                if program in missing:
                    make_one(tool, program)
    return {name: program for name, (_, program) in programs.items()}


def path(name: str, tools: Path = TOOLS) -> Path:
    """Give one tool's program, built when it is missing.

    Raises:
        ToolError: the name is unknown, or the tool cannot be built.
    """
    programs = make([name], tools)
    if name not in programs:
        raise ToolError(f"{name} is a group of tools")
    return programs[name]
