"""KMS: what the emulator keeps, and what it refuses as AWS does."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

ACCOUNT = "123456789012"
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


@pytest.fixture
def kms(emulator: EmulatorServer) -> Any:
    return emulator.client("kms")


@pytest.fixture
def west(emulator: EmulatorServer) -> Any:
    return emulator.client("kms", "us-west-2")


def make_key(kms: Any, **arguments: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = kms.create_key(**arguments)["KeyMetadata"]
    return metadata


def allow(principal: object, action: object = "kms:*") -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ROOT = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


def test_replica_has_policy_description_tags_and_aliases_of_its_own(kms: Any, west: Any) -> None:
    key = make_key(kms, MultiRegion=True, Description="primary", Tags=[{"TagKey": "a", "TagValue": "primary"}])
    kms.create_alias(AliasName="alias/trading", TargetKeyId=key["KeyId"])
    own = policy(ROOT, allow({"Service": "logs.us-west-2.amazonaws.com"}, "kms:Encrypt*"))
    tags = [{"TagKey": "a", "TagValue": "replica"}]
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2", Policy=own, Description="standby", Tags=tags)
    assert json.loads(west.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]) == json.loads(own)
    assert json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])["Id"] == "key-default-1"
    assert west.list_resource_tags(KeyId=key["KeyId"])["Tags"] == tags
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "primary"}]
    assert west.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "standby"
    assert west.list_aliases(KeyId=key["KeyId"])["Aliases"] == []
    west.create_alias(AliasName="alias/trading", TargetKeyId=key["KeyId"])
    west.delete_alias(AliasName="alias/trading")
    assert len(kms.list_aliases(KeyId=key["KeyId"])["Aliases"]) == 1


def test_members_of_a_multi_region_key_know_each_other(kms: Any, west: Any) -> None:
    key = make_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2")
    arn = key["Arn"].replace("us-east-1", "us-west-2")
    common = {
        "PrimaryKey": {"Arn": key["Arn"], "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": arn, "Region": "us-west-2"}],
    }
    for _ in range(2):  # reading one must not change the other
        seen = west.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        assert seen["MultiRegionConfiguration"] == {"MultiRegionKeyType": "REPLICA", **common}
        assert seen["Arn"] == arn
        seen = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        assert seen["MultiRegionConfiguration"] == {"MultiRegionKeyType": "PRIMARY", **common}


def test_primary_and_replica_change_places(kms: Any, west: Any) -> None:
    key = make_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2")
    kms.update_primary_region(KeyId=key["KeyId"], PrimaryRegion="us-west-2")
    for client, kind in ((kms, "REPLICA"), (west, "PRIMARY")):
        seen = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["MultiRegionConfiguration"]
        assert (seen["MultiRegionKeyType"], seen["PrimaryKey"]["Region"]) == (kind, "us-west-2")
    with refused("NotFoundException", "does not exist"):
        west.update_primary_region(KeyId=key["KeyId"], PrimaryRegion="eu-west-1")


def test_rotation_period_is_kept_and_shared(kms: Any, west: Any) -> None:
    key = make_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2")
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key["KeyId"])
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=180)
    for client in (kms, west):
        status = client.get_key_rotation_status(KeyId=key["KeyId"])
        assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)
        assert 179 <= (status["NextRotationDate"] - key["CreationDate"]).days <= 181
    kms.enable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["RotationPeriodInDays"] == 365
    with refused("UnsupportedOperationException", "is a multi-Region replica key."):
        west.enable_key_rotation(KeyId=key["KeyId"])


def test_rotation_refusals(kms: Any) -> None:
    key = make_key(kms)["KeyId"]
    with refused("ValidationException", "Value '2561' at 'rotationPeriodInDays' failed to satisfy constraint"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2561)
    asymmetric = make_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    with refused("UnsupportedOperationException", "is not a symmetric encryption key."):
        kms.enable_key_rotation(KeyId=asymmetric)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/not-there"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:user/not-there"},
        {"AWS": "not an arn"},
        {"Service": "logs"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"},
    ],
)
def test_policy_with_a_principal_that_does_not_exist(kms: Any, principal: dict[str, str]) -> None:
    bad = policy(ROOT, allow(principal))
    text = "Policy contains a statement with one or more invalid principals."
    with refused("MalformedPolicyDocumentException", text):
        kms.create_key(Policy=bad)
    key = make_key(kms, MultiRegion=True)["KeyId"]
    with refused("MalformedPolicyDocumentException", text):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=bad)
    with refused("MalformedPolicyDocumentException", text):
        kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2", Policy=bad)


def test_policy_for_principals_that_exist(kms: Any, emulator: EmulatorServer) -> None:
    iam = emulator.client("iam")
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    trust = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="nodes", Path="/trading/", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    linked = iam.list_roles(PathPrefix="/aws-service-role/")["Roles"][0]["Arn"]
    services = ["delivery.logs.amazonaws.com", "logs.us-east-1.amazonaws.com", "cloudtrail.amazonaws.com"]
    others = [allow({"AWS": [role, linked, ACCOUNT, "arn:aws:iam::999999999999:role/theirs"]}), allow("*")]
    kms.create_key(Policy=policy(ROOT, *others, allow({"Service": services}), allow({"AWS": "*"})))


@pytest.mark.parametrize(
    "statement",
    [
        allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ["kms:Encrypt", "kms:Describe*"]),
        allow({"Service": "logs.us-east-1.amazonaws.com"}),
        {**ROOT, "Condition": {"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}},
        {**ROOT, "Effect": "Deny"},
    ],
)
def test_policy_that_locks_the_caller_out(kms: Any, statement: dict[str, Any]) -> None:
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        kms.create_key(Policy=policy(statement))
    key = make_key(kms)["KeyId"]
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(statement))
    kms.create_key(Policy=policy(statement), BypassPolicyLockoutSafetyCheck=True)


def test_policy_for_the_role_that_calls(emulator: EmulatorServer) -> None:
    iam, sts = emulator.client("iam"), emulator.client("sts")
    trust = policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    for name in ("admin", "other"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    admin, other = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("admin", "other"))
    keys = sts.assume_role(RoleArn=admin, RoleSessionName="run")["Credentials"]
    import boto3

    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    kms = session.client("kms", region_name="us-east-1", endpoint_url=emulator.endpoint)
    kms.create_key(Policy=policy(allow({"AWS": admin}, "kms:Put*")))
    with refused("MalformedPolicyDocumentException", LOCKED_OUT):
        kms.create_key(Policy=policy(allow({"AWS": other})))


@pytest.mark.parametrize("text", ["{", '{"Version": "2012-10-17"}'])
def test_policy_that_is_no_policy(kms: Any, text: str) -> None:
    with refused("MalformedPolicyDocumentException", "The policy document"):
        kms.create_key(Policy=text)


def test_key_that_is_pending_deletion(kms: Any) -> None:
    key = make_key(kms)
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert (answer["KeyState"], answer["PendingWindowInDays"], answer["KeyId"]) == ("PendingDeletion", 7, key["Arn"])
    name = {"KeyId": key["KeyId"]}
    for call in (
        lambda: kms.enable_key(**name),
        lambda: kms.disable_key(**name),
        lambda: kms.enable_key_rotation(**name),
        lambda: kms.schedule_key_deletion(**name),
        lambda: kms.encrypt(**name, Plaintext=b"x"),
        lambda: kms.generate_data_key(**name, KeySpec="AES_256"),
        lambda: kms.create_alias(AliasName="alias/a", TargetKeyId=key["KeyId"]),
        lambda: kms.tag_resource(**name, Tags=[{"TagKey": "a", "TagValue": "b"}]),
        lambda: kms.update_key_description(**name, Description="d"),
    ):
        with refused("KMSInvalidStateException", f"{key['Arn']} is pending deletion."):
            call()
    kms.cancel_key_deletion(**name)
    assert kms.describe_key(**name)["KeyMetadata"]["KeyState"] == "Disabled"
    with refused("KMSInvalidStateException", f"{key['Arn']} is not pending deletion."):
        kms.cancel_key_deletion(**name)
    with refused("DisabledException", f"{key['Arn']} is disabled."):
        kms.encrypt(**name, Plaintext=b"x")
    kms.enable_key(**name)
    kms.encrypt(**name, Plaintext=b"x")


def test_primary_waits_for_its_replicas(kms: Any, west: Any) -> None:
    key = make_key(kms, MultiRegion=True)["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2")
    answer = kms.schedule_key_deletion(KeyId=key)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer
    assert west.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_waiting_period(kms: Any) -> None:
    key = make_key(kms)["KeyId"]
    with refused("ValidationException", "Value '31' at 'pendingWindowInDays' failed to satisfy constraint"):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=31)
    with refused("ValidationException", "Member must have value greater than or equal to 7"):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=6)


def test_replication_refusals(kms: Any, west: Any) -> None:
    single = make_key(kms)
    with refused("UnsupportedOperationException", f"{single['Arn']} is not a multi-Region primary key."):
        kms.replicate_key(KeyId=single["KeyId"], ReplicaRegion="us-west-2")
    key = make_key(kms, MultiRegion=True)["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2")
    for region in ("us-east-1", "us-west-2"):
        with refused("AlreadyExistsException", f"A related multi-Region key already exists in {region}."):
            kms.replicate_key(KeyId=key, ReplicaRegion=region)
    with refused("UnsupportedOperationException", "is not a multi-Region primary key."):
        west.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")


def test_alias_that_exists_and_key_that_does_not(kms: Any) -> None:
    key = make_key(kms)["KeyId"]
    kms.create_alias(AliasName="alias/trading", TargetKeyId=key)
    text = f"An alias with the name arn:aws:kms:us-east-1:{ACCOUNT}:alias/trading already exists"
    with refused("AlreadyExistsException", text):
        kms.create_alias(AliasName="alias/trading", TargetKeyId=key)
    with refused("NotFoundException", "does not exist"):
        kms.describe_key(KeyId="00000000-0000-0000-0000-000000000000")


def test_key_of_another_region(kms: Any, west: Any) -> None:
    key = make_key(kms)
    with refused("NotFoundException", "Invalid arn us-east-1"):
        west.describe_key(KeyId=key["Arn"])


def test_grant_to_a_principal_that_does_not_exist(kms: Any) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/not-there"
    with refused("InvalidArnException", f"ARN does not refer to a valid principal: {arn}"):
        kms.create_grant(KeyId=make_key(kms)["KeyId"], GranteePrincipal=arn, Operations=["Decrypt"])
