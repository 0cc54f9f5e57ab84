"""The groups and hosts of a YAML inventory file, and the order in which a host's groups count."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trading_platform.preflight.problem import did_you_mean, shown

_GROUP_KEYS = ["children", "hosts", "vars"]


@dataclass
class Groups:
    """Groups by name. `parents`: group -> its parents; `members`: host -> the groups that list it."""

    names: set[str] = field(default_factory=lambda: {"all", "ungrouped"})
    parents: dict[str, set[str]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    priorities: dict[str, int] = field(default_factory=dict)

    @property
    def hosts(self) -> set[str]:
        return set(self.members)

    def of_host(self, host: str, group_names: Sequence[str] = ()) -> list[str]:
        """The host's groups in the order in which Ansible merges their variables: the last one wins."""
        found: set[str] = set()
        waiting = ["all", *group_names, *self.members.get(host, ())]
        while waiting:
            group = waiting.pop()
            if group not in found:
                found.add(group)
                waiting += self.parents.get(group, ())
        return sorted(found, key=lambda group: (self._depth(group), self.priorities.get(group, 1), group))

    def _depth(self, group: str, seen: tuple[str, ...] = ()) -> int:
        if group == "all" or group in seen:
            return 0
        return 1 + max((self._depth(parent, (*seen, group)) for parent in self.parents.get(group, ())), default=0)


@dataclass
class FileVars:
    """The variables that an inventory file itself holds, by group and by host, and what is wrong with the file."""

    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)  # key, message


def read_groups(document: Mapping[str, Any], groups: Groups) -> FileVars:
    """Add the groups and hosts of an inventory file to `groups`; returns the rest of what the file says."""
    found = FileVars()
    if "plugin" in document:  # settings of an inventory plugin: its hosts are Ansible's matter
        return found
    for name, content in document.items():
        _read_group(str(name), content, None, str(name), groups, found)
    return found


def _read_group(name: str, content: object, parent: str | None, path: str, groups: Groups, found: FileVars) -> None:
    groups.names.add(name)
    if parent is not None:
        groups.parents.setdefault(name, set()).add(parent)
    if content is None:
        return
    if not isinstance(content, Mapping):
        found.problems.append((path, f"is {shown(content)}; a group is a mapping with {', '.join(_GROUP_KEYS)}"))
        return
    found.problems += _group_problems(content, path)
    variables = _mapping(content, "vars")
    found.groups.setdefault(name, {}).update(variables)
    if isinstance(variables.get("ansible_group_priority"), int):
        groups.priorities[name] = variables["ansible_group_priority"]
    for host, own in _mapping(content, "hosts").items():
        groups.members.setdefault(str(host), set()).add(name)
        found.hosts.setdefault(str(host), {}).update(own if isinstance(own, Mapping) else {})
    for child, inner in _mapping(content, "children").items():
        _read_group(str(child), inner, name, f"{path}.children.{child}", groups, found)


def _group_problems(content: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if key not in _GROUP_KEYS:
            near = did_you_mean(str(key), _GROUP_KEYS)
            yield f"{path}.{key}", f"unknown key{near}; a group has {', '.join(_GROUP_KEYS)}"
        elif value is not None and not isinstance(value, Mapping):
            yield f"{path}.{key}", f"is {shown(value)}; must be a mapping of name to content"


def _mapping(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}
