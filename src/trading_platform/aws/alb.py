"""An application load balancer: its subnets, security groups, attributes and tags."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring, named_tags, text_tags
from trading_platform.aws.elbv2 import (
    arn_suffix,
    attribute_value,
    attributes_dict,
    attributes_list,
    tags_of,
    update_tags,
)
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned, planned_id

GONE = "LoadBalancerNotFound"
PROTECTION = "deletion_protection.enabled"
# Arguments of the module, and what AWS calls the attribute:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
ATTRIBUTES = {
    "deletion_protection": PROTECTION,
    "idle_timeout": "idle_timeout.timeout_seconds",
    "client_keep_alive": "client_keep_alive.seconds",
    "http2": "routing.http2.enabled",
    "drop_invalid_header_fields": "routing.http.drop_invalid_header_fields.enabled",
    "desync_mitigation_mode": "routing.http.desync_mitigation_mode",
    "preserve_host_header": "routing.http.preserve_host_header.enabled",
    "access_logs_enabled": "access_logs.s3.enabled",
    "access_logs_bucket": "access_logs.s3.bucket",
    "access_logs_prefix": "access_logs.s3.prefix",
}


class Alb(BaseResource):
    """An application load balancer, found by its name.

    Args:
        elbv2: an ELBv2 client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module alb.
    """

    kind = "load balancer"
    fixed = frozenset({"scheme"})

    def __init__(self, elbv2: Any, params: dict[str, Any]) -> None:
        self.elbv2 = elbv2
        self.params = params
        self.name: str = params["name"]
        self.asked_tags = text_tags(params["tags"])
        self.present: bool = params["state"] == "present"
        arn = f"arn:aws:elasticloadbalancing:{elbv2.meta.region_name}:{'0' * 12}:loadbalancer/app/{self.name}/alb"
        self.placeholders = {
            "load_balancer_arn": planned_id(arn),
            "arn_suffix": arn_suffix(planned_id(arn)),
            "dns_name": planned_id("alb"),
            "hosted_zone_id": planned_id("zone"),
            "load_balancer_state": "provisioning",
        }

    def find(self) -> State | None:
        """Read the load balancer of our name."""
        try:
            answer = self.elbv2.describe_load_balancers(Names=[self.name], aws_retry=True)
            balancer = answer["LoadBalancers"][0]
            arn = balancer["LoadBalancerArn"]
            held = self.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn, aws_retry=True)
            tags = tags_of(self.elbv2, [arn]).get(arn, {})
        except ClientError as error:
            if error_code(error) == GONE:
                return None
            raise
        if balancer["Type"] != "application":
            raise RefusedError(f"{self.kind} {self.name}: it is a {balancer['Type']} load balancer")
        return {
            "load_balancer_arn": arn,
            "arn_suffix": arn_suffix(arn),
            "dns_name": balancer["DNSName"],
            "hosted_zone_id": balancer["CanonicalHostedZoneId"],
            "load_balancer_state": balancer["State"]["Code"],
            "vpc_id": balancer["VpcId"],
            "scheme": balancer["Scheme"],
            "subnet_ids": sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"]),
            "security_group_ids": sorted(balancer.get("SecurityGroups", [])),
            **self._attributes(attributes_dict(held["Attributes"])),
            "tags": tags,
        }

    def wanted(self, current: State | None) -> State:
        """Give what is managed."""
        held = current["tags"] if current else {}
        return {
            "scheme": self.params["scheme"],
            "subnet_ids": sorted(set(self.params["subnet_ids"] or [])),
            "security_group_ids": sorted(set(self.params["security_group_ids"] or [])),
            **self._asked_attributes(),
            "tags": named_tags(held, self.asked_tags, self.params["purge_tags"], self.name),
        }

    def create(self, wanted: State) -> None:
        """Make the load balancer with its tags, then set its attributes: the call takes none."""
        answer = self.elbv2.create_load_balancer(
            Name=self.name,
            Type="application",
            Scheme=wanted["scheme"],
            IpAddressType="ipv4",
            Subnets=wanted["subnet_ids"],
            SecurityGroups=wanted["security_group_ids"],
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self._set_attributes(answer["LoadBalancers"][0]["LoadBalancerArn"], wanted)

    def update(self, current: State, changes: State) -> None:
        """Change subnets, groups, attributes and tags."""
        arn = current["load_balancer_arn"]
        if "subnet_ids" in changes:
            self.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=changes["subnet_ids"], aws_retry=True)
        if "security_group_ids" in changes:
            groups = changes["security_group_ids"]
            self.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=groups, aws_retry=True)
        self._set_attributes(arn, changes)
        if "tags" in changes:
            update_tags(self.elbv2, arn, current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Remove it; its protection is lifted first only where the arguments say that it should have none."""
        arn = current["load_balancer_arn"]
        with ignoring(GONE):
            if current["deletion_protection"] and not self.params["deletion_protection"]:
                self._set_attributes(arn, {"deletion_protection": False})
            self.elbv2.delete_load_balancer(LoadBalancerArn=arn, aws_retry=True)

    def settled(self, current: State | None) -> bool:
        """Active, or when it should go: gone."""
        if current is None or not self.present:
            return current is None and not self.present
        if current["load_balancer_state"] == "failed":
            raise RefusedError(f"{self.kind} {self.name}: AWS could not set it up (state failed)")
        return bool(current["load_balancer_state"] in ("active", "active_impaired"))

    def _asked_attributes(self) -> State:
        bucket = self.params["access_logs_bucket"]
        logs = {
            "access_logs_enabled": bool(bucket),
            "access_logs_bucket": bucket or "",
            "access_logs_prefix": self.params["access_logs_prefix"] if bucket else "",
        }
        return {key: logs[key] if key in logs else self.params[key] for key in ATTRIBUTES}

    def _attributes(self, held: dict[str, str]) -> State:
        asked = self._asked_attributes()
        return {
            key: attribute_value(held.get(name, ""), asked[key]) for key, name in ATTRIBUTES.items() if name in held
        }

    def _set_attributes(self, arn: str, changes: State) -> None:
        chosen = {name: changes[key] for key, name in ATTRIBUTES.items() if key in changes}
        if any(name.startswith("access_logs") for name in chosen):
            # AWS wants to know whether there are logs with every word on where they go.
            asked = self._asked_attributes()
            chosen |= {ATTRIBUTES[key]: asked[key] for key in asked if key.startswith("access_logs")}
        if chosen:
            self.elbv2.modify_load_balancer_attributes(
                LoadBalancerArn=arn, Attributes=attributes_list(chosen), aws_retry=True
            )


def alb_problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the arguments."""
    if params["state"] == "absent":
        return []
    problems = []
    subnets = params["subnet_ids"] or []
    if len(set(subnets)) < 2 and not is_planned(subnets):
        problems.append("subnet_ids: a load balancer needs subnets in two availability zones or more")
    if not params["security_group_ids"]:
        problems.append("security_group_ids: without any, AWS takes the default group of the VPC")
    if "AWSLogs" in params["access_logs_prefix"]:
        problems.append("access_logs_prefix: may not have AWSLogs in it, which Elastic Load Balancing adds itself")
    return problems
