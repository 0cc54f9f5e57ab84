"""What the WAF files share."""

from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import elbv2_backends
from moto.wafv2.models import wafv2_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError

ALB = ":loadbalancer/app/"


def invalid(reason: str, field: str, parameter: object) -> AwsError:
    """The form of WAFInvalidParameterException; fields are those of the API's ParameterExceptionField."""
    return AwsError(
        "WAFInvalidParameterException", f"Error reason: {reason}, field: {field}, parameter: {parameter}", 400
    )


def nonexistent() -> AwsError:
    message = "AWS WAF couldn\u2019t perform the operation because your resource doesn\u2019t exist."
    return AwsError("WAFNonexistentItemException", message, 400)


def backend_of(arn: str, account_id: str) -> Any:
    """The backend that keeps an ACL: moto has one for CloudFront beside the regions'."""
    parts = arn.split(":")
    is_global = len(parts) > 5 and parts[5].startswith("global/")
    return wafv2_backends[account_id]["global" if is_global else parts[3]]


def acl_of(arn: str, account_id: str) -> Any | None:
    return backend_of(arn, account_id).wacls.get(arn) if arn.count(":") >= 5 else None


def load_balancer_exists(arn: str, call: Call) -> bool:
    return arn in elbv2_backends[call.account_id][call.region].load_balancers


def statements_of(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, content) of a statement and of all statements inside it."""
    for name, content in statement.items():
        if content is None:
            continue
        yield name, content
        inner = [content.get("ScopeDownStatement"), content.get("Statement"), *(content.get("Statements") or [])]
        for one in inner:
            if one:
                yield from statements_of(one)
