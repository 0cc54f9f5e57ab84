"""The names of variables: known to the schema, and each in the file of its role."""

from collections.abc import Collection, Iterator

from trading_platform.preflight.problem import COMMAND_LINE, Host, Problem, nearest, unknown_key
from trading_platform.preflight.reading import Definition, Inventory
from trading_platform.preflight.schema import InventorySchema


def find_key_problems(inventory: Inventory, extra_vars: Collection[str], schema: InventorySchema) -> list[Problem]:
    """Unknown variables, and variables in another role's file. `extra_vars`: names given with -e."""
    problems = [problem for each in dict.fromkeys(inventory.definitions) for problem in _of(each, inventory, schema)]
    for name in sorted(extra_vars):
        file = schema.file_of(name)
        # Playbooks may have variables of their own; what begins like ours must be ours.
        if file and name not in schema.names:
            message = unknown_key(name, schema.names, _keys_of(schema, file), f" of {file}.yml")
            problems.append(Problem("error", COMMAND_LINE, name, message))
    return problems


def meant_keys(inventory: Inventory, host: Host, schema: InventorySchema) -> set[str]:
    """The variables that misspelled keys in the files of a host probably stand for."""
    definitions = inventory.of_host(host.name, host.group_names)
    return {nearest(each.name, schema.names) for each in definitions if each.name not in schema.names}


def place(inventory: Inventory, layer: str, owner: str, file: str) -> str:
    """The path of the file of a role for a group or host."""
    folder = "host_vars" if layer in ("host_vars", "inventory hosts") else "group_vars"
    return f"{inventory.base}/{folder}/{owner}/{file}.yml"


def _of(each: Definition, inventory: Inventory, schema: InventorySchema) -> Iterator[Problem]:
    stem = _stem(each)
    right = schema.file_of(each.name)
    if each.name not in schema.names:
        file = stem if stem in schema.files else right
        of = "" if not file else " of this file" if file == stem else f" of {file}.yml"
        known = _keys_of(schema, file) if file else [f"{name}_*" for name in schema.files]
        yield Problem("error", each.file, each.name, unknown_key(each.name, schema.names, known, of))
    elif right and right != stem:
        message = f"belongs in {place(inventory, each.layer, each.owner, right)}: there is one file per role"
        yield Problem("error", each.file, each.name, message)


def _stem(each: Definition) -> str:
    """The role that the file is for; "" for files that hold the variables of all roles."""
    parts = each.file.split("/")
    in_directory = each.layer in ("group_vars", "host_vars") and parts[-2] not in ("group_vars", "host_vars")
    return parts[-1].rsplit(".", 1)[0] if in_directory else ""


def _keys_of(schema: InventorySchema, file: str) -> list[str]:
    return [name for name in schema.names if schema.file_of(name) == file]
