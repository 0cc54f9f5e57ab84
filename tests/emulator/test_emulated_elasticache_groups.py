"""Cache parameter and subnet groups: what the emulator keeps, and what it refuses as ElastiCache does."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer


@pytest.fixture
def cache(emulator: EmulatorServer) -> Any:
    return emulator.client("elasticache")


@pytest.fixture
def group(cache: Any) -> str:
    cache.create_cache_parameter_group(CacheParameterGroupName="g", CacheParameterGroupFamily="redis7", Description="d")
    return "g"


@pytest.fixture
def subnets(emulator: EmulatorServer) -> list[str]:
    ec2 = emulator.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    return [one["Subnet"]["SubnetId"] for one in made]


def set_to(cache: Any, **values: str) -> None:
    pairs = [{"ParameterName": name.replace("_", "-"), "ParameterValue": value} for name, value in values.items()]
    cache.modify_cache_parameter_group(CacheParameterGroupName="g", ParameterNameValues=pairs)


def of_users(cache: Any) -> dict[str, str]:
    listed = cache.describe_cache_parameters(CacheParameterGroupName="g", Source="user")["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in listed}


def test_parameters_are_set_and_given_back(cache: Any, group: str) -> None:
    set_to(cache, timeout="300", maxmemory_policy="allkeys-lru")
    assert of_users(cache) == {"timeout": "300", "maxmemory-policy": "allkeys-lru"}
    cache.reset_cache_parameter_group(CacheParameterGroupName=group, ParameterNameValues=[{"ParameterName": "timeout"}])
    assert of_users(cache) == {"maxmemory-policy": "allkeys-lru"}
    cache.reset_cache_parameter_group(CacheParameterGroupName=group, ResetAllParameters=True)
    assert of_users(cache) == {}
    listed = cache.describe_cache_parameters(CacheParameterGroupName=group)["Parameters"]
    assert {one["Source"] for one in listed} == {"system"}


def test_parameters_come_in_pages(cache: Any, group: str) -> None:
    page = cache.describe_cache_parameters(CacheParameterGroupName=group, MaxRecords=20)
    assert len(page["Parameters"]) == 20
    rest = cache.describe_cache_parameters(CacheParameterGroupName=group, Marker=page["Marker"])["Parameters"]
    assert not {one["ParameterName"] for one in rest} & {one["ParameterName"] for one in page["Parameters"]}


def test_default_groups_are_there_and_cannot_change(cache: Any) -> None:
    listed = cache.describe_cache_parameter_groups()["CacheParameterGroups"]
    assert "default.redis7" in [one["CacheParameterGroupName"] for one in listed]
    with refused("InvalidCacheParameterGroupState", "default.redis7 cannot be modified"):
        cache.delete_cache_parameter_group(CacheParameterGroupName="default.redis7")


def test_parameter_groups_are_tagged_and_found_by_tag(emulator: EmulatorServer, cache: Any) -> None:
    made = cache.create_cache_parameter_group(
        CacheParameterGroupName="t",
        CacheParameterGroupFamily="redis7",
        Description="d",
        Tags=[{"Key": "a", "Value": "b"}],
    )
    arn = made["CacheParameterGroup"]["ARN"]
    assert cache.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "a", "Value": "b"}]
    filters = [{"Key": "a", "Values": ["b"]}]
    found = emulator.client("resourcegroupstaggingapi").get_resources(TagFilters=filters)["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in found] == [arn]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"no_such": "1"}, "Could not find parameter with name: no-such"),
        ({"appendonly": "yes"}, "The parameter appendonly cannot be modified."),
        ({"timeout": "19"}, "invalid parameter value: 19 for: timeout allowed values are: 0,20-"),
        ({"timeout": "x"}, "invalid parameter value: x"),
        ({"maxmemory_policy": "lru"}, "allowed values are: volatile-lru"),
    ],
)
def test_parameters_that_cannot_be_are_refused(cache: Any, group: str, values: dict[str, str], message: str) -> None:
    with refused("InvalidParameterValue", message):
        set_to(cache, **values)
    assert of_users(cache) == {}


def test_more_than_twenty_parameters_are_refused(cache: Any, group: str) -> None:
    pairs = [{"ParameterName": "timeout", "ParameterValue": str(number)} for number in range(20, 41)]
    with refused("InvalidParameterCombination", "Cannot modify more than 20 parameters in a single request"):
        cache.modify_cache_parameter_group(CacheParameterGroupName=group, ParameterNameValues=pairs)


def test_parameter_groups_that_are_not_there_or_there_already_are_refused(cache: Any, group: str) -> None:
    with refused("CacheParameterGroupNotFound", "CacheParameterGroup not found: other"):
        cache.describe_cache_parameters(CacheParameterGroupName="other")
    with refused("CacheParameterGroupNotFound", "other"):
        cache.delete_cache_parameter_group(CacheParameterGroupName="other")
    with refused("CacheParameterGroupAlreadyExists", "g already exists"):
        cache.create_cache_parameter_group(
            CacheParameterGroupName="G", CacheParameterGroupFamily="redis7", Description="d"
        )
    with refused("InvalidParameterValue", "redis9"):
        cache.create_cache_parameter_group(
            CacheParameterGroupName="h", CacheParameterGroupFamily="redis9", Description="d"
        )


def test_subnet_groups_know_their_zones_and_change(cache: Any, subnets: list[str]) -> None:
    made = cache.create_cache_subnet_group(
        CacheSubnetGroupName="S", CacheSubnetGroupDescription="d", SubnetIds=subnets[:1]
    )["CacheSubnetGroup"]
    assert made["CacheSubnetGroupName"] == "s"
    assert made["Subnets"][0]["SubnetAvailabilityZone"] == {"Name": "us-east-1a"}
    cache.modify_cache_subnet_group(CacheSubnetGroupName="s", SubnetIds=subnets)
    held = cache.describe_cache_subnet_groups(CacheSubnetGroupName="s")["CacheSubnetGroups"][0]
    assert [one["SubnetIdentifier"] for one in held["Subnets"]] == subnets
    assert held["CacheSubnetGroupDescription"] == "d"
    cache.delete_cache_subnet_group(CacheSubnetGroupName="s")
    with refused("CacheSubnetGroupNotFoundFault", "s not found"):
        cache.delete_cache_subnet_group(CacheSubnetGroupName="s")


def test_subnets_that_do_not_exist_or_belong_elsewhere_are_refused(
    emulator: EmulatorServer, cache: Any, subnets: list[str]
) -> None:
    with refused("InvalidSubnet", "subnet-0"):
        cache.create_cache_subnet_group(
            CacheSubnetGroupName="s", CacheSubnetGroupDescription="d", SubnetIds=["subnet-0"]
        )
    ec2 = emulator.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    stranger = ec2.create_subnet(VpcId=other, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    with refused("InvalidSubnet", "same VPC"):
        cache.create_cache_subnet_group(
            CacheSubnetGroupName="s", CacheSubnetGroupDescription="d", SubnetIds=[*subnets, stranger]
        )
