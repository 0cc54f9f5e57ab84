"""Whether the environment costs more than the inventory allows."""

from collections.abc import Sequence
from datetime import date

from trading_platform.cost.budget import BudgetError, budget_of, judge
from trading_platform.cost.estimate import estimate
from trading_platform.cost.place import VARIABLES, MaterialsError
from trading_platform.inventory import GROUPS
from trading_platform.preflight.problem import Finding, Host, Severity, top_name
from trading_platform.preflight.reading import Inventory

BUDGET = "cost_budget"


def find_budget_problems(
    hosts: Sequence[Host], inventory: Inventory, today: date, found: Sequence[Finding]
) -> list[Finding]:
    """What is wrong with the usage or the budget, or that they do not agree.

    `found`: what else is wrong. Where it is about a variable that decides about the cost, or about a whole file, it has
    been told, and what the environment costs cannot be told: nothing is said.
    """
    if any(problem.severity == "error" for problem in inventory.problems):
        return []
    groups = {host.region: _group(host, inventory) for host in hosts}
    wrong = {top_name(each.key) for each in found if each.severity == "error"}
    if not hosts or not all(groups.values()) or wrong & VARIABLES:
        return []
    first = hosts[0]
    try:
        estimated = estimate({host.region: host.values for host in hosts}, groups, today)
    except MaterialsError as error:
        return [each for line in str(error).splitlines() for each in _told(line, hosts, groups)]
    try:
        budget = budget_of(first.values)
    except BudgetError as error:
        return _told(str(error), hosts, groups)
    judgement = judge(estimated, budget)
    if judgement.verdict == "within":
        return []
    severity: Severity = "error" if judgement.verdict == "refuse" else "warning"
    text = f"{BUDGET}.{judgement.key}: {judgement.message}; `make cost` shows what costs how much"
    return _told(text, hosts, groups, severity)


def _group(host: Host, inventory: Inventory) -> str:
    of_host: Sequence[str] = inventory.groups.of_host(host.name, host.group_names)
    return next((group for group in GROUPS if group in of_host), "")


def _told(text: str, hosts: Sequence[Host], groups: dict[str, str], severity: Severity = "error") -> list[Finding]:
    """`key: message`, as the estimator says it, with or without the region before it.

    Of every host that has the value from where the one it is about has it, so that it is one line about one file.
    """
    about = _about(text, hosts, groups)
    key, _, message = text.removeprefix(f"{about.region}: ").partition(": ")
    if text.startswith(f"{about.region}: "):
        return [Finding(about.name, key, message, severity)]
    value = about.values.get(top_name(key))
    sharing = [host for host in hosts if host.values.get(top_name(key)) == value]
    return [Finding(host.name, key, message, severity) for host in sharing]


def _about(text: str, hosts: Sequence[Host], groups: dict[str, str]) -> Host:
    """The host that is named, else the one whose group is, else the first."""
    named = (host for host in hosts if text.startswith(f"{host.region}: "))
    meant = (host for host in hosts if text.startswith(f"cost_usage.{groups[host.region]}."))
    return next(named, next(meant, hosts[0]))
