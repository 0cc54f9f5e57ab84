"""A managed policy gets new versions, at most five, and keeps the identity it has."""

import json
from typing import Any

from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("iam_managed_policy").main
NAME = "production-trading-engine-boundary"


def document(*denied: str) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": list(denied), "Resource": "*"},
    ]
    return {"Version": "2012-10-17", "Statement": statements}


WANTED = {
    "name": NAME,
    "description": "Boundary",
    "policy": document("cloudtrail:StopLogging"),
    "tags": {"Team": "devops"},
}


def policy_arn(aws: EmulatorServer) -> str:
    return f"arn:aws:iam::{aws.account_id}:policy/{NAME}"


def test_the_whole_life_of_a_policy(aws: EmulatorServer) -> None:
    iam = aws.client("iam")
    predicted = run_module(main, WANTED, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["iam_managed_policy"]["policy_arn"].endswith("-planned")
    assert run_module(main, WANTED)["iam_managed_policy"]["policy_arn"] == policy_arn(aws)
    assert iam.get_policy(PolicyArn=policy_arn(aws))["Policy"]["Tags"] == [{"Key": "Team", "Value": "devops"}]
    again = run_module(main, WANTED)
    assert (again["changed"], again["api_calls"]) == (
        False,
        ["iam.ListPolicies", "iam.GetPolicy", "iam.GetPolicyVersion"],
    )
    changed = {**WANTED, "policy": document("cloudtrail:DeleteTrail"), "tags": {"Team": "platform"}}
    foreseen = run_module(main, changed, check=True)
    assert (foreseen["actions"], writes(foreseen)) == (["update: policy, tags"], [])
    made = run_module(main, changed)
    assert made["diff"] == foreseen["diff"]
    assert made["iam_managed_policy"]["default_version_id"] == "v2"
    gone = {"name": NAME, "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert run_module(main, gone)["changed"] is True
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert run_module(main, gone)["changed"] is False


def test_the_oldest_version_makes_room(aws: EmulatorServer) -> None:
    for number in range(7):
        run_module(main, {**WANTED, "policy": document(f"s3:Action{number}")})
    versions = aws.client("iam").list_policy_versions(PolicyArn=policy_arn(aws))["Versions"]
    assert sorted(one["VersionId"] for one in versions) == ["v3", "v4", "v5", "v6", "v7"]
    assert [one["VersionId"] for one in versions if one["IsDefaultVersion"]] == ["v7"]


def test_another_default_version_is_drift(aws: EmulatorServer) -> None:
    iam = aws.client("iam")
    run_module(main, WANTED)
    iam.create_policy_version(
        PolicyArn=policy_arn(aws), PolicyDocument=json.dumps(document("s3:DeleteBucket")), SetAsDefault=True
    )
    iam.untag_policy(PolicyArn=policy_arn(aws), TagKeys=["Team"])
    assert run_module(main, WANTED)["actions"] == ["update: policy, tags"]
    assert run_module(main, WANTED)["changed"] is False


def test_what_iam_cannot_change_is_refused(aws: EmulatorServer) -> None:
    run_module(main, WANTED)
    refused = run_module(main, {**WANTED, "description": "Other"})
    assert refused["failed"] is True
    assert "description" in refused["msg"]


def test_a_policy_in_use_is_not_removed(aws: EmulatorServer) -> None:
    run_module(main, WANTED)
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="nodes", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    iam.attach_role_policy(RoleName="nodes", PolicyArn=policy_arn(aws))
    refused = run_module(main, {"name": NAME, "state": "absent"})
    assert refused["failed"] is True
    assert refused["error"]["code"] == "DeleteConflict"


def test_an_error_of_the_api_names_the_policy(aws: EmulatorServer) -> None:
    result = run_module(main, WANTED, fail={"iam.CreatePolicy": "AccessDenied"})
    assert result["failed"] is True
    assert NAME in result["msg"]
