"""Roles are made whole, kept as asked for in everything they may do, and removed with all that hangs on them."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws.iam import pages
from trading_platform.emulator.testing import EmulatorServer

main = load("iam_roles").main

NAME = "production-trading-engine-eks-node"
OTHER = "production-trading-engine-api"
READS = ["iam.GetAccountAuthorizationDetails", "iam.ListRoles"]
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
    """Arguments of two roles; the first uses everything."""
    node = {
        "name": NAME,
        "description": "Nodes",
        "trust_policy": EC2,
        "max_session_seconds": 7200,
        "permissions_boundary": boundary,
        "managed_policies": [WORKER, CNI],
        "inline_policies": {"S3BackupAccess": WRITE},
        "tags": {"Name": NAME},
    }
    return {"roles": [node, {"name": OTHER, "trust_policy": EC2}], "tags": {"Team": "devops"}}


def with_node(wanted: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Give the arguments with the first role otherwise."""
    node, *rest = wanted["roles"]
    return {**wanted, "roles": [{**node, **changed}, *rest]}


def names(iam: Any) -> set[str]:
    return {role["RoleName"] for role in iam.list_roles()["Roles"]}


def tags_of(iam: Any, name: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in iam.get_role(RoleName=name)["Role"].get("Tags", [])}


def test_the_whole_life_of_roles(aws: EmulatorServer, wanted: dict[str, Any], boundary: str) -> None:
    iam = aws.client("iam")
    predicted = run_module(main, wanted, check=True)
    assert (predicted["changed"], writes(predicted), names(iam)) == (True, [], set())
    assert predicted["iam_roles"][NAME]["role_arn"].endswith(f"role/{NAME}-planned")
    assert predicted["actions"] == [f"create {NAME}", f"create {OTHER}"]
    assert (predicted["diff"]["before"], list(predicted["diff"]["after"])) == ({}, [NAME, OTHER])
    assert predicted["diff"]["after_header"] == "IAM roles of the account"

    made = run_module(main, wanted)
    assert (made["actions"], made["diff"]) == (predicted["actions"], predicted["diff"])
    for name, role in made["iam_roles"].items():
        own = {key: role[key] for key in ("role_arn", "role_id")}
        assert role == {**predicted["iam_roles"][name], **own}
        assert role["role_arn"] == iam.get_role(RoleName=name)["Role"]["Arn"]
    role = iam.get_role(RoleName=NAME)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("Nodes", 7200)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert (tags_of(iam, NAME), tags_of(iam, OTHER)) == ({"Team": "devops", "Name": NAME}, {"Team": "devops"})
    attached = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert {one["PolicyArn"] for one in attached} == {WORKER, CNI}
    assert iam.get_role_policy(RoleName=NAME, PolicyName="S3BackupAccess")["PolicyDocument"] == WRITE | {
        "Statement": [{**WRITE["Statement"][0], "Action": sorted(WRITE["Statement"][0]["Action"])} | resource_as_list()]
    }
    # Made once, read once before and once after.
    assert [made["api_calls"].count(call) for call in ("iam.CreateRole", *READS)] == [2, 2, 2]

    for check in (False, True):
        again = run_module(main, wanted, check=check)
        assert (again["changed"], again["actions"], again["api_calls"]) == (False, [], READS)
        assert again["iam_roles"] == made["iam_roles"]


def resource_as_list() -> dict[str, list[str]]:
    """Policies are written in their one form, where every resource is a list."""
    return {"Resource": ["arn:aws:s3:::backups/*"]}


def test_every_change_is_predicted_and_made(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    changed = with_node(
        wanted,
        description="Nodes of the cluster",
        trust_policy=document(
            Principal={"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}, Action="sts:AssumeRole"
        ),
        max_session_seconds=3600,
        permissions_boundary=None,
        managed_policies=[CNI, SSM],
        inline_policies={"RDSAccess": READ},
        tags={"Team": "platform"},
    )
    predicted = run_module(main, changed, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, changed)
    assert made["actions"] == predicted["actions"]
    assert made["diff"] == predicted["diff"]
    assert list(made["diff"]["before"]) == list(made["diff"]["after"]) == [NAME]
    assert made["diff"]["before_header"] == made["diff"]["after_header"] == f"IAM roles of the account: {NAME}"
    assert made["iam_roles"] == predicted["iam_roles"]
    iam = aws.client("iam")
    role = iam.get_role(RoleName=NAME)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("Nodes of the cluster", 3600)
    assert "PermissionsBoundary" not in role
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["RDSAccess"]
    assert tags_of(iam, NAME) == {"Team": "platform"}
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
    iam.update_role(RoleName=OTHER, MaxSessionDuration=43200)
    repaired = run_module(main, wanted)
    assert repaired["actions"] == [
        f"update {NAME}: inline_policies, managed_policies, permissions_boundary, tags, trust_policy",
        f"update {OTHER}: max_session_seconds",
    ]
    # Before any permission: a role is never without its boundary longer than it must be.
    assert writes(repaired)[0] == "iam.PutRolePermissionsBoundary"
    assert repaired["iam_roles"][NAME]["permissions_boundary"] == boundary
    attached = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert {one["PolicyArn"] for one in attached} == {WORKER, CNI}
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["S3BackupAccess"]
    assert iam.get_role(RoleName=OTHER)["Role"]["MaxSessionDuration"] == 3600
    assert run_module(main, wanted)["changed"] is False


def _text(policy: dict[str, Any]) -> str:
    return json.dumps(policy)


def test_a_policy_that_only_looks_different_is_no_change(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    statement = WRITE["Statement"][0]
    other = {**WRITE, "Statement": {**statement, "Action": list(reversed(statement["Action"]))}}
    assert run_module(main, with_node(wanted, inline_policies={"S3BackupAccess": other}))["changed"] is False


def test_a_run_cut_off_in_the_middle_is_finished_by_the_next(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    cut = run_module(main, wanted, fail={"iam.PutRolePolicy": "AccessDenied"})
    assert cut["failed"] is True
    assert f"IAM role {NAME}" in cut["msg"]
    assert (cut["changed"], cut["actions"]) == (False, [])
    assert run_module(main, wanted)["actions"] == [f"update {NAME}: inline_policies", f"create {OTHER}"]
    assert run_module(main, wanted)["changed"] is False


def test_what_was_done_before_a_refusal_is_told(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    node, other = wanted["roles"]
    nobody = document(Principal={"AWS": "arn:aws:iam::123456789012:role/nobody"}, Action="sts:AssumeRole")
    # Asked to fail so that the pauses between the tries are short.
    cut = run_module(main, {**wanted, "roles": [node, {**other, "trust_policy": nobody}]}, fail={"none": "none"})
    assert cut["failed"] is True
    assert f"IAM role {OTHER}" in cut["msg"]
    assert (cut["changed"], cut["actions"]) == (True, [f"create {NAME}"])
    assert names(aws.client("iam")) == {NAME}


def test_removing_roles_takes_everything_with_them(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    iam = aws.client("iam")
    run_module(main, wanted)
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=_text(EC2))
    iam.create_instance_profile(InstanceProfileName="eks-1")
    iam.add_role_to_instance_profile(InstanceProfileName="eks-1", RoleName=NAME)
    gone = {"roles": [{"name": NAME}, {"name": OTHER}], "state": "absent"}
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], writes(predicted), names(iam)) == (True, [], {NAME, OTHER, "theirs"})
    removed = run_module(main, gone)
    assert (removed["actions"], removed["diff"]) == (predicted["actions"], predicted["diff"])
    assert removed["actions"] == [f"delete {NAME}", f"delete {OTHER}"]
    assert (removed["iam_roles"], names(iam)) == ({}, {"theirs"})
    again = run_module(main, gone)
    assert (again["changed"], writes(again)) == (False, [])


def test_the_path_is_for_life(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    """Nothing is written, neither what stands before it in the list."""
    node, other = wanted["roles"]
    run_module(main, {**wanted, "roles": [node]})
    refused = run_module(main, {**wanted, "roles": [other, {**node, "path": "/other/"}]})
    assert refused["failed"] is True
    assert f"IAM role {NAME}: path is '/'" in refused["msg"]
    assert writes(refused) == []


def test_tags_that_others_set_stay_without_purge(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    aws.client("iam").tag_role(RoleName=NAME, Tags=[{"Key": "Stray", "Value": "1"}])
    assert run_module(main, {**wanted, "purge_tags": False})["changed"] is False
    assert run_module(main, wanted)["actions"] == [f"update {NAME}: tags"]


def test_tags_that_nobody_asks_for_are_left_alone(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    run_module(main, wanted)
    untold = with_node({"roles": wanted["roles"]}, tags=None)
    assert run_module(main, untold)["changed"] is False
    assert tags_of(aws.client("iam"), NAME) == {"Team": "devops", "Name": NAME}


def test_check_mode_takes_policies_that_do_not_exist_yet(aws: EmulatorServer, wanted: dict[str, Any]) -> None:
    planned = "arn:aws:iam::000000000000:policy/production-trading-engine-boundary-planned"
    arguments = with_node(wanted, permissions_boundary=planned, managed_policies=[planned])
    result = run_module(main, arguments, check=True)
    assert (result.get("failed"), result["changed"]) == (None, True)
    refused = run_module(main, arguments)
    assert (refused["failed"], refused["api_calls"]) == (True, [])


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"name": OTHER}, f"{OTHER} stands twice"), ({"trust_policy": None}, f"{NAME}: trust_policy is missing")],
)
def test_what_cannot_be_is_refused_before_aws_is_asked(
    wanted: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    refused = run_module(main, with_node(wanted, **changed))
    assert (refused["failed"], refused["msg"], refused["api_calls"]) == (True, f"roles: {message}", [])


def test_roles_that_cannot_be_read_are_told(wanted: dict[str, Any]) -> None:
    failed = run_module(main, wanted, fail={"iam.ListRoles": "AccessDenied"})
    assert "IAM roles of the account" in failed["msg"]


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
