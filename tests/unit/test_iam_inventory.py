"""What an inventory may say about roles, and what becomes of a provider's ARN."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from trading_platform.iam_trust import irsa_statement

SCHEMA = Path(__file__).resolve().parents[2] / "inventories/schema/inventory.schema.json"
PROPERTIES: dict[str, Any] = json.loads(SCHEMA.read_text())["properties"]
SESSION = {"max_session_seconds": 3600, "mfa_max_age_seconds": 3600}
PEOPLE = dict.fromkeys(("developers", "devops", "dbas", "security"), SESSION)


def is_right(key: str, value: object) -> bool:
    return Draft202012Validator(PROPERTIES[key]).is_valid(value)


@pytest.mark.parametrize(
    ("principal", "right"),
    [
        ("arn:aws:iam::111122223333:root", True),
        ("arn:aws:iam::{{ platform_account_id }}:root", True),
        ("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developers_0a1b", True),
        ("*", False),
        ("arn:aws:iam::111122223333:role/*", False),
        ("arn:aws:iam::*:root", False),
        ("ec2.amazonaws.com", False),
    ],
)
def test_nobody_is_trusted_by_a_wildcard(principal: str, right: bool) -> None:
    assert is_right("iam_trusted_principals", [principal]) is right


def test_devops_need_a_second_factor_and_sessions_end() -> None:
    assert is_right("iam_human_roles", PEOPLE)
    assert is_right("iam_human_roles", PEOPLE | {"developers": {"max_session_seconds": 3600}})
    assert not is_right("iam_human_roles", PEOPLE | {"devops": {"max_session_seconds": 3600}})
    assert not is_right("iam_human_roles", PEOPLE | {"dbas": SESSION | {"max_session_seconds": 86400}})
    assert not is_right("iam_human_roles", PEOPLE | {"interns": SESSION})


@pytest.mark.parametrize(("key", "value"), [("minimum_length", 8), ("max_age_days", 365), ("reuse_prevention", 1)])
def test_passwords_weaker_than_pci_dss_are_refused(key: str, value: int) -> None:
    strict = {"minimum_length": 14, "max_age_days": 90, "reuse_prevention": 24}
    assert is_right("iam_password_policy", strict)
    assert not is_right("iam_password_policy", strict | {key: value})


def test_a_provider_is_named_by_its_arn() -> None:
    identity = {"namespace": "trading-engine", "service_account": "api"}
    statement = irsa_statement(
        "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/1", identity
    )
    assert set(statement["Condition"]["StringEquals"]) == {
        "oidc.eks.us-east-1.amazonaws.com/id/1:sub",
        "oidc.eks.us-east-1.amazonaws.com/id/1:aud",
    }
    with pytest.raises(ValueError, match="is not the ARN of an OpenID Connect provider"):
        irsa_statement("https://oidc.eks.us-east-1.amazonaws.com/id/1", identity)
