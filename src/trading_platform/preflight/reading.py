"""Read the files of an inventory as Ansible does: which exist, which apply to a host, and in what order.

Ansible gives the values; this gives the file that each of them comes from. Order, lowest first (later wins): group
variables of the inventory file (all, then the host's groups), group_vars/all, group_vars of the host's groups, host
variables of the inventory file, host_vars. Groups count by depth, ansible_group_priority and name. Source:
https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html (variable precedence). Inventories that
are not YAML are left to Ansible.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trading_platform.preflight.groups import Groups, read_groups
from trading_platform.preflight.problem import Problem, did_you_mean
from trading_platform.preflight.yaml_file import VAULT_HEADER, YamlFile, YamlFileError, read_yaml

Layer = Literal["inventory groups", "group_vars", "inventory hosts", "host_vars"]

_EXTENSIONS = ("", ".yml", ".yaml", ".json")  # of files with variables, as Ansible has them
_INVENTORY_EXTENSIONS = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Definition:
    """A variable in a file. `owner` is the group or host it is for; `line` counts from 1, 0 when not known."""

    name: str
    layer: Layer
    owner: str
    file: str
    line: int


@dataclass
class Inventory:
    """What the files of the inventory directories say. `base`: the last one with group_vars, as shown in messages."""

    base: str = ""
    definitions: list[Definition] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    groups: Groups = field(default_factory=Groups)
    earlier: int = 0  # definitions of other directories, which may say the same: the last -i wins

    def of_host(self, host: str, group_names: Sequence[str]) -> Iterator[Definition]:
        """Definitions that apply to a host, the one that wins last."""
        groups = self.groups.of_host(host, group_names)
        yield from self._of("inventory groups", groups)
        yield from self._of("group_vars", groups)
        yield from self._of("inventory hosts", [host])
        yield from self._of("host_vars", [host])

    def _of(self, layer: Layer, owners: Sequence[str]) -> Iterator[Definition]:
        for owner in owners:
            yield from (each for each in self.definitions if each.layer == layer and each.owner == owner)

    def error(self, file: str, key: str, message: str) -> None:
        self.problems.append(Problem("error", file, key, message))


def read_inventory(sources: Sequence[str | Path], roots: Sequence[Path]) -> Inventory:
    """Read what `sources` (directories or files, as after -i) hold. Paths are shown relative to the first of `roots`
    that they are under."""
    inventory = Inventory()
    directories = [path if path.is_dir() else path.parent for path in map(Path, sources) if path.exists()]
    for directory in dict.fromkeys(path.resolve() for path in directories):
        if not inventory.base or (directory / "group_vars").is_dir():
            inventory.base = label(directory, roots)
        inventory.earlier = len(inventory.definitions)
        _read_hosts(directory, roots, inventory)
        _read_vars(directory / "group_vars", "group_vars", roots, inventory)
        _read_vars(directory / "host_vars", "host_vars", roots, inventory)
    return inventory


def label(path: Path, roots: Sequence[Path]) -> str:
    """`path` as a reader of the report would type it."""
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.as_posix()


def _load(path: Path, roots: Sequence[Path], inventory: Inventory) -> YamlFile | None:
    """The document of a file when it is a mapping; what is wrong with it otherwise goes to the inventory's problems."""
    shown = label(path, roots)
    try:
        text = path.read_text(encoding="utf-8")
        if text.startswith(VAULT_HEADER):
            return None
        document = read_yaml(text)
    except (OSError, UnicodeDecodeError) as error:
        inventory.error(shown, "", f"cannot be read: {error}")
        return None
    except YamlFileError as error:
        inventory.error(shown, "", f"is not valid YAML: {error}")
        return None
    for each in document.repeated:
        message = (
            f"line {each.line}: is written twice, first on line {each.first_line}; the later one counts: delete one"
        )
        inventory.error(shown, each.key, message)
    if document.value is None:
        inventory.error(shown, "", "is empty, so that nothing in it applies; write its variables or delete it")
        return None
    if not isinstance(document.value, dict):
        inventory.error(shown, "", f"must be a mapping of variables, not a {type(document.value).__name__}")
        return None
    return document


def _read_hosts(directory: Path, roots: Sequence[Path], inventory: Inventory) -> None:
    for path in sorted(directory.iterdir()):
        if not path.is_file() or path.suffix not in _INVENTORY_EXTENSIONS:
            continue
        document = _load(path, roots, inventory)
        if document is None:
            continue
        file = label(path, roots)
        found = read_groups(document.value, inventory.groups)
        for key, message in found.problems:
            inventory.error(file, key, message)
        for group, variables in found.groups.items():
            inventory.definitions += [Definition(str(name), "inventory groups", group, file, 0) for name in variables]
        for host, variables in found.hosts.items():
            inventory.definitions += [Definition(str(name), "inventory hosts", host, file, 0) for name in variables]


def _read_vars(directory: Path, layer: Layer, roots: Sequence[Path], inventory: Inventory) -> None:
    if not directory.is_dir():
        return
    known = inventory.groups.names if layer == "group_vars" else inventory.groups.hosts
    what = "group" if layer == "group_vars" else "host"
    for owner in sorted({_owner(path) for path in directory.iterdir() if _is_read(path)}):
        chosen, ignored = _chosen(directory, owner)
        for path in ignored:
            message = (
                f"is not read by Ansible, because {label(chosen, roots)} exists beside it; move its variables there"
            )
            inventory.error(label(path, roots), "", message)
        # Without hosts the inventory file is broken, which has been said.
        if inventory.groups.hosts and owner not in known:
            message = f"applies to nothing: the inventory has no {what} {owner}{did_you_mean(owner, sorted(known))}"
            inventory.error(label(chosen, roots), "", message)
        for path in _files(chosen):
            _read_vars_file(path, layer, owner, roots, inventory)


def _read_vars_file(path: Path, layer: Layer, owner: str, roots: Sequence[Path], inventory: Inventory) -> None:
    document = _load(path, roots, inventory)
    if document is None:
        return
    file = label(path, roots)
    for name in document.value:
        line = document.lines.get(str(name), 0)
        if not isinstance(name, str):
            message = f"line {line}: is not a string" if line else "is not a string"
            inventory.error(file, str(name), f"{message}, so it names no variable; write it in quotes")
            continue
        _tell_second(inventory, Definition(name, layer, owner, file, line))
        inventory.definitions.append(Definition(name, layer, owner, file, line))


def _tell_second(inventory: Inventory, new: Definition) -> None:
    """Two files of one group with the same variable: the figure stands twice, and the later file name wins."""
    for old in inventory.definitions[inventory.earlier :]:
        if (old.name, old.layer, old.owner) == (new.name, new.layer, new.owner) and old.file != new.file:
            message = f"line {new.line}: stands a second time; {old.file} line {old.line} has it too: delete one"
            inventory.error(new.file, new.name, message)


def _is_read(path: Path) -> bool:
    hidden = path.name.startswith(".") or path.name.endswith("~")
    return not hidden and (path.is_dir() or path.suffix in _EXTENSIONS)


def _owner(path: Path) -> str:
    return path.name if path.is_dir() or path.suffix not in _EXTENSIONS else path.stem


def _chosen(directory: Path, owner: str) -> tuple[Path, list[Path]]:
    """The one path that Ansible reads for a group or host, and those that it passes over for it."""
    paths = [directory / f"{owner}{extension}" for extension in _EXTENSIONS]
    present = [path for path in paths if path.exists()]
    return present[0], present[1:]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found: list[Path] = []
    for entry in sorted(path.iterdir()):
        if not _is_read(entry):
            continue
        # Ansible goes into a directory only when its name has no extension.
        if entry.is_file() or not entry.suffix:
            found += _files(entry)
    return found
