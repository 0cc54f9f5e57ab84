"""A health check of Route 53 that asks an endpoint from several regions.

Route 53 gives health checks no name, and tags them only after they are made. The caller reference is kept for life and
comes back in every list, so it carries the name: ``<name>/<time>``. What a run that was cut off left behind is found,
too.

Type, interval and latency graphs cannot be changed. A check that differs in one of them is made anew beside the old
one, since records may point at it; the old ones are ``superseded`` and go with ``remove_superseded``, once nothing uses
them.
"""

from __future__ import annotations

import time
from typing import Any

from trading_platform.aws.ec2 import changes_between, ignoring, named_tags, text_tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id
from trading_platform.aws.route53 import tags_of, update_tags

type HealthCheck = dict[str, Any]

# API CreateHealthCheck: a caller reference has 64 characters at most; time.time_ns() has 19.
LONGEST_NAME = 44
# Keys of the module, and what HealthCheckConfig calls them.
CONFIG = {
    "type": "Type",
    "fqdn": "FullyQualifiedDomainName",
    "port": "Port",
    "resource_path": "ResourcePath",
    "search_string": "SearchString",
    "request_interval": "RequestInterval",
    "failure_threshold": "FailureThreshold",
    "measure_latency": "MeasureLatency",
    "enable_sni": "EnableSNI",
    "regions": "Regions",
    "inverted": "Inverted",
    "disabled": "Disabled",
}
UNCHANGEABLE = ("type", "request_interval", "measure_latency")
FALSE_WHEN_MISSING = ("measure_latency", "enable_sni", "inverted", "disabled")


def read_config(check: HealthCheck) -> State:
    """Give the settings of a health check with the names of the module's arguments."""
    config = check["HealthCheckConfig"]
    state = {key: config.get(name) for key, name in CONFIG.items()}
    state.update({key: bool(state[key]) for key in FALSE_WHEN_MISSING})
    return {**state, "regions": sorted(state["regions"] or [])}


def check_problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the arguments."""
    if params["state"] == "absent":
        return []
    problems = []
    kind = params["type"]
    if len(params["name"]) > LONGEST_NAME:
        problems.append(f"name: {params['name']!r} is longer than {LONGEST_NAME} characters")
    if not params.get("fqdn"):
        problems.append("fqdn: the domain name to ask is missing")
    if kind.endswith("STR_MATCH") != bool(params.get("search_string")):
        problems.append("search_string: belongs to the types HTTP_STR_MATCH and HTTPS_STR_MATCH, which need it")
    if kind == "TCP" and params.get("resource_path"):
        problems.append("resource_path: a check of type TCP asks for no path")
    if len(params["regions"]) < 3:
        problems.append("regions: Route 53 wants three or more")
    return problems


class Route53HealthCheck(BaseResource):
    """One health check of an endpoint.

    Args:
        client: a Route 53 client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module route53_health_check.
    """

    kind = "health check"

    def __init__(self, client: Any, params: dict[str, Any]) -> None:
        self.client = client
        self.params = params
        self.name: str = params["name"]
        self.present: bool = params["state"] == "present"
        self.asked_tags = text_tags(params["tags"])
        self.ours: list[HealthCheck] = []

    @property
    def placeholders(self) -> State:  # type: ignore[override]
        """Give the id of a check that is not made yet, and those that it will supersede."""
        return {
            "health_check_id": planned_id("healthcheck"),
            "superseded_ids": [one["Id"] for one in self.ours],
        }

    def find(self) -> State | None:
        """Read our check; one that differs in what cannot be changed is not it."""
        self.ours = self._ours()
        matching = [one for one in self.ours if self._matches(one)]
        if not matching:
            return None
        check = matching[-1]
        return {
            **read_config(check),
            "health_check_id": check["Id"],
            "version": check["HealthCheckVersion"],
            "superseded_ids": [one["Id"] for one in self.ours if one is not check],
            "tags": tags_of(self.client, "healthcheck", check["Id"]),
        }

    def wanted(self, current: State | None) -> State:
        """Give the settings and tags; the switches of an operator stay as they are unless asked for."""
        asked = {key: self.params[key] for key in CONFIG}
        kept = current or {"inverted": False, "disabled": False}
        for switch in ("inverted", "disabled"):
            asked[switch] = kept[switch] if asked[switch] is None else asked[switch]
        held = current["tags"] if current else {}
        return {
            **asked,
            "enable_sni": asked["type"].startswith("HTTPS") and asked["enable_sni"],
            "regions": sorted(set(asked["regions"])),
            "superseded_ids": []
            if self.params["remove_superseded"]
            else [one["Id"] for one in self._superseded(current)],
            "tags": named_tags(held, self.asked_tags, self.params["purge_tags"], self.name),
        }

    def create(self, wanted: State) -> None:
        """Make the check, then tag it: the call takes no tags, and the caller reference finds it again."""
        config = {name: wanted[key] for key, name in CONFIG.items() if wanted[key] is not None}
        answer = self.client.create_health_check(
            CallerReference=f"{self.name}/{time.time_ns()}", HealthCheckConfig=config, aws_retry=True
        )
        update_tags(self.client, "healthcheck", answer["HealthCheck"]["Id"], {}, wanted["tags"])
        if self.params["remove_superseded"]:
            self._delete(self.ours)

    def update(self, current: State, changes: State) -> None:
        """Change settings, given the version that was read, so that another change in between is not lost."""
        config = {CONFIG[key]: value for key, value in changes.items() if key in CONFIG and value is not None}
        if config:
            self.client.update_health_check(
                HealthCheckId=current["health_check_id"],
                HealthCheckVersion=current["version"],
                **config,
                aws_retry=True,
            )
        if "tags" in changes:
            update_tags(self.client, "healthcheck", current["health_check_id"], current["tags"], changes["tags"])
        if "superseded_ids" in changes:
            self._delete(self._superseded(current))

    def delete(self, current: State) -> None:
        """Remove the check and all that it superseded."""
        self._delete(self.ours)

    def _ours(self) -> list[HealthCheck]:
        """List the checks whose caller reference carries our name, oldest first."""
        found: list[HealthCheck] = []
        page = self.client.list_health_checks(aws_retry=True)
        while True:
            found += [one for one in page["HealthChecks"] if one["CallerReference"].startswith(f"{self.name}/")]
            if not page.get("IsTruncated"):
                return sorted(found, key=lambda one: str(one["CallerReference"]))
            page = self.client.list_health_checks(Marker=page["NextMarker"], aws_retry=True)

    def _matches(self, check: HealthCheck) -> bool:
        if not self.present:
            return True
        asked = {key: self.params[key] for key in UNCHANGEABLE}
        return not changes_between(read_config(check), asked)

    def _superseded(self, current: State | None) -> list[HealthCheck]:
        keep = current["health_check_id"] if current else None
        return [one for one in self.ours if one["Id"] != keep]

    def _delete(self, checks: list[HealthCheck]) -> None:
        for check in checks:
            with ignoring("NoSuchHealthCheck"):
                self.client.delete_health_check(HealthCheckId=check["Id"], aws_retry=True)
