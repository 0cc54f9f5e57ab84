"""What the resources of Elastic Load Balancing (v2) share: tags, attributes, all pages, parts of ARNs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import batched
from typing import Any

from trading_platform.aws import tags as tagging

# DescribeTags takes this many resources a call.
RESOURCES_PER_CALL = 20


def all_pages(describe: Callable[..., dict[str, Any]], key: str, **arguments: Any) -> list[dict[str, Any]]:
    """Give the list under ``key`` of all pages that a describe call answers with."""
    page = describe(**arguments, aws_retry=True)
    found: list[dict[str, Any]] = list(page[key])
    while page.get("NextMarker"):
        page = describe(**arguments, Marker=page["NextMarker"], aws_retry=True)
        found += page[key]
    return found


def tags_of(elbv2: Any, arns: Iterable[str]) -> dict[str, tagging.Tags]:
    """Read the tags of load balancers, target groups, listeners or rules: ARN to tags."""
    found: dict[str, tagging.Tags] = {}
    for some in batched(arns, RESOURCES_PER_CALL):
        answer = elbv2.describe_tags(ResourceArns=list(some), aws_retry=True)
        for one in answer["TagDescriptions"]:
            found[one["ResourceArn"]] = tagging.from_list(one["Tags"])
    return found


def update_tags(elbv2: Any, arn: str, current: tagging.Tags, target: tagging.Tags) -> None:
    """Bring the tags of one resource from ``current`` to ``target``."""
    write, remove = tagging.difference(current, target)
    if remove:
        elbv2.remove_tags(ResourceArns=[arn], TagKeys=remove, aws_retry=True)
    if write:
        elbv2.add_tags(ResourceArns=[arn], Tags=tagging.to_list(write), aws_retry=True)


def attribute_text(value: Any) -> str:
    """Write the value of an attribute as AWS does: ``True`` is ``true``, 60 is ``60``, None is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def attribute_value(text: str, like: Any) -> Any:
    """Read the value of an attribute, as the type that ``like`` has."""
    if isinstance(like, bool):
        return text == "true"
    if isinstance(like, int):
        return int(text)
    return text


def attributes_list(attributes: dict[str, Any]) -> list[dict[str, str]]:
    """Give attributes as the API takes them, sorted, so that requests are the same from run to run."""
    return [{"Key": key, "Value": attribute_text(attributes[key])} for key in sorted(attributes)]


def attributes_dict(attributes: list[dict[str, str]]) -> dict[str, str]:
    """Give attributes of the API as a dict."""
    return {one["Key"]: one.get("Value", "") for one in attributes}


def arn_suffix(arn: str) -> str:
    """Give the part of an ARN that CloudWatch has for a dimension.

    ``app/name/id`` of a load balancer, ``targetgroup/name/id`` of a target group:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    return arn.split(":", 5)[5].removeprefix("loadbalancer/")
