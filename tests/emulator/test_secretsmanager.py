"""Secrets Manager and Lambda as they answer and refuse."""

import io
import json
import zipfile
from typing import Any

import pytest
from emulator_asserts import refused
from rds_estate import WEST, key, role

from trading_platform.emulator.testing import EmulatorServer

NAME = "orders/database"
VPC_ACCESS = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
DELETED = "because it was marked for deletion"


@pytest.fixture
def client(emulator: EmulatorServer) -> Any:
    return emulator.client("secretsmanager")


@pytest.fixture
def functions(emulator: EmulatorServer) -> Any:
    return emulator.client("lambda")


def arguments(emulator: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Arguments of CreateFunction."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("rotate.py", "def handler(event, context): ...")
    taken = {"Role": role(emulator, "lambda.amazonaws.com", "rotation")} if "Role" not in changed else {}
    return {
        "FunctionName": "rotate",
        "Runtime": "python3.13",
        "Handler": "rotate.handler",
        "Code": {"ZipFile": package.getvalue()},
        **taken,
        **changed,
    }


def allow(functions: Any, account_id: str) -> None:
    functions.add_permission(
        FunctionName="rotate",
        StatementId="secrets-manager",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceAccount=account_id,
    )


def test_rotation_needs_a_function_that_may_be_called(emulator: EmulatorServer, client: Any, functions: Any) -> None:
    client.create_secret(Name=NAME, SecretString="first")
    with refused("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."):
        client.rotate_secret(SecretId=NAME)
    denied = "Secrets Manager cannot invoke the specified Lambda function."
    with refused("AccessDeniedException", denied):
        client.rotate_secret(SecretId=NAME, RotationLambdaARN="arn:aws:lambda:us-east-1:123456789012:function:none")
    arn = functions.create_function(**arguments(emulator))["FunctionArn"]
    with refused("AccessDeniedException", denied):
        client.rotate_secret(SecretId=NAME, RotationLambdaARN=arn)
    allow(functions, "999999999999")
    with refused("AccessDeniedException", denied):
        client.rotate_secret(SecretId=NAME, RotationLambdaARN=arn)
    functions.remove_permission(FunctionName="rotate", StatementId="secrets-manager")
    allow(functions, emulator.account_id)
    client.rotate_secret(SecretId=NAME, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 90})


def test_rotation_that_begins_keeps_the_current_value(emulator: EmulatorServer, client: Any, functions: Any) -> None:
    client.create_secret(Name=NAME, SecretString="first")
    arn = functions.create_function(**arguments(emulator))["FunctionArn"]
    allow(functions, emulator.account_id)
    rules = {"AutomaticallyAfterDays": 90, "Duration": "3h"}
    client.rotate_secret(SecretId=NAME, RotationLambdaARN=arn, RotationRules=rules, RotateImmediately=False)
    described = client.describe_secret(SecretId=NAME)
    assert (described["RotationEnabled"], described["RotationRules"]) == (True, rules)
    assert "NextRotationDate" in described
    assert list(described["VersionIdsToStages"].values()) == [["AWSCURRENT"]]

    version = client.rotate_secret(SecretId=NAME)["VersionId"]
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "first"
    with refused("ResourceNotFoundException", "can't find the specified secret value for VersionId"):
        client.get_secret_value(SecretId=NAME, VersionId=version)
    with refused("InvalidRequestException", "A previous rotation isn't complete."):
        client.rotate_secret(SecretId=NAME)
    client.put_secret_value(
        SecretId=NAME, ClientRequestToken=version, SecretString="second", VersionStages=["AWSPENDING"]
    )
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "first"
    old = next(one for one, labels in described["VersionIdsToStages"].items() if "AWSCURRENT" in labels)
    client.update_secret_version_stage(
        SecretId=NAME, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=old
    )
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "second"
    assert client.get_secret_value(SecretId=NAME, VersionStage="AWSPREVIOUS")["SecretString"] == "first"


def test_days_of_a_rotation(emulator: EmulatorServer, client: Any, functions: Any) -> None:
    client.create_secret(Name=NAME, SecretString="first")
    arn = functions.create_function(**arguments(emulator))["FunctionArn"]
    allow(functions, emulator.account_id)
    with refused("InvalidParameterException", "must be within 1-1000"):
        client.rotate_secret(SecretId=NAME, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 1001})


def test_a_label_goes_to_a_version_that_exists(client: Any) -> None:
    version = client.create_secret(Name=NAME, SecretString="first")["VersionId"]
    with refused("ResourceNotFoundException", "can't find the specified version"):
        client.update_secret_version_stage(
            SecretId=NAME, VersionStage="AWSCURRENT", MoveToVersionId="0" * 32, RemoveFromVersionId=version
        )
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "first"


def test_a_secret_that_waits_for_its_deletion(client: Any) -> None:
    client.create_secret(Name=NAME, SecretString="first")
    client.delete_secret(SecretId=NAME, RecoveryWindowInDays=30)
    with refused("InvalidRequestException", "a secret with this name is already scheduled for deletion"):
        client.create_secret(Name=NAME, SecretString="second")
    with refused("InvalidRequestException", DELETED):
        client.put_secret_value(SecretId=NAME, SecretString="second")
    with refused("InvalidRequestException", DELETED):
        client.tag_resource(SecretId=NAME, Tags=[{"Key": "a", "Value": "b"}])
    client.restore_secret(SecretId=NAME)
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == "first"


def test_replicas_have_keys_of_their_region(emulator: EmulatorServer, client: Any) -> None:
    west_key = key(emulator, WEST)
    client.create_secret(Name=NAME, SecretString="first", AddReplicaRegions=[{"Region": WEST, "KmsKeyId": west_key}])
    held = client.describe_secret(SecretId=NAME)["ReplicationStatus"]
    assert [(one["Region"], one["KmsKeyId"], one["Status"]) for one in held] == [(WEST, west_key, "InSync")]
    replica = emulator.client("secretsmanager", WEST).describe_secret(SecretId=NAME)
    assert (replica["PrimaryRegion"], replica["KmsKeyId"]) == ("us-east-1", west_key)
    assert "ReplicationStatus" not in replica
    with refused("ResourceExistsException", "already replicated to the region us-west-2"):
        client.replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=[{"Region": WEST}])
    client.remove_regions_from_replication(SecretId=NAME, RemoveReplicaRegions=[WEST])
    east_key = key(emulator)
    client.replicate_secret_to_regions(SecretId=NAME, AddReplicaRegions=[{"Region": WEST, "KmsKeyId": east_key}])
    failed = client.describe_secret(SecretId=NAME)["ReplicationStatus"][0]
    assert failed["Status"] == "Failed"
    assert "KMS key is not accessible" in failed["StatusMessage"]


def test_keys_of_secrets(emulator: EmulatorServer, client: Any) -> None:
    text = "Secrets Manager can't encrypt the protected secret text using the provided KMS key."
    with refused("EncryptionFailure", text):
        client.create_secret(Name=NAME, SecretString="x", KmsKeyId=key(emulator, WEST))
    own = key(emulator)
    client.create_secret(Name=NAME, SecretString="x", KmsKeyId=own)
    emulator.client("kms").disable_key(KeyId=own.rpartition("/")[2])
    with refused("EncryptionFailure", text):
        client.create_secret(Name="other", SecretString="x", KmsKeyId=own)
    emulator.client("kms").create_alias(AliasName="alias/secrets", TargetKeyId=key(emulator))
    client.create_secret(Name="third", SecretString="x", KmsKeyId="alias/secrets")


def test_names_of_secrets(client: Any) -> None:
    with refused("ValidationException", "Invalid name."):
        client.create_secret(Name="no spaces", SecretString="x")


def statement(**changed: Any) -> str:
    one = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*", **changed}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def test_policies_that_are_public(client: Any) -> None:
    client.create_secret(Name=NAME, SecretString="x")
    put = {"SecretId": NAME, "BlockPublicPolicy": True}
    with refused("PublicPolicyException", "broad access"):
        client.put_resource_policy(ResourcePolicy=statement(), **put)
    with refused("PublicPolicyException", "broad access"):
        client.put_resource_policy(ResourcePolicy=statement(Principal={"AWS": "*"}), **put)
    with refused("MalformedPolicyDocumentException", "invalid Json"):
        client.put_resource_policy(ResourcePolicy="{", **put)
    narrow = {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
    client.put_resource_policy(ResourcePolicy=statement(Condition=narrow), **put)
    client.put_resource_policy(ResourcePolicy=statement(Effect="Deny"), **put)


def network(emulator: EmulatorServer) -> dict[str, list[str]]:
    ec2 = emulator.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="rotation", Description="x", VpcId=vpc_id)["GroupId"]
    return {"SubnetIds": [subnet], "SecurityGroupIds": [group]}


def test_functions_in_a_vpc(emulator: EmulatorServer, functions: Any) -> None:
    vpc = network(emulator)
    arn = role(emulator, "lambda.amazonaws.com", "rotation")
    with refused("InvalidParameterValueException", "does not have permissions to call CreateNetworkInterface on EC2"):
        functions.create_function(**arguments(emulator, Role=arn, VpcConfig=vpc))
    emulator.client("iam").attach_role_policy(RoleName="rotation", PolicyArn=VPC_ACCESS)
    with refused("InvalidParameterValueException", "The subnet ID 'subnet-0' does not exist"):
        functions.create_function(**arguments(emulator, Role=arn, VpcConfig={**vpc, "SubnetIds": ["subnet-0"]}))
    with refused("InvalidParameterValueException", "The security group 'sg-0' does not exist"):
        functions.create_function(**arguments(emulator, Role=arn, VpcConfig={**vpc, "SecurityGroupIds": ["sg-0"]}))
    made = functions.create_function(**arguments(emulator, Role=arn, VpcConfig=vpc))
    subnets = emulator.client("ec2").describe_subnets(SubnetIds=vpc["SubnetIds"])["Subnets"]
    assert made["VpcConfig"]["VpcId"] == subnets[0]["VpcId"]


def test_what_functions_are_refused(emulator: EmulatorServer, functions: Any) -> None:
    unknown = "The role defined for the function cannot be assumed by Lambda."
    for arn in ("arn:aws:iam::123456789012:role/none", role(emulator, "ec2.amazonaws.com", "node")):
        with refused("InvalidParameterValueException", unknown):
            functions.create_function(**arguments(emulator, Role=arn))
    with refused("ValidationException", "Member must have value less than or equal to 900"):
        functions.create_function(**arguments(emulator, Timeout=901))
    own = arguments(emulator, Role=emulator.client("iam").get_role(RoleName="rotation")["Role"]["Arn"])
    functions.create_function(**own)
    with refused("ResourceConflictException", "Function already exist: rotate"):
        functions.create_function(**own)
    allow(functions, emulator.account_id)
    with refused("ResourceConflictException", "The statement id (secrets-manager) provided already exists."):
        allow(functions, emulator.account_id)
    changed = functions.update_function_configuration(FunctionName="rotate", TracingConfig={"Mode": "Active"})
    assert changed["TracingConfig"] == {"Mode": "Active"}
