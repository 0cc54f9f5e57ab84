"""The account's password policy is written whole, since IAM resets what a call leaves out."""

from typing import Any

from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("iam_password_policy").main
STRICT: dict[str, Any] = {"minimum_length": 14, "max_age_days": 90, "reuse_prevention": 24}


def policy(aws: EmulatorServer) -> dict[str, Any]:
    return dict(aws.client("iam").get_account_password_policy()["PasswordPolicy"])


def test_the_whole_life_of_the_policy(aws: EmulatorServer) -> None:
    predicted = run_module(main, STRICT, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, STRICT)
    assert made["password_policy"] == predicted["password_policy"]
    found = policy(aws)
    assert (found["MinimumPasswordLength"], found["MaxPasswordAge"], found["PasswordReusePrevention"]) == (14, 90, 24)
    assert all(found[f"Require{kind}"] for kind in ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols"))
    again = run_module(main, STRICT)
    assert (again["changed"], again["api_calls"]) == (False, ["iam.GetAccountPasswordPolicy"])
    assert writes(run_module(main, {"state": "absent"}, check=True)) == []
    assert run_module(main, {"state": "absent"})["changed"] is True
    assert run_module(main, {"state": "absent"})["changed"] is False


def test_a_change_keeps_the_rest(aws: EmulatorServer) -> None:
    run_module(main, {**STRICT, "allow_users_to_change": False})
    changed = run_module(main, {**STRICT, "minimum_length": 16, "allow_users_to_change": False})
    assert changed["actions"] == ["update: minimum_length"]
    found = policy(aws)
    assert (found["MinimumPasswordLength"], found["MaxPasswordAge"]) == (16, 90)
    assert found["AllowUsersToChangePassword"] is False


def test_drift_is_repaired(aws: EmulatorServer) -> None:
    run_module(main, STRICT)
    aws.client("iam").update_account_password_policy(MinimumPasswordLength=6)
    foreseen = run_module(main, STRICT, check=True)
    assert (foreseen["changed"], writes(foreseen)) == (True, [])
    assert foreseen["diff"]["before"]["max_age_days"] == 0
    run_module(main, STRICT)
    assert run_module(main, STRICT)["changed"] is False


def test_off_is_off(aws: EmulatorServer) -> None:
    run_module(main, STRICT)
    lax = {"minimum_length": 8, "require_symbols": False}
    run_module(main, lax)
    assert policy(aws)["ExpirePasswords"] is False
    assert run_module(main, lax)["changed"] is False


def test_an_error_of_the_api_is_reported(aws: EmulatorServer) -> None:
    result = run_module(main, STRICT, fail={"iam.UpdateAccountPasswordPolicy": "AccessDenied"})
    assert result["failed"] is True
    assert "IAM password policy" in result["msg"]
