"""The rules of the backup plan from the inventory's figures."""

import pytest
from ansible.errors import AnsibleFilterError

from plugin_loading import load_plugin
from trading_platform.backup_rules import backup_rules

WEST = "arn:aws:backup:us-west-2:111122223333:backup-vault:v"
DAILY = {"schedule": "cron(0 5 ? * * *)", "start_window_minutes": 60, "delete_after_days": 30}


def test_rules_have_names_vault_and_copies() -> None:
    rules = {"weekly": {**DAILY, "delete_after_days": 90}, "daily": {**DAILY, "copy_delete_after_days": 30}}
    daily, weekly = backup_rules(rules, "v", WEST)
    assert daily == {
        "name": "daily",
        "vault": "v",
        "schedule": "cron(0 5 ? * * *)",
        "start_window_minutes": 60,
        "delete_after_days": 30,
        "copies": [{"vault_arn": WEST, "delete_after_days": 30}],
    }
    assert (weekly["delete_after_days"], weekly["copies"]) == (90, [])


def test_copies_go_somewhere() -> None:
    with pytest.raises(ValueError, match="rule daily asks for copies"):
        backup_rules({"daily": {**DAILY, "copy_delete_after_days": 30}}, "v", "")


def test_the_filter_says_what_is_wrong() -> None:
    rules = load_plugin("plugins/filter/backup_rules.py").FilterModule().filters()["backup_rules"]
    assert rules({"daily": DAILY}, "v", WEST) == backup_rules({"daily": DAILY}, "v", WEST)
    with pytest.raises(AnsibleFilterError, match="backup_rules: 'schedule'"):
        rules({"daily": {"delete_after_days": 30}}, "v", WEST)
