"""Write the README of every role from its argument specs; with --check only say which are out of date.

What a role's variables mean stands in one place, roles/<role>/meta/argument_specs.yml, which Ansible also enforces.
What else a reader needs is in roles/<role>/README.in.md, if there is one, and follows the description.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]


def sentences(text: str | list[str] | None) -> list[str]:
    """Give the paragraphs of a description, which may be one string or a list."""
    return [text] if isinstance(text, str) else list(text or [])


def default_of(option: dict[str, Any]) -> str:
    """Say what an argument is when it is not given."""
    if option.get("required", False):
        return "required"
    return (
        f"`{yaml.safe_dump(option['default'], default_flow_style=True).split(chr(10))[0]}`"
        if "default" in option
        else ""
    )


def rows(options: dict[str, dict[str, Any]], prefix: str = "") -> list[str]:
    """Give one table row per argument, with those of a nested one below it."""
    lines = []
    for name, option in options.items():
        kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
        text = " ".join(sentences(option.get("description"))).replace("|", "\\|")
        if "choices" in option:
            text += f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
        lines.append(f"| `{prefix}{name}` | {kind} | {default_of(option)} | {text} |")
        lines += rows(option.get("options", {}), f"{prefix}{name}.")
    return lines


def table(options: dict[str, dict[str, Any]]) -> str:
    """Give the table of an entry point's arguments."""
    return "\n".join(["| Name | Type | Default | Meaning |", "|---|---|---|---|", *rows(options)])


def entry_point(name: str, spec: dict[str, Any], main_options: dict[str, Any]) -> list[str]:
    """Describe another entry point than main: what it is for, and the arguments that main does not have."""
    own = {key: option for key, option in spec.get("options", {}).items() if key not in main_options}
    parts = [f"## Tasks `{name}`", f"{spec['short_description']}.", *sentences(spec.get("description"))]
    return parts + ([table(own)] if own else ["It takes arguments of `main`."])


def readme(role: Path) -> str:
    """Compose the README of one role."""
    specs = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    main_spec = specs["main"]
    options = main_spec.get("options", {})
    more = role / "README.in.md"
    parts = [
        f"# Role `{role.name}`",
        f"{main_spec['short_description']}.",
        *sentences(main_spec.get("description")),
        *([more.read_text().strip()] if more.exists() else []),
        "## Variables",
        table(options),
    ]
    for name, spec in specs.items():
        if name != "main":
            parts += entry_point(name, spec, options)
    return "\n\n".join([*parts, "*Written by `make docs` from `meta/argument_specs.yml`.*"]) + "\n"


def main() -> int:
    """Write or check; the exit code says whether a check found something out of date."""
    stale = []
    for role in sorted(path.parent.parent for path in ROOT.glob("roles/*/meta/argument_specs.yml")):
        target, text = role / "README.md", readme(role)
        if target.exists() and target.read_text() == text:
            continue
        stale.append(str(target.relative_to(ROOT)))
        if "--check" not in sys.argv:
            target.write_text(text)
    if stale:
        print(("out of date, run `make docs`: " if "--check" in sys.argv else "wrote ") + ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
