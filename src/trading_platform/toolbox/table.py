"""What tools there are: tools/tools.toml, and the version that each one's go.mod pins."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from trading_platform.toolbox.errors import ToolError

TOOLS = Path(__file__).resolve().parents[3] / "tools"
GROUPS = ("test", "e2e")


@dataclass(frozen=True)
class Tool:
    """One program and how it is built: the keys of its table in tools.toml, and the folder of its Go module."""

    name: str
    folder: Path
    """The Go module that pins it: go.mod and go.sum."""
    group: str
    """Who needs it: ``test`` (make test) or ``e2e`` (make e2e)."""
    package: str
    """The Go package of its main function."""
    seconds: int
    """How long a build takes, roughly, on two idle cores, after the others of its group."""
    check: tuple[str, ...]
    """Arguments with which the program prints its version: a fresh build must."""
    version: str
    """How the program calls itself; without one in the table, the version of go.mod without its ``v``."""
    module: str
    """The Go module that the package is part of, as required in go.mod."""
    tags: tuple[str, ...] = ()
    """Go build tags."""
    ldflags: tuple[str, ...] = ()
    """Flags of Go's linker, added to ours; ``{version}`` stands for the version."""
    files: tuple[str, ...] = ()
    """Files and folders of the Go module that the program needs beside it: they are copied to its folder."""


DERIVED = {"name", "module"}
OPTIONAL = {"folder", "version"} | {field.name for field in fields(Tool) if field.default is not MISSING}
REQUIRED = {field.name for field in fields(Tool)} - DERIVED - OPTIONAL
LISTS = {field.name for field in fields(Tool) if str(field.type).startswith("tuple")}


def required_module(go_mod: Path, package: str) -> tuple[str, str]:
    """Find the module of a package among those that go.mod requires: ``("example.org/x", "v1.2.3")``."""
    try:
        text = go_mod.read_text(encoding="utf-8")
    except OSError as problem:
        raise ToolError(f"{go_mod}: {problem.strerror}") from None
    required = dict(re.findall(r"^(?:require\s+|\s+)(\S+\.\S+) (v\S+)", text, re.MULTILINE))
    owners = [module for module in required if f"{package}/".startswith(f"{module}/")]
    if not owners:
        raise ToolError(f"{go_mod}: requires no module that {package} is part of")
    module = max(owners, key=len)
    return module, required[module]


def wrong_type(key: str, value: Any) -> str | None:
    """Say what is wrong with the type of a value of tools.toml, or None."""
    if key in LISTS:
        good = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
        return None if good else "a list of strings is wanted"
    if key == "seconds":
        return None if type(value) is int and value > 0 else "a whole number of seconds is wanted"
    return None if isinstance(value, str) and value else "a string is wanted"


def problems(entry: dict[str, Any]) -> list[str]:
    """List what is wrong with the keys of one table: ``["groop: unknown key; allowed: ..."]``."""
    allowed = ", ".join(sorted(REQUIRED | OPTIONAL))
    found = [f"{key}: unknown key; allowed: {allowed}" for key in sorted(entry.keys() - REQUIRED - OPTIONAL)]
    found += [f"{key}: missing" for key in sorted(REQUIRED - entry.keys())]
    found += [f"{key}: {wrong}" for key, value in entry.items() if (wrong := wrong_type(key, value))]
    if not found and entry["group"] not in GROUPS:
        found.append(f"group: {entry['group']!r} is none of {', '.join(GROUPS)}")
    return found


def read_tool(name: str, entry: dict[str, Any], tools: Path) -> Tool:
    """Make a tool from its table, which has been checked, and its go.mod."""
    folder = tools / entry.get("folder", name)
    module, pinned = required_module(folder / "go.mod", entry["package"])
    values = {key: tuple(value) if key in LISTS else value for key, value in entry.items()}
    version = entry.get("version", pinned.removeprefix("v"))
    values["ldflags"] = tuple(flag.replace("{version}", version) for flag in entry.get("ldflags", []))
    return Tool(**{**values, "name": name, "folder": folder, "module": module, "version": version})


def read(tools: Path = TOOLS) -> dict[str, Tool]:
    """Read the table of all tools, in its order: name to tool.

    Raises:
        ToolError: tools.toml or a go.mod cannot be read or says something that is not allowed.
    """
    table = tools / "tools.toml"
    try:
        entries = tomllib.loads(table.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ToolError(f"{table}: {problem.strerror}") from None
    except tomllib.TOMLDecodeError as problem:
        raise ToolError(f"{table}: {problem}") from None
    wrong = [
        f"{table}: {name}: {problem}"
        for name, entry in entries.items()
        for problem in (problems(entry) if isinstance(entry, dict) else ["a table is wanted"])
    ]
    if wrong:
        raise ToolError("\n".join(wrong))
    return {name: read_tool(name, entry, tools) for name, entry in entries.items()}


def choose(names: list[str], tools: dict[str, Tool]) -> list[Tool]:
    """Give the tools of these names and groups, each once, in the table's order.

    Raises:
        ToolError: a name is neither a tool nor a group.
    """
    unknown = [name for name in names if name not in tools and name not in GROUPS]
    if unknown:
        raise ToolError(
            f"{', '.join(unknown)}: no such tool or group. "
            f"Groups: {', '.join(GROUPS)}. Tools: {', '.join(sorted(tools))}"
        )
    return [tool for tool in tools.values() if tool.name in names or tool.group in names]
