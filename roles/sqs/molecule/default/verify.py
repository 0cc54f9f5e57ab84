"""Orders wait in an encrypted queue, and after five failures in one of its own."""

import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
sqs, kms = boto3.client("sqs"), boto3.client("kms")
key = kms.describe_key(KeyId="alias/production-trading-engine-messaging")["KeyMetadata"]["Arn"]
prefix = f"arn:aws:sqs:{region}:{account}:production-trading-engine-orders"

for name in ("orders", "orders-dead-letter"):
    url = sqs.get_queue_url(QueueName=f"production-trading-engine-{name}")["QueueUrl"]
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert held["KmsMasterKeyId"] == key, held
    assert held["ReceiveMessageWaitTimeSeconds"] == "20", held
    statement = json.loads(held["Policy"])["Statement"][0]
    assert statement["Effect"] == "Deny", statement
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": ["false"]}}, statement
    assert statement["Resource"] == [held["QueueArn"]], statement
    tags = sqs.list_queue_tags(QueueUrl=url)["Tags"]
    assert tags["ManagedBy"] == "ansible" and tags["CostCenter"] == "engineering", tags
    if name == "orders":
        redrive = json.loads(held["RedrivePolicy"])
        assert redrive == {"deadLetterTargetArn": f"{prefix}-dead-letter", "maxReceiveCount": 5}, redrive
        assert held["VisibilityTimeout"] == "120", held
    else:
        allow = json.loads(held["RedriveAllowPolicy"])
        assert allow == {"redrivePermission": "byQueue", "sourceQueueArns": [prefix]}, allow
        assert held["MessageRetentionPeriod"] == "1209600", held
