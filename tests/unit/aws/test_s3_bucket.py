"""plugins/modules/s3_bucket.py against the embedded AWS."""

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from harness import load, run_module, writes

from trading_platform.aws import s3_bucket
from trading_platform.aws.s3_bucket_contents import PurgeError, purge
from trading_platform.aws.s3_bucket_read import Kept
from trading_platform.emulator.testing import EmulatorServer

main = load("s3_bucket").main
NAME = "production-trading-engine-backups"
COPY = "production-trading-engine-backups-us-west-2"
LOGS = "production-trading-engine-logs"
TAGS = {"Environment": "production", "ManagedBy": "ansible"}
LIFECYCLE = [
    {
        "id": "age",
        "transitions": [{"days": 90, "storage_class": "GLACIER"}, {"days": 30, "storage_class": "STANDARD_IA"}],
        "expiration_days": 365,
        "noncurrent_version_transitions": [{"days": 30, "storage_class": "GLACIER"}],
        "noncurrent_version_expiration_days": 60,
        "abort_incomplete_multipart_upload_days": 7,
    },
    {"id": "a-large", "prefix": "dumps/", "object_size_greater_than": 1024, "expiration_days": 30},
]


def policy(*actions: str) -> dict[str, Any]:
    """Refuse what does not come over TLS."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": list(actions) or ["s3:*"],
                "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": False}},
            }
        ],
    }


def arguments(**changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"name": NAME, "versioning": True, "policy": policy(), "lifecycle_rules": LIFECYCLE, "tags": TAGS, **changed}


def key_arn(aws: EmulatorServer, region: str = "us-east-1") -> str:
    """Make a KMS key."""
    arn: str = aws.client("kms", region).create_key()["KeyMetadata"]["Arn"]
    return arn


def replication(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Make the role and the bucket that replication needs, and give the module's argument."""
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    role = aws.client("iam").create_role(RoleName="copies", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    run_module(main, {"name": COPY, "versioning": True, "region": "us-west-2"})
    rule = {
        "id": "standby",
        "destination_bucket_arn": f"arn:aws:s3:::{COPY}",
        "storage_class": "STANDARD_IA",
        "replica_kms_key_arn": key_arn(aws, "us-west-2"),
        "delete_marker_replication": True,
        "sse_kms_encrypted_objects": True,
        "metrics": True,
        **changed,
    }
    return {"role_arn": role, "rules": [rule]}


def test_check_mode_on_an_empty_account_writes_nothing(aws: EmulatorServer) -> None:
    encryption = {"algorithm": "aws:kms", "kms_key_arn": "arn:aws:kms:us-east-1:000000000000:key/mrk-planned"}
    result = run_module(main, arguments(encryption=encryption), check=True)
    assert result["changed"] is True
    assert result["s3_bucket"]["arn"] == f"arn:aws:s3:::{NAME}"
    assert result["s3_bucket"]["region"] == "us-east-1"
    assert result["diff"]["before"] == {}
    assert result["diff"]["after"]["versioning"] is True
    assert result["api_calls"] == ["s3.HeadBucket"]
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_create_sets_everything_asked_for(aws: EmulatorServer) -> None:
    key = key_arn(aws)
    result = run_module(main, arguments(encryption={"algorithm": "aws:kms", "kms_key_arn": key}))
    s3 = aws.client("s3")
    assert result["changed"] is True
    assert s3.get_bucket_versioning(Bucket=NAME)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert rule["BucketKeyEnabled"] is True
    assert set(s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"].values()) == {True}
    ownership = s3.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"][0]["Sid"] == "TlsOnly"
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]}
    assert rules["age"]["Transitions"] == [
        {"Days": 30, "StorageClass": "STANDARD_IA"},
        {"Days": 90, "StorageClass": "GLACIER"},
    ]
    assert rules["a-large"]["Filter"] == {"And": {"Prefix": "dumps/", "ObjectSizeGreaterThan": 1024}}
    tag_set = s3.get_bucket_tagging(Bucket=NAME)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tag_set} == TAGS


def test_a_bucket_of_another_region_is_made_there(aws: EmulatorServer) -> None:
    result = run_module(main, {"name": COPY, "region": "us-west-2"})
    assert result["s3_bucket"]["region"] == "us-west-2"
    assert aws.client("s3").head_bucket(Bucket=COPY)["BucketRegion"] == "us-west-2"


def test_the_same_again_changes_nothing(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    for check in (False, True):
        again = run_module(main, arguments(), check=check)
        assert (again["changed"], writes(again)) == (False, [])
        assert "diff" not in again


def test_what_means_the_same_is_no_change(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    same = policy()
    same["Statement"][0].update(Principal={"AWS": "*"}, Action="s3:*")
    same["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    same["Statement"][0]["Resource"].reverse()
    result = run_module(main, arguments(policy=same, lifecycle_rules=LIFECYCLE[::-1]))
    assert result["changed"] is False


def test_check_of_a_change_shows_it_and_writes_nothing(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(versioning=False, lifecycle_rules=None, tags={"Team": "data"}), check=True)
    assert result["actions"] == ["update: lifecycle_rules, tags, versioning"]
    assert result["diff"]["before"]["versioning"] is True
    assert result["diff"]["after"]["versioning"] is False
    assert [rule["id"] for rule in result["diff"]["before"]["lifecycle_rules"]] == ["a-large", "age"]
    assert result["diff"]["after"]["lifecycle_rules"] == []
    assert writes(result) == []


def test_a_change_is_made_with_only_the_calls_it_needs(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(versioning=False, policy=None, lifecycle_rules=None, tags={}))
    assert writes(result) == [
        "s3.PutBucketVersioning",
        "s3.DeleteBucketTagging",
        "s3.DeleteBucketPolicy",
        "s3.DeleteBucketLifecycle",
    ]
    assert aws.client("s3").get_bucket_versioning(Bucket=NAME)["Status"] == "Suspended"
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        aws.client("s3").get_bucket_lifecycle_configuration(Bucket=NAME)
    assert run_module(main, arguments(versioning=False, policy=None, lifecycle_rules=None, tags={}))["changed"] is False


def test_tags_are_kept_without_purge(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(tags={"Team": "data"}, purge_tags=False))
    assert result["s3_bucket"]["tags"] == {**TAGS, "Team": "data"}


def drift(aws: EmulatorServer, kind: str) -> None:
    """Change one thing of the bucket by hand."""
    s3 = aws.client("s3")
    if kind == "versioning":
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Suspended"})
    elif kind == "encryption":
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        s3.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration={"Rules": [default]})
    elif kind == "public access":
        s3.delete_public_access_block(Bucket=NAME)
    elif kind == "one flag":
        flags = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
        s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=flags)
    elif kind == "ownership":
        controls = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        s3.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls=controls)
    elif kind == "policy":
        s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy("s3:PutObject")))
    elif kind == "lifecycle":
        rule = {"ID": "age", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
        s3.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": [rule]})
    else:
        s3.put_bucket_tagging(Bucket=NAME, Tagging={"TagSet": [{"Key": "Environment", "Value": "staging"}]})


@pytest.mark.parametrize(
    "kind",
    ["versioning", "encryption", "public access", "one flag", "ownership", "policy", "lifecycle", "tags"],
)
def test_drift_is_shown_and_repaired(aws: EmulatorServer, kind: str) -> None:
    made = run_module(main, arguments())["s3_bucket"]
    drift(aws, kind)
    shown = run_module(main, arguments(), check=True)
    assert (shown["changed"], writes(shown)) == (True, [])
    repaired = run_module(main, arguments())
    assert len(writes(repaired)) == 1
    assert repaired["s3_bucket"] == made
    assert run_module(main, arguments())["changed"] is False


def test_a_run_cut_off_in_the_middle_is_finished_by_the_next(aws: EmulatorServer) -> None:
    cut_off = run_module(main, arguments(), fail={"s3.PutBucketVersioning": "AccessDenied"})
    assert cut_off["failed"] is True
    result = run_module(main, arguments())
    assert result["changed"] is True
    assert "s3.CreateBucket" not in result["api_calls"]
    assert run_module(main, arguments())["changed"] is False


def test_replication_is_set_after_versioning_and_kept(aws: EmulatorServer) -> None:
    asked = arguments(replication=replication(aws))
    result = run_module(main, asked)
    assert writes(result)[-1] == "s3.PutBucketReplication"
    assert writes(result).index("s3.PutBucketVersioning") < len(writes(result)) - 1
    rule = aws.client("s3").get_bucket_replication(Bucket=NAME)["ReplicationConfiguration"]["Rules"][0]
    assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
    assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    assert rule["Destination"]["Bucket"] == f"arn:aws:s3:::{COPY}"
    assert rule["Destination"]["Metrics"]["Status"] == "Enabled"
    assert rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"].startswith("arn:aws:kms:us-west-2:")
    again = run_module(main, asked)
    assert (again["changed"], writes(again)) == (False, [])


def test_what_is_kept_is_given_to_a_new_bucket_and_then_left_alone(aws: EmulatorServer) -> None:
    asked = arguments(keep=["policy", "replication"])
    assert run_module(main, asked)["s3_bucket"]["policy"] is not None
    other = arguments(policy=policy("s3:GetObject", "s3:PutObject"), replication=replication(aws))
    assert run_module(main, other)["changed"]
    for check in (False, True):
        assert run_module(main, asked, check=check)["changed"] is False
    aws.client("s3").delete_bucket_tagging(Bucket=NAME)
    assert run_module(main, asked)["actions"] == ["update: tags"]
    assert run_module(main, other)["changed"] is False


def test_replication_goes_before_versioning_does(aws: EmulatorServer) -> None:
    run_module(main, arguments(replication=replication(aws)))
    result = run_module(main, arguments(versioning=False))
    assert writes(result) == ["s3.DeleteBucketReplication", "s3.PutBucketVersioning"]


def test_replication_waits_for_its_destination_only_so_long(
    aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replication(aws)
    aws.client("s3", "us-west-2").put_bucket_versioning(Bucket=COPY, VersioningConfiguration={"Status": "Suspended"})
    pauses: list[float] = []
    clock = iter(range(0, 1000, 20))
    passing = SimpleNamespace(sleep=pauses.append, monotonic=lambda: next(clock))
    monkeypatch.setattr(s3_bucket, "time", passing)
    result = run_module(main, arguments(replication=asked))
    assert result["failed"] is True
    assert "versioning" in result["msg"]
    assert pauses == [5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"versioning": False, "replication": {"role_arn": "r", "rules": []}}, "replication needs versioning"),
        (
            {"lifecycle_rules": [{"id": "a", "expiration_days": 1, "expired_object_delete_marker": True}]},
            "needs a rule of its own",
        ),
        ({"lifecycle_rules": [{"id": "a"}]}, "lifecycle rule a does nothing"),
    ],
)
def test_what_s3_would_refuse_is_refused_before(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    result = run_module(main, arguments(**changed), check=True)
    assert message in result["msg"]


def test_access_logs_are_turned_on_and_off(aws: EmulatorServer) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{LOGS}/*",
    }
    run_module(main, {"name": LOGS, "policy": {"Version": "2012-10-17", "Statement": [statement]}})
    logged = arguments(logging={"target_bucket": LOGS, "target_prefix": "backups/"})
    run_module(main, logged)
    enabled = aws.client("s3").get_bucket_logging(Bucket=NAME)["LoggingEnabled"]
    assert (enabled["TargetBucket"], enabled["TargetPrefix"]) == (LOGS, "backups/")
    assert run_module(main, logged)["changed"] is False
    assert writes(run_module(main, arguments())) == ["s3.PutBucketLogging"]
    assert "LoggingEnabled" not in aws.client("s3").get_bucket_logging(Bucket=NAME)


def test_blocked_encryption_types_survive_a_change_of_encryption() -> None:
    blocked = {"EncryptionType": ["SSE-C"]}
    sent: list[dict[str, Any]] = []
    meta = SimpleNamespace(region_name="us-east-1", partition="aws")
    s3 = SimpleNamespace(meta=meta, put_bucket_encryption=lambda **request: sent.append(request))
    asked = dict.fromkeys(s3_bucket.BucketArguments.__dataclass_fields__)
    bucket = s3_bucket.S3Bucket(s3, s3_bucket.BucketArguments(**{**asked, "name": NAME}))
    bucket.kept = Kept(blocked_encryption_types=blocked)
    bucket.update({}, {"encryption": {"algorithm": "AES256", "kms_key_arn": None, "bucket_key": False}})
    rule = sent[0]["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert rule["BlockedEncryptionTypes"] == blocked


def test_a_bucket_in_another_region_is_not_taken_for_this_one(aws: EmulatorServer) -> None:
    run_module(main, {"name": NAME, "region": "us-west-2"})
    for check in (True, False):
        refused = run_module(main, arguments(), check=check)
        assert "is in us-west-2, not in us-east-1" in refused["msg"]
        assert "s3_bucket_name_suffix" in refused["msg"]


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        ({"s3.HeadBucket": "403"}, "belongs to another AWS account, or they lack s3:ListBucket"),
        ({"s3.CreateBucket": "BucketAlreadyExists"}, "belongs to another AWS account"),
        ({"s3.CreateBucket": "BucketAlreadyOwnedByYou"}, "is ours already, in another region"),
    ],
)
def test_a_name_that_is_taken_says_what_to_change(aws: EmulatorServer, fail: dict[str, str], message: str) -> None:
    refused = run_module(main, arguments(), fail=fail)
    assert refused["failed"] is True
    assert message in refused["msg"]
    assert "s3_bucket_name_suffix" in refused["msg"]


def test_a_bucket_made_by_a_request_whose_answer_got_lost_is_gone_on_with(
    aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.client("s3").create_bucket(Bucket=NAME)
    answers: list[str | None] = [None, "us-east-1", "us-east-1"]
    monkeypatch.setattr(s3_bucket, "region_of", lambda *_: answers.pop(0))
    result = run_module(main, arguments(), fail={"s3.CreateBucket": "BucketAlreadyOwnedByYou"})
    assert result["changed"] is True
    assert aws.client("s3").get_bucket_versioning(Bucket=NAME)["Status"] == "Enabled"


def test_an_aborted_operation_is_tried_again(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    result = run_module(main, arguments(), fail={"s3.CreateBucket": "OperationAborted"})
    assert result["failed"] is True
    assert len(pauses) == 9


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    predicted = run_module(main, arguments(state="absent"), check=True)
    assert (predicted["changed"], predicted["actions"], writes(predicted)) == (True, ["delete"], [])
    result = run_module(main, arguments(state="absent"))
    assert writes(result) == ["s3.DeleteBucket"]
    assert result["s3_bucket"] == {}
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert run_module(main, arguments(state="absent"))["changed"] is False


def test_a_bucket_that_holds_something_stays_unless_purged(aws: EmulatorServer) -> None:
    run_module(main, arguments(policy=None))
    s3 = aws.client("s3")
    for body in (b"1", b"2"):
        s3.put_object(Bucket=NAME, Key="dump", Body=body)
    s3.delete_object(Bucket=NAME, Key="dump")
    for check in (True, False):
        refused = run_module(main, arguments(state="absent"), check=check)
        assert "is not empty" in refused["msg"]
    predicted = run_module(main, arguments(state="absent", purge=True), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert len(s3.list_object_versions(Bucket=NAME)["Versions"]) == 2
    result = run_module(main, arguments(state="absent", purge=True))
    assert writes(result) == ["s3.DeleteObjects", "s3.DeleteBucket"]
    assert s3.list_buckets()["Buckets"] == []


def test_purge_goes_through_all_pages(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    run_module(main, arguments(policy=None))
    for number in range(5):
        aws.client("s3").put_object(Bucket=NAME, Key=f"dump-{number}", Body=b"1")
    monkeypatch.setattr("trading_platform.aws.s3_bucket_contents.PAGE", 2)
    result = run_module(main, arguments(state="absent", purge=True))
    assert writes(result) == ["s3.DeleteObjects"] * 3 + ["s3.DeleteBucket"]


def test_an_api_error_names_the_bucket(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(), fail={"s3.GetBucketPolicy": "AccessDenied"})
    assert f"S3 bucket {NAME}" in result["msg"]
    assert result["error"]["code"] == "AccessDenied"


def test_objects_that_s3_keeps_are_named() -> None:
    version = {"Key": "dump", "VersionId": "1"}
    error = {"Key": "dump", "Code": "AccessDenied", "Message": "under an object lock"}
    s3 = SimpleNamespace(
        list_object_versions=lambda **_: {"Versions": [version]}, delete_objects=lambda **_: {"Errors": [error]}
    )
    with pytest.raises(PurgeError, match="1 objects could not be deleted: dump: AccessDenied: under an object lock"):
        purge(s3, NAME)
