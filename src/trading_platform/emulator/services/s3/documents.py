"""Configurations that come back as they were put: lifecycle, replication, logging."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from trading_platform.emulator.call import Call, call_of
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.policies import as_list
from trading_platform.emulator.services.s3.common import bucket_of, buckets

extension = Extension("s3")

KEPT = {
    "PutBucketLifecycleConfiguration": ("LifecycleConfiguration", "TransitionDefaultMinimumObjectSize"),
    "PutBucketReplication": ("ReplicationConfiguration",),
    "PutBucketLogging": ("BucketLoggingStatus",),
}
LOGGING = "logging.s3.amazonaws.com"


@extension.patches(S3Response, "_bucket_response_put")
def keep_the_document(original: Callable[..., Any], self: Any, request: Any, bucket_name: str, query: Any) -> Any:
    """moto takes configurations apart and drops what it does not know. Keep them as the API names their parts."""
    result = original(self, request, bucket_name, query)
    call = call_of(self)
    for field in KEPT.get(call.action or "", ()):
        _documents(self)[field] = call.params.get(field)
    return result


def _documents(self: Any) -> dict[str, Any]:
    return state_of(self.backend.get_bucket(self.bucket_name), "documents")


@extension.patches(S3Response, "get_bucket_lifecycle")
def lifecycle_as_it_was_put(original: Callable[..., Any], self: Any) -> Any:
    """API GetBucketLifecycleConfiguration: sizes in filters, versions to retain and the default minimum size."""
    original(self)  # raises if there is none
    rules = _documents(self)["LifecycleConfiguration"]["Rules"]
    held = self.backend.get_bucket(self.bucket_name).rules
    named = [{**rule, "ID": rule.get("ID") or kept.id} for rule, kept in zip(rules, held, strict=True)]
    size = _documents(self).get("TransitionDefaultMinimumObjectSize") or "all_storage_classes_128K"
    return self.serialized(ActionResult({"Rules": named, "TransitionDefaultMinimumObjectSize": size}))


@extension.patches(S3Response, "get_bucket_replication")
def replication_as_it_was_put(original: Callable[..., Any], self: Any) -> Any:
    """API GetBucketReplication: filters, delete markers and source selection, which moto replaces by constants."""
    original(self)  # raises if there is none
    document = _documents(self)["ReplicationConfiguration"]
    held = self.backend.get_bucket_replication(self.bucket_name)["Rule"]
    rules = [
        {"ID": kept["ID"], **({"Priority": 0} if "Filter" in rule else {}), **rule}
        for rule, kept in zip(document["Rules"], as_list(held), strict=True)
    ]
    return self.serialized(ActionResult({"ReplicationConfiguration": {**document, "Rules": rules}}))


@extension.patches(S3Response, "get_bucket_logging")
def logging_as_it_was_put(original: Callable[..., Any], self: Any) -> Any:
    """API GetBucketLogging: TargetObjectKeyFormat, which moto drops."""
    result = original(self)
    if not self.backend.get_bucket_logging(self.bucket_name):
        return result
    return self.serialized(ActionResult(_documents(self)["BucketLoggingStatus"]))


@extension.patches(FakeBucket, "_log_permissions_enabled_policy")
def any_policy_that_lets_the_logs_in(_: Callable[..., Any], target_bucket: Any, target_prefix: str | None) -> bool:
    """moto fails on ``"Principal": "*"`` and knows one spelling of the resource."""
    policy = json.loads(target_bucket.policy) if target_bucket.policy else {}
    wanted = f"arn:aws:s3:::{target_bucket.name}/{target_prefix or ''}"
    return any(_lets_logs_in(statement, wanted) for statement in as_list(policy.get("Statement")))


def _lets_logs_in(statement: dict[str, Any], wanted: str) -> bool:
    principal = statement.get("Principal")
    services = as_list(principal.get("Service")) if isinstance(principal, dict) else []
    puts = {"s3:PutObject", "s3:Put*", "s3:*"} & set(as_list(statement.get("Action")))
    covered = any(
        resource.endswith("*") and wanted.startswith(resource.rstrip("*"))
        for resource in as_list(statement.get("Resource"))
    )
    return statement.get("Effect") == "Allow" and LOGGING in services and bool(puts) and covered


@extension.refuses("PutBucketLogging")
def logging_to_another_region(call: Call) -> None:
    """The code is spelt so (S3 error responses); moto has it right but for one letter."""
    wanted = (call.params.get("BucketLoggingStatus") or {}).get("LoggingEnabled") or {}
    source, target = bucket_of(call), buckets(call).get(str(wanted.get("TargetBucket")))
    if source and target and source.region_name != target.region_name:
        raise AwsError("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403)


@extension.patches(FakeBucket, "set_lifecycle")
def lifecycle_rules_without_an_id(original: Callable[..., Any], self: Any, rules: list[dict[str, Any]]) -> None:
    """S3 names a rule that has no ID; moto keeps none."""
    original(self, [rule if rule.get("ID") else {**rule, "ID": mock_random.get_random_hex(36)} for rule in rules])
