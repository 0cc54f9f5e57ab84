"""A listener of an application load balancer together with its rules.

The port on its load balancer is the identity of a listener, the priority that of a rule. Rules change in place: first
those that stay, then new ones, and those that should not be there go last, so that no request finds the door closed.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.alb_actions import (
    api_actions,
    api_conditions,
    normal_action,
    read_action,
    read_conditions,
)
from trading_platform.aws.ec2 import ignoring, named_tags, text_tags
from trading_platform.aws.elbv2 import all_pages, tags_of, update_tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned, planned_id

GONE = ("ListenerNotFound", "LoadBalancerNotFound")
MODIFIED = ("protocol", "certificate_arn", "ssl_policy", "default_action")


class AlbListener(BaseResource):
    """A listener, found by its port.

    Args:
        elbv2: an ELBv2 client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module alb_listener.
    """

    kind = "listener"

    def __init__(self, elbv2: Any, params: dict[str, Any]) -> None:
        self.elbv2 = elbv2
        self.params = params
        self.balancer_arn: str = params["load_balancer_arn"]
        self.port: int = params["port"]
        self.name: str = params["name"]
        self.asked_tags = text_tags(params["tags"])
        self.rule_arns: dict[str, str] = {}
        self.placeholders = {"listener_arn": planned_id(self.balancer_arn.replace(":loadbalancer/", ":listener/"))}

    def find(self) -> State | None:
        """Read the listener on our port with its rules."""
        if is_planned(self.balancer_arn):
            return None
        try:
            listener = self._listener()
            if listener is None:
                return None
            arn = listener["ListenerArn"]
            rules = all_pages(self.elbv2.describe_rules, "Rules", ListenerArn=arn)
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise
        rules = [rule for rule in rules if not rule["IsDefault"]]
        self.rule_arns = {str(rule["Priority"]): rule["RuleArn"] for rule in rules}
        tags = tags_of(self.elbv2, [arn, *self.rule_arns.values()])
        certificates = listener.get("Certificates") or []
        return {
            "listener_arn": arn,
            "protocol": listener["Protocol"],
            "certificate_arn": certificates[0]["CertificateArn"] if certificates else None,
            "ssl_policy": (listener.get("SslPolicy") or None) if listener["Protocol"] == "HTTPS" else None,
            "default_action": read_action(listener["DefaultActions"]),
            "rules": {str(rule["Priority"]): _read_rule(rule, tags) for rule in sorted(rules, key=_priority)},
            "tags": tags.get(arn, {}),
        }

    def wanted(self, current: State | None) -> State:
        """Give the listener and its rules; with ``purge_rules`` off also the rules that are there already."""
        held = current["tags"] if current else {}
        held_rules = current["rules"] if current else {}
        asked = {str(rule["priority"]): rule for rule in self.params["rules"]}
        rules = {key: self._rule(rule, held_rules.get(key, {}).get("tags", {})) for key, rule in asked.items()}
        kept = {} if self.params["purge_rules"] else held_rules
        return {
            "protocol": self.params["protocol"],
            "certificate_arn": self.params["certificate_arn"],
            "ssl_policy": self.params["ssl_policy"],
            "default_action": normal_action(self.params["default_action"]),
            "rules": dict(sorted({**kept, **rules}.items(), key=lambda item: int(item[0]))),
            "tags": named_tags(held, self.asked_tags, self.params["purge_tags"], self.name),
        }

    def create(self, wanted: State) -> None:
        """Make the listener with its tags, then its rules; a run cut off in between is finished by the next."""
        answer = self.elbv2.create_listener(
            LoadBalancerArn=self.balancer_arn,
            Port=self.port,
            **self._settings(wanted),
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self._write_rules(answer["Listeners"][0]["ListenerArn"], {}, wanted["rules"])

    def update(self, current: State, changes: State) -> None:
        """Change settings, rules and tags."""
        arn = current["listener_arn"]
        if any(key in changes for key in MODIFIED):
            wanted = self.wanted(current)
            self.elbv2.modify_listener(ListenerArn=arn, **self._settings(wanted), aws_retry=True)
        if "rules" in changes:
            self._write_rules(arn, current["rules"], changes["rules"])
        if "tags" in changes:
            update_tags(self.elbv2, arn, current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Remove the listener, and with it its rules."""
        with ignoring(*GONE):
            self.elbv2.delete_listener(ListenerArn=current["listener_arn"], aws_retry=True)

    def _listener(self) -> dict[str, Any] | None:
        listeners = all_pages(self.elbv2.describe_listeners, "Listeners", LoadBalancerArn=self.balancer_arn)
        return next((one for one in listeners if one["Port"] == self.port), None)

    def _rule(self, asked: dict[str, Any], held: tagging.Tags) -> State:
        return {
            "hosts": sorted(set(asked["hosts"] or [])),
            "paths": sorted(set(asked["paths"] or [])),
            "other_conditions": "",
            "action": normal_action(asked["action"]),
            "tags": named_tags(held, self.asked_tags, self.params["purge_tags"], f"{self.name}-{asked['priority']}"),
        }

    def _settings(self, wanted: State) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "Protocol": wanted["protocol"],
            "DefaultActions": api_actions(wanted["default_action"]),
        }
        if wanted["protocol"] == "HTTPS":
            settings["SslPolicy"] = wanted["ssl_policy"]
            settings["Certificates"] = [{"CertificateArn": wanted["certificate_arn"]}]
        return settings

    def _write_rules(self, listener_arn: str, current: dict[str, State], wanted: dict[str, State]) -> None:
        for priority, rule in wanted.items():
            if priority in current:
                self._change_rule(self.rule_arns[priority], current[priority], rule)
        for priority, rule in wanted.items():
            if priority not in current:
                self.elbv2.create_rule(
                    ListenerArn=listener_arn,
                    Priority=int(priority),
                    Conditions=api_conditions(rule),
                    Actions=api_actions(rule["action"]),
                    Tags=tagging.to_list(rule["tags"]),
                    aws_retry=True,
                )
        for priority in current.keys() - wanted.keys():
            with ignoring("RuleNotFound"):
                self.elbv2.delete_rule(RuleArn=self.rule_arns[priority], aws_retry=True)

    def _change_rule(self, arn: str, current: State, wanted: State) -> None:
        if {**current, "tags": {}} != {**wanted, "tags": {}}:
            self.elbv2.modify_rule(
                RuleArn=arn, Conditions=api_conditions(wanted), Actions=api_actions(wanted["action"]), aws_retry=True
            )
        if current["tags"] != wanted["tags"]:
            update_tags(self.elbv2, arn, current["tags"], wanted["tags"])


def _priority(rule: dict[str, Any]) -> int:
    return int(rule["Priority"])


def _read_rule(rule: dict[str, Any], tags: dict[str, tagging.Tags]) -> State:
    return {
        **read_conditions(rule["Conditions"]),
        "action": read_action(rule["Actions"]),
        "tags": tags.get(rule["RuleArn"], {}),
    }


def listener_problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the arguments."""
    if params["state"] == "absent":
        return []
    problems = []
    https = params["protocol"] == "HTTPS"
    if not params["default_action"]:
        problems.append("default_action: is missing")
    if https != bool(params["certificate_arn"]) or https != bool(params["ssl_policy"]):
        problems.append("certificate_arn and ssl_policy: belong to the protocol HTTPS, which needs both")
    priorities = [rule["priority"] for rule in params["rules"]]
    for priority in sorted({one for one in priorities if priorities.count(one) > 1}):
        problems.append(f"rules: priority {priority} is there twice")
    for rule in params["rules"]:
        if not rule["hosts"] and not rule["paths"]:
            problems.append(f"rules: {rule['priority']} needs hosts or paths")
        if len((rule["hosts"] or []) + (rule["paths"] or [])) > 5:
            problems.append(f"rules: {rule['priority']} has more than the five values that AWS takes")
    actions = [params["default_action"], *(rule["action"] for rule in params["rules"])]
    if any(action and action["type"] == "forward" and not action.get("target_group_arn") for action in actions):
        problems.append("action: forward needs target_group_arn")
    return problems
