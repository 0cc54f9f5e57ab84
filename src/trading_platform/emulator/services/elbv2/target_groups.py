"""Target groups: attributes as AWS gives them, health checks within limits, and who leads to them."""

from collections.abc import Callable
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeTargetGroup

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elbv2.common import (
    attributes,
    invalid_configuration,
    refuse_name,
    refuse_other_than,
    refuse_outside,
    state,
    validation_error,
)

extension = Extension("elbv2")

# API TargetGroupAttribute, of target groups of application load balancers, with AWS's defaults.
DEFAULTS = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
RANGES = {
    "deregistration_delay.timeout_seconds": (0, 3600),
    "stickiness.lb_cookie.duration_seconds": (1, 604800),
    "stickiness.app_cookie.duration_seconds": (1, 604800),
}
CHOICES = {
    "load_balancing.algorithm.type": ("round_robin", "least_outstanding_requests", "weighted_random"),
    "load_balancing.algorithm.anomaly_mitigation": ("on", "off"),
    "stickiness.enabled": ("true", "false"),
}
# API CreateTargetGroup.
HEALTH_CHECK_RANGES = {
    "HealthCheckIntervalSeconds": ("Health check interval", 5, 300),
    "HealthCheckTimeoutSeconds": ("Health check timeout", 2, 120),
    "HealthyThresholdCount": ("Healthy threshold count", 2, 10),
    "UnhealthyThresholdCount": ("Unhealthy threshold count", 2, 10),
}
SLOW_START = (30, 900)


@extension.patches(FakeTargetGroup, "__init__")
def all_attributes(original: Callable[..., Any], self: Any, *args: Any, **more: Any) -> None:
    """moto leaves out most attributes, and gives some as numbers."""
    original(self, *args, **more)
    if self.protocol in ("HTTP", "HTTPS"):
        self.attributes = dict(DEFAULTS)


@extension.refuses("CreateTargetGroup")
def names_that_are_not_allowed(call: Call) -> None:
    refuse_name("Target group", call.params.get("Name", ""))


@extension.refuses("CreateTargetGroup")
def a_second_one_of_the_name(call: Call) -> None:
    """API CreateTargetGroup, DuplicateTargetGroupName: also the way to another port or protocol."""
    name = call.params["Name"]
    if any(group.name == name for group in state(call).target_groups.values()):
        raise AwsError(
            "DuplicateTargetGroupName",
            f"A target group with the same name '{name}' exists, but with different settings",
        )


@extension.refuses("CreateTargetGroup", "ModifyTargetGroup")
def health_checks_out_of_range(call: Call) -> None:
    params = call.params
    for key, (label, least, most) in HEALTH_CHECK_RANGES.items():
        value = params.get(key)
        if value is not None and not least <= int(value) <= most:
            raise validation_error(f"{label} '{value}' must be between '{least}' and '{most}'")
    path = params.get("HealthCheckPath")
    if path is not None and (not path.startswith("/") or len(path) > 1024):
        raise validation_error(f"Health check path '{path}' must begin with a '/' and have at most 1024 characters")
    _refuse_slow_answers(call)


def _refuse_slow_answers(call: Call) -> None:
    held = state(call).target_groups.get(call.params.get("TargetGroupArn"))
    if held is None:
        return
    timeout = call.params.get("HealthCheckTimeoutSeconds", held.health_check_timeout_seconds)
    interval = call.params.get("HealthCheckIntervalSeconds", held.health_check_interval_seconds)
    if int(timeout) >= int(interval):
        raise validation_error(f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'")


@extension.refuses("ModifyTargetGroupAttributes")
def attributes_that_are_not_allowed(call: Call) -> None:
    group = state(call).target_groups.get(call.params["TargetGroupArn"])
    if group is None or group.protocol not in ("HTTP", "HTTPS"):
        return
    values = attributes(call)
    for key in values:
        if key not in DEFAULTS:
            raise validation_error(f"Target group attribute key '{key}' is not recognized")
    refuse_outside(values, RANGES)
    refuse_other_than(values, CHOICES)
    after = {**group.attributes, **values}
    slow_start = after["slow_start.duration_seconds"]
    if slow_start != "0" and not SLOW_START[0] <= int(slow_start) <= SLOW_START[1]:
        raise validation_error(
            f"'slow_start.duration_seconds' value '{slow_start}' must be 0 or between '30-900' inclusive"
        )
    if slow_start != "0" and after["load_balancing.algorithm.type"] != "round_robin":
        raise invalid_configuration(
            f"Slow start cannot be enabled with the load balancing algorithm '{after['load_balancing.algorithm.type']}'"
        )


@extension.patches(ELBv2Backend, "modify_target_group_attributes")
def keep_all_as_text(original: Callable[..., Any], self: Any, target_group_arn: str, attributes: Any) -> None:
    """moto takes 3599 seconds for the longest delay, AWS 3600; the range was checked before."""
    delay = "deregistration_delay.timeout_seconds"
    original(self, target_group_arn, {key: value for key, value in attributes.items() if key != delay})
    if delay in attributes:
        self.target_groups[target_group_arn].attributes[delay] = attributes[delay]


@extension.patches(ELBv2Backend, "describe_target_groups")
def only_load_balancers_that_lead_to_it(original: Callable[..., Any], self: Any, *args: Any) -> Any:
    """moto adds a load balancer for every listener and rule, and never takes one away."""
    for group in self.target_groups.values():
        group.load_balancer_arns = load_balancers_of(self, group.arn)
    return original(self, *args)


def load_balancers_of(backend: Any, group_arn: str) -> list[str]:
    """The load balancers with a listener or rule that leads to the group."""
    return [
        balancer.arn
        for balancer in backend.load_balancers.values()
        if any(
            group_arn in backend._get_target_group_arns_from(action_data=action.data)
            for listener in balancer.listeners.values()
            for rule in listener.rules.values()
            for action in rule.actions
        )
    ]


@extension.patches(ELBv2Backend, "delete_target_group")
def say_it_as_aws_does(original: Callable[..., Any], self: Any, target_group_arn: str) -> Any:
    if load_balancers_of(self, target_group_arn):
        raise AwsError(
            "ResourceInUse", f"Target group '{target_group_arn}' is currently in use by a listener or a rule"
        )
    return original(self, target_group_arn)
