"""IAM and STS: what the emulator keeps, and what it refuses as AWS does."""

import json
from typing import Any

import boto3
import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

ACCOUNT = "123456789012"
NOBODY = f"arn:aws:iam::{ACCOUNT}:role/not-there"
EVERYTHING = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.fixture
def iam(emulator: EmulatorServer) -> Any:
    return emulator.client("iam")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: object, **more: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


EC2 = trust({"Service": "ec2.amazonaws.com"})


def make_role(iam: Any, name: str = "nodes", policy: str = EC2, **more: Any) -> dict[str, Any]:
    role: dict[str, Any] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, **more)["Role"]
    return role


def make_policy(iam: Any, name: str = "read", *statements: dict[str, Any]) -> str:
    text = document(*(statements or (EVERYTHING,)))
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
    return arn


def test_managed_policies_of_aws_are_there(iam: Any, emulator: EmulatorServer) -> None:
    arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
    make_role(iam)
    iam.attach_role_policy(RoleName="nodes", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    emulator.reset()
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


@pytest.mark.parametrize("again", [{"name": "nodes"}, {"name": "Nodes"}, {"name": "nodes", "Path": "/other/"}])
def test_name_that_a_role_has(iam: Any, again: dict[str, str]) -> None:
    make_role(iam)
    with refused("EntityAlreadyExists", f"Role with name {again['name']} already exists."):
        make_role(iam, **again)


def test_role_that_does_not_exist(iam: Any) -> None:
    with refused("NoSuchEntity", "The role with name nobody cannot be found."):
        iam.get_role(RoleName="nobody")


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{", "This policy contains invalid Json"),
        (json.dumps({"Version": "2024-01-01", "Statement": []}), "The policy must contain a valid version string"),
        (document({"Effect": "Allow", "Action": "sts:AssumeRole"}), "Missing required field Principal"),
        (trust({"Service": "ec2.amazonaws.com"}, Resource="*"), "Has prohibited field Resource"),
        (trust({"AWS": NOBODY}), f'Invalid principal in policy: "AWS":"{NOBODY}"'),
        (trust({"Service": "ec2"}), 'Invalid principal in policy: "SERVICE":"ec2"'),
        (trust({"AWS": ACCOUNT}, Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
    ],
)
def test_malformed_trust_policy(iam: Any, policy: str, message: str) -> None:
    with refused("MalformedPolicyDocument", message):
        make_role(iam, policy=policy)
    make_role(iam)
    with refused("MalformedPolicyDocument", message):
        iam.update_assume_role_policy(RoleName="nodes", PolicyDocument=policy)


def test_trust_policies_that_are_right(iam: Any) -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC"
    first = make_role(iam, "first", trust({"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"]}))["Arn"]
    make_role(iam, "second", trust({"AWS": first}))
    pods = {"Service": "pods.eks.amazonaws.com"}
    make_role(iam, "third", trust(pods, Action=["sts:AssumeRole", "sts:TagSession"]))
    make_role(iam, "fourth", trust({"Federated": provider}, Action="sts:AssumeRoleWithWebIdentity"))
    make_role(iam, "fifth", trust({"AWS": "arn:aws:iam::999999999999:role/theirs"}))


def test_trust_policy_larger_than_the_quota(iam: Any) -> None:
    wide = [f"arn:aws:iam::{number:012d}:root" for number in range(1, 80)]
    with refused("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"):
        make_role(iam, policy=trust({"AWS": wide}))


def test_role_parameters_out_of_range(iam: Any) -> None:
    with refused(
        "ValidationError", "at 'maxSessionDuration' failed to satisfy constraint: Member must have value less"
    ):
        make_role(iam, MaxSessionDuration=43_201)
    with refused("ValidationError", "at 'roleName' failed to satisfy constraint: Member must have length less than"):
        make_role(iam, "x" * 65)
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/not-there"
    with refused("NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable."):
        make_role(iam, PermissionsBoundary=boundary)


def test_eleventh_policy_of_a_role(iam: Any) -> None:
    make_role(iam)
    policies = [make_policy(iam, f"policy-{number}") for number in range(11)]
    for arn in [*policies[:10], policies[0]]:
        iam.attach_role_policy(RoleName="nodes", PolicyArn=arn)
    with refused("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName="nodes", PolicyArn=policies[10])


def test_policy_that_does_not_exist(iam: Any) -> None:
    make_role(iam)
    arn = f"arn:aws:iam::{ACCOUNT}:policy/not-there"
    with refused("NoSuchEntity", f"Policy {arn} does not exist or is not attachable."):
        iam.attach_role_policy(RoleName="nodes", PolicyArn=arn)


def test_managed_policy_larger_than_the_quota(iam: Any) -> None:
    size = len(document({**EVERYTHING, "Resource": ""}).replace(" ", ""))
    resource = "arn:aws:s3:::"
    fits = {**EVERYTHING, "Resource": resource + "x" * (6144 - size - len(resource))}
    arn = make_policy(iam, "fits", fits)
    too_large = {**fits, "Resource": fits["Resource"] + "x"}
    with refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"):
        make_policy(iam, "larger", too_large)
    with refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(too_large))


def test_inline_policies_larger_than_the_quota(iam: Any) -> None:
    make_role(iam)
    text = document({**EVERYTHING, "Resource": "arn:aws:s3:::" + "x" * 5000})
    for name in ("one", "one", "two"):
        iam.put_role_policy(RoleName="nodes", PolicyName=name, PolicyDocument=text)
    with refused("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role nodes"):
        iam.put_role_policy(RoleName="nodes", PolicyName="three", PolicyDocument=text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Syntax errors in policy."),
        (json.dumps({"Statement": [EVERYTHING]}), "Policy document must be version 2012-10-17 or greater."),
        (document({**EVERYTHING, "Action": "s3"}), "Actions/Conditions must be prefaced by a vendor"),
        (document({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
        (document({**EVERYTHING, "Resource": "all"}), 'Resource all must be in ARN format or "*".'),
        (document({**EVERYTHING, "Principal": "*"}), "Policy document should not specify a principal."),
        (document({**EVERYTHING, "Sid": "read-all"}), "Statement IDs (SID) must be alpha-numeric."),
        (document({**EVERYTHING, "Sid": "a"}, {**EVERYTHING, "Sid": "a"}), "Statement IDs (SID) in a single policy"),
    ],
)
def test_malformed_policy(iam: Any, text: str, message: str) -> None:
    make_role(iam)
    with refused("MalformedPolicyDocument", message):
        iam.create_policy(PolicyName="bad", PolicyDocument=text)
    with refused("MalformedPolicyDocument", message):
        iam.put_role_policy(RoleName="nodes", PolicyName="bad", PolicyDocument=text)


def test_name_that_a_policy_has(iam: Any) -> None:
    make_policy(iam, "read")
    with refused("EntityAlreadyExists", "A policy called READ already exists. Duplicate names are not allowed."):
        make_policy(iam, "READ")
    make_policy(iam, "ReadOnlyAccess")  # as one of AWS's own


def test_sixth_version_of_a_policy(iam: Any) -> None:
    arn = make_policy(iam)
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(EVERYTHING))
    with refused("LimitExceeded", "A managed policy can have up to 5 versions."):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(EVERYTHING))


def test_deleting_what_is_in_use(iam: Any) -> None:
    make_role(iam)
    arn = make_policy(iam)
    iam.attach_role_policy(RoleName="nodes", PolicyArn=arn)
    with refused("DeleteConflict", "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=arn)
    with refused("DeleteConflict", "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName="nodes")
    iam.detach_role_policy(RoleName="nodes", PolicyArn=arn)
    iam.put_role_policy(RoleName="nodes", PolicyName="own", PolicyDocument=document(EVERYTHING))
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName="nodes")
    iam.delete_role_policy(RoleName="nodes", PolicyName="own")
    iam.create_instance_profile(InstanceProfileName="nodes")
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="nodes")
    with refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."):
        iam.delete_role(RoleName="nodes")


def test_deleting_a_policy_with_versions(iam: Any) -> None:
    arn = make_policy(iam)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(EVERYTHING))
    with refused("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
        ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot"),
        ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
        ("eks-nodegroup.amazonaws.com", "AWSServiceRoleForAmazonEKSNodegroup"),
        ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
        ("elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"),
    ],
)
def test_service_linked_role(iam: Any, service: str, name: str) -> None:
    role = iam.create_service_linked_role(AWSServiceName=service)["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{name}"
    text = f"Service role name {name} has been taken in this account, please try a different suffix."
    with refused("InvalidInput", text):
        iam.create_service_linked_role(AWSServiceName=service)
    text = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    for change in (
        lambda: iam.delete_role(RoleName=name),
        lambda: iam.put_role_policy(RoleName=name, PolicyName="a", PolicyDocument=document(EVERYTHING)),
        lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=EC2),
    ):
        with refused("UnmodifiableEntity", text):
            change()
    iam.delete_service_linked_role(RoleName=name)
    iam.create_service_linked_role(AWSServiceName=service)


def test_caller_identity(iam: Any, emulator: EmulatorServer) -> None:
    sts = emulator.client("sts")
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    make_role(iam, "deploy", trust({"AWS": ACCOUNT}))
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deploy", RoleSessionName="run")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assumed = session.client("sts", region_name="us-east-1", endpoint_url=emulator.endpoint)
    assert assumed.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run"


@pytest.mark.parametrize(
    "policy",
    [
        None,
        EC2,
        trust({"AWS": "arn:aws:iam::999999999999:root"}),
        trust({"AWS": ACCOUNT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        trust({"AWS": ACCOUNT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}),
    ],
    ids=["no such role", "a service", "another account", "no second factor", "no second factor, in a list of one"],
)
def test_role_that_does_not_let_the_caller(iam: Any, emulator: EmulatorServer, policy: str | None) -> None:
    if policy:
        make_role(iam, "deploy", policy)
    arn = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    with refused("AccessDenied", f"is not authorized to perform: sts:AssumeRole on resource: {arn}"):
        emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="run")


def test_session_longer_than_the_role_allows(iam: Any, emulator: EmulatorServer) -> None:
    role = make_role(iam, "deploy", trust({"AWS": ACCOUNT}), MaxSessionDuration=7200)["Arn"]
    sts = emulator.client("sts")
    sts.assume_role(RoleArn=role, RoleSessionName="run", DurationSeconds=7200)
    text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with refused("ValidationError", text):
        sts.assume_role(RoleArn=role, RoleSessionName="run", DurationSeconds=7201)
