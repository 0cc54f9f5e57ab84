"""build/<environment>/outputs.json says of both regions what the AWS API says, and no secret."""

import json
from typing import Any

import pytest
import yaml
from estate import NAME, PRIMARY, REGIONS, ROOT, STANDBY, Estate, by_key

from trading_platform import outputs

pytestmark = pytest.mark.slow
SECRETS = yaml.safe_load((ROOT / "inventories/production/group_vars/all/secrets_manager.yml").read_text())
both = pytest.mark.parametrize("region", REGIONS)


@pytest.fixture(scope="session")
def text(estate: Estate) -> str:
    """The file that the run of site.yml wrote."""
    return (estate.build_directory / "production/outputs.json").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def told(text: str) -> dict[str, Any]:
    """What it says, by region."""
    regions: dict[str, Any] = json.loads(text)["regions"]
    return regions


def test_it_is_what_its_schema_says(estate: Estate, text: str) -> None:
    document = json.loads(text)
    schema = outputs.load_schema(ROOT / "inventories/schema/outputs.schema.json")
    assert outputs.problems(document, schema) == []
    assert (document["environment"], document["account_id"]) == ("production", estate.account_id)
    assert {region: one["role"] for region, one in document["regions"].items()} == {
        PRIMARY: "primary",
        STANDBY: "standby",
    }


@both
def test_cluster(estate: Estate, told: dict[str, Any], region: str) -> None:
    cluster = estate.client("eks", region).describe_cluster(name=NAME)["cluster"]
    assert told[region]["cluster"] == {
        "name": cluster["name"],
        "arn": cluster["arn"],
        "endpoint": cluster["endpoint"],
        "version": cluster["version"],
        "oidc_issuer": cluster["identity"]["oidc"]["issuer"],
        "certificate_authority": cluster["certificateAuthority"]["data"],
    }
    assert told[region]["vpc"]["service_cidr"] == cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"]
    assert told[region]["vpc"]["id"] == cluster["resourcesVpcConfig"]["vpcId"]


@both
def test_network(estate: Estate, told: dict[str, Any], region: str) -> None:
    ec2, found = estate.client("ec2", region), told[region]["vpc"]
    (vpc,) = ec2.describe_vpcs(VpcIds=[found["id"]])["Vpcs"]
    assert found["cidr"] == vpc["CidrBlock"]
    tiers: dict[str, list[str]] = {}
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [found["id"]]}])["Subnets"]
    for subnet in sorted(subnets, key=lambda one: str(one["AvailabilityZone"])):
        tiers.setdefault(by_key(subnet["Tags"])["Tier"], []).append(subnet["CidrBlock"])
    assert found["subnets"] == tiers


@both
def test_database(estate: Estate, told: dict[str, Any], region: str) -> None:
    instances = estate.pages("rds", region, "describe_db_instances", "DBInstances")
    readers = [one for one in instances if "-replica-" in one["DBInstanceIdentifier"]]
    (main,) = (one for one in instances if one not in readers)
    assert told[region]["database"] == {
        "host": main["Endpoint"]["Address"],
        "port": main["Endpoint"]["Port"],
        "name": main["DBName"],
        "secret": f"{NAME}/database",
        "reader_hosts": [one["Endpoint"]["Address"] for one in readers],
    }
    assert len(readers) == (2 if region == PRIMARY else 0)


def test_redis(estate: Estate, told: dict[str, Any]) -> None:
    (group,) = estate.pages("elasticache", PRIMARY, "describe_replication_groups", "ReplicationGroups")
    (shard,) = group["NodeGroups"]
    assert told[PRIMARY]["redis"] == {
        "host": shard["PrimaryEndpoint"]["Address"],
        "reader_host": shard["ReaderEndpoint"]["Address"],
        "port": shard["PrimaryEndpoint"]["Port"],
        "secret": f"{NAME}/redis",
    }
    assert estate.pages("elasticache", STANDBY, "describe_replication_groups", "ReplicationGroups") == []
    assert told[STANDBY]["redis"] is None


@both
def test_way_in(estate: Estate, told: dict[str, Any], region: str) -> None:
    elbv2, found = estate.client("elbv2", region), told[region]
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    assert found["load_balancer"] == {"arn": balancer["LoadBalancerArn"], "dns_name": balancer["DNSName"]}
    groups = {one["TargetGroupArn"]: one["Port"] for one in elbv2.describe_target_groups()["TargetGroups"]}
    assert {service: groups[arn] for service, arn in found["target_groups"].items()} == {"api": 7999, "websocket": 8080}
    (zone,) = estate.client("route53", region).list_hosted_zones()["HostedZones"]
    records = estate.pages(
        "route53", region, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]
    )
    names = {one["Name"].removesuffix(".") for one in records if one["Type"] == "A"}
    assert {*found["hosts"].values(), *found["regional_hosts"].values()} <= names
    assert all(region in host for host in found["regional_hosts"].values())
    (distribution,) = estate.client("cloudfront", region).list_distributions()["DistributionList"]["Items"]
    assert found["cloudfront"]["domain_name"] == distribution["DomainName"]
    assert [found["hosts"]["assets"]] == distribution["Aliases"]["Items"]


@both
def test_messages_buckets_and_images(estate: Estate, told: dict[str, Any], region: str) -> None:
    found = told[region]
    assert found["queues"] == {
        "orders": estate.client("sqs", region).get_queue_url(QueueName=f"{NAME}-orders")["QueueUrl"]
    }
    topics = {one["TopicArn"] for one in estate.pages("sns", region, "list_topics", "Topics")}
    assert set(found["topics"].values()) == topics
    buckets = {
        one["Name"]
        for one in estate.client("s3", region).list_buckets()["Buckets"]
        if one["Name"].endswith(STANDBY) == (region == STANDBY)
    }
    assert set(found["buckets"].values()) == buckets
    repositories = estate.pages("ecr", region, "describe_repositories", "repositories")
    uris = {f"{found['ecr']['registry']}/{name}" for name in found["ecr"]["repositories"].values()}
    assert uris == {one["repositoryUri"] for one in repositories}


@both
def test_keys_and_roles(estate: Estate, told: dict[str, Any], region: str) -> None:
    found = told[region]
    for purpose, arn in found["kms_key_arns"].items():
        assert arn == estate.key_arn(region, purpose), purpose
    eks = estate.client("eks", region)
    associations = eks.list_pod_identity_associations(clusterName=NAME)["associations"]
    roles = {
        eks.describe_pod_identity_association(clusterName=NAME, associationId=one["associationId"])["association"][
            "roleArn"
        ]
        for one in associations
    }
    assert set(found["pod_role_arns"].values()) == roles
    for role, arn in found["pod_role_arns"].items():
        name = f"{NAME}-{role.replace('_', '-')}"
        assert estate.client("iam", region).get_role(RoleName=name)["Role"]["Arn"] == arn


@both
def test_secrets_are_told_by_name_alone(estate: Estate, told: dict[str, Any], text: str, region: str) -> None:
    client = estate.client("secretsmanager", region)
    listed = {one["Name"] for one in estate.pages("secretsmanager", region, "list_secrets", "SecretList")}
    assert set(told[region]["secrets"].values()) == listed
    for purpose, name in told[region]["secrets"].items():
        held = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
        generated = SECRETS["secrets_manager_secrets"][purpose]["generate"]
        assert set(generated) <= set(held)
        for field in generated:
            assert held[field] not in text, f"{name}: {field}"


@both
def test_sizes_of_the_cluster(estate: Estate, told: dict[str, Any], region: str) -> None:
    eks, found = estate.client("eks", region), told[region]["sizes"]["cluster"]
    assert found["version"] == eks.describe_cluster(name=NAME)["cluster"]["version"]
    listed = estate.pages("eks", region, "list_nodegroups", "nodegroups", clusterName=NAME)
    groups = {name: eks.describe_nodegroup(clusterName=NAME, nodegroupName=name)["nodegroup"] for name in listed}
    assert found["node_groups"] == {
        name: {
            "instance_types": sorted(group["instanceTypes"]),
            "capacity_type": group["capacityType"].lower(),
            "min_size": group["scalingConfig"]["minSize"],
            "max_size": group["scalingConfig"]["maxSize"],
            "disk_gb": disk_gb(estate, region, group["launchTemplate"]),
        }
        for name, group in groups.items()
    }


def disk_gb(estate: Estate, region: str, template: dict[str, Any]) -> int:
    """GB of a node's disk."""
    (version,) = estate.client("ec2", region).describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=[template["version"]]
    )["LaunchTemplateVersions"]
    (disk,) = version["LaunchTemplateData"]["BlockDeviceMappings"]
    return int(disk["Ebs"]["VolumeSize"])


@both
def test_sizes_of_the_databases(estate: Estate, told: dict[str, Any], region: str) -> None:
    instances = {
        one["DBInstanceIdentifier"]: {
            "instance_class": one["DBInstanceClass"],
            "engine_version": one["EngineVersion"],
            "allocated_storage_gb": one["AllocatedStorage"],
            "multi_az": one["MultiAZ"],
            "is_replica": bool(one.get("ReadReplicaSourceDBInstanceIdentifier")),
        }
        for one in estate.pages("rds", region, "describe_db_instances", "DBInstances")
    }
    main = NAME if region == PRIMARY else f"{NAME}-standby"
    assert told[region]["sizes"]["database"] == instances.pop(main)
    assert told[region]["sizes"]["database_replicas"] == list(instances.values())


@both
def test_sizes_of_redis(estate: Estate, told: dict[str, Any], region: str) -> None:
    nodes = estate.pages("elasticache", region, "describe_cache_clusters", "CacheClusters")
    kinds = {(one["CacheNodeType"], one["Engine"], one["EngineVersion"]) for one in nodes}
    expected = [
        {"node_type": kind, "nodes": len(nodes), "engine": engine, "engine_version": version}
        for kind, engine, version in kinds
    ]
    assert [told[region]["sizes"]["redis"]] == (expected or [None])


@both
def test_sizes_of_the_network(estate: Estate, told: dict[str, Any], region: str) -> None:
    vpc = told[region]["vpc"]["id"]
    endpoints = estate.pages("ec2", region, "describe_vpc_endpoints", "VpcEndpoints")
    subnets = estate.client("ec2", region).describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert told[region]["sizes"]["network"] == {
        "zones": sorted({one["AvailabilityZone"] for one in subnets}),
        "nat_gateways": len(estate.pages("ec2", region, "describe_nat_gateways", "NatGateways")),
        "interface_endpoints": {
            one["ServiceName"].removeprefix(f"com.amazonaws.{region}."): len(one["SubnetIds"])
            for one in endpoints
            if one["VpcEndpointType"] == "Interface"
        },
    }
