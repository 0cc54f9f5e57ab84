"""Every resource is recorded, IAM in the primary region only, and held against the rules."""

import json
import os

import boto3

NAME = "production-trading-engine"
primary = os.environ["AWS_REGION"] == "us-east-1"
config = boto3.client("config")
(recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
assert recorder["recordingGroup"]["allSupported"], recorder
assert recorder["recordingGroup"]["includeGlobalResourceTypes"] is primary, recorder
(status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
assert status["recording"], status
(channel,) = config.describe_delivery_channels()["DeliveryChannels"]
assert channel["s3BucketName"] == f"{NAME}-audit", channel

rules = {
    rule["ConfigRuleName"].removeprefix(f"{NAME}-"): rule
    for page in config.get_paginator("describe_config_rules").paginate()
    for rule in page["ConfigRules"]
}
identifiers = {name: rule["Source"]["SourceIdentifier"] for name, rule in rules.items()}
assert identifiers["encrypted-volumes"] == "ENCRYPTED_VOLUMES", identifiers
assert identifiers["rds-storage-encrypted"] == "RDS_STORAGE_ENCRYPTED", identifiers
assert identifiers["s3-bucket-ssl-requests-only"] == "S3_BUCKET_SSL_REQUESTS_ONLY", identifiers
assert identifiers["cloudtrail-enabled"] == "CLOUD_TRAIL_ENABLED", identifiers
assert ("iam-password-policy" in rules) is primary, sorted(rules)
wanted = json.loads(rules["required-tags"]["InputParameters"])
tags = {"Environment", "Project", "ManagedBy", "Team", "CostCenter", "Compliance"}
assert set(wanted.values()) == tags, wanted
held = config.list_tags_for_resource(ResourceArn=rules["required-tags"]["ConfigRuleArn"])["Tags"]
assert {"Key": "ManagedBy", "Value": "ansible"} in held, held
if primary:
    password = json.loads(rules["iam-password-policy"]["InputParameters"])
    assert password["MinimumPasswordLength"] == "14", password
