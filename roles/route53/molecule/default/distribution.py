"""Print the domain name of the account's distribution; make one when there is none."""

import boto3

cloudfront = boto3.client("cloudfront")
CONFIG = {
    "CallerReference": "molecule",
    "Comment": "",
    "Enabled": True,
    "Origins": {"Quantity": 1, "Items": [{"Id": "assets", "DomainName": "assets.s3.us-east-1.amazonaws.com"}]},
    "DefaultCacheBehavior": {"TargetOriginId": "assets", "ViewerProtocolPolicy": "https-only"},
}

held = cloudfront.list_distributions()["DistributionList"].get("Items", [])
made = held or [cloudfront.create_distribution(DistributionConfig=CONFIG)["Distribution"]]
print(made[0]["DomainName"])
