"""Lifecycle and replication of a bucket: ours, S3's, and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_platform.aws import s3_bucket_lifecycle as lifecycle
from trading_platform.aws import s3_bucket_replication as replication

DAYS = st.one_of(st.none(), st.integers(1, 3650))
STEPS = st.lists(
    st.fixed_dictionaries(
        {"days": st.integers(0, 3650), "storage_class": st.sampled_from(["STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"])}
    ),
    max_size=3,
)
LIFECYCLE_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "b", "c", "d"]),
            "prefix": st.sampled_from(["", "logs/", "dumps/"]),
            "enabled": st.booleans(),
            "transitions": st.one_of(st.none(), STEPS),
            "expiration_days": DAYS,
            "expired_object_delete_marker": st.just(False),
            "noncurrent_version_transitions": st.one_of(st.none(), STEPS),
            "noncurrent_version_expiration_days": DAYS,
            "abort_incomplete_multipart_upload_days": DAYS,
            "object_size_greater_than": st.one_of(st.none(), st.integers(1, 10**9)),
            "object_size_less_than": st.one_of(st.none(), st.integers(1, 10**9)),
        }
    ),
    unique_by=lambda rule: rule["id"],
)


@settings(max_examples=50)
@given(LIFECYCLE_RULES, st.randoms())
def test_lifecycle_comes_back_from_s3_as_it_was_asked_for(rules: list[dict[str, Any]], random: Any) -> None:
    wanted = lifecycle.normal(rules)
    answer = lifecycle.to_aws(wanted)
    random.shuffle(answer)
    for rule in answer:
        random.shuffle(rule.get("Transitions", []))
    assert lifecycle.from_aws(answer) == wanted


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, {"Prefix": ""}),
        ({"prefix": "a/"}, {"Prefix": "a/"}),
        ({"object_size_greater_than": 5}, {"ObjectSizeGreaterThan": 5}),
        (
            {"prefix": "a/", "object_size_less_than": 5},
            {"And": {"Prefix": "a/", "ObjectSizeLessThan": 5}},
        ),
    ],
)
def test_a_filter_is_spelled_as_s3_wants_it(rule: dict[str, Any], expected: dict[str, Any]) -> None:
    assert lifecycle.to_aws(lifecycle.normal([{"id": "x", **rule}]))[0]["Filter"] == expected


def test_a_rule_of_the_old_schema_is_understood() -> None:
    old = [{"ID": "x", "Prefix": "a/", "Status": "Enabled", "Expiration": {"Days": 7}}]
    assert lifecycle.from_aws(old) == lifecycle.normal([{"id": "x", "prefix": "a/", "expiration_days": 7}])


@pytest.mark.parametrize(
    "extra",
    [
        {"Filter": {"Tag": {"Key": "a", "Value": "b"}}},
        {"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "b"}]}}},
        {"Expiration": {"Days": 7, "Date": "2030-01-01"}},
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 3}},
        {"SomethingNew": {}},
    ],
)
def test_what_we_cannot_say_is_seen_as_a_difference(extra: dict[str, Any]) -> None:
    asked = {"id": "x", "expiration_days": 7}
    if "NoncurrentVersionExpiration" in extra:
        asked["noncurrent_version_expiration_days"] = 7
    plain = {"ID": "x", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 7}}
    assert lifecycle.from_aws([{**plain, **extra}]) != lifecycle.normal([asked])


def test_lifecycle_problems_are_named() -> None:
    rules = [
        {"id": "a", "expiration_days": 1, "expired_object_delete_marker": True},
        {"id": "b", "object_size_less_than": 4},
        {"id": "b", "expiration_days": 1},
    ]
    found = "; ".join(lifecycle.problems(rules))
    assert "rule b stands twice" in found
    assert "rule b does nothing" in found
    assert "rule a: expired_object_delete_marker" in found
    assert lifecycle.problems([{"id": "a", "expired_object_delete_marker": True}]) == []


REPLICATION = {
    "role_arn": "arn:aws:iam::123456789012:role/copies",
    "rules": [
        {
            "id": name,
            "priority": priority,
            "prefix": "",
            "destination_bucket_arn": "arn:aws:s3:::copy",
            "storage_class": storage_class,
            "replica_kms_key_arn": key,
            "delete_marker_replication": True,
            "sse_kms_encrypted_objects": key is not None,
            "metrics": key is not None,
        }
        for name, priority, storage_class, key in [("b", 1, None, None), ("a", 2, "GLACIER", "arn:aws:kms:::key/1")]
    ],
}


def test_replication_comes_back_from_s3_as_it_was_asked_for() -> None:
    wanted = replication.normal(REPLICATION)
    assert wanted is not None
    answer = replication.to_aws(wanted)
    answer["Rules"].reverse()
    assert replication.from_aws(answer) == wanted


def test_replication_is_written_in_the_current_schema() -> None:
    wanted = replication.normal(REPLICATION)
    assert wanted is not None
    assert replication.to_aws(wanted)["Rules"][0] == {
        "ID": "a",
        "Priority": 2,
        "Filter": {"Prefix": ""},
        "Status": "Enabled",
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {
            "Bucket": "arn:aws:s3:::copy",
            "StorageClass": "GLACIER",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:::key/1"},
            "Metrics": {"Status": "Enabled"},
        },
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"Status": "Disabled"},
        {"ExistingObjectReplication": {"Status": "Enabled"}},
        {"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "b"}]}}},
        {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}}},
        {"Destination": {"Bucket": "arn:aws:s3:::copy", "Metrics": {"Status": "Enabled"}}},
    ],
)
def test_a_replication_changed_by_hand_is_seen(changed: dict[str, Any]) -> None:
    wanted = replication.normal({**REPLICATION, "rules": REPLICATION["rules"][:1]})
    assert wanted is not None
    answer = replication.to_aws(wanted)
    answer["Rules"][0].update(changed)
    assert replication.from_aws(answer) != wanted


def test_replication_problems_are_named() -> None:
    rules = [{"id": "a", "priority": 1, "sse_kms_encrypted_objects": True, "replica_kms_key_arn": None}] * 2
    found = "; ".join(replication.problems({"role_arn": "r", "rules": rules}, versioning=False))
    assert "replication needs versioning" in found
    assert "needs replica_kms_key_arn" in found
    assert "priorities of their own" in found
    assert replication.problems(REPLICATION, versioning=True) == []
    assert replication.problems(None, versioning=False) == []
