"""Tags of everything EKS has; moto tags clusters only."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult
from moto.eks.responses import EKSResponse

from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.access_entries import entries_of
from trading_platform.emulator.services.eks.pod_identity import associations_of
from trading_platform.emulator.services.eks.store import ADDON, CLUSTER, NODEGROUP, records

extension = Extension("eks")

ARNS = {CLUSTER: "arn", NODEGROUP: "nodegroupArn", ADDON: "addonArn"}


def _tagged(response: EKSResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    """(ARN, what it names) of everything in the region."""
    for kind, key in ARNS.items():
        yield from ((record.data[key], record.data) for record in records(response, kind).values())
    for (cluster,) in list(records(response, CLUSTER)):
        yield from ((entry["accessEntryArn"], entry) for entry in entries_of(response, cluster).values())
        yield from ((one["associationArn"], one) for one in associations_of(response, cluster).values())


def _tags(response: EKSResponse) -> dict[str, str]:
    wanted = unquote(response.params["resourceArn"])
    for arn, data in _tagged(response):
        if arn == wanted:
            tags: dict[str, str] = data["tags"]
            return tags
    raise AwsError("NotFoundException", "Resource was not found", 404)


@extension.patches(EKSResponse, "tag_resource")
def tag_resource(_: Callable[..., Any], self: EKSResponse) -> ActionResult:
    """API TagResource."""
    _tags(self).update(self.params["tags"])
    return EmptyResult()


@extension.patches(EKSResponse, "untag_resource")
def untag_resource(_: Callable[..., Any], self: EKSResponse) -> ActionResult:
    """API UntagResource."""
    tags = _tags(self)
    for key in self.params["tagKeys"]:
        tags.pop(key, None)
    return EmptyResult()


@extension.patches(EKSResponse, "list_tags_for_resource")
def list_tags_for_resource(_: Callable[..., Any], self: EKSResponse) -> ActionResult:
    """API ListTagsForResource."""
    return ActionResult({"tags": dict(_tags(self))})
