"""plugins/modules/lambda_function.py and secrets_manager_rotation.py against the embedded AWS."""

import json
from pathlib import Path
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("lambda_function").main
rotation = load("secrets_manager_rotation").main
NAME = "production-trading-engine-rotate-database"
SERVICE = "secretsmanager.amazonaws.com"
TAGS = {"Environment": "production"}
VPC_ACCESS = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def role(aws: EmulatorServer, name: str = "rotation", service: str = "lambda.amazonaws.com") -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=VPC_ACCESS)
    return str(arn)


def network(aws: EmulatorServer) -> dict[str, list[str]]:
    ec2 = aws.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="rotation", Description="x", VpcId=vpc_id)["GroupId"]
    return {"subnet_ids": [subnet], "security_group_ids": [group]}


@pytest.fixture
def asked(aws: EmulatorServer, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "rotate.py").write_text("def handler(event, context): ...\n")
    return {
        "name": NAME,
        "description": "Rotates",
        "sources": [str(tmp_path)],
        "handler": "rotate.handler",
        "role_arn": role(aws),
        "timeout_seconds": 60,
        "environment": {"PASSWORD_LENGTH": 40},
        "callers": {SERVICE: aws.account_id},
        "tags": TAGS,
        "wait_timeout": 10,
        **network(aws),
    }


def configuration(aws: EmulatorServer) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("lambda").get_function(FunctionName=NAME)["Configuration"]
    return found


def test_check_mode_on_an_empty_account(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    stand_ins = {"role_arn": "arn:aws:iam::000000000000:role/x-planned", "subnet_ids": ["subnet-planned"]}
    result = run_module(main, {**asked, **stand_ins, "security_group_ids": ["sg-planned"]}, check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["lambda_function"]["arn"].endswith(f":function:{NAME}-planned")


def test_create_and_again(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    result = run_module(main, asked)
    assert writes(result) == ["lambda.CreateFunction", "lambda.AddPermission"]
    found = configuration(aws)
    assert (found["Handler"], found["Timeout"], found["Runtime"]) == ("rotate.handler", 60, "python3.13")
    assert found["VpcConfig"]["SubnetIds"] == asked["subnet_ids"]
    assert found["Environment"]["Variables"] == {"PASSWORD_LENGTH": "40"}
    assert found["CodeSha256"] == result["lambda_function"]["code_sha256"]
    policy = json.loads(aws.client("lambda").get_policy(FunctionName=NAME)["Policy"])["Statement"]
    assert [(one["Principal"], one["Condition"]["StringEquals"]) for one in policy] == [
        ({"Service": SERVICE}, {"AWS:SourceAccount": aws.account_id})
    ]
    for check in (False, True):
        again = run_module(main, asked, check=check)
        assert (again["changed"], again["api_calls"]) == (False, ["lambda.GetFunction", "lambda.GetPolicy"])


def test_drift_and_new_code(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    functions = aws.client("lambda")
    functions.update_function_configuration(FunctionName=NAME, Timeout=3, MemorySize=512, Handler="other.handler")
    functions.remove_permission(FunctionName=NAME, StatementId=SERVICE.replace(".", "-"))
    functions.add_permission(
        FunctionName=NAME, StatementId="by-hand", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    functions.untag_resource(Resource=configuration(aws)["FunctionArn"], TagKeys=["Environment"])
    (Path(asked["sources"][0]) / "rotate.py").write_text("def handler(event, context): return 1\n")
    planned = run_module(main, asked, check=True)
    assert planned["actions"] == ["update: callers, code_sha256, handler, memory_mb, tags, timeout_seconds"]
    assert writes(planned) == []
    result = run_module(main, asked)
    assert writes(result) == [
        "lambda.UpdateFunctionCode",
        "lambda.UpdateFunctionConfiguration",
        "lambda.RemovePermission",
        "lambda.AddPermission",
        "lambda.TagResource",
    ]
    assert run_module(main, asked)["changed"] is False


def test_a_role_that_lambda_cannot_use(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    plain = role(aws, "plain")
    aws.client("iam").detach_role_policy(RoleName="plain", PolicyArn=VPC_ACCESS)
    failed = run_module(main, {**asked, "role_arn": plain})
    assert "CreateNetworkInterface" in failed["msg"]


def test_a_killed_run_is_finished(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked, fail={"lambda.AddPermission": "ForTheTest"})
    assert writes(run_module(main, asked)) == ["lambda.AddPermission"]


def test_delete(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    absent = {"name": NAME, "state": "absent"}
    assert writes(run_module(main, absent, check=True)) == []
    assert run_module(main, absent)["changed"] is True
    assert run_module(main, absent)["changed"] is False


def test_a_package_that_cannot_be_built(aws: EmulatorServer, asked: dict[str, Any], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "there is no Python file" in run_module(main, {**asked, "sources": [str(empty)]})["msg"]


@pytest.fixture
def rotated(aws: EmulatorServer, asked: dict[str, Any]) -> dict[str, Any]:
    arn = run_module(main, asked)["lambda_function"]["arn"]
    aws.client("secretsmanager").create_secret(Name="orders", SecretString='{"password": "first"}')
    return {"secret_id": "orders", "function_arn": arn, "every_days": 90}


def test_rotation_is_turned_on_and_rotates_nothing(aws: EmulatorServer, rotated: dict[str, Any]) -> None:
    assert writes(run_module(rotation, rotated, check=True)) == []
    result = run_module(rotation, rotated)
    assert writes(result) == ["secretsmanager.RotateSecret"]
    described = aws.client("secretsmanager").describe_secret(SecretId="orders")
    assert (described["RotationEnabled"], described["RotationRules"]) == (True, {"AutomaticallyAfterDays": 90})
    assert list(described["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    assert aws.client("secretsmanager").get_secret_value(SecretId="orders")["SecretString"] == '{"password": "first"}'
    for check in (False, True):
        again = run_module(rotation, rotated, check=check)
        assert (again["changed"], again["api_calls"]) == (False, ["secretsmanager.DescribeSecret"])


def test_rotation_changed_by_hand_and_turned_off(aws: EmulatorServer, rotated: dict[str, Any]) -> None:
    run_module(rotation, rotated)
    assert run_module(rotation, {**rotated, "every_days": 30})["actions"] == ["update: every_days"]
    aws.client("secretsmanager").cancel_rotate_secret(SecretId="orders")
    assert run_module(rotation, rotated)["actions"] == ["create"]
    absent = {"secret_id": "orders", "state": "absent"}
    assert run_module(rotation, absent)["changed"] is True
    assert run_module(rotation, absent)["changed"] is False


def test_rotation_of_a_secret_that_is_only_planned(aws: EmulatorServer) -> None:
    planned = {"secret_id": "x-planned", "function_arn": "arn:aws:lambda:x:1:function:f-planned", "every_days": 90}
    result = run_module(rotation, planned, check=True)
    assert (result["changed"], result["api_calls"]) == (True, [])
