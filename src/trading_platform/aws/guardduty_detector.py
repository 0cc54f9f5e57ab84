"""GuardDuty in one region: its detector, how soon it tells, and which features look for threats.

A region has one detector, without a name. Features that a new detector is not told about are turned on, except runtime
monitoring, and cost (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id

RUNTIME = "RUNTIME_MONITORING"
AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")


class Detector(BaseResource):
    """The detector of the client's region.

    Args:
        guardduty: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "GuardDuty detector of"
    placeholders = {"id": planned_id("detector")}

    def __init__(self, guardduty: Any, params: dict[str, Any]) -> None:
        self.guardduty = guardduty
        self.params = params
        self.name: str = guardduty.meta.region_name
        self.arn = ""

    def find(self) -> State | None:
        """Read the detector; AWS answers with its tags."""
        ids = self.guardduty.list_detectors(aws_retry=True)["DetectorIds"]
        if not ids:
            return None
        detector = self.guardduty.get_detector(DetectorId=ids[0], aws_retry=True)
        account = detector["ServiceRole"].split(":")[4]
        self.arn = f"arn:{self.guardduty.meta.partition}:guardduty:{self.name}:{account}:detector/{ids[0]}"
        features = {one["Name"]: one for one in detector.get("Features") or []}
        return {
            "id": ids[0],
            "enabled": detector["Status"] == "ENABLED",
            "finding_frequency": detector["FindingPublishingFrequency"],
            "features": {key: _is_on(features.get(key)) for key in sorted(self.params["features"])},
            "runtime_agents": _agents(features.get(RUNTIME), self.params["runtime_agents"]),
            "tags": {key: value for key, value in detector.get("Tags", {}).items() if not key.startswith("aws:")},
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys: features that are not named are left as they are."""
        asked = self.params
        return {
            "enabled": True,
            "finding_frequency": asked["finding_frequency"],
            "features": {key: bool(asked["features"][key]) for key in sorted(asked["features"])},
            "runtime_agents": {key: bool(asked["runtime_agents"][key]) for key in sorted(asked["runtime_agents"])},
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the detector with its features and tags."""
        self.guardduty.create_detector(
            Enable=True,
            FindingPublishingFrequency=wanted["finding_frequency"],
            Features=_features(wanted),
            Tags=wanted["tags"],
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Change what differs."""
        if set(changes) - {"tags"}:
            state = {**current, **changes}
            self.guardduty.update_detector(
                DetectorId=current["id"],
                Enable=True,
                FindingPublishingFrequency=state["finding_frequency"],
                Features=_features(state),
                aws_retry=True,
            )
        if "tags" in changes:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.guardduty.untag_resource(ResourceArn=self.arn, TagKeys=remove, aws_retry=True)
            if write:
                self.guardduty.tag_resource(ResourceArn=self.arn, Tags=write, aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the detector with all its findings."""
        self.guardduty.delete_detector(DetectorId=current["id"], aws_retry=True)


def _is_on(feature: dict[str, Any] | None) -> bool:
    return (feature or {}).get("Status") == "ENABLED"


def _agents(feature: dict[str, Any] | None, asked: dict[str, Any]) -> dict[str, bool]:
    found = {one["Name"]: one for one in (feature or {}).get("AdditionalConfiguration") or []}
    return {key: _is_on(found.get(key)) for key in sorted(asked)}


def _status(on: bool) -> str:
    return "ENABLED" if on else "DISABLED"


def _features(state: State) -> list[dict[str, Any]]:
    agents = [{"Name": key, "Status": _status(on)} for key, on in state["runtime_agents"].items()]
    result = []
    for name, on in state["features"].items():
        feature: dict[str, Any] = {"Name": name, "Status": _status(on)}
        if name == RUNTIME and agents:
            feature["AdditionalConfiguration"] = agents
        result.append(feature)
    return result


def problems(params: dict[str, Any]) -> list[str]:
    """Say what GuardDuty would refuse of a module's parameters, before it is asked."""
    found = []
    if {RUNTIME, "EKS_RUNTIME_MONITORING"} <= set(params["features"]):
        found.append(f"features: {RUNTIME} includes EKS_RUNTIME_MONITORING; name one of them")
    wrong = sorted(set(params["runtime_agents"]) - set(AGENTS))
    if wrong:
        found.append(f"runtime_agents: {', '.join(wrong)} is none of {', '.join(AGENTS)}")
    if params["runtime_agents"] and RUNTIME not in params["features"]:
        found.append(f"runtime_agents: need {RUNTIME} among the features")
    return found
