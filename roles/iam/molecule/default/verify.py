"""The roles are there, bounded, and for those they are meant for; nobody without a second factor becomes an admin."""

import json
import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError

account = sys.argv[1]
NAME = "production-trading-engine"
BOUNDARY = f"arn:aws:iam::{account}:policy/{NAME}-boundary"
MANAGED = {
    "eks-cluster": {"AmazonEKSClusterPolicy"},
    "eks-node": {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonEC2ContainerRegistryReadOnly",
    },
    "rds-monitoring": {"AmazonRDSEnhancedMonitoringRole"},
    "secret-rotation": {"AWSLambdaVPCAccessExecutionRole"},
    "s3-replication": set(),
    "backup": {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"},
    "cloudtrail": set(),
    "chatbot": set(),
    "api": set(),
    "worker": set(),
    "websocket": set(),
    "velero": set(),
    "ebs-csi": {"AmazonEBSCSIDriverPolicy"},
    "vpc-cni": {"AmazonEKS_CNI_Policy"},
    "cluster-autoscaler": set(),
    "node-rotation": set(),
    "aws-load-balancer-controller": set(),
    "cloudwatch-agent": {"CloudWatchAgentServerPolicy", "AWSXrayWriteOnlyAccess"},
    "postgres-exporter": set(),
    "redis-exporter": set(),
    "cloudwatch-exporter": set(),
    "grafana": set(),
    "alertmanager": set(),
    "jaeger": set(),
    "elasticsearch": set(),
    "logging-elasticsearch": set(),
    "logstash": set(),
    "kibana": set(),
    "developers": {"ViewOnlyAccess", "CloudWatchReadOnlyAccess", "AWSXrayReadOnlyAccess"},
    "devops": {"AdministratorAccess"},
    "dbas": set(),
    "security": {
        "SecurityAudit",
        "AWSCloudTrail_ReadOnlyAccess",
        "AmazonGuardDutyReadOnlyAccess",
        "AWSSecurityHubReadOnlyAccess",
    },
}
PEOPLE = {"developers": 14400, "devops": 3600, "dbas": 3600, "security": 14400}
iam = boto3.client("iam")
names = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}


def statements(role: str, policy: str) -> list[dict[str, Any]]:
    document = iam.get_role_policy(RoleName=f"{NAME}-{role}", PolicyName=policy)["PolicyDocument"]
    return list(document["Statement"])


services = {
    role["Path"].split("/")[2]
    for page in iam.get_paginator("list_roles").paginate(PathPrefix="/aws-service-role/")
    for role in page["Roles"]
}
needed = {"autoscaling", "spot", "pullthroughcache.ecr", "eks", "rds", "config", "guardduty", "backup"}
assert {f"{one}.amazonaws.com" for one in needed} <= services, services
assert {f"{NAME}-{role}" for role in MANAGED} == {name for name in names if name.startswith(NAME)}, names
for role, managed in MANAGED.items():
    found = iam.get_role(RoleName=f"{NAME}-{role}")["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY, found
    attached = iam.list_attached_role_policies(RoleName=found["RoleName"])["AttachedPolicies"]
    assert {one["PolicyName"] for one in attached} == managed, (role, attached)
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags["ManagedBy"] == "ansible" and tags["Name"] == found["RoleName"], tags
    trust = json.dumps(found["AssumeRolePolicyDocument"])
    assert '"*"' not in trust, trust
    assert found["MaxSessionDuration"] == PEOPLE.get(role, 3600), found
    assert ("MultiFactorAuthPresent" in trust) == (role in PEOPLE), trust

writing = statements("eks-node", "S3BackupAccess")
allowed = {action for one in writing if one["Effect"] == "Allow" for action in one["Action"]}
assert allowed == {"s3:PutObject", "s3:AbortMultipartUpload", "kms:GenerateDataKey", "kms:Decrypt"}, allowed
(importing,) = statements("eks-node", "ImportImages")
assert set(importing["Action"]) == {"ecr:BatchImportUpstreamImage", "ecr:CreateRepository"}, importing
assert set(importing["Resource"]) == {
    f"arn:aws:ecr:*:{account}:repository/{prefix}/*" for prefix in ("docker-hub", "quay", "kubernetes")
}, importing
assert {one["Sid"] for one in statements("worker", "UseQueues")} == {"ConsumeAndSend", "UseTheKeyOfQueues"}
publishing = {one["Sid"]: one for one in statements("alertmanager", "PublishToTopics")}
assert set(publishing["SendMailAndHeartbeat"]["Resource"]) == {
    f"arn:aws:sns:*:{account}:{NAME}-{topic}" for topic in ("info", "heartbeat")
}, publishing
key = publishing["UseTheKeyOfTopics"]["Condition"]
assert key["StringLike"]["kms:ViaService"] == ["sns.*.amazonaws.com"], key
assert key["ForAnyValue:StringEquals"]["kms:ResourceAliases"] == [f"alias/{NAME}-messaging"], key
pod = iam.get_role(RoleName=f"{NAME}-api")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
assert pod["Condition"]["StringEquals"] == {
    "aws:RequestTag/kubernetes-namespace": ["trading-engine"],
    "aws:RequestTag/kubernetes-service-account": ["api"],
}, pod
backups = {one for statement in writing for one in statement["Resource"] if one.startswith("arn:aws:s3")}
assert f"arn:aws:s3:::{NAME}-backups-us-west-2/nodes/*" in backups, backups
logs = next(one for one in statements("security", "ReadAuditLogs") if one["Sid"] == "ListLogBuckets")["Resource"]
assert {f"arn:aws:s3:::{NAME}-{one}" for one in ("logs", "audit", "flow-logs-us-west-2")} <= set(logs), logs
password = iam.get_account_password_policy()["PasswordPolicy"]
assert password["MinimumPasswordLength"] == 14 and password["MaxPasswordAge"] == 90, password
assert password["PasswordReusePrevention"] == 24 and password["RequireSymbols"], password

sts = boto3.client("sts")
admin = {"RoleArn": f"arn:aws:iam::{account}:role/{NAME}-devops", "RoleSessionName": "verify"}
try:
    sts.assume_role(**admin)
    raise AssertionError("devops was taken without a second factor")
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error
factor = {"SerialNumber": f"arn:aws:iam::{account}:mfa/someone", "TokenCode": "123456"}
assert sts.assume_role(**admin, **factor)["Credentials"]["SessionToken"]
