"""A target group of an application load balancer: how its targets are asked, found healthy and let go.

Which targets are in it is not ours to say: the AWS load balancer controller registers pods, and nothing here ever
registers or removes one.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import changes_between, ignoring, named_tags, text_tags
from trading_platform.aws.elbv2 import (
    arn_suffix,
    attribute_value,
    attributes_dict,
    attributes_list,
    tags_of,
    update_tags,
)
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned, planned_id

GONE = "TargetGroupNotFound"
# Arguments of the module under health_check, and what AWS calls them.
HEALTH_CHECK = {
    "protocol": "HealthCheckProtocol",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
ATTRIBUTES = {
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "slow_start": "slow_start.duration_seconds",
    "algorithm": "load_balancing.algorithm.type",
    "stickiness_enabled": "stickiness.enabled",
    "stickiness_type": "stickiness.type",
    "stickiness_duration": "stickiness.lb_cookie.duration_seconds",
}
DEFAULT_STICKINESS = 86400


class AlbTargetGroup(BaseResource):
    """A target group, found by its name.

    Args:
        elbv2: an ELBv2 client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module alb_target_group.
    """

    kind = "target group"
    fixed = frozenset({"protocol", "protocol_version", "port", "vpc_id", "target_type"})

    def __init__(self, elbv2: Any, params: dict[str, Any]) -> None:
        self.elbv2 = elbv2
        self.params = params
        self.name: str = params["name"]
        self.asked_tags = text_tags(params["tags"])
        arn = f"arn:aws:elasticloadbalancing:{elbv2.meta.region_name}:{'0' * 12}:targetgroup/{self.name}/tg"
        self.placeholders = {"target_group_arn": planned_id(arn), "arn_suffix": arn_suffix(planned_id(arn))}

    def find(self) -> State | None:
        """Read the target group of our name."""
        if is_planned(self.params["vpc_id"]):
            return None
        try:
            group = self.elbv2.describe_target_groups(Names=[self.name], aws_retry=True)["TargetGroups"][0]
            arn = group["TargetGroupArn"]
            held = self.elbv2.describe_target_group_attributes(TargetGroupArn=arn, aws_retry=True)
            tags = tags_of(self.elbv2, [arn]).get(arn, {})
        except ClientError as error:
            if error_code(error) == GONE:
                return None
            raise
        return {
            "target_group_arn": arn,
            "arn_suffix": arn_suffix(arn),
            "load_balancer_arns": sorted(group.get("LoadBalancerArns", [])),
            "protocol": group["Protocol"],
            "protocol_version": group.get("ProtocolVersion"),
            "port": group["Port"],
            "vpc_id": group["VpcId"],
            "target_type": group["TargetType"],
            "health_check": read_health_check(group),
            **self._attributes(attributes_dict(held["Attributes"])),
            "tags": tags,
        }

    def wanted(self, current: State | None) -> State:
        """Give what is managed; targets are not."""
        params = self.params
        held = current["tags"] if current else {}
        return {
            **{key: params[key] for key in sorted(AlbTargetGroup.fixed)},
            "health_check": {**params["health_check"], "matcher": str(params["health_check"]["matcher"])},
            **self._asked_attributes(),
            "tags": named_tags(held, self.asked_tags, params["purge_tags"], self.name),
        }

    def create(self, wanted: State) -> None:
        """Make the group with its tags, then set its attributes: the call takes none."""
        answer = self.elbv2.create_target_group(
            Name=self.name,
            Protocol=wanted["protocol"],
            ProtocolVersion=wanted["protocol_version"],
            Port=wanted["port"],
            VpcId=wanted["vpc_id"],
            TargetType=wanted["target_type"],
            IpAddressType="ipv4",
            **api_health_check(wanted["health_check"]),
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self._set_attributes(answer["TargetGroups"][0]["TargetGroupArn"], wanted)

    def update(self, current: State, changes: State) -> None:
        """Change health check, attributes and tags."""
        arn = current["target_group_arn"]
        if "health_check" in changes:
            check = changes_between(current["health_check"], changes["health_check"])
            self.elbv2.modify_target_group(TargetGroupArn=arn, **api_health_check(check), aws_retry=True)
        self._set_attributes(arn, changes)
        if "tags" in changes:
            update_tags(self.elbv2, arn, current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Remove it; AWS refuses while a listener or rule leads to it."""
        with ignoring(GONE):
            self.elbv2.delete_target_group(TargetGroupArn=current["target_group_arn"], aws_retry=True)

    def _asked_attributes(self) -> State:
        duration = self.params["stickiness_duration"]
        asked = {
            "stickiness_enabled": duration is not None,
            "stickiness_type": "lb_cookie",
            "stickiness_duration": DEFAULT_STICKINESS if duration is None else duration,
        }
        return {key: asked[key] if key in asked else self.params[key] for key in ATTRIBUTES}

    def _attributes(self, held: dict[str, str]) -> State:
        asked = self._asked_attributes()
        return {key: attribute_value(held[name], asked[key]) for key, name in ATTRIBUTES.items() if name in held}

    def _set_attributes(self, arn: str, changes: State) -> None:
        chosen = {name: changes[key] for key, name in ATTRIBUTES.items() if key in changes}
        if chosen:
            self.elbv2.modify_target_group_attributes(
                TargetGroupArn=arn, Attributes=attributes_list(chosen), aws_retry=True
            )


def read_health_check(group: dict[str, Any]) -> State:
    """Give the health check of a target group with the names of the module's arguments."""
    check = {key: group.get(name) for key, name in HEALTH_CHECK.items()}
    return {**check, "matcher": group.get("Matcher", {}).get("HttpCode")}


def api_health_check(check: State) -> dict[str, Any]:
    """Give a health check, or the parts of it that change, as the API takes it."""
    given = {HEALTH_CHECK[key]: value for key, value in check.items() if key in HEALTH_CHECK}
    return {**given, **({"Matcher": {"HttpCode": check["matcher"]}} if "matcher" in check else {})}


def target_group_problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the arguments."""
    if params["state"] == "absent":
        return []
    problems = [f"{key}: is missing" for key in ("protocol", "port", "vpc_id") if not params[key]]
    check = params["health_check"]
    if check["timeout"] >= check["interval"]:
        problems.append("health_check: timeout must be shorter than interval")
    if params["slow_start"] and params["algorithm"] != "round_robin":
        problems.append("slow_start: belongs to the algorithm round_robin")
    if params["slow_start"] and not 30 <= params["slow_start"] <= 900:
        problems.append("slow_start: 0 for none, or 30 to 900 seconds")
    return problems
