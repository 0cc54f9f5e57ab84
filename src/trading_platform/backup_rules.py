"""The rules of a backup plan from the figures of an inventory, as the module backup_plan takes them."""

from __future__ import annotations

from typing import Any

OPTIONAL = ("start_window_minutes", "completion_window_minutes", "cold_storage_after_days")


def backup_rules(rules: dict[str, dict[str, Any]], vault: str, copy_vault_arn: str) -> list[dict[str, Any]]:
    """Give the rules by name.

    Args:
        rules: name to ``schedule``, ``delete_after_days`` and, optionally, windows in minutes and
            ``copy_delete_after_days``.
        vault: name of the vault that backups go to.
        copy_vault_arn: vault that copies go to; "" for none.

    Raises:
        ValueError: a rule asks for copies, and there is nowhere to copy to.
    """
    return [_rule(name, rules[name], vault, copy_vault_arn) for name in sorted(rules)]


def _rule(name: str, figures: dict[str, Any], vault: str, copy_vault_arn: str) -> dict[str, Any]:
    copy_days = figures.get("copy_delete_after_days")
    if copy_days and not copy_vault_arn:
        raise ValueError(f"rule {name} asks for copies, and backup_copy_vault_arn is empty")
    return {
        "name": name,
        "vault": vault,
        "schedule": figures["schedule"],
        "delete_after_days": figures["delete_after_days"],
        "copies": [{"vault_arn": copy_vault_arn, "delete_after_days": copy_days}] if copy_days else [],
        **{key: figures[key] for key in OPTIONAL if figures.get(key) is not None},
    }
