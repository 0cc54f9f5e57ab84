"""Actions and conditions of listeners and rules, in one form that can be compared.

AWS fills in what a request left out (``#{host}``, ``#{path}``, ``#{query}`` of a redirect, weights of a forward), and
gives a forward twice, as TargetGroupArn and as ForwardConfig. So both sides are brought into the form of the module.
"""

from __future__ import annotations

import json
from typing import Any

from trading_platform.aws.engine import State

REDIRECT = {
    "protocol": ("Protocol", "#{protocol}"),
    "port": ("Port", "#{port}"),
    "host": ("Host", "#{host}"),
    "path": ("Path", "/#{path}"),
    "query": ("Query", "#{query}"),
    "status_code": ("StatusCode", "HTTP_301"),
}
FIXED = {
    "status_code": ("StatusCode", "404"),
    "content_type": ("ContentType", "text/plain"),
    "message_body": ("MessageBody", ""),
}
CONFIGS = {"redirect": ("RedirectConfig", REDIRECT), "fixed-response": ("FixedResponseConfig", FIXED)}
CONDITIONS = {"host-header": ("hosts", "HostHeaderConfig"), "path-pattern": ("paths", "PathPatternConfig")}


def normal_action(asked: dict[str, Any]) -> State:
    """Give an action of the module's arguments with everything that AWS would fill in."""
    kind = asked["type"]
    if kind == "forward":
        return {"type": kind, "target_group_arn": asked["target_group_arn"]}
    given = {key: default if asked.get(key) is None else asked[key] for key, (_, default) in CONFIGS[kind][1].items()}
    return {"type": kind, **{key: str(value) for key, value in given.items()}}


def read_action(actions: list[dict[str, Any]]) -> State:
    """Give the actions of a listener or rule in the same form; what the module cannot say is kept as it is."""
    action = actions[0] if len(actions) == 1 else {}
    kind = action.get("Type")
    if kind == "forward":
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": action.get("TargetGroupArn")}
        ]
        if len(groups) == 1:
            return {"type": kind, "target_group_arn": groups[0]["TargetGroupArn"]}
    if kind in CONFIGS:
        name, keys = CONFIGS[kind]
        config = action.get(name, {})
        return {"type": kind, **{key: str(config.get(aws, default)) for key, (aws, default) in keys.items()}}
    return {"type": "other", "actions": json.dumps(actions, sort_keys=True, default=str)}


def api_actions(action: State) -> list[dict[str, Any]]:
    """Give an action as the API takes it."""
    kind = action["type"]
    if kind == "forward":
        return [{"Type": kind, "TargetGroupArn": action["target_group_arn"]}]
    name, keys = CONFIGS[kind]
    return [{"Type": kind, name: {aws: action[key] for key, (aws, _) in keys.items()}}]


def read_conditions(conditions: list[dict[str, Any]]) -> State:
    """Give the conditions of a rule: ``hosts``, ``paths``, and as text what the module cannot say."""
    found: State = {"hosts": [], "paths": [], "other_conditions": ""}
    others = []
    for condition in conditions:
        if condition.get("Field") in CONDITIONS:
            key, config = CONDITIONS[condition["Field"]]
            found[key] = sorted(condition.get(config, {}).get("Values") or condition.get("Values", []))
        else:
            others.append(condition)
    found["other_conditions"] = json.dumps(others, sort_keys=True) if others else ""
    return found


def api_conditions(rule: State) -> list[dict[str, Any]]:
    """Give the conditions of a rule as the API takes them."""
    return [{"Field": field, config: {"Values": rule[key]}} for field, (key, config) in CONDITIONS.items() if rule[key]]
