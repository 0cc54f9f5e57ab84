"""An EKS add-on: what AWS runs in the cluster for us, in a version that goes with the cluster's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.eks import EksResource, all_pages, minor_of, or_none, own_tags, update_tags
from trading_platform.aws.engine import RefusedError, State
from trading_platform.aws.planned import planned_id

ONE_MINOR_AT_A_TIME = "vpc-cni"
"""EKS user guide, "vpc-add-on-update": "update one minor version at a time"."""


def version_to_install(name: str, offered: list[dict[str, Any]], pinned: str | None, installed: str | None) -> str:
    """Choose the version of an add-on for a cluster.

    A pinned version is taken as it is. Otherwise what is installed stays as long as it goes with the cluster, even when
    AWS's default has moved on; only then the default is taken.

    Args:
        name: the add-on's name.
        offered: ``{"version": ..., "default": bool}`` of those that go with the cluster, newest first.
        pinned: the version asked for, if any.
        installed: the version that is there, if any.

    Raises:
        RefusedError: there is none, or the one asked for is not among them or too far from the installed one.
    """
    versions: list[str] = [one["version"] for one in offered]
    if not versions:
        raise RefusedError(f"EKS add-on {name}: AWS offers no version of it for this Kubernetes version")
    if pinned and pinned not in versions:
        raise RefusedError(
            f"EKS add-on {name}: {pinned} does not go with the cluster; AWS offers {', '.join(versions)}"
        )
    default: str = next((one["version"] for one in offered if one["default"]), versions[0])
    kept = installed if installed in versions else None
    chosen = pinned or kept or default
    if name == ONE_MINOR_AT_A_TIME and installed and abs(minor_of(chosen) - minor_of(installed)) > 1:
        return _nearest_step(name, versions, pinned, installed, chosen)
    return chosen


def _nearest_step(name: str, versions: list[str], pinned: str | None, installed: str, chosen: str) -> str:
    """The newest version that is one minor away from the installed one, in place of one that is too far."""
    direction = 1 if minor_of(chosen) > minor_of(installed) else -1
    steps = [one for one in versions if minor_of(one) == minor_of(installed) + direction]
    if pinned or not steps:
        by = f" by way of {steps[0]}" if steps else ""
        raise RefusedError(
            f"EKS add-on {name}: from {installed} to {chosen} is more than one minor version; go{by} first"
        )
    return steps[0]


def offers(answer: list[dict[str, Any]], kubernetes: str) -> list[dict[str, Any]]:
    """Give ``{"version", "default"}`` of the versions in DescribeAddonVersions' answer, in its order (newest first)."""
    found = []
    for version in answer[0]["addonVersions"] if answer else []:
        fits = [one for one in version["compatibilities"] if one["clusterVersion"] == kubernetes]
        if fits:
            found.append({"version": version["addonVersion"], "default": any(one["defaultVersion"] for one in fits)})
    return found


def read_configuration(text: str | None) -> Any:
    """Give configuration values as data; text that is no JSON (the console takes YAML too) stays text."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return text


class EksAddon(EksResource):
    """Its identity is its name in the cluster. OVERWRITE when it is installed, PRESERVE when it changes.

    One that was just changed is DEGRADED until its pods run, so then the waiting goes on until it is healthy.
    """

    kind = "EKS add-on"

    def __init__(self, eks: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        super().__init__(eks, params, warn)
        self.cluster: str = params["cluster_name"]
        self.kubernetes: str = params["kubernetes_version"]
        self.pinned: str | None = params["version"]
        self.configuration: dict[str, Any] = params["configuration"]
        self.until_healthy: bool = params["wait_until_healthy"]
        self.offered: list[dict[str, Any]] | None = None
        self.placeholders = {"arn": planned_id("arn"), "status": "CREATING"}

    def describe(self) -> dict[str, Any] | None:
        """Ask for the add-on."""
        return or_none(self.eks.describe_addon, "addon", **self._names())

    def state(self, raw: dict[str, Any]) -> State:
        """Give the add-on under the names of the arguments."""
        return {
            "arn": raw["addonArn"],
            "version": raw["addonVersion"],
            "configuration": read_configuration(raw.get("configurationValues")),
            "tags": own_tags(raw),
        }

    def target(self, current: State | None) -> State:
        """Give the add-on as it should be."""
        installed = current["version"] if current and current["status"] != "CREATE_FAILED" else None
        return {
            "version": version_to_install(self.name, self._offered(), self.pinned, installed),
            "configuration": self.configuration,
            "tags": tagging.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }

    def request(self, wanted: State) -> dict[str, Any]:
        """Install it, over whatever of the same name runs in the cluster."""
        self.until_healthy = True
        answer: dict[str, Any] = self.eks.create_addon(
            **self._names(),
            addonVersion=wanted["version"],
            resolveConflicts="OVERWRITE",
            configurationValues=_text(wanted["configuration"]),
            tags=wanted["tags"],
            aws_retry=True,
        )
        return answer

    def ask(self, current: State, changes: State) -> None:
        """Tags, then version and configuration in one update; what others set in the cluster stays."""
        if "tags" in changes:
            update_tags(self.eks, current["arn"], current["tags"], changes["tags"])
        if changes.keys() - {"tags"}:
            self.until_healthy = True
            wanted = self.target(current)
            self.start(
                self.eks.update_addon,
                **self._names(),
                addonVersion=wanted["version"],
                configurationValues=_text(wanted["configuration"]),
                resolveConflicts="PRESERVE",
            )

    def remove(self) -> None:
        """Take the add-on out of the cluster."""
        self.eks.delete_addon(**self._names(), aws_retry=True)

    def update_names(self) -> dict[str, str]:
        """DescribeUpdate calls the cluster ``name``."""
        return {"name": self.cluster, "addonName": self.name}

    def _names(self) -> dict[str, str]:
        return {"clusterName": self.cluster, "addonName": self.name}

    def _offered(self) -> list[dict[str, Any]]:
        if self.offered is None:
            answer = all_pages(
                self.eks.describe_addon_versions, "addons", addonName=self.name, kubernetesVersion=self.kubernetes
            )
            self.offered = offers(answer, self.kubernetes)
        return self.offered


def _text(configuration: dict[str, Any]) -> str:
    return json.dumps(configuration, sort_keys=True)
