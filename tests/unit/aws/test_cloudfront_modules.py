"""plugins/modules/cloudfront_*.py against the embedded AWS."""

import time
from typing import Any

import pytest
from harness import load, run_module, writes

from certificates import import_certificate
from trading_platform.emulator.testing import EmulatorServer

control_main = load("cloudfront_origin_access_control").main
headers_main = load("cloudfront_response_headers_policy").main
main = load("cloudfront_distribution").main
NAME = "production-trading-engine-assets"
BUCKET = f"{NAME}.s3.us-east-1.amazonaws.com"
ALIAS = "assets.example.com"
TAGS = {"Environment": "production"}
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def policy_arguments(**changed: Any) -> dict[str, Any]:
    """Give the arguments of the response headers policy."""
    cache = {"name": "Cache-Control", "value": "max-age=31536000", "override": False}
    hsts = {"max_age": 63072000, "include_subdomains": True}
    security = {
        "strict_transport_security": hsts,
        "content_type_options": True,
        "frame_options": "DENY",
        "referrer_policy": "no-referrer",
    }
    return {"name": NAME, "custom_headers": [cache], "security_headers": security, **changed}


def asked(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Make what a distribution needs, where it is not there yet, and give its arguments."""
    control = run_module(control_main, {"name": NAME})["cloudfront_origin_access_control"]
    headers = run_module(headers_main, policy_arguments())["cloudfront_response_headers_policy"]
    errors = [{"error_code": 403, "response_code": 404, "response_page_path": "/404.html", "min_ttl": 60}]
    return {
        "name": NAME,
        "comment": "Static assets",
        "origin_domain_name": BUCKET,
        "origin_access_control_id": control["id"],
        "response_headers_policy_id": headers["id"],
        "default_root_object": "index.html",
        "error_responses": errors,
        "tags": TAGS,
        **changed,
    }


def read(aws: EmulatorServer) -> dict[str, Any]:
    """Read the one distribution as CloudFront sees it."""
    cloudfront = aws.client("cloudfront")
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    answer: dict[str, Any] = cloudfront.get_distribution(Id=summary["Id"])
    return answer


def write(aws: EmulatorServer, **changed: Any) -> None:
    """Change the distribution behind the module's back."""
    answer = read(aws)
    config = {**answer["Distribution"]["DistributionConfig"], **changed}
    aws.client("cloudfront").update_distribution(
        Id=answer["Distribution"]["Id"], IfMatch=answer["ETag"], DistributionConfig=config
    )


def test_control_check_create_again_drift_and_delete(aws: EmulatorServer) -> None:
    want = {"name": NAME, "description": "assets"}
    predicted = run_module(control_main, want, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["cloudfront_origin_access_control"]["id"] == "oac-planned"
    made = run_module(control_main, want)["cloudfront_origin_access_control"]
    assert (made["signing_behavior"], made["signing_protocol"], made["origin_type"]) == ("always", "sigv4", "s3")
    again = run_module(control_main, want)
    assert (again["changed"], len(again["api_calls"])) == (False, 1)
    cloudfront = aws.client("cloudfront")
    config = {"Name": NAME, "SigningProtocol": "sigv4", "SigningBehavior": "never"}
    cloudfront.update_origin_access_control(
        Id=made["id"],
        IfMatch=cloudfront.get_origin_access_control(Id=made["id"])["ETag"],
        OriginAccessControlConfig={**config, "OriginAccessControlOriginType": "s3", "Description": ""},
    )
    shown = run_module(control_main, want, check=True)
    assert shown["actions"] == ["update: description, signing_behavior"]
    assert run_module(control_main, want)["cloudfront_origin_access_control"] == made
    gone = {"name": NAME, "state": "absent"}
    assert [run_module(control_main, gone)["changed"] for _ in range(2)] == [True, False]


def test_control_names_are_short(aws: EmulatorServer) -> None:
    refused = run_module(control_main, {"name": "a" * 65})
    assert "CloudFront takes 64" in refused["msg"]
    assert refused["api_calls"] == []


def test_headers_check_create_again_drift_and_delete(aws: EmulatorServer) -> None:
    predicted = run_module(headers_main, policy_arguments(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(headers_main, policy_arguments())["cloudfront_response_headers_policy"]
    cloudfront = aws.client("cloudfront")
    answer = cloudfront.get_response_headers_policy(Id=made["id"])
    config = answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    assert config["CustomHeadersConfig"]["Items"] == [
        {"Header": "Cache-Control", "Value": "max-age=31536000", "Override": False}
    ]
    assert config["SecurityHeadersConfig"]["StrictTransportSecurity"] == {
        "AccessControlMaxAgeSec": 63072000,
        "IncludeSubdomains": True,
        "Preload": False,
        "Override": True,
    }
    again = run_module(headers_main, policy_arguments())
    assert (again["changed"], len(again["api_calls"])) == (False, 1)
    timing = {"Enabled": True, "SamplingRate": 5.0}
    drifted = {"Name": NAME, "Comment": "drifted", "ServerTimingHeadersConfig": timing}
    cloudfront.update_response_headers_policy(
        Id=made["id"], IfMatch=answer["ETag"], ResponseHeadersPolicyConfig=drifted
    )
    shown = run_module(headers_main, policy_arguments(), check=True)
    assert shown["actions"] == ["update: comment, custom_headers, security_headers"]
    assert run_module(headers_main, policy_arguments())["cloudfront_response_headers_policy"] == made
    answer = cloudfront.get_response_headers_policy(Id=made["id"])["ResponseHeadersPolicy"]
    assert answer["ResponseHeadersPolicyConfig"]["ServerTimingHeadersConfig"] == timing  # not managed, and kept
    gone = {"name": NAME, "state": "absent"}
    assert [run_module(headers_main, gone)["changed"] for _ in range(2)] == [True, False]


def test_headers_that_do_not_matter_are_no_drift(aws: EmulatorServer) -> None:
    off = {"content_type_options": False}
    assert run_module(headers_main, policy_arguments(security_headers=off)).get("msg") is None
    assert run_module(headers_main, policy_arguments(security_headers=None))["changed"] is False


def test_distribution_check_on_an_empty_account_and_on_a_built_one(aws: EmulatorServer) -> None:
    want = {"name": NAME, "origin_domain_name": BUCKET, "origin_access_control_id": "oac-planned"}
    predicted = run_module(main, want, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["cloudfront_distribution"]["domain_name"].endswith("-planned")
    assert "id of a dry run" in run_module(main, want)["msg"]


def test_distribution_create_and_again(aws: EmulatorServer) -> None:
    want = asked(aws)
    made = run_module(main, want)
    assert writes(made) == ["cloudfront.CreateDistributionWithTags"]
    config = read(aws)["Distribution"]["DistributionConfig"]
    assert config["CallerReference"].startswith(f"{NAME}/")
    origin = config["Origins"]["Items"][0]
    assert (origin["DomainName"], origin["OriginAccessControlId"]) == (BUCKET, want["origin_access_control_id"])
    behavior = config["DefaultCacheBehavior"]
    assert (behavior["ViewerProtocolPolicy"], behavior["Compress"]) == ("redirect-to-https", True)
    assert behavior["ResponseHeadersPolicyId"] == want["response_headers_policy_id"]
    assert sorted(behavior["AllowedMethods"]["Items"]) == ["GET", "HEAD"]
    assert (config["HttpVersion"], config["DefaultRootObject"]) == ("http2and3", "index.html")
    assert config["CustomErrorResponses"]["Items"] == [
        {"ErrorCode": 403, "ResponsePagePath": "/404.html", "ResponseCode": "404", "ErrorCachingMinTTL": 60}
    ]
    assert made["cloudfront_distribution"]["tags"] == {**TAGS, "Name": NAME}
    for check in (False, True):
        again = run_module(main, want, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3)


def test_distribution_with_a_name_of_its_own(aws: EmulatorServer) -> None:
    arn = import_certificate(aws, ALIAS)
    want = asked(aws, aliases=[ALIAS], certificate_arn=arn)
    run_module(main, want)
    config = read(aws)["Distribution"]["DistributionConfig"]
    assert config["Aliases"]["Items"] == [ALIAS]
    certificate = config["ViewerCertificate"]
    assert (certificate["ACMCertificateArn"], certificate["SSLSupportMethod"]) == (arn, "sni-only")
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert run_module(main, want)["changed"] is False


def test_distribution_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    want = asked(aws)
    made = run_module(main, want)["cloudfront_distribution"]
    config = read(aws)["Distribution"]["DistributionConfig"]
    other = {"Id": "other", "DomainName": "other.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    origins = [{**config["Origins"]["Items"][0], "OriginPath": "/old"}, other]
    extra = {**config["DefaultCacheBehavior"], "PathPattern": "/private/*", "TargetOriginId": "other"}
    write(
        aws,
        Comment="drifted",
        Enabled=False,
        Origins={"Quantity": 2, "Items": origins},
        CacheBehaviors={"Quantity": 1, "Items": [extra]},
        DefaultCacheBehavior={**config["DefaultCacheBehavior"], "ViewerProtocolPolicy": "allow-all"},
        CustomErrorResponses={"Quantity": 0},
    )
    aws.client("cloudfront").tag_resource(Resource=made["arn"], Tags={"Items": [{"Key": "Extra", "Value": "1"}]})
    shown = run_module(main, want, check=True)
    drifted = "comment, enabled, error_responses, origin_ids, origin_path, path_patterns, tags, viewer_protocol_policy"
    assert (shown["actions"], writes(shown)) == ([f"update: {drifted}"], [])
    assert run_module(main, want)["cloudfront_distribution"] == made
    assert run_module(main, want)["changed"] is False


def test_distribution_settings_that_are_not_managed_stay(aws: EmulatorServer) -> None:
    want = asked(aws)
    run_module(main, want)
    nowhere = {"GeoRestriction": {"RestrictionType": "blacklist", "Quantity": 1, "Items": ["KP"]}}
    write(aws, Restrictions=nowhere)
    assert run_module(main, want)["changed"] is False
    run_module(main, {**want, "comment": "other"})
    assert read(aws)["Distribution"]["DistributionConfig"]["Restrictions"] == nowhere


def test_distribution_takes_and_loses_its_acl(aws: EmulatorServer) -> None:
    acl = aws.client("wafv2").create_web_acl(
        Name="a", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=SEEN
    )["Summary"]["ARN"]
    want = asked(aws)
    run_module(main, want)
    assert run_module(main, {**want, "web_acl_arn": acl})["actions"] == ["update: web_acl_arn"]
    assert read(aws)["Distribution"]["DistributionConfig"]["WebACLId"] == acl
    run_module(main, want)
    assert read(aws)["Distribution"]["DistributionConfig"]["WebACLId"] == ""


def test_distribution_is_not_taken_for_another(aws: EmulatorServer) -> None:
    want = asked(aws)
    other = run_module(main, {**want, "name": "staging-assets"})["cloudfront_distribution"]
    made = run_module(main, want)["cloudfront_distribution"]
    assert made["id"] != other["id"]
    assert [run_module(main, one)["changed"] for one in (want, {**want, "name": "staging-assets"})] == [False, False]


def test_distribution_is_asked_for_and_waited_for(aws: EmulatorServer) -> None:
    want = asked(aws)
    aws.delay(cloudfront=1.5)
    started = time.monotonic()
    made = run_module(main, {**want, "wait": False})
    assert made["cloudfront_distribution"]["status"] == "InProgress"
    waited = run_module(main, {**want, "wait_timeout": 30})
    assert (waited["changed"], waited["cloudfront_distribution"]["status"]) == (False, "Deployed")
    assert time.monotonic() - started >= 1.5
    run_module(main, {**want, "comment": "other", "wait": False})
    late = run_module(main, {**want, "comment": "other", "wait_timeout": 0})
    assert "was not ready within 0 s" in late["msg"]


def test_distribution_of_a_run_that_was_cut_off_is_found(aws: EmulatorServer) -> None:
    want = asked(aws)
    cut = run_module(main, want, fail={"cloudfront.GetDistribution": "AccessDenied"})
    assert writes(cut) == ["cloudfront.CreateDistributionWithTags"]
    assert run_module(main, want)["changed"] is False


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"aliases": [ALIAS]}, "aliases need a certificate"),
        ({"default_root_object": "/index.html"}, "begins with a slash"),
        ({"error_responses": [{"error_code": 403, "response_code": 404}]}, "needs both response_code"),
    ],
)
def test_distribution_arguments_that_cannot_be(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    want = {"name": NAME, "origin_domain_name": BUCKET, "origin_access_control_id": "E0"}
    refused = run_module(main, {**want, **changed}, check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_distribution_is_disabled_before_it_is_deleted(aws: EmulatorServer) -> None:
    want = asked(aws)
    run_module(main, want)
    aws.delay(cloudfront=0.5)
    gone = {**want, "state": "absent", "wait_timeout": 30}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["cloudfront.UpdateDistribution", "cloudfront.DeleteDistribution"]
    assert run_module(main, gone)["changed"] is False


def test_distribution_api_error_names_it(aws: EmulatorServer) -> None:
    result = run_module(main, asked(aws), fail={"cloudfront.CreateDistributionWithTags": "AccessDenied"})
    assert f"CloudFront distribution {NAME}" in result["msg"]
