"""Bucket policies: that they are policies, for this bucket, and not public where that is blocked."""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.iam.access_control import IAMPolicy
from moto.s3.models import FakeBucket

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, caller_arns, invalid_principals, principals, statements
from trading_platform.emulator.services.s3.common import blocks, bucket_of

extension = Extension("s3")

# A condition with a fixed value of one of these keeps a policy from being public: S3 user guide, "The meaning of
# 'public'".
RESTRICTING = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}
# Those of the others that end in Equals, Like or IpAddress compare for equality.
DENYING_OPERATORS = re.compile(r"Not|Null|Bool", re.IGNORECASE)
BUCKET_ACTIONS = re.compile(
    r"s3:(ListBucket\w*|GetBucket\w*|PutBucket\w*|DeleteBucket\w*|\w*Configuration|CreateBucket)"
)
MAXIMUM_BYTES = 20_480


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicy", message, 400)


def _document(call: Call) -> str:
    policy = call.params.get("Policy", "")
    return policy.decode("utf-8", "replace") if isinstance(policy, bytes) else str(policy)


@extension.patches(FakeBucket, "get_permission")
def conditions_of_denials(original: Callable[..., Any], self: Any, action: str, resource: str) -> Any:
    """moto asks no conditions, so a policy that refuses requests without TLS refused every object to everybody."""
    if self.policy is None:
        return original(self, action, resource)
    content = json.loads(self.policy)
    held = [one for one in statements(content) if one.get("Effect") != "Deny" or _holds(one.get("Condition") or {})]
    return IAMPolicy(json.dumps({**content, "Statement": held})).is_action_permitted(action, resource)


def _holds(condition: dict[str, Any]) -> bool:
    """Whether a denial's condition is met by a request over TLS, which plain HTTP on the loopback stands for.

    Of any other key the answer is no: a denial is enforced only where it is sure that AWS would.
    """
    for operator, tests in condition.items():
        for key, values in tests.items():
            wanted = {str(value).lower() for value in as_list(values)}
            if (operator.lower(), key.lower()) != ("bool", "aws:securetransport") or "true" not in wanted:
                return False
    return True


@extension.refuses("PutBucketPolicy")
def policy_that_is_no_policy(call: Call) -> None:
    text = _document(call)
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if len(text.encode()) > MAXIMUM_BYTES:
        raise AwsError("PolicyTooLarge", f"Policy exceeds the maximum allowed document size: {MAXIMUM_BYTES}", 400)
    for statement in statements(content):
        for field in ("Effect", "Principal", "Action", "Resource"):
            if field not in statement and f"Not{field}" not in statement:
                raise _malformed(f"Missing required field {field}")


@extension.refuses("PutBucketPolicy")
def policy_with_principals_that_do_not_exist(call: Call) -> None:
    if invalid_principals(_document(call), call.account_id):
        raise _malformed("Invalid principal in policy")


@extension.refuses("PutBucketPolicy")
def policy_for_another_bucket(call: Call) -> None:
    name = str(call.params.get("Bucket"))
    for statement in statements(_document(call)):
        for resource in [*as_list(statement.get("Resource")), *as_list(statement.get("NotResource"))]:
            if not re.fullmatch(rf"arn:aws:s3:::{re.escape(name)}(/.*)?", str(resource)):
                raise _malformed("Policy has invalid resource")


@extension.refuses("PutBucketPolicy")
def action_that_s3_does_not_have(call: Call) -> None:
    for statement in statements(_document(call)):
        for action in [*as_list(statement.get("Action")), *as_list(statement.get("NotAction"))]:
            if not re.fullmatch(r"\*|s3(express)?:[A-Za-z*?]+", str(action)):
                raise _malformed("Policy has invalid action")


@extension.refuses("PutBucketPolicy")
def action_that_fits_no_resource(call: Call) -> None:
    """A bucket's action on its objects only, or an object's on the bucket only."""
    for statement in statements(_document(call)):
        resources = [str(one) for one in as_list(statement.get("Resource"))]
        names = [str(one) for one in as_list(statement.get("Action"))]
        if not resources or not names or any("*" in name for name in names):
            continue
        for_objects = any("/" in one for one in resources)
        for_bucket = any("/" not in one for one in resources)
        if any(not (for_bucket if BUCKET_ACTIONS.fullmatch(name) else for_objects) for name in names):
            raise _malformed("Action does not apply to any resource(s) in statement")


@extension.refuses("PutBucketPolicy")
def public_policy_where_it_is_blocked(call: Call) -> None:
    bucket = bucket_of(call)
    if bucket and blocks(call, bucket, "block_public_policy") and is_public(_document(call)):
        caller = (caller_arns(call) or [f"arn:aws:iam::{call.account_id}:root"])[-1]
        raise AwsError(
            "AccessDenied",
            f"User: {caller} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{bucket.name}" '
            "because public policies are blocked by the BlockPublicPolicy block public access setting.",
            403,
        )


def is_public(document: str) -> bool:
    """Whether a policy allows anybody something without a condition that says who. See RESTRICTING."""
    return any(
        statement.get("Effect") == "Allow"
        and any(value == "*" for kind, value in principals(statement) if kind in ("AWS", "*"))
        and not _is_restricted(statement.get("Condition") or {})
        for statement in statements(document)
    )


def _is_restricted(condition: dict[str, Any]) -> bool:
    for operator, tests in condition.items():
        if DENYING_OPERATORS.search(operator):
            continue
        for key, values in tests.items():
            fixed = not any(re.search(r"[*?]|\$\{", str(value)) for value in as_list(values))
            arn = key.lower() in ("aws:sourcearn", "aws:principalarn")  # a wildcard inside an account is fixed enough
            if key.lower() in RESTRICTING and (fixed or (arn and _names_an_account(values))):
                return "0.0.0.0/0" not in as_list(values)
    return False


def _names_an_account(values: Any) -> bool:
    return all(re.match(r"arn:aws:[^:*]+:[^:]*:\d{12}:", str(value)) for value in as_list(values))
