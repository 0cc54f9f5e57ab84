"""Read a YAML file of variables with what PyYAML forgets: the line of every key, and keys written twice."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

VAULT_HEADER = "$ANSIBLE_VAULT"
# Ten times as fast, where PyYAML was built with libyaml.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlFileError(ValueError):
    """The text is not one YAML document; the message begins with the line."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key written twice in one mapping. Ansible takes the later one."""

    key: str
    line: int
    first_line: int


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A document: its value, the line of every top-level key, and the keys written twice (dotted paths)."""

    value: Any
    lines: dict[str, int]
    repeated: tuple[Repeated, ...]


class _Loader(_BASE):  # type: ignore[misc]  # either of the two
    """Tags of Ansible (!vault, !unsafe) are opaque: what they stand for is Ansible's matter."""


def _opaque(loader: _Loader, tag_suffix: str, node: Node) -> str:
    return f"!{tag_suffix}"


_Loader.add_multi_constructor("!", _opaque)


def read_yaml(text: str) -> YamlFile:
    """The document in `text`. Raises YamlFileError."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        repeated = tuple(_repeated(node, "")) if node is not None else ()
        lines = _lines(node)
        value = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise YamlFileError(f"{place}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise YamlFileError(" ".join(str(error).split())) from None
    finally:
        loader.dispose()
    return YamlFile(value, lines, repeated)


def _key_of(node: Node) -> Hashable:
    return node.value if isinstance(node, ScalarNode) else id(node)


def _lines(node: Node | None) -> dict[str, int]:
    if not isinstance(node, MappingNode):
        return {}
    return {str(_key_of(key)): key.start_mark.line + 1 for key, _ in node.value}


def _repeated(node: Node, path: str) -> Iterator[Repeated]:
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _repeated(item, f"{path}[{index}]")
    if not isinstance(node, MappingNode):
        return
    first: dict[Hashable, int] = {}
    for key, value in node.value:
        name = f"{path}.{_key_of(key)}" if path else str(_key_of(key))
        line = key.start_mark.line + 1
        if _key_of(key) in first:
            yield Repeated(name, line, first[_key_of(key)])
        first.setdefault(_key_of(key), line)
        yield from _repeated(value, name)
