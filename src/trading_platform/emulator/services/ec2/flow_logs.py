"""VPC flow logs: every attribute kept, and S3 destinations as AWS treats them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from moto.ec2.exceptions import FlowLogAlreadyExists
from moto.ec2.models.flow_logs import FlowLogs, FlowLogsBackend
from moto.ec2.responses.flow_logs import FlowLogs as FlowLogsResponse
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, statements

extension = Extension("ec2")

DELIVERY = "delivery.logs.amazonaws.com"


def bucket_and_prefix(destination: str) -> tuple[str, str]:
    """``arn:aws:s3:::bucket/prefix/`` as (bucket, ``prefix/``)."""
    name, _, prefix = destination.partition(":::")[2].partition("/")
    return name, f"{prefix.rstrip('/')}/" if prefix else ""


@extension.patches(FlowLogs, "__init__")
def flow_log_with_destination_options(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """API FlowLog: DestinationOptions, with AWS's defaults for S3."""
    original(self, *args, **kwargs)
    plain = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}
    self.destination_options = plain if self.log_destination_type == "s3" else None


@extension.patches(FlowLogsResponse, "create_flow_logs")
def keep_destination_options(original: Callable[..., Any], self: Any) -> Any:
    """API CreateFlowLogs, DestinationOptions: moto drops them, and they decide where AWS writes."""
    result = original(self)
    for flow_log_id in result.result["FlowLogIds"]:
        flow_log = self.ec2_backend.flow_logs[flow_log_id]
        if flow_log.destination_options is not None:
            flow_log.destination_options |= self._get_param("DestinationOptions") or {}
            allow_delivery(self.ec2_backend, flow_log)
    return result


@extension.patches(FlowLogsBackend, "create_flow_logs")
def deliver_to_s3_with_a_prefix(
    original: Callable[..., Any], self: Any, **arguments: Any
) -> tuple[list[Any], list[Any]]:
    """moto takes ``bucket/prefix`` for the name of a bucket. AWS also makes sure that it may deliver.

    "Access Denied for LogDestination" and "is undeliverable": VPC user guide, "Troubleshoot VPC Flow Logs".
    """
    if arguments["log_destination_type"] != "s3":
        return _created(original(self, **arguments))
    destination = arguments["log_destination"] or ""
    problem = _problem_with(self, destination)
    if problem:
        return [], [(resource_id, "400", problem) for resource_id in arguments["resource_ids"]]
    _refuse_the_same_again(self, arguments["resource_ids"], destination)
    return _with_bucket_only(original, self, arguments, destination)


def _created(result: Any) -> tuple[list[Any], list[Any]]:
    created, failed = result
    return created, failed


def _refuse_the_same_again(backend: Any, resource_ids: list[str], destination: str) -> None:
    for held in backend.flow_logs.values():
        if held.resource_id in resource_ids and held.log_destination == destination:
            raise FlowLogAlreadyExists()


def _with_bucket_only(
    original: Callable[..., Any], backend: Any, arguments: dict[str, Any], destination: str
) -> tuple[list[Any], list[Any]]:
    """moto's own creation, given the bucket without a prefix; it looks for duplicates by destination, as do we."""
    held, backend.flow_logs = backend.flow_logs, {}
    try:
        bare = f"arn:aws:s3:::{bucket_and_prefix(destination)[0]}"
        created, failed = _created(original(backend, **{**arguments, "log_destination": bare}))
    finally:
        backend.flow_logs = {**held, **backend.flow_logs}
    for flow_log in created:
        flow_log.log_destination = destination
    return created, failed


def _bucket(backend: Any, destination: str) -> Any:
    """moto's bucket, or None."""
    return s3_backends[backend.account_id]["aws"].buckets.get(bucket_and_prefix(destination)[0])


def _problem_with(backend: Any, destination: str) -> str | None:
    name = bucket_and_prefix(destination)[0]
    bucket = _bucket(backend, destination)
    if bucket is None:
        return f"LogDestination: {name} does not exist."
    key_id = _key_of(bucket)
    if key_id and not key_id.startswith("arn:"):
        return f"LogDestination {name} is undeliverable"
    if key_id and not _key_allows_delivery(backend, key_id):
        return f"Access Denied for LogDestination: {name}. Please check LogDestination permission."
    return None


def _key_of(bucket: Any) -> str | None:
    """The KMS key of the bucket's default encryption, None for SSE-S3."""
    rule = (bucket.encryption or {}).get("Rule") or {}
    default = (rule[0] if isinstance(rule, list) else rule).get("ApplyServerSideEncryptionByDefault") or {}
    key_id: str | None = default.get("KMSMasterKeyID")
    return key_id


def _key_allows_delivery(backend: Any, key_arn: str) -> bool:
    keys = kms_backends[backend.account_id][key_arn.split(":")[3]].keys
    key = keys.get(key_arn.rpartition("/")[2])
    return key is not None and any(_is_for_delivery(one) for one in statements(key.policy))


def _is_for_delivery(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = as_list(principal.get("Service")) if isinstance(principal, dict) else []
    return statement.get("Effect") == "Allow" and DELIVERY in services


def allow_delivery(backend: Any, flow_log: Any) -> None:
    """Add to the bucket's policy what delivery needs and the policy lacks.

    VPC user guide, "Publish flow logs to Amazon S3": if the user who creates the flow log owns the bucket, AWS
    attaches the policy itself.
    """
    bucket = _bucket(backend, flow_log.log_destination)
    policy = json.loads(bucket.policy) if bucket.policy else {"Version": "2012-10-17", "Statement": []}
    held = [one for one in statements(policy) if _is_for_delivery(one)]
    for statement in _delivery_statements(backend, flow_log):
        if not any(_covers(one, statement) for one in held):
            policy["Statement"] = [*as_list(policy["Statement"]), statement]
    bucket.policy = json.dumps(policy).encode()


def _covers(held: dict[str, Any], wanted: dict[str, Any]) -> bool:
    actions, resources = as_list(held.get("Action")), as_list(held.get("Resource"))
    prefixes = [one.rstrip("*") for one in resources]
    named = wanted["Action"] in actions or any(one in ("*", "s3:*", "s3:Put*") for one in actions)
    return named and any(wanted["Resource"].startswith(one) for one in prefixes)


def _delivery_statements(backend: Any, flow_log: Any) -> Iterator[dict[str, Any]]:
    name, prefix = bucket_and_prefix(flow_log.log_destination)
    account, region = backend.account_id, backend.region_name
    # VPC user guide, "Publish flow logs to Amazon S3": with Hive prefixes folders are named for a column.
    hive = str(flow_log.destination_options["HiveCompatiblePartitions"]).lower() == "true"
    folder = f"aws-account-id={account}" if hive else account
    condition: dict[str, Any] = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*"},
    }
    written = {**condition["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}
    base = {"Effect": "Allow", "Principal": {"Service": DELIVERY}}
    yield {
        "Sid": "AWSLogDeliveryWrite",
        **base,
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{name}/{prefix}AWSLogs/{folder}/*",
        "Condition": {**condition, "StringEquals": written},
    }
    yield {
        "Sid": "AWSLogDeliveryAclCheck",
        **base,
        "Action": "s3:GetBucketAcl",
        "Resource": f"arn:aws:s3:::{name}",
        "Condition": condition,
    }


@extension.refuses("CreateFlowLogs")
def role_for_a_delivery_to_s3(call: Call) -> None:
    if call.params.get("LogDestinationType") == "s3" and call.params.get("DeliverLogsPermissionArn"):
        raise AwsError("InvalidParameter", "DeliverLogsPermissionArn is not applicable for s3 delivery")
