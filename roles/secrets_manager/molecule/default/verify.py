"""The secrets exist once, encrypted, replicated, closed to plain HTTP, and rotated as the design says."""

import base64
import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
NAME = "production-trading-engine"
KEYS = {
    f"{NAME}/database": {"username", "engine", "port", "dbname", "host", "password"},
    f"{NAME}/api-keys/oanda": {"api_key", "account_id"},
    f"{NAME}/api-keys/binance": {"api_key", "api_secret"},
    f"{NAME}/jwt": {"kid", "signing_key"},
    f"{NAME}/encryption-keys": {"key_id", "data_encryption_key"},
    f"{NAME}/redis": {"auth_token"},
    f"{NAME}/alerting": {"pagerduty_routing_key", "slack_webhook_url"},
    f"{NAME}/grafana": {"admin_user", "admin_password"},
    f"{NAME}/elasticsearch": {"username", "password"},
    f"ecr-pullthroughcache/{NAME}-docker-hub": {"username", "accessToken"},
}
DAYS = {f"{NAME}/database": 90, f"{NAME}/jwt": 180}
client = boto3.client("secretsmanager")

key = boto3.client("kms").describe_key(KeyId=f"alias/{NAME}-secrets")["KeyMetadata"]["Arn"]
found = {one["Name"]: one for page in client.get_paginator("list_secrets").paginate() for one in page["SecretList"]}
assert set(found) == set(KEYS), set(found)
values = {name: json.loads(client.get_secret_value(SecretId=name)["SecretString"]) for name in KEYS}
for name, keys in KEYS.items():
    described = client.describe_secret(SecretId=name)
    assert set(values[name]) == keys, (name, set(values[name]))
    # The role that reads credentials of ECR may use no key of ours; AWS shows none where it is its own.
    assert described.get("KmsKeyId") == (None if name.startswith("ecr-pullthroughcache/") else key), described
    tags = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
    assert tags["ManagedBy"] == "ansible" and tags["Compliance"] == "PCI-DSS", tags
    assert list(described["VersionIdsToStages"].values()).count(["AWSCURRENT"]) == 1, described
    if region != "us-east-1":
        assert described["PrimaryRegion"] == "us-east-1", described
        continue
    assert [(one["Region"], one["Status"]) for one in described["ReplicationStatus"]] == [("us-west-2", "InSync")]
    policy = json.loads(client.get_resource_policy(SecretId=name)["ResourcePolicy"])
    assert [one["Effect"] for one in policy["Statement"]] == ["Deny"], policy
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, policy
    rules = (
        described.get("RotationRules", {}).get("AutomaticallyAfterDays") if described.get("RotationEnabled") else None
    )
    assert rules == DAYS.get(name), (name, rules)

database = values[f"{NAME}/database"]
assert (database["username"], database["engine"], database["port"]) == ("trading_admin", "postgres", 5432), name
assert database["host"] == "database.example.com" and database["dbname"] == "trading_engine"
assert len(database["password"]) == 40
assert len(base64.b64decode(values[f"{NAME}/encryption-keys"]["data_encryption_key"])) == 32
token = values[f"{NAME}/redis"]["auth_token"]
assert len(token) == 64 and token.isalnum()
assert values[f"{NAME}/api-keys/binance"]["api_key"].startswith("placeholder-")

if region == "us-east-1":
    functions, logs = boto3.client("lambda"), boto3.client("logs")
    for function in ("rotate-database", "rotate-jwt"):
        answer = functions.get_function(FunctionName=f"{NAME}-{function}")
        configuration = answer["Configuration"]
        assert configuration["Handler"] == f"{function.replace('-', '_')}.handler", configuration
        assert configuration["Timeout"] == 60 and len(configuration["VpcConfig"]["SubnetIds"]) == 1, configuration
        statement = json.loads(functions.get_policy(FunctionName=f"{NAME}-{function}")["Policy"])["Statement"]
        assert [one["Principal"] for one in statement] == [{"Service": "secretsmanager.amazonaws.com"}], statement
        assert statement[0]["Condition"]["StringEquals"]["AWS:SourceAccount"] == account, statement
        group = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{NAME}-{function}")["logGroups"][0]
        assert group["retentionInDays"] == 90 and group["kmsKeyId"], group
