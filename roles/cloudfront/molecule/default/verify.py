"""The assets are served over TLS only, kept for a year, from a bucket that only the distribution reads."""

import boto3

NAME = "production-trading-engine-assets"
cloudfront = boto3.client("cloudfront")
(summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
distribution = cloudfront.get_distribution(Id=summary["Id"])["Distribution"]
assert distribution["Status"] == "Deployed", distribution
config = distribution["DistributionConfig"]
assert config["Enabled"] and config["IsIPV6Enabled"], config
assert config["Aliases"]["Items"] == ["assets.trading-engine.example.com"], config["Aliases"]
assert config["HttpVersion"] == "http2and3", config["HttpVersion"]
assert config["DefaultRootObject"] == "index.html", config
assert config["PriceClass"] == "PriceClass_100", config["PriceClass"]
assert ":global/webacl/for-cloudfront/" in config["WebACLId"], config["WebACLId"]
certificate = config["ViewerCertificate"]
assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021", certificate
assert certificate["ACMCertificateArn"].startswith("arn:aws:acm:us-east-1:"), certificate
errors = [(one["ErrorCode"], one["ResponseCode"]) for one in config["CustomErrorResponses"]["Items"]]
assert errors == [(403, "404"), (404, "404")], errors

behavior = config["DefaultCacheBehavior"]
assert behavior["ViewerProtocolPolicy"] == "redirect-to-https" and behavior["Compress"], behavior
policy = cloudfront.get_response_headers_policy(Id=behavior["ResponseHeadersPolicyId"])["ResponseHeadersPolicy"]
headers = policy["ResponseHeadersPolicyConfig"]
(cache,) = headers["CustomHeadersConfig"]["Items"]
assert (cache["Header"], cache["Value"]) == ("Cache-Control", "max-age=31536000"), cache
security = headers["SecurityHeadersConfig"]
assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000, security
assert {"ContentTypeOptions", "FrameOptions", "ReferrerPolicy"} <= set(security), security

(origin,) = config["Origins"]["Items"]
assert origin["DomainName"] == f"{NAME}.s3.us-east-1.amazonaws.com", origin
control = cloudfront.get_origin_access_control(Id=origin["OriginAccessControlId"])["OriginAccessControl"]
signing = control["OriginAccessControlConfig"]
assert (signing["SigningBehavior"], signing["SigningProtocol"]) == ("always", "sigv4"), signing

tags = cloudfront.list_tags_for_resource(Resource=distribution["ARN"])["Tags"]["Items"]
assert {"Key": "Compliance", "Value": "PCI-DSS"} in tags and {"Key": "Name", "Value": NAME} in tags, tags
