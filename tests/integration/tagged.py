"""Ask every service, in both regions, what carries the tag Project=trading-engine."""

from collections.abc import Iterator
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

PROJECT = {"Key": "Project", "Value": "trading-engine"}
REGIONS = ("us-east-1", "us-west-2")
Found = tuple[str, str, str]
"""Region, kind and name."""


def tagged_as_ours(aws: EmulatorServer) -> list[Found]:
    """List what is left, without what is only waiting for the end of its days (keys and secrets)."""
    found: list[Found] = []
    for region in REGIONS:
        for look in (network, data, services, watching):
            found += [(region, kind, name) for kind, name in look(aws, region)]
    return sorted({*found, *(("global", kind, name) for kind, name in worldwide(aws))})


def _ours(tags: list[dict[str, str]] | dict[str, str] | None) -> bool:
    if isinstance(tags, dict):
        return tags.get(PROJECT["Key"]) == PROJECT["Value"]
    return any(tag.get("Key", tag.get("TagKey")) == "Project" for tag in tags or [])


def network(aws: EmulatorServer, region: str) -> Iterator[tuple[str, str]]:
    """All of EC2 and of load balancing; what AWS still lists for a while after its end does not count."""
    ec2 = aws.client("ec2", region)
    ended = {"deleted", "deleting"}
    yield from (("VPC", vpc["VpcId"]) for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"])
    listings = {
        "subnet": ec2.describe_subnets()["Subnets"],
        "security group": ec2.describe_security_groups()["SecurityGroups"],
        "route table": ec2.describe_route_tables()["RouteTables"],
        "network ACL": ec2.describe_network_acls()["NetworkAcls"],
        "internet gateway": ec2.describe_internet_gateways()["InternetGateways"],
        "NAT gateway": [one for one in ec2.describe_nat_gateways()["NatGateways"] if one["State"] not in ended],
        "endpoint": [one for one in ec2.describe_vpc_endpoints()["VpcEndpoints"] if one["State"] not in ended],
        "flow log": ec2.describe_flow_logs()["FlowLogs"],
        "DHCP options": ec2.describe_dhcp_options()["DhcpOptions"],
        "launch template": ec2.describe_launch_templates()["LaunchTemplates"],
        "address": ec2.describe_addresses()["Addresses"],
    }
    for kind, resources in listings.items():
        yield from ((kind, str(one)) for one in resources if _ours(one.get("Tags")))
    for balancer in aws.client("elbv2", region).describe_load_balancers()["LoadBalancers"]:
        yield "load balancer", balancer["LoadBalancerName"]
    for group in aws.client("elbv2", region).describe_target_groups()["TargetGroups"]:
        yield "target group", group["TargetGroupName"]


def data(aws: EmulatorServer, region: str) -> Iterator[tuple[str, str]]:
    """Clusters, databases, caches, buckets, secrets and keys."""
    yield from (("cluster", name) for name in aws.client("eks", region).list_clusters()["clusters"])
    rds = aws.client("rds", region)
    yield from (("database", one["DBInstanceIdentifier"]) for one in rds.describe_db_instances()["DBInstances"])
    for snapshot in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        yield "database snapshot", snapshot["DBSnapshotIdentifier"]
    yield from (("subnet group", one["DBSubnetGroupName"]) for one in rds.describe_db_subnet_groups()["DBSubnetGroups"])
    for group in rds.describe_db_parameter_groups()["DBParameterGroups"]:
        if "trading-engine" in group["DBParameterGroupName"]:
            yield "parameter group", group["DBParameterGroupName"]
    cache = aws.client("elasticache", region)
    yield from (
        ("cache", one["ReplicationGroupId"]) for one in cache.describe_replication_groups()["ReplicationGroups"]
    )
    for secret in aws.client("secretsmanager", region).list_secrets()["SecretList"]:
        yield "secret", secret["Name"]
    kms = aws.client("kms", region)
    for alias in kms.list_aliases()["Aliases"]:
        if "trading-engine" in alias["AliasName"]:
            yield "key", alias["AliasName"].removeprefix("alias/")
    for key in kms.list_keys()["Keys"]:
        if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled":
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            yield from (("key", tag["TagValue"]) for tag in tags if tag["TagKey"] == "Name" and _ours(tags))


def services(aws: EmulatorServer, region: str) -> Iterator[tuple[str, str]]:
    """Topics, queues, images, certificates, functions and firewalls."""
    yield from (("topic", one["TopicArn"]) for one in aws.client("sns", region).list_topics()["Topics"])
    yield from (("queue", url) for url in aws.client("sqs", region).list_queues().get("QueueUrls", []))
    for repository in aws.client("ecr", region).describe_repositories()["repositories"]:
        yield "repository", repository["repositoryName"]
    for rule in aws.client("ecr", region).describe_pull_through_cache_rules()["pullThroughCacheRules"]:
        yield "pull through cache rule", rule["ecrRepositoryPrefix"]
    for certificate in aws.client("acm", region).list_certificates()["CertificateSummaryList"]:
        yield "certificate", certificate["CertificateArn"]
    yield from (("function", one["FunctionName"]) for one in aws.client("lambda", region).list_functions()["Functions"])
    for scope in ("REGIONAL", *(["CLOUDFRONT"] if region == REGIONS[0] else [])):
        yield from (
            ("web ACL", one["Name"]) for one in aws.client("wafv2", region).list_web_acls(Scope=scope)["WebACLs"]
        )


def watching(aws: EmulatorServer, region: str) -> Iterator[tuple[str, str]]:
    """Logs, alarms, trails and what else looks on."""
    for group in aws.client("logs", region).describe_log_groups()["logGroups"]:
        yield "log group", group["logGroupName"]
    cloudwatch = aws.client("cloudwatch", region)
    alarms = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    yield from (("alarm", one["AlarmName"]) for one in alarms["MetricAlarms"] + alarms["CompositeAlarms"])
    yield from (("dashboard", one["DashboardName"]) for one in cloudwatch.list_dashboards()["DashboardEntries"])
    yield from (("trail", one["Name"]) for one in aws.client("cloudtrail", region).list_trails()["Trails"])
    backup = aws.client("backup", region)
    yield from (("vault", one["BackupVaultName"]) for one in backup.list_backup_vaults()["BackupVaultList"])
    yield from (("backup plan", one["BackupPlanName"]) for one in backup.list_backup_plans()["BackupPlansList"])
    recorders = aws.client("config", region).describe_configuration_recorders()["ConfigurationRecorders"]
    yield from (("recorder", one["name"]) for one in recorders)
    yield from (("detector", one) for one in aws.client("guardduty", region).list_detectors()["DetectorIds"])


def worldwide(aws: EmulatorServer) -> Iterator[tuple[str, str]]:
    """IAM, Route 53, CloudFront and S3."""
    iam = aws.client("iam")
    for role in iam.list_roles()["Roles"]:
        if not role["Path"].startswith("/aws-service-role/"):
            yield "role", role["RoleName"]
    yield from (("policy", one["PolicyName"]) for one in iam.list_policies(Scope="Local")["Policies"])
    yield from (
        ("OIDC provider", one["Arn"]) for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    )
    route53 = aws.client("route53")
    yield from (("zone", one["Name"]) for one in route53.list_hosted_zones()["HostedZones"])
    yield from (("health check", one["Id"]) for one in route53.list_health_checks()["HealthChecks"])
    cloudfront = aws.client("cloudfront")
    items: list[dict[str, Any]] = cloudfront.list_distributions()["DistributionList"].get("Items", [])
    yield from (("distribution", one["Id"]) for one in items)
    accesses = cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items", [])
    yield from (("origin access control", one["Id"]) for one in accesses)
    budgets = aws.client("budgets").describe_budgets(AccountId=aws.account_id)["Budgets"]
    yield from (("budget", one["BudgetName"]) for one in budgets)
    yield from (("bucket", one["Name"]) for one in aws.client("s3").list_buckets()["Buckets"])
