"""What CloudFront refuses of distributions."""

from typing import Any

from moto.acm.models import acm_backends
from moto.wafv2.models import wafv2_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.cloudfront.common import (
    CREATES,
    WRITES,
    backend_of,
    behaviors_of,
    config_of,
    kept,
    policies_of,
    refuse_other_version,
    values_of,
)
from trading_platform.emulator.services.cloudfront.distributions import status_of

extension = Extension("cloudfront")

# Developer guide, "Use managed cache policies".
CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6",  # CachingOptimized
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",  # CachingDisabled
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",  # CachingOptimizedForUncompressedObjects
    "08627262-05a9-4f76-9ded-b50ca2e3a84f",  # Elemental-MediaPackage
    "2e54312d-136d-493c-8eb9-b001f22f67d2",  # Amplify
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65",  # UseOriginCacheControlHeaders
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe",  # UseOriginCacheControlHeaders-QueryStrings
}
CERTIFICATE = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid "
    "certificate chain."
)


def _distribution(call: Call) -> Any | None:
    return backend_of(call).distributions.get(call.params.get("Id"))


@extension.refuses("UpdateDistribution", "DeleteDistribution")
def another_version(call: Call) -> None:
    held = _distribution(call)
    if held is not None:
        refuse_other_version(call, held.etag)


@extension.refuses("UpdateDistribution")
def another_caller_reference(call: Call) -> None:
    """API DistributionConfig: CallerReference cannot be changed."""
    held = _distribution(call)
    if held is not None and config_of(call)["CallerReference"] != kept(held)["config"]["CallerReference"]:
        raise AwsError("IllegalUpdate", "The update contains modifications that are not allowed.", 400)


@extension.refuses("DeleteDistribution")
def distribution_that_still_answers(call: Call) -> None:
    """Developer guide, "Delete a distribution": disabled, and that change deployed."""
    held = _distribution(call)
    if held is not None and (kept(held)["config"]["Enabled"] or status_of(held) != "Deployed"):
        message = "The distribution you are trying to delete has not been disabled."
        raise AwsError("DistributionNotDisabled", message, 409)


@extension.refuses(*WRITES)
def aliases_of_another_distribution(call: Call) -> None:
    """An alternate domain name belongs to one distribution of all accounts."""
    asked = set(values_of(config_of(call).get("Aliases")))
    for held in backend_of(call).distributions.values():
        if held.id != call.params.get("Id") and asked & set(values_of(kept(held)["config"]["Aliases"])):
            message = "One or more of the CNAMEs you provided are already associated with a different resource."
            raise AwsError("CNAMEAlreadyExists", message, 409)


@extension.refuses(*WRITES)
def certificate_that_cannot_be_used(call: Call) -> None:
    """It is of us-east-1, issued, and names every alias; it needs SSLSupportMethod and MinimumProtocolVersion."""
    config = config_of(call)
    given = config.get("ViewerCertificate") or {}
    arn, aliases = given.get("ACMCertificateArn"), values_of(config.get("Aliases"))
    if not arn:
        if aliases:
            raise _invalid_certificate(
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
                "certificate that validates your authorization to use the domain name."
            )
        return
    held = acm_backends[call.account_id]["us-east-1"]._certificates.get(arn)
    if held is not None:
        held.check()
    if held is None or held.status != "ISSUED":
        raise _invalid_certificate(CERTIFICATE)
    if not given.get("SSLSupportMethod"):
        raise AwsError("InvalidViewerCertificate", "SSLSupportMethod is required with a certificate.", 400)
    names = {held.common_name, *(held.sans or [])}
    if any(not _covered(alias, names) for alias in aliases):
        raise _invalid_certificate(
            "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) "
            "that you're trying to add."
        )


def _invalid_certificate(message: str) -> AwsError:
    return AwsError("InvalidViewerCertificate", message, 400)


def _covered(alias: str, names: set[str]) -> bool:
    return alias in names or "*." + alias.partition(".")[2] in names


@extension.refuses(*WRITES)
def acl_that_cannot_be_used(call: Call) -> None:
    """API DistributionConfig, WebACLId: the ARN of an ACL of the scope CLOUDFRONT."""
    arn = config_of(call).get("WebACLId")
    if arn and arn not in wafv2_backends[call.account_id]["global"].wacls:
        raise AwsError("InvalidWebACLId", "Web ACL is not accessible by the requester.", 400)


@extension.refuses(*WRITES)
def origin_access_control_that_is_not_there(call: Call) -> None:
    known = backend_of(call).origin_access_controls
    for origin in values_of(config_of(call).get("Origins")):
        control = origin.get("OriginAccessControlId")
        if control and control not in known:
            raise AwsError("InvalidOriginAccessControl", "The origin access control is not valid.", 400)
        if control and (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity"):
            message = "Cannot use both Origin Access Control and Origin Access Identity on the same origin."
            raise AwsError("IllegalOriginAccessConfiguration", message, 400)


@extension.refuses(*WRITES)
def policies_that_are_not_there(call: Call) -> None:
    for behavior in behaviors_of(config_of(call)):
        headers, cache = behavior.get("ResponseHeadersPolicyId"), behavior.get("CachePolicyId")
        if headers and headers not in policies_of(backend_of(call)):
            raise AwsError("NoSuchResponseHeadersPolicy", "The response headers policy does not exist.", 404)
        if cache and cache not in CACHE_POLICIES:
            raise AwsError("NoSuchCachePolicy", "The cache policy does not exist.", 404)


@extension.refuses(*WRITES)
def two_ways_to_say_what_is_cached(call: Call) -> None:
    """API DefaultCacheBehavior: a cache policy, or ForwardedValues with the TTLs, and one of them."""
    for behavior in behaviors_of(config_of(call)):
        old = [key for key in ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL") if behavior.get(key) is not None]
        if behavior.get("CachePolicyId") and old:
            message = f"The parameter {old[0]} cannot be used when a cache policy is associated to the cache behavior."
            raise AwsError("InvalidArgument", message, 400)


@extension.refuses(*WRITES)
def root_object_with_a_slash(call: Call) -> None:
    if str(config_of(call).get("DefaultRootObject") or "").startswith("/"):
        message = "The default root object file name is too big or contains an invalid character."
        raise AwsError("InvalidDefaultRootObject", message, 400)


@extension.refuses(*CREATES)
def quantities_that_do_not_match(call: Call) -> None:
    for key in ("Aliases", "Origins", "CustomErrorResponses"):
        listed = config_of(call).get(key)
        if listed and int(listed["Quantity"]) != len(values_of(listed)):
            message = f"The value of Quantity and the size of Items don't match for {key}."
            raise AwsError("InconsistentQuantities", message, 400)
