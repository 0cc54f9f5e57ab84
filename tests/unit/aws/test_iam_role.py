"""A role is made whole, kept as asked for in everything it may do, and removed with all that hangs on it."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws.iam import pages
from trading_platform.emulator.testing import EmulatorServer

main = load("iam_role").main

NAME = "production-trading-engine-eks-node"
WORKER = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
CNI = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
SSM = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


EC2 = document(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
WRITE = document(Action=["s3:PutObject", "s3:AbortMultipartUpload"], Resource="arn:aws:s3:::backups/*")
READ = document(Action="s3:GetObject", Resource="arn:aws:s3:::backups/*")


@pytest.fixture
def boundary(aws: EmulatorServer) -> str:
    """A policy that can bound a role."""
    iam = aws.client("iam")
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    arn: str = iam.create_policy(PolicyName="boundary", PolicyDocument=text)["Policy"]["Arn"]
    return arn


@pytest.fixture
def wanted(boundary: str) -> dict[str, Any]:
    """Arguments that use everything."""
    return {
        "name": NAME,
        "description": "Nodes",
        "trust_policy": EC2,
        "max_session_seconds": 7200,
        "permissions_boundary": boundary,
        "managed_policies": [WORKER, CNI],
        "inline_policies": {"S3BackupAccess": WRITE},
        "tags": {"Team": "devops"},
    }


def test_the_whole_life_of_a_role(aws: EmulatorServer, wanted: dict[str, Any], boundary: str) -> None:
    iam = aws.client("iam")
    predicted = run_module(main, wanted, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["iam_role"]["role_arn"].endswith(f"role/{NAME}-planned")
    assert predicted["diff"]["before"] == {}

    made = run_module(main, wanted)
    assert made["iam_role"] == {
        **predicted["iam_role"],
        **{key: made["iam_role"][key] for key in ("role_arn", "role_id")},
    }
    role = iam.get_role(RoleName=NAME)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("Nodes", 7200)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert role["Tags"] == [{"Key": "Team", "Value": "devops"}]
    attached = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert {one["PolicyArn"] for one in attached} == {WORKER, CNI}
    assert iam.get_role_policy(RoleName=NAME, PolicyName="S3BackupAccess")["PolicyDocument"] == WRITE | {
        "Statement": [{**WRITE["Statement"][0], "Action": sorted(WRITE["Statement"][0]["Action"])} | resource_as_list()]
    }

    again = run_module(main, wanted)
    assert (again["changed"], writes(again)) == (False, [])
    # GetRole, two lists, one inline policy
    assert len(again["api_calls"]) == 4


def resource_as_list() -> dict[str, list[str]]:
    """Policies are written in their one form, where every resource is a list."""
    return {"Resource": ["arn:aws:s3:::backups/*"]}


def test_every_change_is_predicted_and_made(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    changed = {
        **wanted,
        "description": "Nodes of the cluster",
        "trust_policy": document(
            Principal={"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}, Action="sts:AssumeRole"
        ),
        "max_session_seconds": 3600,
        "permissions_boundary": None,
        "managed_policies": [CNI, SSM],
        "inline_policies": {"RDSAccess": READ},
        "tags": {"Team": "platform"},
    }
    predicted = run_module(main, changed, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, changed)
    assert made["actions"] == predicted["actions"]
    assert made["diff"] == predicted["diff"]
    assert made["iam_role"] == predicted["iam_role"]
    again = run_module(main, changed)
    assert (again["changed"], writes(again)) == (False, [])


def test_drift_is_repaired(aws: EmulatorServer, wanted: dict[str, Any], boundary: str) -> None:
    """Each thing a person may do in the console to give a role more than it should have."""
    iam = aws.client("iam")
    run_module(main, wanted)
    iam.attach_role_policy(RoleName=NAME, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.detach_role_policy(RoleName=NAME, PolicyArn=CNI)
    iam.put_role_policy(RoleName=NAME, PolicyName="Extra", PolicyDocument=_text(READ))
    iam.put_role_policy(RoleName=NAME, PolicyName="S3BackupAccess", PolicyDocument=_text(READ))
    iam.delete_role_permissions_boundary(RoleName=NAME)
    iam.update_assume_role_policy(
        RoleName=NAME, PolicyDocument=_text(document(Principal={"AWS": "*"}, Action="sts:AssumeRole"))
    )
    iam.tag_role(RoleName=NAME, Tags=[{"Key": "Stray", "Value": "1"}])
    repaired = run_module(main, wanted)
    assert repaired["actions"] == [
        "update: inline_policies, managed_policies, permissions_boundary, tags, trust_policy"
    ]
    # Before any permission: a role is never without its boundary longer than it must be.
    assert writes(repaired)[0] == "iam.PutRolePermissionsBoundary"
    assert repaired["iam_role"]["permissions_boundary"] == boundary
    assert run_module(main, wanted)["changed"] is False


def _text(policy: dict[str, Any]) -> str:
    return json.dumps(policy)


def test_a_policy_that_only_looks_different_is_no_change(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    statement = WRITE["Statement"][0]
    other = {**WRITE, "Statement": {**statement, "Action": list(reversed(statement["Action"]))}}
    assert run_module(main, {**wanted, "inline_policies": {"S3BackupAccess": other}})["changed"] is False


def test_a_run_cut_off_in_the_middle_is_finished_by_the_next(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    cut = run_module(main, wanted, fail={"iam.PutRolePolicy": "AccessDenied"})
    assert cut["failed"] is True
    assert NAME in cut["msg"]
    assert run_module(main, wanted)["actions"] == ["update: inline_policies"]
    assert run_module(main, wanted)["changed"] is False


def test_removing_a_role_takes_everything_with_it(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    iam = aws.client("iam")
    run_module(main, wanted)
    iam.create_instance_profile(InstanceProfileName="eks-1")
    iam.add_role_to_instance_profile(InstanceProfileName="eks-1", RoleName=NAME)
    gone = {"name": NAME, "state": "absent"}
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert run_module(main, gone)["changed"] is True
    assert NAME not in {role["RoleName"] for role in iam.list_roles()["Roles"]}
    again = run_module(main, gone)
    assert (again["changed"], writes(again)) == (False, [])


def test_the_path_is_for_life(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    refused = run_module(main, {**wanted, "path": "/other/"})
    assert refused["failed"] is True
    assert "path" in refused["msg"]
    assert writes(refused) == []


def test_tags_that_others_set_stay_without_purge(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    aws.client("iam").tag_role(RoleName=NAME, Tags=[{"Key": "Stray", "Value": "1"}])
    assert run_module(main, {**wanted, "purge_tags": False})["changed"] is False
    assert run_module(main, wanted)["actions"] == ["update: tags"]


def test_check_mode_takes_policies_that_do_not_exist_yet(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    planned = "arn:aws:iam::000000000000:policy/production-trading-engine-boundary-planned"
    result = run_module(main, {**wanted, "permissions_boundary": planned, "managed_policies": [planned]}, check=True)
    assert (result.get("failed"), result["changed"]) == (None, True)


def test_lists_are_read_page_by_page() -> None:
    asked: list[dict[str, Any]] = []

    def list_things(**request: Any) -> dict[str, Any]:
        asked.append(request)
        if "Marker" in request:
            return {"Things": [3], "IsTruncated": False}
        return {"Things": [1, 2], "IsTruncated": True, "Marker": "here"}

    assert pages(list_things, "Things", RoleName=NAME) == [1, 2, 3]
    assert asked[1]["Marker"] == "here"
    assert asked[1]["RoleName"] == NAME
