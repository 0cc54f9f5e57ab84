"""Encrypted topics, to which only AWS services and roles of this account publish, and who hears them."""

import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
sns, kms = boto3.client("sns"), boto3.client("kms")
key = kms.describe_key(KeyId="alias/production-trading-engine-messaging")["KeyMetadata"]["Arn"]
HEARD_BY = {
    "critical": ["https://events.pagerduty.com/integration/0123456789abcdef/enqueue"],
    "warning": [],
    "info": ["operations@example.com"],
    "heartbeat": [],
}
# Who publishes by a role of the account needs no statement.
BY_ROLE_ALONE = {"heartbeat"}

for topic, endpoints in HEARD_BY.items():
    arn = f"arn:aws:sns:{region}:{account}:production-trading-engine-{topic}"
    held = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert held["KmsMasterKeyId"] == key, held
    statements = json.loads(held["Policy"])["Statement"]
    assert all(s["Resource"] == [arn] and s["Action"] == ["sns:Publish"] for s in statements), statements
    refused = [s for s in statements if s["Effect"] == "Deny"]
    assert [s["Condition"] for s in refused] == [{"Bool": {"aws:SecureTransport": ["false"]}}], statements
    allowed = [s for s in statements if s["Effect"] == "Allow"]
    assert all(account in json.dumps(s["Condition"]) for s in allowed), allowed
    services = {service for s in allowed for service in s["Principal"]["Service"]}
    assert ("cloudwatch.amazonaws.com" in services) == bool(services) == (topic not in BY_ROLE_ALONE), services
    listed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [one["Endpoint"] for one in listed] == endpoints, listed
    tags = {tag["Key"]: tag["Value"] for tag in sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    assert tags["ManagedBy"] == "ansible" and tags["Compliance"] == "PCI-DSS", tags
