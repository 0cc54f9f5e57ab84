"""The account's password policy for IAM users (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html)."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import iam
from trading_platform.aws.engine import BaseResource, State

# Our names, and the API's.
SETTINGS = {
    "minimum_length": "MinimumPasswordLength",
    "require_lowercase": "RequireLowercaseCharacters",
    "require_uppercase": "RequireUppercaseCharacters",
    "require_numbers": "RequireNumbers",
    "require_symbols": "RequireSymbols",
    "max_age_days": "MaxPasswordAge",
    "reuse_prevention": "PasswordReusePrevention",
    "allow_users_to_change": "AllowUsersToChangePassword",
    "hard_expiry": "HardExpiry",
}
# What IAM gives, or leaves out, where one is off.
OFF: State = {"max_age_days": 0, "reuse_prevention": 0, "hard_expiry": False}


class IamPasswordPolicy(BaseResource):
    """There is one or none in an account. All settings are written together: IAM resets those a call leaves out."""

    kind = "IAM password policy"
    name = "of the account"

    def __init__(self, reads: Any, writes: Any, params: dict[str, Any]) -> None:
        self.reads = reads
        self.writes = writes
        self.asked = {key: params[key] for key in SETTINGS}

    def find(self) -> State | None:
        """Read it."""
        answer = iam.or_none(self.reads.get_account_password_policy)
        if answer is None:
            return None
        found = answer["PasswordPolicy"]
        return {key: found.get(api, OFF.get(key)) or OFF.get(key, False) for key, api in SETTINGS.items()}

    def wanted(self, current: State | None) -> State:
        """Everything asked for."""
        return dict(self.asked)

    def create(self, wanted: State) -> None:
        """Write all settings; a maximum age and a memory of 0 are off, and IAM takes no 0 for them."""
        request = {SETTINGS[key]: value for key, value in wanted.items() if value or key not in OFF}
        self.writes.update_account_password_policy(**request, aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Write all settings."""
        self.create({**current, **changes})

    def delete(self, current: State) -> None:
        """Go back to AWS's default."""
        iam.or_none(self.reads.delete_account_password_policy)
