"""From findings per host to lines per file: where a value comes from, each problem once, nothing said twice."""

import re
from collections.abc import Collection, Sequence

from trading_platform.preflight.keys import place
from trading_platform.preflight.problem import COMMAND_LINE, Finding, Host, Problem, top_name
from trading_platform.preflight.reading import Inventory
from trading_platform.preflight.schema import InventorySchema

# What differs between regions in a message about one and the same value.
_REGIONAL = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?|[a-z]{2}(?:-[a-z]+)+-\d+[a-z]?")


def without_echoes(first: Sequence[Finding], then: Sequence[Finding]) -> list[Finding]:
    """Both, less those of `then` about a value that `first` has refused already (or one inside it), and less keys
    called missing that are there, misspelled."""
    meant = {(each.host, each.meant) for each in first if each.meant}
    refused = {(each.host, each.key) for each in first}
    told = [each for each in first if not (each.missing and (each.host, each.key) in meant)]
    return [*told, *(each for each in then if not any((each.host, key) in refused for key in _with_parents(each.key)))]


def _with_parents(key: str) -> list[str]:
    """vpc_subnet_tiers.private.offset -> that, vpc_subnet_tiers.private and vpc_subnet_tiers."""
    ends = [match.start() for match in re.finditer(r"[.\[]", key)]
    return [key, *(key[:end] for end in ends)]


def place_findings(
    findings: Sequence[Finding],
    hosts: Sequence[Host],
    inventory: Inventory,
    extra_vars: Collection[str],
    schema: InventorySchema,
) -> list[Problem]:
    """The findings by file. One that several hosts share stands once; one of some of a file's hosts names them."""
    sources = {
        (host.name, name): _source(host, name, hosts, inventory, extra_vars, schema)
        for host in hosts
        for name in {top_name(each.key) for each in findings}
    }
    grouped: dict[tuple[str, str, str, str], list[Finding]] = {}
    for each in findings:
        file = sources[each.host, top_name(each.key)]
        grouped.setdefault((each.severity, file, each.key, _REGIONAL.sub("*", each.message)), []).append(each)
    problems = []
    for (_, file, key, _), group in grouped.items():
        sharing = [host.name for host in hosts if sources[host.name, top_name(key)] == file]
        affected = list(dict.fromkeys(each.host for each in group))
        some = f" [{', '.join(affected)}]" if len(affected) < len(sharing) else ""
        problems.append(Problem(group[0].severity, file, key, group[0].message + some))
    return problems


def _source(
    host: Host,
    name: str,
    hosts: Sequence[Host],
    inventory: Inventory,
    extra_vars: Collection[str],
    schema: InventorySchema,
) -> str:
    """The file that gives a variable its value for a host, or the one that should."""
    if name in extra_vars:
        return COMMAND_LINE
    definitions = [each for each in inventory.of_host(host.name, host.group_names) if each.name == name]
    if definitions:
        return definitions[-1].file
    if name in host.values or name in host.failures:
        return COMMAND_LINE
    # Missing: where other hosts have it from a group of their own, this host's group wants it too.
    elsewhere = any(
        each.name == name
        and each.owner != "all"
        and each.owner in inventory.groups.of_host(other.name, other.group_names)
        for other in hosts
        for each in inventory.definitions
    )
    own = inventory.groups.of_host(host.name, host.group_names)[-1]
    owner = own if elsewhere or name in schema.regional else "all"
    return place(inventory, "group_vars", owner, schema.file_of(name) or "platform")
