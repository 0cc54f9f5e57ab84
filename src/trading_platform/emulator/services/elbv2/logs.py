"""Access logs: Elastic Load Balancing makes sure that it may write before it takes the attribute.

Application Load Balancers guide, "Enable access logs": the policy of the bucket allows the load balancing account of
the region (older regions) or the log delivery service to put objects under ``prefix/AWSLogs/account/``; the bucket is
in the region of the load balancer and encrypted with SSE-S3.
"""

from fnmatch import fnmatchcase
from typing import Any

from moto.s3.models import s3_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, principals, statements
from trading_platform.emulator.services.elbv2.common import attributes, invalid_configuration, state

extension = Extension("elbv2")

# The same page: "Regions available before August 2022".
ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
}
SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
KINDS = ("access_logs", "connection_logs", "health_check_logs")


@extension.refuses("ModifyLoadBalancerAttributes")
def logs_into_a_bucket_that_does_not_take_them(call: Call) -> None:
    """ "Access Denied for bucket: X. Please check S3bucket permission"."""
    balancer = state(call).load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None:
        return
    values = {**balancer.attrs, **attributes(call)}
    for kind in KINDS:
        if values.get(f"{kind}.s3.enabled") == "true":
            _refuse_bucket(call, values.get(f"{kind}.s3.bucket", ""), values.get(f"{kind}.s3.prefix", ""))


def _refuse_bucket(call: Call, name: str, prefix: str) -> None:
    if "AWSLogs" in prefix:
        raise invalid_configuration("The value of 'access_logs.s3.prefix' cannot contain 'AWSLogs'")
    bucket = s3_backends[call.account_id]["aws"].buckets.get(name)
    path = "/".join(part for part in (prefix.strip("/"), "AWSLogs", call.account_id, "x") if part)
    if bucket is None or not _takes_logs(bucket, call.region, f"arn:aws:s3:::{name}/{path}"):
        raise invalid_configuration(f"Access Denied for bucket: {name}. Please check S3bucket permission")


def _takes_logs(bucket: Any, region: str, resource: str) -> bool:
    return (
        bucket.region_name == region
        and not _uses_kms(bucket)
        and any(_allows(statement, region, resource) for statement in statements(bucket.policy))
    )


def _uses_kms(bucket: Any) -> bool:
    return "aws:kms" in str(bucket.encryption or "")


def _allows(statement: dict[str, Any], region: str, resource: str) -> bool:
    account = ACCOUNTS.get(region, "")
    writers = {("Service", SERVICE), ("AWS", f"arn:aws:iam::{account}:root"), ("AWS", account)}
    return (
        statement.get("Effect") == "Allow"
        and bool(writers & set(principals(statement)))
        and any(fnmatchcase("s3:PutObject", str(action)) for action in as_list(statement.get("Action")))
        and any(fnmatchcase(resource, str(pattern)) for pattern in as_list(statement.get("Resource")))
    )
