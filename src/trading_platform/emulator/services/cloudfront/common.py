"""What the CloudFront files share: the backend, configurations as sent, versions and the form of refusals."""

from typing import Any

from moto.cloudfront.models import cloudfront_backends, random_id

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import state_of

CREATES = ("CreateDistribution", "CreateDistributionWithTags")
WRITES = (*CREATES, "UpdateDistribution")


def backend_of(call: Call) -> Any:
    return cloudfront_backends[call.account_id]["aws"]


def config_of(call: Call) -> dict[str, Any]:
    """The DistributionConfig of a call that creates or updates."""
    params = call.params
    held = params.get("DistributionConfigWithTags") or params
    return dict(held.get("DistributionConfig") or {})


def values_of(listed: dict[str, Any] | None) -> list[Any]:
    """The values of CloudFront's lists: ``{"Quantity": 1, "Items": [...]}``."""
    return list((listed or {}).get("Items") or [])


def kept(distribution: Any) -> dict[str, Any]:
    """What is kept beside moto's object: ``config`` as sent, with defaults; ``changed`` by the clock of delays."""
    return state_of(distribution, "cloudfront")


def policies_of(backend: Any) -> dict[str, dict[str, Any]]:
    """Response headers policies by id: ``{"Id", "ETag", "Config", "LastModifiedTime"}``."""
    return state_of(backend, "response-headers-policies")


def new_etag() -> str:
    tag: str = random_id()
    return tag


def refuse_other_version(call: Call, etag: str) -> None:
    """API: IfMatch is the ETag that was read; anything else is refused, and so is none at all."""
    given = call.params.get("IfMatch")
    if not given:
        message = "The If-Match version is missing or not valid for the resource."
        raise AwsError("InvalidIfMatchVersion", message, 400)
    if given != etag:
        message = "The precondition given in one or more of the request-header fields evaluated to false."
        raise AwsError("PreconditionFailed", message, 412)


def behaviors_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [config["DefaultCacheBehavior"], *values_of(config.get("CacheBehaviors"))]
