"""Distributions: the configuration as it was sent, a version for each change, and minutes until edges know of it."""

import copy
from collections.abc import Callable
from typing import Any

from moto.cloudfront.models import CloudFrontBackend
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult

from trading_platform.emulator import delays
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.cloudfront.common import kept, new_etag

extension = Extension("cloudfront")

EMPTY: dict[str, Any] = {"Quantity": 0}
DEFAULTS: dict[str, Any] = {
    "Aliases": EMPTY,
    "DefaultRootObject": "",
    "OriginGroups": EMPTY,
    "CacheBehaviors": EMPTY,
    "CustomErrorResponses": EMPTY,
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
ORIGIN_DEFAULTS: dict[str, Any] = {
    "OriginPath": "",
    "CustomHeaders": EMPTY,
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
BEHAVIOR_DEFAULTS: dict[str, Any] = {
    "TrustedSigners": {"Enabled": False, "Quantity": 0},
    "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
    "AllowedMethods": {
        "Quantity": 2,
        "Items": ["HEAD", "GET"],
        "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    },
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": EMPTY,
    "FunctionAssociations": EMPTY,
    "FieldLevelEncryptionId": "",
}
SUMMARY = (
    *("Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors", "CustomErrorResponses"),
    *("Comment", "PriceClass", "Enabled", "ViewerCertificate", "Restrictions", "WebACLId", "HttpVersion"),
    *("IsIPV6Enabled", "Staging"),
)


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration with the defaults that CloudFront writes in."""
    result = {**copy.deepcopy(DEFAULTS), **copy.deepcopy(config)}
    result["Origins"]["Items"] = [{**ORIGIN_DEFAULTS, **one} for one in result["Origins"]["Items"]]
    result["Origins"]["Quantity"] = len(result["Origins"]["Items"])
    result["DefaultCacheBehavior"] = {**BEHAVIOR_DEFAULTS, **result["DefaultCacheBehavior"]}
    for one in result["CacheBehaviors"].get("Items") or []:
        one.update({key: value for key, value in BEHAVIOR_DEFAULTS.items() if key not in one})
    result["ViewerCertificate"] = _certificate(result.get("ViewerCertificate") or {})
    return result


def _certificate(given: dict[str, Any]) -> dict[str, Any]:
    """API ViewerCertificate: the old names of the certificate come back beside the new ones."""
    arn = given.get("ACMCertificateArn")
    if not arn:
        own = {"CloudFrontDefaultCertificate": True, "SSLSupportMethod": "vip", "MinimumProtocolVersion": "TLSv1"}
        return {**own, "CertificateSource": "cloudfront"}
    return {**given, "CloudFrontDefaultCertificate": False, "Certificate": arn, "CertificateSource": "acm"}


def status_of(distribution: Any) -> str:
    return "Deployed" if delays.ready("cloudfront", kept(distribution)["changed"]) else "InProgress"


def _described(distribution: Any) -> dict[str, Any]:
    return {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": status_of(distribution),
        "LastModifiedTime": distribution.last_modified_time,
        "InProgressInvalidationBatches": 0,
        "DomainName": distribution.domain_name,
        "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
        "ActiveTrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "DistributionConfig": kept(distribution)["config"],
    }


def _remember(distribution: Any, config: dict[str, Any]) -> None:
    kept(distribution).update(config=complete(config), changed=delays.now())
    distribution.etag = new_etag()


def _answer(distribution: Any) -> ActionResult:
    location = {"Location": distribution.location}
    return ActionResult({"Distribution": _described(distribution), "ETag": distribution.etag, **location})


@extension.patches(CloudFrontResponse, "create_distribution")
def create_whole(original: Callable[..., Any], self: Any) -> ActionResult:
    config = copy.deepcopy(self._get_param("DistributionConfig"))
    distribution = original(self).result["Distribution"]
    _remember(distribution, config)
    return _answer(distribution)


@extension.patches(CloudFrontResponse, "create_distribution_with_tags")
def create_whole_with_tags(original: Callable[..., Any], self: Any) -> ActionResult:
    config = copy.deepcopy(self._get_param("DistributionConfigWithTags.DistributionConfig"))
    distribution = original(self).result["Distribution"]
    _remember(distribution, config)
    return _answer(distribution)


@extension.patches(CloudFrontResponse, "update_distribution")
def update_whole(original: Callable[..., Any], self: Any) -> ActionResult:
    config = copy.deepcopy(self._get_param("DistributionConfig"))
    distribution = original(self).result["Distribution"]
    _remember(distribution, config)
    return _answer(distribution)


@extension.patches(CloudFrontResponse, "get_distribution")
def get_whole(_: Callable[..., Any], self: Any) -> ActionResult:
    distribution, etag = self.backend.get_distribution(self._get_param("Id"))
    return ActionResult({"Distribution": _described(distribution), "ETag": etag})


@extension.patches(CloudFrontResponse, "get_distribution_config")
def get_config_whole(_: Callable[..., Any], self: Any) -> ActionResult:
    distribution, etag = self.backend.get_distribution(self._get_param("Id"))
    return ActionResult({"DistributionConfig": kept(distribution)["config"], "ETag": etag})


@extension.patches(CloudFrontResponse, "list_distributions")
def list_whole(original: Callable[..., Any], self: Any) -> ActionResult:
    """API DistributionSummary: the configuration without its caller reference, logging and root object."""
    result = original(self).result
    listed = result["DistributionList"]
    listed["Items"] = [_summary(one) for one in listed["Items"] or []] or None
    return ActionResult(result)


def _summary(distribution: Any) -> dict[str, Any]:
    whole = _described(distribution)
    config = whole.pop("DistributionConfig")
    own = {key: whole[key] for key in ("Id", "ARN", "Status", "LastModifiedTime", "DomainName")}
    return {**own, **{key: config[key] for key in SUMMARY}}


@extension.patches(CloudFrontBackend, "delete_distribution")
def forget_its_tags(original: Callable[..., Any], self: Any, distribution_id: str, if_match: str) -> None:
    held = self.distributions.get(distribution_id)
    original(self, distribution_id, if_match)
    if held is not None:
        self.tagger.delete_all_tags_for_resource(held.arn)
