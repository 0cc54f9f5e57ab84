"""Rules that lead host names to target groups."""

from __future__ import annotations

from typing import Any

import pytest

from trading_platform.listener_rules import host_rules

ARNS = {"api": "arn:api", "websocket": "arn:ws"}


def groups(**hosts: list[str]) -> dict[str, dict[str, Any]]:
    return {service: {"hosts": names} for service, names in hosts.items()}


def test_one_rule_for_each_service_whatever_their_order() -> None:
    rules = host_rules(groups(websocket=["ws.b.c"], api=["api.b.c", "api-1.b.c"]), ARNS)
    assert [(rule["priority"], rule["hosts"], rule["action"]["target_group_arn"]) for rule in rules] == [
        (10, ["api.b.c", "api-1.b.c"], "arn:api"),
        (20, ["ws.b.c"], "arn:ws"),
    ]


def test_a_host_leads_to_one_service() -> None:
    with pytest.raises(ValueError, match=r"a\.b leads to both api and websocket"):
        host_rules(groups(api=["a.b"], websocket=["a.b"]), ARNS)


def test_a_service_without_target_group_is_told() -> None:
    with pytest.raises(KeyError, match="worker"):
        host_rules(groups(worker=["a.b"]), ARNS)
