"""Response headers policies, which moto does not have."""

import copy
import uuid
from typing import Any

from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.cloudfront.common import (
    backend_of,
    behaviors_of,
    kept,
    new_etag,
    policies_of,
    refuse_other_version,
    values_of,
)

extension = Extension("cloudfront")

MOST_CUSTOM_HEADERS = 10  # quotas: custom headers in a response headers policy


def _described(policy: dict[str, Any]) -> dict[str, Any]:
    return {
        "Id": policy["Id"],
        "LastModifiedTime": policy["LastModifiedTime"],
        "ResponseHeadersPolicyConfig": policy["Config"],
    }


def _answer(policy: dict[str, Any]) -> ActionResult:
    return ActionResult({"ResponseHeadersPolicy": _described(policy), "ETag": policy["ETag"]})


def _write(policy: dict[str, Any], config: dict[str, Any]) -> ActionResult:
    policy.update(Config=copy.deepcopy(config), ETag=new_etag(), LastModifiedTime=utcnow())
    return _answer(policy)


@extension.adds(CloudFrontResponse)
def create_response_headers_policy(self: Any) -> ActionResult:
    policy = {"Id": str(uuid.uuid4())}
    policies_of(self.backend)[policy["Id"]] = policy
    return _write(policy, self._get_param("ResponseHeadersPolicyConfig"))


@extension.adds(CloudFrontResponse)
def update_response_headers_policy(self: Any) -> ActionResult:
    return _write(policies_of(self.backend)[self._get_param("Id")], self._get_param("ResponseHeadersPolicyConfig"))


@extension.adds(CloudFrontResponse)
def get_response_headers_policy(self: Any) -> ActionResult:
    return _answer(policies_of(self.backend)[self._get_param("Id")])


@extension.adds(CloudFrontResponse)
def list_response_headers_policies(self: Any) -> ActionResult:
    """API ListResponseHeadersPolicies; those of AWS (Type managed) are not listed."""
    found = [] if self._get_param("Type") == "managed" else list(policies_of(self.backend).values())
    listed = {"MaxItems": 100, "Quantity": len(found)}
    items = [{"Type": "custom", "ResponseHeadersPolicy": _described(one)} for one in found]
    return ActionResult({"ResponseHeadersPolicyList": {**listed, "Items": items or None}})


@extension.adds(CloudFrontResponse)
def delete_response_headers_policy(self: Any) -> EmptyResult:
    del policies_of(self.backend)[self._get_param("Id")]
    return EmptyResult()


@extension.refuses("GetResponseHeadersPolicy", "UpdateResponseHeadersPolicy", "DeleteResponseHeadersPolicy")
def policy_that_is_not_there(call: Call) -> None:
    if call.params["Id"] not in policies_of(backend_of(call)):
        raise AwsError("NoSuchResponseHeadersPolicy", "The response headers policy does not exist.", 404)


@extension.refuses("UpdateResponseHeadersPolicy", "DeleteResponseHeadersPolicy")
def another_version(call: Call) -> None:
    refuse_other_version(call, policies_of(backend_of(call))[call.params["Id"]]["ETag"])


@extension.refuses("CreateResponseHeadersPolicy", "UpdateResponseHeadersPolicy")
def config_that_cannot_be(call: Call) -> None:
    """API ResponseHeadersPolicyConfig: unique names, at most ten custom headers, counted rightly."""
    config = call.params["ResponseHeadersPolicyConfig"]
    for held in policies_of(backend_of(call)).values():
        if held["Config"]["Name"] == config["Name"] and held["Id"] != call.params.get("Id"):
            message = "A response headers policy with this name already exists."
            raise AwsError("ResponseHeadersPolicyAlreadyExists", message, 409)
    custom = config.get("CustomHeadersConfig")
    if custom and int(custom["Quantity"]) != len(values_of(custom)):
        message = "The value of Quantity and the size of Items don't match."
        raise AwsError("InconsistentQuantities", message, 400)
    if len(values_of(custom)) > MOST_CUSTOM_HEADERS:
        message = "The number of custom headers in the response headers policy exceeds the maximum."
        raise AwsError("TooManyCustomHeadersInResponseHeadersPolicy", message, 400)


@extension.refuses("DeleteResponseHeadersPolicy")
def policy_that_is_used(call: Call) -> None:
    for held in backend_of(call).distributions.values():
        if any(one.get("ResponseHeadersPolicyId") == call.params["Id"] for one in behaviors_of(kept(held)["config"])):
            message = (
                "Cannot delete the response headers policy because it is attached to one or more cache behaviors in a "
                "CloudFront distribution."
            )
            raise AwsError("ResponseHeadersPolicyInUse", message, 409)
