"""The JSON Schema of an inventory, and what it says of the values of a host."""

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from trading_platform.preflight.messages import findings_of
from trading_platform.preflight.problem import Finding, Host, shown


@dataclass(frozen=True)
class InventorySchema:
    """inventories/schema/inventory.schema.json."""

    document: dict[str, Any]

    @cached_property
    def names(self) -> list[str]:
        """Every variable that an inventory may have."""
        return list(self.document["properties"])

    @property
    def files(self) -> list[str]:
        """The names of the files of variables, without .yml: one per role."""
        return list(self.document["$defs"]["files"]["enum"])

    @property
    def required(self) -> list[str]:
        return list(self.document["$defs"]["host"]["required"])

    @property
    def regional(self) -> list[str]:
        """Variables that differ between regions."""
        return list(self.document["$defs"]["region"]["enum"])

    def file_of(self, name: str) -> str:
        """The file a variable belongs in: the longest file name that it begins with; "" for ansible_* and others."""
        return max((file for file in self.files if name.startswith(f"{file}_")), key=len, default="")

    def description(self, name: str) -> str:
        return str(self.document["properties"][name]["description"])

    def example(self, name: str) -> str:
        """A value to copy, or "" where the schema gives none."""
        examples = self.document["properties"][name].get("examples", [])
        return json.dumps(examples[0]) if examples else ""

    @cached_property
    def validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.document)

    @cached_property
    def _told(self) -> dict[tuple[str, str], list[ValidationError]]:
        return {}

    def errors_of(self, name: str, value: Any) -> list[ValidationError]:
        """What jsonschema says against the value of a variable.

        Each variable is judged for itself, and most have one value for all regions: what was said of it is kept.
        """
        key = name, repr(value)  # unlike JSON it tells 1 from True and from "1", keys of mappings included
        if key not in self._told:
            self._told[key] = list(self.validator.iter_errors({name: value}))
        return self._told[key]

    def is_text(self, name: str) -> bool:
        """Whether a variable is a string."""
        return name in self.names and self.document["properties"][name].get("type") == "string"


@cache
def load_schema(path: Path) -> InventorySchema:
    """Read the schema, once. Raises OSError or ValueError when it is not there or not JSON."""
    return InventorySchema(json.loads(path.read_text(encoding="utf-8")))


def schema_errors(host: Host, schema: InventorySchema) -> list[ValidationError]:
    """What jsonschema says against the values of a host; asked once, as it is most of the work of preflight."""
    known = [name for name in schema.names if name in host.values]
    return [error for name in known for error in schema.errors_of(name, host.values[name])]


def find_schema_problems(host: Host, schema: InventorySchema, errors: Iterable[ValidationError]) -> list[Finding]:
    """What the schema says against the values of a host, and the variables it misses."""
    invalid = [finding for error in errors for finding in findings_of(host.name, error)]
    return [*_missing(host, schema), *invalid]


def readable(host: Host, errors: Iterable[ValidationError]) -> Host:
    """The host with text in place of lists and mappings where the schema wants a single value.

    The checks after the schema can then rely on single values being single; what is wrong with them has been said.
    """
    values = dict(host.values)
    for error in errors:
        path = list(error.absolute_path)
        if path and error.validator in ("type", "enum", "const") and isinstance(error.instance, dict | list):
            name = str(path[0])
            if values[name] is host.values[name]:
                values[name] = deepcopy(host.values[name])
            inside: Any = values
            for part in path[:-1]:
                inside = inside[part]
            inside[path[-1]] = shown(error.instance)
    return replace(host, values=values)


def _missing(host: Host, schema: InventorySchema) -> Iterator[Finding]:
    for name in schema.required:
        if name not in host.values and name not in host.failures:
            example = f", for example {schema.example(name)}" if schema.example(name) else ""
            message = f"is missing; add it{example} ({schema.description(name)})"
            yield Finding(host.name, name, message, missing=True)
