"""Replication of a registry's images to other regions: the one rule that is ours."""

from __future__ import annotations

from typing import Any

from trading_platform.aws.engine import BaseResource, RefusedError, State

MOST_RULES = 10
"""API ReplicationConfiguration."""
Rule = dict[str, Any]


class EcrReplication(BaseResource):
    """The rule for a set of name prefixes. A registry has one configuration with up to ten rules; those of others stay.

    Replication copies images only: what the other region's repositories do with them (immutable tags, lifecycle) is
    theirs, see :mod:`trading_platform.aws.ecr_repository`.
    """

    kind = "replication rule"

    def __init__(self, ecr: Any, params: dict[str, Any]) -> None:
        self.ecr = ecr
        self.prefixes = sorted(set(params["prefixes"]))
        self.name = ", ".join(self.prefixes)
        self.regions = sorted(set(params["regions"] or []))
        self.registry_id = ""
        self.others: list[Rule] = []

    def find(self) -> State | None:
        """Read the registry's rules, and of them ours."""
        registry = self.ecr.describe_registry(aws_retry=True)
        self.registry_id = registry["registryId"]
        self.placeholders = {"registry_id": self.registry_id, "prefixes": self.prefixes}
        rules: list[Rule] = (registry.get("replicationConfiguration") or {}).get("rules") or []
        ours = [rule for rule in rules if _prefixes(rule) == self.prefixes]
        self.others = [rule for rule in rules if _prefixes(rule) != self.prefixes]
        if not ours:
            return None
        destinations = [one for rule in ours for one in rule["destinations"]]
        return {
            "registry_id": self.registry_id,
            "prefixes": self.prefixes,
            "regions": sorted(one["region"] for one in destinations if one["registryId"] == self.registry_id),
            "other_registries": sorted(
                one["registryId"] for one in destinations if one["registryId"] != self.registry_id
            ),
        }

    def wanted(self, current: State | None) -> State:
        """Give the regions; none of another account."""
        if self.ecr.meta.region_name in self.regions:
            raise RefusedError(f"{self.kind} {self.name}: {self.ecr.meta.region_name} cannot replicate to itself")
        return {"regions": self.regions, "other_registries": []}

    def create(self, wanted: State) -> None:
        """Write our rule beside those of others."""
        if len(self.others) >= MOST_RULES:
            raise RefusedError(f"{self.kind} {self.name}: the registry has {MOST_RULES} rules already")
        filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in self.prefixes]
        destinations = [{"region": region, "registryId": self.registry_id} for region in wanted["regions"]]
        self._write([*self.others, {"destinations": destinations, "repositoryFilters": filters}])

    def update(self, current: State, changes: State) -> None:
        """Write our rule anew."""
        self.create({**current, **changes})

    def delete(self, current: State) -> None:
        """Write the rules of others only."""
        self._write(self.others)

    def _write(self, rules: list[Rule]) -> None:
        self.ecr.put_replication_configuration(replicationConfiguration={"rules": rules}, aws_retry=True)


def _prefixes(rule: Rule) -> list[str]:
    return sorted(one["filter"] for one in rule.get("repositoryFilters") or [])
