"""How what the chart renders is changed: by a list of substitutions, each of which must find something to change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopback import Loopback

REMOVED = object()
"""What a value becomes that is taken out."""


@dataclass(frozen=True)
class Facts:
    """What a substitution may need to know: of the pod whose document it is, and of the run."""

    loopback: Loopback
    address: str
    """The pod's address."""
    root: Path
    """The folder that stands for the root of its container; processes run in it."""
    mounts: tuple[str, ...]
    """Where its container has volumes: /etc/prometheus/config."""
    played: Mapping[str, str]
    """What the test plays or starts in the place of others, by name: addresses, files, credentials."""


Becomes = Callable[[Any, Facts], Any]


@dataclass(frozen=True)
class Substitution:
    """One change: where, what the value becomes, and why.

    `path`: keys of the document, `*` for each of a list or mapping, `a|b` for either. With `adds` the last key is not
    there before; `+` puts a value behind a list's others.
    """

    document: str
    path: str
    becomes: Becomes
    why: str
    adds: bool = False

    def __str__(self) -> str:
        return f"{self.document}: {self.path} ({self.why})"


class NothingToSubstituteError(AssertionError):
    """An entry of the list found nothing that it could change."""


def apply(document: str, rendered: Any, facts: Facts, substitutions: Sequence[Substitution]) -> Any:
    """Give a document as it runs here.

    Raises:
        NothingToSubstituteError: an entry for this document changes nothing.
    """
    whole = copy.deepcopy({"": rendered})
    for substitution in substitutions:
        if substitution.document == document and not _applied(substitution, whole, facts):
            raise NothingToSubstituteError(f"nothing to substitute: {substitution}")
    return whole[""]


def _applied(substitution: Substitution, whole: Any, facts: Facts) -> bool:
    changed = False
    *parents, last = substitution.path.split(".")
    for parent in _found(whole, ["", *parents]):
        if last == "+":
            parent.append(substitution.becomes(None, facts))
            changed = True
            continue
        for key in _keys(parent, last, substitution.adds):
            before = None if substitution.adds else parent[key]
            parent[key] = substitution.becomes(before, facts)
            changed |= bool(parent[key] != before)
        _tidy(parent)
    return changed


def _found(tree: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield tree
        return
    for key in _keys(tree, path[0], adds=False):
        yield from _found(tree[key], path[1:])


def _keys(tree: Any, pattern: str, adds: bool) -> list[Any]:
    """Keys or indices of a tree that a part of a path means; with `adds` the one that is not there."""
    if isinstance(tree, list):
        return list(range(len(tree))) if pattern == "*" else []
    if not isinstance(tree, dict):
        return []
    if adds:
        return [pattern] if pattern not in tree else []
    return list(tree) if pattern == "*" else [key for key in pattern.split("|") if key in tree]


def _tidy(tree: Any) -> None:
    if isinstance(tree, list):
        tree[:] = [one for one in tree if one is not REMOVED]
    else:
        for key in [key for key, value in tree.items() if value is REMOVED]:
            del tree[key]
