"""CloudFront: what the emulator keeps, and what it refuses as AWS does."""

import copy
import time
from typing import Any

import pytest
from emulator_asserts import refused

from certificates import import_certificate
from trading_platform.emulator.testing import EmulatorServer

BUCKET = "assets.s3.us-east-1.amazonaws.com"
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALIAS = "assets.example.com"


@pytest.fixture
def cloudfront(emulator: EmulatorServer) -> Any:
    return emulator.client("cloudfront")


def make_control(cloudfront: Any, name: str = "assets") -> dict[str, Any]:
    config = {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    answer: dict[str, Any] = cloudfront.create_origin_access_control(OriginAccessControlConfig=config)
    return answer


def headers(name: str = "assets", **more: Any) -> dict[str, Any]:
    header = {"Header": "Cache-Control", "Value": "max-age=31536000", "Override": False}
    return {"Name": name, "CustomHeadersConfig": {"Quantity": 1, "Items": [header]}, **more}


def make_policy(cloudfront: Any, name: str = "assets") -> dict[str, Any]:
    answer: dict[str, Any] = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers(name))
    return answer


def config(**changed: Any) -> dict[str, Any]:
    return {
        "CallerReference": "one",
        "Comment": "assets",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [{"Id": BUCKET, "DomainName": BUCKET, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": BUCKET,
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": OPTIMIZED,
        },
        **changed,
    }


def make(cloudfront: Any, **changed: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloudfront.create_distribution(DistributionConfig=config(**changed))
    return answer


def with_origin(**more: Any) -> dict[str, Any]:
    asked = copy.deepcopy(config())
    asked["Origins"]["Items"][0].update(more)
    return {"Origins": asked["Origins"]}


def with_behavior(**more: Any) -> dict[str, Any]:
    return {"DefaultCacheBehavior": {**config()["DefaultCacheBehavior"], **more}}


def viewer(arn: str, **changed: Any) -> dict[str, Any]:
    with_arn = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
    return {"ViewerCertificate": {**with_arn, **changed}, "Aliases": {"Quantity": 1, "Items": [ALIAS]}}


def test_distribution_is_kept_whole(cloudfront: Any) -> None:
    control = make_control(cloudfront)["OriginAccessControl"]["Id"]
    policy = make_policy(cloudfront)["ResponseHeadersPolicy"]["Id"]
    errors = {"Quantity": 1, "Items": [{"ErrorCode": 403, "ErrorCachingMinTTL": 60}]}
    made = make(
        cloudfront,
        **with_origin(OriginAccessControlId=control),
        **with_behavior(ResponseHeadersPolicyId=policy, Compress=True),
        HttpVersion="http2and3",
        DefaultRootObject="index.html",
        CustomErrorResponses=errors,
        Restrictions={"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    )["Distribution"]
    held = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    origin = held["Origins"]["Items"][0]
    assert (origin["OriginAccessControlId"], origin["S3OriginConfig"]["OriginAccessIdentity"]) == (control, "")
    behavior = held["DefaultCacheBehavior"]
    assert (behavior["CachePolicyId"], behavior["ResponseHeadersPolicyId"]) == (OPTIMIZED, policy)
    assert "MinTTL" not in behavior and "ForwardedValues" not in behavior
    assert (held["DefaultRootObject"], held["HttpVersion"]) == ("index.html", "http2and3")
    assert held["CustomErrorResponses"] == errors
    assert held["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True
    assert held["Logging"]["Enabled"] is False
    summary = cloudfront.list_distributions()["DistributionList"]["Items"][0]
    assert (summary["Id"], summary["Comment"]) == (made["Id"], "assets")
    assert "CallerReference" not in summary


def test_every_change_is_another_version(cloudfront: Any) -> None:
    made = make(cloudfront)
    key = made["Distribution"]["Id"]
    changed = cloudfront.update_distribution(Id=key, IfMatch=made["ETag"], DistributionConfig=config(Comment="other"))
    assert changed["ETag"] != made["ETag"]
    with refused("PreconditionFailed", "evaluated to false"):
        cloudfront.update_distribution(Id=key, IfMatch=made["ETag"], DistributionConfig=config())
    with refused("InvalidIfMatchVersion", "missing or not valid"):
        cloudfront.update_distribution(Id=key, DistributionConfig=config())
    with refused("IllegalUpdate", "not allowed"):
        another = config(CallerReference="two")
        cloudfront.update_distribution(Id=key, IfMatch=changed["ETag"], DistributionConfig=another)


def test_edges_take_their_time(emulator: EmulatorServer, cloudfront: Any) -> None:
    emulator.delay(cloudfront=0.6)
    made = make(cloudfront, Enabled=False)["Distribution"]
    assert made["Status"] == "InProgress"
    etag = cloudfront.get_distribution(Id=made["Id"])["ETag"]
    with refused("DistributionNotDisabled", "has not been disabled"):
        cloudfront.delete_distribution(Id=made["Id"], IfMatch=etag)
    time.sleep(0.7)
    assert cloudfront.get_distribution(Id=made["Id"])["Distribution"]["Status"] == "Deployed"
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=etag)


def test_distribution_that_answers_is_not_deleted(cloudfront: Any) -> None:
    made = make(cloudfront)
    with refused("DistributionNotDisabled", "has not been disabled"):
        cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"])


def test_tags_come_with_it_and_go_with_it(cloudfront: Any) -> None:
    tagged = {"DistributionConfig": config(Enabled=False), "Tags": {"Items": [{"Key": "a", "Value": "1"}]}}
    made = cloudfront.create_distribution_with_tags(DistributionConfigWithTags=tagged)
    arn = made["Distribution"]["ARN"]
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [{"Key": "a", "Value": "1"}]
    cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"])
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"].get("Items", []) == []


def test_alias_belongs_to_one_distribution(emulator: EmulatorServer, cloudfront: Any) -> None:
    asked = viewer(import_certificate(emulator, "*.example.com"))
    make(cloudfront, **asked)
    with refused("CNAMEAlreadyExists", "already associated with a different resource"):
        make(cloudfront, **asked, CallerReference="two")


def test_certificates_that_cannot_be_used(emulator: EmulatorServer, cloudfront: Any) -> None:
    there, here = import_certificate(emulator, ALIAS, "us-west-2"), import_certificate(emulator, "other.example.com")
    pending = emulator.client("acm").request_certificate(DomainName=ALIAS, ValidationMethod="DNS")["CertificateArn"]
    for arn in (there, pending):
        with refused("InvalidViewerCertificate", "doesn't exist, isn't in us-east-1 region, isn't valid"):
            make(cloudfront, **viewer(arn))
    with refused("InvalidViewerCertificate", "doesn't cover the alternate domain name"):
        make(cloudfront, **viewer(here))
    with refused("InvalidViewerCertificate", "must attach a trusted certificate"):
        make(cloudfront, Aliases=viewer(here)["Aliases"])
    with refused("InvalidViewerCertificate", "SSLSupportMethod"):
        make(cloudfront, ViewerCertificate={"ACMCertificateArn": here})


def test_acl_is_one_for_cloudfront(emulator: EmulatorServer, cloudfront: Any) -> None:
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    arns = {
        scope: emulator.client("wafv2").create_web_acl(
            Name="a", Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=seen
        )["Summary"]["ARN"]
        for scope in ("REGIONAL", "CLOUDFRONT")
    }
    with refused("InvalidWebACLId", "not accessible by the requester"):
        make(cloudfront, WebACLId=arns["REGIONAL"])
    made = make(cloudfront, WebACLId=arns["CLOUDFRONT"])
    assert made["Distribution"]["DistributionConfig"]["WebACLId"] == arns["CLOUDFRONT"]


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (with_origin(OriginAccessControlId="E0"), "InvalidOriginAccessControl", "is not valid"),
        (with_behavior(ResponseHeadersPolicyId="none"), "NoSuchResponseHeadersPolicy", "does not exist"),
        (with_behavior(CachePolicyId="none"), "NoSuchCachePolicy", "does not exist"),
        (with_behavior(MinTTL=0), "InvalidArgument", "MinTTL cannot be used when a cache policy is associated"),
        (with_behavior(TargetOriginId="none"), "NoSuchOrigin", "do not exist"),
        ({"DefaultRootObject": "/index.html"}, "InvalidDefaultRootObject", "invalid character"),
        ({"Aliases": {"Quantity": 2, "Items": ["a"]}}, "InvalidViewerCertificate", "trusted certificate"),
    ],
    ids=["control", "headers", "cache", "two-ways", "origin", "root", "alias"],
)
def test_what_cannot_be(cloudfront: Any, changed: dict[str, Any], code: str, message: str) -> None:
    with refused(code, message):
        make(cloudfront, **changed)
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0


def test_quantities_must_be_right(cloudfront: Any) -> None:
    errors = {"Quantity": 2, "Items": [{"ErrorCode": 403}]}
    with refused("InconsistentQuantities", "CustomErrorResponses"):
        make(cloudfront, CustomErrorResponses=errors)


def test_origin_access_control_has_versions_and_a_unique_name(cloudfront: Any) -> None:
    made = make_control(cloudfront)
    key = made["OriginAccessControl"]["Id"]
    with refused("OriginAccessControlAlreadyExists", "already exists"):
        make_control(cloudfront)
    with refused("InvalidArgument", "Name is too long"):
        make_control(cloudfront, "a" * 65)
    with refused("PreconditionFailed", "evaluated to false"):
        cloudfront.delete_origin_access_control(Id=key, IfMatch="E0")
    make(cloudfront, **with_origin(OriginAccessControlId=key))
    with refused("OriginAccessControlInUse", "in use by one or more distributions"):
        cloudfront.delete_origin_access_control(Id=key, IfMatch=made["ETag"])
    with refused("NoSuchOriginAccessControl", "does not exist"):
        cloudfront.delete_origin_access_control(Id="E0", IfMatch="E0")


def test_origin_access_identity_and_control_exclude_each_other(cloudfront: Any) -> None:
    key = make_control(cloudfront)["OriginAccessControl"]["Id"]
    identity = {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}
    with refused("IllegalOriginAccessConfiguration", "Cannot use both"):
        make(cloudfront, **with_origin(OriginAccessControlId=key, S3OriginConfig=identity))


def test_response_headers_policy_is_kept_and_checked(cloudfront: Any) -> None:
    made = make_policy(cloudfront)
    key = made["ResponseHeadersPolicy"]["Id"]
    assert cloudfront.get_response_headers_policy(Id=key)["ResponseHeadersPolicy"] == made["ResponseHeadersPolicy"]
    listed = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    assert [one["ResponseHeadersPolicy"]["Id"] for one in listed] == [key]
    with refused("ResponseHeadersPolicyAlreadyExists", "already exists"):
        make_policy(cloudfront)
    with refused("PreconditionFailed", "evaluated to false"):
        cloudfront.update_response_headers_policy(
            Id=key, IfMatch="E0", ResponseHeadersPolicyConfig=headers(Comment="c")
        )
    changed = cloudfront.update_response_headers_policy(
        Id=key, IfMatch=made["ETag"], ResponseHeadersPolicyConfig=headers(Comment="c")
    )
    assert changed["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]["Comment"] == "c"
    distribution = make(cloudfront, **with_behavior(ResponseHeadersPolicyId=key))
    with refused("ResponseHeadersPolicyInUse", "attached to one or more cache behaviors"):
        cloudfront.delete_response_headers_policy(Id=key, IfMatch=changed["ETag"])
    cloudfront.update_distribution(
        Id=distribution["Distribution"]["Id"], IfMatch=distribution["ETag"], DistributionConfig=config()
    )
    cloudfront.delete_response_headers_policy(Id=key, IfMatch=changed["ETag"])
    with refused("NoSuchResponseHeadersPolicy", "does not exist"):
        cloudfront.get_response_headers_policy(Id=key)


def test_custom_headers_are_counted(cloudfront: Any) -> None:
    header = {"Header": "a", "Value": "b", "Override": True}
    for quantity, number, code in ((2, 1, "InconsistentQuantities"), (11, 11, "TooManyCustomHeaders")):
        custom = {"Quantity": quantity, "Items": [{**header, "Header": f"a{n}"} for n in range(number)]}
        with pytest.raises(cloudfront.exceptions.ClientError, match=code):
            cloudfront.create_response_headers_policy(
                ResponseHeadersPolicyConfig={"Name": "a", "CustomHeadersConfig": custom}
            )
