"""Tags of everything that can have tags: a walk through every service that the estate uses."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError
from estate import Estate, by_key, reader
from read_monitoring import alarms

KEYS = ("Environment", "Project", "ManagedBy", "Team", "CostCenter", "Compliance")
type Found = Iterator[tuple[str, dict[str, str]]]

# Operation, key of the list, key of the name, of what EC2 lists with its tags.
EC2 = (
    ("describe_vpcs", "Vpcs", "VpcId"),
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("describe_addresses", "Addresses", "AllocationId"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
)
RDS = (
    ("describe_db_instances", "DBInstances", "DBInstanceArn"),
    ("describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupArn"),
    ("describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupArn"),
    ("describe_event_subscriptions", "EventSubscriptionsList", "EventSubscriptionArn"),
)
# Not the nodes of a replication group: AWS keeps their tags like the group's.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Tag.html
ELASTICACHE = (
    ("describe_replication_groups", "ReplicationGroups"),
    ("describe_cache_subnet_groups", "CacheSubnetGroups"),
    ("describe_cache_parameter_groups", "CacheParameterGroups"),
)


def _made_by_aws(one: dict[str, Any], tags: dict[str, str]) -> bool:
    """What comes with an account, a VPC or a cluster, and what services make for themselves."""
    return (
        bool(one.get("IsDefault") or one.get("DefaultForAz"))
        or one.get("GroupName") == "default"
        or any(association.get("Main") for association in one.get("Associations", []))
        or "aws:eks:cluster-name" in tags
    )


def _ec2(estate: Estate, region: str) -> Found:
    default = [one["VpcId"] for one in estate.pages("ec2", region, "describe_vpcs", "Vpcs") if one["IsDefault"]]
    for operation, listed, name in EC2:
        for one in estate.pages("ec2", region, operation, listed):
            attached = [place.get("VpcId") for place in one.get("Attachments", [])]
            if set(default) & {one.get("VpcId"), *attached}:
                continue
            tags = by_key(one.get("Tags", []))
            if not _made_by_aws(one, tags):
                yield one[name], tags


def _kms(estate: Estate, region: str) -> Found:
    kms = estate.client("kms", region)
    for one in estate.pages("kms", region, "list_keys", "Keys"):
        if kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]["KeyManager"] == "CUSTOMER":
            yield one["KeyArn"], by_key(kms.list_resource_tags(KeyId=one["KeyId"])["Tags"])


def _s3(estate: Estate, region: str) -> Found:
    s3 = estate.client("s3", region)
    for name in estate.read("buckets", region):
        yield name, by_key(s3.get_bucket_tagging(Bucket=name)["TagSet"])


def _iam(estate: Estate, region: str) -> Found:
    if region != "us-east-1":  # global
        return
    iam = estate.client("iam", region)
    for role in estate.pages("iam", region, "list_roles", "Roles"):
        if not role["Path"].startswith("/aws-service-role/"):
            yield role["Arn"], by_key(iam.list_role_tags(RoleName=role["RoleName"])["Tags"])
    for policy in estate.pages("iam", region, "list_policies", "Policies", Scope="Local"):
        yield policy["Arn"], by_key(iam.list_policy_tags(PolicyArn=policy["Arn"])["Tags"])
    for profile in estate.pages("iam", region, "list_instance_profiles", "InstanceProfiles"):
        tags = iam.list_instance_profile_tags(InstanceProfileName=profile["InstanceProfileName"])["Tags"]
        yield profile["Arn"], by_key(tags)
    for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        yield one["Arn"], by_key(iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=one["Arn"])["Tags"])


def _rds(estate: Estate, region: str) -> Found:
    rds = estate.client("rds", region)
    for operation, listed, name in RDS:
        for one in estate.pages("rds", region, operation, listed):
            if not one.get("DBParameterGroupName", "").startswith("default."):
                yield one[name], by_key(rds.list_tags_for_resource(ResourceName=one[name])["TagList"])


def _elasticache(estate: Estate, region: str) -> Found:
    client = estate.client("elasticache", region)
    for operation, listed in ELASTICACHE:
        for one in estate.pages("elasticache", region, operation, listed):
            name = one.get("CacheSubnetGroupName") or one.get("CacheParameterGroupName") or ""
            if not name.startswith("default"):
                yield one["ARN"], by_key(client.list_tags_for_resource(ResourceName=one["ARN"])["TagList"])


def _eks(estate: Estate, region: str) -> Found:
    eks = estate.client("eks", region)
    for cluster in eks.list_clusters()["clusters"]:
        parts = [eks.describe_cluster(name=cluster)["cluster"]["arn"]]
        for name in eks.list_nodegroups(clusterName=cluster)["nodegroups"]:
            group = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
            parts.append(group["nodegroupArn"])
        for name in eks.list_addons(clusterName=cluster)["addons"]:
            parts.append(eks.describe_addon(clusterName=cluster, addonName=name)["addon"]["addonArn"])
        for who in eks.list_access_entries(clusterName=cluster)["accessEntries"]:
            entry = eks.describe_access_entry(clusterName=cluster, principalArn=who)["accessEntry"]
            if entry["type"] == "STANDARD":
                parts.append(entry["accessEntryArn"])
        for one in eks.list_pod_identity_associations(clusterName=cluster)["associations"]:
            parts.append(one["associationArn"])
        for arn in parts:
            yield arn, dict(eks.list_tags_for_resource(resourceArn=arn)["tags"])


def _elbv2(estate: Estate, region: str) -> Found:
    elbv2 = estate.client("elbv2", region)
    arns = [one["TargetGroupArn"] for one in elbv2.describe_target_groups()["TargetGroups"]]
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        arns.append(balancer["LoadBalancerArn"])
        for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            arns.append(listener["ListenerArn"])
            rules = elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            arns += [rule["RuleArn"] for rule in rules if not rule["IsDefault"]]
    for arn in arns:
        (held,) = elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        yield arn, by_key(held["Tags"])


def _scaling(estate: Estate, region: str) -> Found:
    for one in estate.pages("autoscaling", region, "describe_auto_scaling_groups", "AutoScalingGroups"):
        yield (
            one["AutoScalingGroupName"],
            by_key({"Key": tag["Key"], "Value": tag["Value"]} for tag in one.get("Tags", [])),
        )


def _messages(estate: Estate, region: str) -> Found:
    sns, sqs = estate.client("sns", region), estate.client("sqs", region)
    for topic in estate.pages("sns", region, "list_topics", "Topics"):
        yield topic["TopicArn"], by_key(sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"])
    for url in sqs.list_queues().get("QueueUrls", []):
        yield url, sqs.list_queue_tags(QueueUrl=url).get("Tags", {})


def _code(estate: Estate, region: str) -> Found:
    functions, ecr = estate.client("lambda", region), estate.client("ecr", region)
    for one in estate.pages("lambda", region, "list_functions", "Functions"):
        yield one["FunctionArn"], functions.list_tags(Resource=one["FunctionArn"]).get("Tags", {})
    for one in estate.pages("ecr", region, "describe_repositories", "repositories"):
        yield one["repositoryArn"], by_key(ecr.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"])


def _secrets(estate: Estate, region: str) -> Found:
    for one in estate.pages("secretsmanager", region, "list_secrets", "SecretList"):
        yield one["ARN"], by_key(one.get("Tags", []))


def _certificates(estate: Estate, region: str) -> Found:
    acm = estate.client("acm", region)
    for one in estate.pages("acm", region, "list_certificates", "CertificateSummaryList"):
        arn = one["CertificateArn"]
        yield arn, by_key(acm.list_tags_for_certificate(CertificateArn=arn)["Tags"])


def _web_acls(estate: Estate, region: str) -> Found:
    waf = estate.client("wafv2", region)
    for scope in ("REGIONAL", "CLOUDFRONT") if region == "us-east-1" else ("REGIONAL",):
        for one in waf.list_web_acls(Scope=scope)["WebACLs"]:
            held = waf.list_tags_for_resource(ResourceARN=one["ARN"])["TagInfoForResource"]["TagList"]
            yield one["ARN"], by_key(held)


def _edge(estate: Estate, region: str) -> Found:
    if region != "us-east-1":  # global
        return
    budgets = estate.client("budgets", region)
    for one in budgets.describe_budgets(AccountId=estate.account_id)["Budgets"]:
        arn = f"arn:aws:budgets::{estate.account_id}:budget/{one['BudgetName']}"
        yield arn, by_key(budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"])
    cloudfront, route53 = estate.client("cloudfront", region), estate.client("route53", region)
    for one in cloudfront.list_distributions()["DistributionList"].get("Items", []):
        yield one["ARN"], by_key(cloudfront.list_tags_for_resource(Resource=one["ARN"])["Tags"]["Items"])
    names = [("hostedzone", one["Id"].rpartition("/")[2]) for one in route53.list_hosted_zones()["HostedZones"]]
    names += [("healthcheck", one["Id"]) for one in route53.list_health_checks()["HealthChecks"]]
    for kind, name in names:
        held = route53.list_tags_for_resource(ResourceType=kind, ResourceId=name)["ResourceTagSet"]["Tags"]
        yield f"{kind}/{name}", by_key(held)


def _watch(estate: Estate, region: str) -> Found:
    logs, cloudwatch = estate.client("logs", region), estate.client("cloudwatch", region)
    for group in estate.pages("logs", region, "describe_log_groups", "logGroups"):
        arn = group["arn"].removesuffix(":*")
        yield arn, logs.list_tags_for_resource(resourceArn=arn)["tags"]
    for alarm in alarms(estate, region):
        yield alarm["AlarmArn"], by_key(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"])


def _trails(estate: Estate, region: str) -> Found:
    client = estate.client("cloudtrail", region)
    for one in client.describe_trails(includeShadowTrails=False)["trailList"]:
        held = client.list_tags(ResourceIdList=[one["TrailARN"]])["ResourceTagList"][0]["TagsList"]
        yield one["TrailARN"], by_key(held)


def _recorders(estate: Estate, region: str) -> Found:
    client = estate.client("config", region)
    arns = [one["arn"] for one in client.describe_configuration_recorders()["ConfigurationRecorders"]]
    arns += [one["ConfigRuleArn"] for one in estate.pages("config", region, "describe_config_rules", "ConfigRules")]
    for arn in arns:
        yield arn, by_key(client.list_tags_for_resource(ResourceArn=arn)["Tags"])


def _guards(estate: Estate, region: str) -> Found:
    guardduty, backup = estate.client("guardduty", region), estate.client("backup", region)
    for name in guardduty.list_detectors()["DetectorIds"]:
        yield f"detector/{name}", guardduty.get_detector(DetectorId=name).get("Tags", {})
    vaults = [one["BackupVaultArn"] for one in backup.list_backup_vaults()["BackupVaultList"]]
    plans = [one["BackupPlanArn"] for one in backup.list_backup_plans()["BackupPlansList"]]
    for arn in vaults + plans:
        yield arn, backup.list_tags(ResourceArn=arn)["Tags"]


WALKS: tuple[Callable[[Estate, str], Found], ...] = (
    _ec2,
    _kms,
    _s3,
    _iam,
    _rds,
    _elasticache,
    _eks,
    _elbv2,
    _scaling,
    _messages,
    _code,
    _secrets,
    _certificates,
    _web_acls,
    _edge,
    _watch,
    _trails,
    _recorders,
    _guards,
)


def tagged_resources(estate: Estate, region: str) -> dict[str, dict[str, str]]:
    """Every resource of ours in a region that can have tags, to those of its tags that the document names."""
    found: dict[str, dict[str, str]] = {}
    for walk in WALKS:
        try:
            resources = list(walk(estate, region))
        except ClientError as error:
            raise AssertionError(f"{walk.__name__} in {region}: {error}") from error
        found |= {name: {key: tags[key] for key in KEYS if key in tags} for name, tags in resources}
    return found


@reader
def tags(estate: Estate, region: str) -> dict[str, Any]:
    """``{usual, others}``: the tags that most resources have, and the resources that have other ones or none."""
    found = tagged_resources(estate, region)
    usual = dict(Counter(tuple(held.items()) for held in found.values()).most_common(1)[0][0])
    return {"usual": usual, "others": {name: held for name, held in sorted(found.items()) if held != usual}}
