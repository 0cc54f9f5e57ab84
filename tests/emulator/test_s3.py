"""S3: what the emulator keeps, and what it refuses as AWS does."""

import copy
import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

ACCOUNT = "123456789012"
ALL_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
NOBODY_BLOCKED = dict.fromkeys(ALL_BLOCKED, False)
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}


@pytest.fixture
def s3(emulator: EmulatorServer) -> Any:
    """A client, and a bucket ``data``."""
    client = emulator.client("s3")
    client.create_bucket(Bucket="data")
    return client


@pytest.fixture
def west(emulator: EmulatorServer) -> Any:
    return emulator.client("s3", "us-west-2")


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_new_bucket_is_private_and_encrypted(s3: Any) -> None:
    ownership = s3.get_bucket_ownership_controls(Bucket="data")["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"] == ALL_BLOCKED
    sse_s3 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    assert s3.get_bucket_encryption(Bucket="data")["ServerSideEncryptionConfiguration"]["Rules"] == [sse_s3]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="data", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket="data")["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    s3.delete_bucket_encryption(Bucket="data")
    assert s3.get_bucket_encryption(Bucket="data")["ServerSideEncryptionConfiguration"]["Rules"] == [sse_s3]


@pytest.mark.parametrize(
    "name",
    ["Upper", "under_score", "a..b", "192.168.1.1", "xn--a", "sthree-a", "x-s3alias", "-a-b", "a-b-", "ab", "a" * 64],
)
def test_name_that_is_no_bucket_name(s3: Any, name: str) -> None:
    with refused("InvalidBucketName", "The specified bucket is not valid."):
        s3.create_bucket(Bucket=name)


def test_location_constraints(s3: Any, west: Any) -> None:
    with refused("IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the"):
        west.create_bucket(Bucket="standby")
    with refused("InvalidLocationConstraint", "The specified location-constraint is not valid"):
        s3.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    with refused("IllegalLocationConstraintException", "The eu-west-1 location constraint is incompatible"):
        west.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    west.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    with refused("BucketAlreadyOwnedByYou", "you already own it"):
        west.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})


def test_deleting_a_bucket_that_holds_something(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="a", Body=b"x")
    with refused("BucketNotEmpty", "The bucket you tried to delete is not empty"):
        s3.delete_bucket(Bucket="data")


def test_acl_where_there_are_none(s3: Any) -> None:
    for acl in ("private", "log-delivery-write"):
        with refused("AccessControlListNotSupported", "The bucket does not allow ACLs"):
            s3.put_bucket_acl(Bucket="data", ACL=acl)
    with refused("AccessControlListNotSupported", "The bucket does not allow ACLs"):
        s3.put_object(Bucket="data", Key="a", Body=b"x", ACL="private")
    s3.put_object(Bucket="data", Key="a", Body=b"x", ACL="bucket-owner-full-control")
    with refused("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's"):
        s3.create_bucket(Bucket="other", ACL="log-delivery-write")


def own(s3: Any, ownership: str) -> None:
    s3.put_bucket_ownership_controls(Bucket="data", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


def test_acl_that_is_in_the_way_of_having_none(s3: Any) -> None:
    own(s3, "BucketOwnerPreferred")
    s3.put_bucket_acl(Bucket="data", ACL="log-delivery-write")
    with refused("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's"):
        own(s3, "BucketOwnerEnforced")
    s3.put_bucket_acl(Bucket="data", ACL="private")
    own(s3, "BucketOwnerEnforced")


def test_public_acl_where_it_is_blocked(s3: Any) -> None:
    own(s3, "BucketOwnerPreferred")
    with refused("AccessDenied", "Access Denied"):
        s3.put_bucket_acl(Bucket="data", ACL="public-read")
    s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=NOBODY_BLOCKED)
    s3.put_bucket_acl(Bucket="data", ACL="public-read")


@pytest.mark.parametrize("where", ["bucket", "account"])
def test_public_policy_where_it_is_blocked(s3: Any, emulator: EmulatorServer, where: str) -> None:
    if where == "account":
        s3.delete_public_access_block(Bucket="data")
        emulator.client("s3control").put_public_access_block(
            AccountId=ACCOUNT, PublicAccessBlockConfiguration=ALL_BLOCKED
        )
    text = "because public policies are blocked by the BlockPublicPolicy block public access setting."
    with refused("AccessDenied", text):
        s3.put_bucket_policy(Bucket="data", Policy=policy(EVERYTHING))
    with refused("AccessDenied", text):
        not_insecure = {**EVERYTHING, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
        s3.put_bucket_policy(Bucket="data", Policy=policy(not_insecure))


def test_policies_that_are_not_public(s3: Any) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
    }
    for statement in (
        {**EVERYTHING, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}},
        {**EVERYTHING, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:*"}}},
        {**EVERYTHING, "Principal": {"Service": "cloudfront.amazonaws.com"}},
        {**EVERYTHING, "Principal": {"AWS": ACCOUNT}},
        {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ):
        s3.put_bucket_policy(Bucket="data", Policy=policy(statement))
        assert json.loads(s3.get_bucket_policy(Bucket="data")["Policy"])["Statement"] == [statement]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ({"Action": "GetObject"}, "Policy has invalid action"),
        ({"Action": "s3:ListBucket"}, "Action does not apply to any resource(s) in statement"),
        ({"Resource": "arn:aws:s3:::data"}, "Action does not apply to any resource(s) in statement"),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/not-there"}}, "Invalid principal in policy"),
        ({"Principal": None}, "Missing required field Principal"),
    ],
)
def test_malformed_policy(s3: Any, change: dict[str, Any], message: str) -> None:
    statement = {name: value for name, value in {**EVERYTHING, **change}.items() if value is not None}
    with refused("MalformedPolicy", message):
        s3.put_bucket_policy(Bucket="data", Policy=policy(statement))


def denial(condition: dict[str, Any]) -> str:
    """A policy that denies everything where the condition holds."""
    resources = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    return policy({**deny, **({"Condition": condition} if condition else {})})


@pytest.mark.parametrize(
    "condition",
    [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}],
)
def test_denial_whose_condition_does_not_hold(s3: Any, condition: dict[str, Any]) -> None:
    s3.put_bucket_policy(Bucket="data", Policy=denial(condition))
    s3.put_object(Bucket="data", Key="a", Body=b"x")
    assert s3.get_object(Bucket="data", Key="a")["Body"].read() == b"x"
    upload = s3.create_multipart_upload(Bucket="data", Key="b")["UploadId"]
    s3.abort_multipart_upload(Bucket="data", Key="b", UploadId=upload)
    s3.delete_object(Bucket="data", Key="a")


@pytest.mark.parametrize("condition", [{}, {"Bool": {"aws:SecureTransport": ["true"]}}])
def test_denial_that_holds(s3: Any, condition: dict[str, Any]) -> None:
    s3.put_bucket_policy(Bucket="data", Policy=denial(condition))
    with refused("403", "Forbidden"):
        s3.put_object(Bucket="data", Key="a", Body=b"x")


def test_policy_that_is_no_policy(s3: Any) -> None:
    with refused("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"):
        s3.put_bucket_policy(Bucket="data", Policy="{")
    with refused("PolicyTooLarge", "Policy exceeds the maximum allowed document size: 20480"):
        s3.put_bucket_policy(Bucket="data", Policy=policy({**EVERYTHING, "Sid": "x" * 20_480}))


def test_account_public_access_block(emulator: EmulatorServer) -> None:
    control = emulator.client("s3control")
    with refused("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"):
        control.get_public_access_block(AccountId=ACCOUNT)
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=ALL_BLOCKED)
    assert control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == ALL_BLOCKED


LIFECYCLE: dict[str, Any] = {
    "ID": "logs",
    "Status": "Enabled",
    "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}], "ObjectSizeGreaterThan": 131_072}},
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
    "Expiration": {"Days": 365},
    "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "STANDARD_IA"}],
    "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 3},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}


def put_lifecycle(s3: Any, *rules: dict[str, Any], **more: Any) -> None:
    s3.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration={"Rules": list(rules)}, **more)


def test_lifecycle_comes_back_as_it_was_put(s3: Any) -> None:
    marker = {"ID": "markers", "Status": "Enabled", "Filter": {"Prefix": ""}}
    rules = [LIFECYCLE, {**marker, "Expiration": {"ExpiredObjectDeleteMarker": True}}]
    put_lifecycle(s3, *rules, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    held = s3.get_bucket_lifecycle_configuration(Bucket="data")
    assert held["Rules"] == rules
    assert held["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    s3.delete_bucket_lifecycle(Bucket="data")
    with refused("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"):
        s3.get_bucket_lifecycle_configuration(Bucket="data")


def test_lifecycle_rule_without_id_gets_one(s3: Any) -> None:
    put_lifecycle(s3, {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}})
    assert s3.get_bucket_lifecycle_configuration(Bucket="data")["Rules"][0]["ID"]


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]},
            "InvalidArgument",
            "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
        ),
        (
            {"NoncurrentVersionTransitions": [{"NoncurrentDays": 29, "StorageClass": "STANDARD_IA"}]},
            "InvalidArgument",
            "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to 30",
        ),
        (
            {"Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 59, "StorageClass": "GLACIER"}]},
            "InvalidArgument",
            "must be 30 days more than 'Days' for StorageClass 'STANDARD_IA'",
        ),
        (
            {"Expiration": {"Days": 90}},
            "InvalidArgument",
            "'Days' in the Expiration action for filter '(prefix=logs/)' must be greater than 'Days' in the Transition",
        ),
        (
            {"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}, {"Days": 90, "StorageClass": "GLACIER"}]},
            "InvalidRequest",
            "'StorageClass' must be different for 'Transition' actions in same 'Rule'",
        ),
    ],
)
def test_lifecycle_refusals(s3: Any, change: dict[str, Any], code: str, message: str) -> None:
    with refused(code, message):
        put_lifecycle(s3, {**LIFECYCLE, **change})


def test_lifecycle_rules_as_a_whole(s3: Any) -> None:
    with refused("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule"):
        put_lifecycle(s3, LIFECYCLE, LIFECYCLE)
    with refused("InvalidRequest", "At least one action needs to be specified in a rule"):
        put_lifecycle(s3, {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}})


REPLICATION: dict[str, Any] = {
    "ID": "all",
    "Priority": 1,
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "DeleteMarkerReplication": {"Status": "Enabled"},
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    "Destination": {
        "Bucket": "arn:aws:s3:::standby",
        "StorageClass": "STANDARD_IA",
        "EncryptionConfiguration": {"ReplicaKmsKeyID": f"arn:aws:kms:us-west-2:{ACCOUNT}:key/any"},
        "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
        "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
    },
}


@pytest.fixture
def pair(s3: Any, west: Any) -> Any:
    """Both buckets, with versions."""
    west.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for client, name in ((s3, "data"), (west, "standby")):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return s3


def replicate(s3: Any, *rules: dict[str, Any]) -> None:
    configuration = {"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": list(rules)}
    s3.put_bucket_replication(Bucket="data", ReplicationConfiguration=configuration)


def test_replication_comes_back_as_it_was_put(pair: Any) -> None:
    replicate(pair, REPLICATION)
    held = pair.get_bucket_replication(Bucket="data")["ReplicationConfiguration"]
    assert held == {"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [REPLICATION]}


def test_replication_needs_versions_on_both_sides(s3: Any, west: Any) -> None:
    with refused("InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration"):
        replicate(s3, REPLICATION)
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    with refused("InvalidRequest", "Destination bucket must exist."):
        replicate(s3, REPLICATION)
    west.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    with refused("InvalidRequest", "Destination bucket must have versioning enabled."):
        replicate(s3, REPLICATION)


def without(rule: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(rule)
    holder = changed
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    return changed


def test_replication_refusals(pair: Any) -> None:
    for field in ("Priority", "DeleteMarkerReplication"):
        with refused("InvalidRequest", f"{field} must be specified for this version of Cross Region Replication"):
            replicate(pair, without(REPLICATION, field))
    with refused("InvalidRequest", "Delete marker replication is not supported if any Tag filter is specified."):
        replicate(pair, {**REPLICATION, "Filter": {"Tag": {"Key": "a", "Value": "b"}}})
    with refused("InvalidRequest", "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."):
        replicate(pair, without(REPLICATION, "Destination", "EncryptionConfiguration"))
    with refused("InvalidRequest", "Found duplicate priority 1"):
        replicate(pair, REPLICATION, {**REPLICATION, "ID": "again"})


def test_versions_that_replication_needs(pair: Any) -> None:
    replicate(pair, REPLICATION)
    with refused("InvalidBucketState", "A replication configuration is present on this bucket"):
        pair.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Suspended"})
    pair.delete_bucket_replication(Bucket="data")
    pair.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Suspended"})


DELIVERY = {
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::logs/access/*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}


def log_to(s3: Any, target: str, bucket: str = "data") -> dict[str, Any]:
    partitioned = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    logging = {"TargetBucket": target, "TargetPrefix": "access/", "TargetObjectKeyFormat": partitioned}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": logging})
    return logging


def test_access_logging_needs_a_target_that_lets_it_in(s3: Any, west: Any) -> None:
    with refused("InvalidTargetBucketForLogging", "The target bucket for logging does not exist"):
        log_to(s3, "logs")
    s3.create_bucket(Bucket="logs")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"}
    insecure = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="logs", Policy=policy(insecure))
    with refused("InvalidTargetBucketForLogging", "You must either provide the necessary permissions"):
        log_to(s3, "logs")
    s3.put_bucket_policy(Bucket="logs", Policy=policy(insecure, DELIVERY))
    logging = log_to(s3, "logs")
    assert s3.get_bucket_logging(Bucket="data")["LoggingEnabled"] == logging
    west.create_bucket(Bucket="standby", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    with refused("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed."):
        log_to(west, "logs", "standby")
    s3.put_bucket_logging(Bucket="data", BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="data")


def test_call_counts_tell_objects_from_configuration(s3: Any, emulator: EmulatorServer) -> None:
    s3.put_bucket_tagging(Bucket="data", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert emulator.calls() == {"s3.CreateBucket": 1, "s3.PutBucketTagging": 1}
