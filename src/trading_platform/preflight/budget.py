"""Whether the environment costs more than the inventory allows."""

from collections.abc import Sequence
from datetime import date

from trading_platform.cost.budget import budget_of, judge
from trading_platform.cost.estimate import estimate
from trading_platform.cost.place import MaterialsError
from trading_platform.preflight.problem import Finding, Host, Severity
from trading_platform.preflight.reading import Inventory

GROUPS = ("primary", "dr")


def find_budget_problems(hosts: Sequence[Host], inventory: Inventory, today: date) -> list[Finding]:
    """What is wrong with the usage or the budget, or that they do not agree.

    Hosts that the schema refused something of have been told about, and what they cost cannot be told: nothing is said.
    """
    if not hosts or any("cost_usage" not in host.values or "cost_budget" not in host.values for host in hosts):
        return []
    groups = {host.region: _group(host, inventory) for host in hosts}
    if not all(groups.values()):
        return []
    first = hosts[0]
    try:
        found = estimate({host.region: host.values for host in hosts}, groups, today)
    except MaterialsError as error:
        return [_finding(first, line) for line in str(error).splitlines()]
    try:
        budget = budget_of(first.values)
    except ValueError as error:
        return [_finding(first, str(error))]
    judgement = judge(found, budget)
    if judgement.verdict == "within":
        return []
    severity: Severity = "error" if judgement.verdict == "refuse" else "warning"
    advice = "`make cost` shows what costs how much"
    return [Finding(first.name, f"cost_budget.{judgement.key}", f"{judgement.message}; {advice}", severity)]


def _group(host: Host, inventory: Inventory) -> str:
    of_host: Sequence[str] = inventory.groups.of_host(host.name, host.group_names)
    return next((group for group in GROUPS if group in of_host), "")


def _finding(host: Host, text: str) -> Finding:
    """`key: message`, as the estimator says it, with or without the region before it."""
    key, _, message = text.removeprefix(f"{host.region}: ").partition(": ")
    return Finding(host.name, key, message)
