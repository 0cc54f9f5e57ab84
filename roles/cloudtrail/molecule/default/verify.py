"""Every API call of all regions is recorded, encrypted and validated, and object events of the backups as well."""

import sys

import boto3

account = sys.argv[1]
NAME = "production-trading-engine"
cloudtrail, logs = boto3.client("cloudtrail"), boto3.client("logs")
(trail,) = cloudtrail.describe_trails()["trailList"]
assert trail["IsMultiRegionTrail"] and trail["IncludeGlobalServiceEvents"], trail
assert trail["LogFileValidationEnabled"] and ":key/" in trail["KmsKeyId"], trail
assert trail["S3BucketName"] == f"{NAME}-audit", trail
assert trail["CloudWatchLogsLogGroupArn"].endswith(f":log-group:/aws/cloudtrail/{NAME}:*"), trail
assert cloudtrail.get_trail_status(Name=NAME)["IsLogging"], trail

selectors = {
    one["Name"]: {field["Field"]: field for field in one["FieldSelectors"]}
    for one in cloudtrail.get_event_selectors(TrailName=NAME)["AdvancedEventSelectors"]
}
management, objects = selectors["Management events"], selectors["Object events"]
assert list(management) == ["eventCategory"], management  # no readOnly: reads and writes
assert objects["resources.ARN"]["StartsWith"] == [f"arn:aws:s3:::{NAME}-backups/"], objects
assert "readOnly" not in objects, objects

(group,) = logs.describe_log_groups(logGroupNamePrefix=f"/aws/cloudtrail/{NAME}")["logGroups"]
assert group["retentionInDays"] == 90 and group["kmsKeyId"] == trail["KmsKeyId"], group
tags = cloudtrail.list_tags(ResourceIdList=[trail["TrailARN"]])["ResourceTagList"][0]["TagsList"]
assert {"Key": "Compliance", "Value": "PCI-DSS"} in tags, tags
