"""The rules of AWS Config from the names of an inventory."""

from trading_platform.config_rules import rules_of

RULES = {
    "encrypted-volumes": {"identifier": "ENCRYPTED_VOLUMES"},
    "root-account-mfa": {"identifier": "ROOT_ACCOUNT_MFA_ENABLED", "global": True},
    "required-tags": {"identifier": "REQUIRED_TAGS"},
    "passwords": {"identifier": "IAM_PASSWORD_POLICY", "global": True, "parameters": {"MaxPasswordAge": 90}},
}
DEFAULTS = {"REQUIRED_TAGS": {"tag1Key": "Environment"}, "IAM_PASSWORD_POLICY": {"MaxPasswordAge": 1}}


def test_rules_have_names_and_parameters_their_own_first() -> None:
    assert rules_of(RULES, "prod", DEFAULTS, with_global=True) == [
        {"name": "prod-encrypted-volumes", "identifier": "ENCRYPTED_VOLUMES", "parameters": {}},
        {"name": "prod-root-account-mfa", "identifier": "ROOT_ACCOUNT_MFA_ENABLED", "parameters": {}},
        {"name": "prod-required-tags", "identifier": "REQUIRED_TAGS", "parameters": {"tag1Key": "Environment"}},
        {"name": "prod-passwords", "identifier": "IAM_PASSWORD_POLICY", "parameters": {"MaxPasswordAge": 90}},
    ]


def test_rules_about_what_regions_share_are_kept_in_one() -> None:
    names = [rule["name"] for rule in rules_of(RULES, "prod", DEFAULTS, with_global=False)]
    assert names == ["prod-encrypted-volumes", "prod-required-tags"]
