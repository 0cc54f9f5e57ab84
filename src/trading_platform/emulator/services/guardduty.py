"""GuardDuty: one detector a Region, features that are on unless told otherwise, tags, and GuardDuty's refusals."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.guardduty import urls
from moto.guardduty.models import Detector, guardduty_backends
from moto.guardduty.responses import GuardDutyResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("guardduty")
EXTENSIONS = (extension,)

urls.url_paths["{0}/tags/(?P<resource_arn>.+)$"] = GuardDutyResponse.dispatch

ALWAYS_ON = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
# API DetectorFeature; on in a new detector, but for runtime monitoring.
ON_BY_DEFAULT = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
)
RUNTIME, EKS_RUNTIME = "RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"
AGENTS = {
    RUNTIME: ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"),
    EKS_RUNTIME: ("EKS_ADDON_MANAGEMENT",),
}


def _feature(name: str, status: str) -> dict[str, Any]:
    feature: dict[str, Any] = {"name": name, "status": status}
    if name in AGENTS:
        feature["additionalConfiguration"] = [{"name": agent, "status": "DISABLED"} for agent in AGENTS[name]]
    return feature


@extension.patches(Detector, "__init__")
def detector_with_every_feature(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """API CreateDetector: features that are not named are enabled, except RUNTIME_MONITORING."""
    given = kwargs.pop("features", None)
    original(self, *args, **kwargs, features=[])
    own = [_feature(name, "ENABLED") for name in (*ALWAYS_ON, *ON_BY_DEFAULT)]
    self.features = [*own, *(_feature(name, "DISABLED") for name in (RUNTIME, EKS_RUNTIME))]
    _merge(self, given)


@extension.patches(Detector, "update")
def update_what_is_named(
    original: Callable[..., Any], self: Any, enable: Any, frequency: Any, data_sources: Any, features: Any
) -> None:
    """API UpdateDetector: features that are not named stay; moto replaces them all."""
    original(self, enable, frequency, data_sources, None)
    _merge(self, features)


def _merge(detector: Any, given: list[dict[str, Any]] | None) -> None:
    held = {one["name"]: one for one in detector.features}
    for one in given or []:
        target = held.setdefault(one["name"], _feature(one["name"], one["status"]))
        target["status"] = one["status"]
        agents = {agent["name"]: agent for agent in target.get("additionalConfiguration", [])}
        for agent in one.get("additionalConfiguration") or []:
            agents.setdefault(agent["name"], {"name": agent["name"]})["status"] = agent["status"]
        if agents:
            target["additionalConfiguration"] = list(agents.values())
    detector.features = list(held.values())


def _tagged(response: Any) -> Any:
    arn = unquote(response.path.partition("/tags/")[2])
    return response.guardduty_backend.get_detector(arn.rpartition("/")[2])


@extension.adds(GuardDutyResponse)
def tag_resource(self: Any) -> str:
    _tagged(self).tags.update(self._get_param("tags"))
    return "{}"


@extension.adds(GuardDutyResponse)
def untag_resource(self: Any) -> str:
    for key in self.querystring.get("tagKeys", []):
        _tagged(self).tags.pop(key, None)
    return "{}"


@extension.adds(GuardDutyResponse)
def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"tags": _tagged(self).tags})


def _rejected(why: str) -> AwsError:
    return AwsError("BadRequestException", f"The request is rejected because {why}", 400)


@extension.refuses("CreateDetector")
def second_detector(call: Call) -> None:
    if guardduty_backends[call.account_id][call.region].detectors:
        raise _rejected("a detector already exists for the current account.")


@extension.refuses("CreateDetector", "UpdateDetector")
def two_kinds_of_runtime_monitoring(call: Call) -> None:
    """API DetectorFeatureConfiguration: both RUNTIME_MONITORING and EKS_RUNTIME_MONITORING "will cause an error"."""
    names = {one["Name"] for one in call.params.get("Features") or []}
    if {RUNTIME, EKS_RUNTIME} <= names:
        raise _rejected(f"both {RUNTIME} and {EKS_RUNTIME} were provided.")
