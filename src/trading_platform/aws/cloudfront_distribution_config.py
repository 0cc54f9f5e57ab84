"""A distribution's configuration as CloudFront writes it, and the managed part of it as the module does."""

from __future__ import annotations

from typing import Any

from trading_platform.aws.cloudfront import items, values_of
from trading_platform.aws.engine import State

type Config = dict[str, Any]

# Ways to say what is cached that CloudFront refuses beside a cache policy.
WITHOUT_CACHE_POLICY = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")
CACHED_METHODS = ["GET", "HEAD"]


def state_of(config: Config) -> State:
    """Give the managed keys of a configuration."""
    origins = values_of(config["Origins"])
    origin = origins[0] if origins else {}
    behavior = config["DefaultCacheBehavior"]
    certificate = config.get("ViewerCertificate") or {}
    arn = certificate.get("ACMCertificateArn") or None
    return {
        "comment": config.get("Comment") or "",
        "enabled": config["Enabled"],
        "aliases": sorted(values_of(config.get("Aliases"))),
        "origin_ids": sorted(one["Id"] for one in origins),
        "origin_domain_name": origin.get("DomainName"),
        "origin_path": origin.get("OriginPath") or "",
        "origin_access_control_id": origin.get("OriginAccessControlId") or None,
        "path_patterns": sorted(one["PathPattern"] for one in values_of(config.get("CacheBehaviors"))),
        "default_root_object": config.get("DefaultRootObject") or "",
        "viewer_protocol_policy": behavior["ViewerProtocolPolicy"],
        "allowed_methods": sorted(values_of(behavior.get("AllowedMethods"))),
        "compress": behavior.get("Compress", False),
        "cache_policy_id": behavior.get("CachePolicyId") or None,
        "response_headers_policy_id": behavior.get("ResponseHeadersPolicyId") or None,
        "web_acl_arn": config.get("WebACLId") or None,
        "price_class": config.get("PriceClass"),
        "http_version": config.get("HttpVersion"),
        "ipv6": config.get("IsIPV6Enabled"),
        "certificate_arn": arn,
        "minimum_protocol_version": certificate.get("MinimumProtocolVersion") if arn else None,
        "error_responses": sorted(
            (_error_response(one) for one in values_of(config.get("CustomErrorResponses"))),
            key=lambda one: int(one["error_code"]),
        ),
    }


def config_with(base: Config, state: State) -> Config:
    """Give a configuration with the managed keys as in ``state`` and the rest as in ``base``."""
    return {
        **base,
        "Comment": state["comment"],
        "Enabled": state["enabled"],
        "Aliases": items(state["aliases"]),
        "Origins": items([_origin(base, state)]),
        "DefaultCacheBehavior": _behavior(base.get("DefaultCacheBehavior") or {}, state),
        "CacheBehaviors": items([]),
        "DefaultRootObject": state["default_root_object"],
        "CustomErrorResponses": items([_error_to_aws(one) for one in state["error_responses"]]),
        "WebACLId": state["web_acl_arn"] or "",
        "PriceClass": state["price_class"],
        "HttpVersion": state["http_version"],
        "IsIPV6Enabled": state["ipv6"],
        "ViewerCertificate": _certificate(state),
    }


def _origin(base: Config, state: State) -> Config:
    """Give the origin; its id is the bucket's address, so that another bucket is another origin."""
    domain = state["origin_domain_name"]
    kept: Config = next((one for one in values_of(base.get("Origins")) if one["Id"] == domain), {})
    return {
        **kept,
        "Id": domain,
        "DomainName": domain,
        "OriginPath": state["origin_path"],
        "S3OriginConfig": {**kept.get("S3OriginConfig", {}), "OriginAccessIdentity": ""},
        "OriginAccessControlId": state["origin_access_control_id"] or "",
    }


def _behavior(kept: Config, state: State) -> Config:
    behavior = {
        **{key: value for key, value in kept.items() if key not in WITHOUT_CACHE_POLICY},
        "TargetOriginId": state["origin_domain_name"],
        "ViewerProtocolPolicy": state["viewer_protocol_policy"],
        "AllowedMethods": {**items(state["allowed_methods"]), "CachedMethods": items(CACHED_METHODS)},
        "Compress": state["compress"],
        "CachePolicyId": state["cache_policy_id"],
        "ResponseHeadersPolicyId": state["response_headers_policy_id"],
    }
    return {key: value for key, value in behavior.items() if value is not None}


def _certificate(state: State) -> Config:
    if not state["certificate_arn"]:
        return {"CloudFrontDefaultCertificate": True}
    return {
        "ACMCertificateArn": state["certificate_arn"],
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": state["minimum_protocol_version"],
    }


def _error_response(one: Config) -> State:
    return {
        "error_code": one["ErrorCode"],
        "response_code": int(one["ResponseCode"]) if one.get("ResponseCode") else None,
        "response_page_path": one.get("ResponsePagePath") or None,
        "min_ttl": one.get("ErrorCachingMinTTL"),
    }


def _error_to_aws(one: State) -> Config:
    result = {"ErrorCode": one["error_code"], "ErrorCachingMinTTL": one["min_ttl"]}
    if one["response_code"]:
        result |= {"ResponseCode": str(one["response_code"]), "ResponsePagePath": one["response_page_path"]}
    return result
