"""The modules elasticache_parameter_group and elasticache_subnet_group against the embedded AWS."""

from typing import Any

import pytest
from cache import network
from harness import load, run_module, writes

from trading_platform.aws.elasticache_parameter_group import takes
from trading_platform.emulator.testing import EmulatorServer

parameter_group = load("elasticache_parameter_group").main
subnet_group = load("elasticache_subnet_group").main
PARAMETERS = {"maxmemory-policy": "allkeys-lru", "timeout": 300, "tcp-keepalive": 300}
TAGS = {"Environment": "production"}


def parameters(**changed: Any) -> dict[str, Any]:
    """Give the arguments of the parameter group."""
    return {"name": "redis", "family": "redis7", "parameters": PARAMETERS, "tags": TAGS, **changed}


def values(aws: EmulatorServer) -> dict[str, str]:
    """Give what a user has set, as ElastiCache sees it."""
    client = aws.client("elasticache")
    listed = client.describe_cache_parameters(CacheParameterGroupName="redis", Source="user")["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in listed}


def tags(aws: EmulatorServer, kind: str) -> dict[str, str]:
    """Give the tags of one of the two groups."""
    arn = f"arn:aws:elasticache:us-east-1:{aws.account_id}:{kind}:redis"
    return {
        one["Key"]: one["Value"]
        for one in aws.client("elasticache").list_tags_for_resource(ResourceName=arn)["TagList"]
    }


def test_parameter_group_from_nothing_to_nothing(aws: EmulatorServer) -> None:
    predicted = run_module(parameter_group, parameters(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["elasticache_parameter_group"]["arn"].endswith(":redis-planned")
    made = run_module(parameter_group, parameters())
    assert writes(made) == ["elasticache.CreateCacheParameterGroup", "elasticache.ModifyCacheParameterGroup"]
    assert values(aws) == {"maxmemory-policy": "allkeys-lru", "timeout": "300", "tcp-keepalive": "300"}
    assert tags(aws, "parametergroup") == TAGS
    for check in (False, True):
        again = run_module(parameter_group, parameters(), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3)
    changed = parameters(parameters={"timeout": 600, "activedefrag": True}, tags={"Team": "data"})
    assert run_module(parameter_group, changed, check=True)["changed"] is True
    run_module(parameter_group, changed)
    assert values(aws) == {"timeout": "600", "activedefrag": "yes"}
    assert tags(aws, "parametergroup") == {"Team": "data"}
    gone = {"name": "redis", "state": "absent"}
    assert writes(run_module(parameter_group, gone, check=True)) == []
    assert run_module(parameter_group, gone)["changed"] is True
    assert run_module(parameter_group, gone)["changed"] is False


def test_a_run_cut_off_before_the_parameters_is_finished_by_the_next(aws: EmulatorServer) -> None:
    run_module(parameter_group, parameters(), fail={"elasticache.ModifyCacheParameterGroup": "Throttling"})
    assert values(aws) == {}
    assert run_module(parameter_group, parameters())["actions"] == ["update: parameters"]
    assert values(aws)["maxmemory-policy"] == "allkeys-lru"


def test_a_value_set_by_hand_is_taken_back_or_kept(aws: EmulatorServer) -> None:
    run_module(parameter_group, parameters())
    aws.client("elasticache").modify_cache_parameter_group(
        CacheParameterGroupName="redis",
        ParameterNameValues=[
            {"ParameterName": "timeout", "ParameterValue": "0"},
            {"ParameterName": "activedefrag", "ParameterValue": "yes"},
        ],
    )
    kept = run_module(parameter_group, parameters(purge_parameters=False))
    assert writes(kept) == ["elasticache.ModifyCacheParameterGroup"]
    assert values(aws)["activedefrag"] == "yes"
    run_module(parameter_group, parameters())
    assert values(aws) == {"maxmemory-policy": "allkeys-lru", "timeout": "300", "tcp-keepalive": "300"}


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"no-such": 1}, "has no parameter no-such"),
        ({"timeout": 7}, "timeout takes 0,20-2147483647, not 7"),
        ({"maxmemory-policy": "lru"}, "maxmemory-policy takes volatile-lru"),
        ({"appendonly": "yes"}, "appendonly cannot be changed"),
    ],
)
def test_parameters_that_the_family_does_not_take_are_refused(
    aws: EmulatorServer, exists: bool, wrong: dict[str, Any], message: str
) -> None:
    if exists:
        run_module(parameter_group, parameters())
    for check in (True, False):
        refused = run_module(parameter_group, parameters(parameters=wrong), check=check)
        assert message in refused["msg"]
        assert writes(refused) == []


def test_family_and_description_are_for_life(aws: EmulatorServer) -> None:
    run_module(parameter_group, parameters())
    assert "family is 'redis7'" in run_module(parameter_group, parameters(family="valkey8"), check=True)["msg"]
    assert "description is" in run_module(parameter_group, parameters(description="other"), check=True)["msg"]


def test_more_than_twenty_parameters_go_in_several_calls(aws: EmulatorServer) -> None:
    client = aws.client("elasticache")
    defaults = client.describe_engine_default_parameters(CacheParameterGroupFamily="redis7")["EngineDefaults"]
    numbers = [one for one in defaults["Parameters"] if one["AllowedValues"] == "0-9223372036854775807"]
    more = [one for one in defaults["Parameters"] if one["AllowedValues"] == "0-2147483647"]
    asked = {one["ParameterName"]: "77" for one in [*numbers, *more]}
    asked |= dict.fromkeys(("active-defrag-cycle-min", "active-defrag-threshold-upper", "maxmemory-samples"), "7")
    assert len(asked) > 20
    result = run_module(parameter_group, parameters(parameters=asked))
    assert writes(result).count("elasticache.ModifyCacheParameterGroup") == 2
    assert (
        writes(run_module(parameter_group, parameters(parameters={}))) == ["elasticache.ResetCacheParameterGroup"] * 2
    )


@pytest.mark.parametrize(
    ("data_type", "allowed", "value", "taken"),
    [
        ("integer", "0,20-", "0", True),
        ("integer", "0,20-", "20", True),
        ("integer", "0,20-", "19", False),
        ("integer", "1-5", "5", True),
        ("integer", "1-5", "6", False),
        ("integer", "-1-5", "-1", True),
        ("integer", "1-5", "five", False),
        ("string", "yes,no", "yes", True),
        ("string", "yes,no", "true", False),
        ("string", "", "anything", True),
    ],
)
def test_allowed_values_are_read_as_aws_writes_them(data_type: str, allowed: str, value: str, taken: bool) -> None:
    assert takes(data_type, allowed, value) is taken


def test_subnet_group_from_nothing_to_nothing(aws: EmulatorServer) -> None:
    planned = {"name": "Redis", "subnet_ids": ["subnet-planned"]}
    assert writes(run_module(subnet_group, planned, check=True)) == []
    subnet_ids, _ = network(aws)
    asked = {"name": "Redis", "subnet_ids": subnet_ids[:2], "tags": TAGS}
    made = run_module(subnet_group, asked)
    assert made["elasticache_subnet_group"]["subnet_ids"] == sorted(subnet_ids[:2])
    assert tags(aws, "subnetgroup") == TAGS
    again = run_module(subnet_group, {**asked, "subnet_ids": subnet_ids[1::-1]})
    assert (again["changed"], len(again["api_calls"])) == (False, 2)
    more = {**asked, "subnet_ids": subnet_ids, "tags": {"Team": "data"}}
    assert writes(run_module(subnet_group, more, check=True)) == []
    run_module(subnet_group, more)
    group = aws.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName="redis")["CacheSubnetGroups"][0]
    assert {one["SubnetAvailabilityZone"]["Name"] for one in group["Subnets"]} == {f"us-east-1{zone}" for zone in "abc"}
    assert tags(aws, "subnetgroup") == {"Team": "data"}
    gone = {"name": "redis", "state": "absent"}
    assert run_module(subnet_group, gone, check=True)["changed"] is True
    assert run_module(subnet_group, gone)["changed"] is True
    assert run_module(subnet_group, gone)["changed"] is False


def test_drift_of_a_subnet_group_is_repaired(aws: EmulatorServer) -> None:
    subnet_ids, _ = network(aws)
    asked = {"name": "redis", "subnet_ids": subnet_ids, "tags": TAGS}
    run_module(subnet_group, asked)
    aws.client("elasticache").modify_cache_subnet_group(
        CacheSubnetGroupName="redis", CacheSubnetGroupDescription="by hand", SubnetIds=subnet_ids[:1]
    )
    assert run_module(subnet_group, asked)["actions"] == ["update: description, subnet_ids"]
    assert run_module(subnet_group, asked)["changed"] is False


def test_an_api_error_names_the_group(aws: EmulatorServer) -> None:
    result = run_module(
        subnet_group, {"name": "redis", "state": "absent"}, fail={"elasticache.DescribeCacheSubnetGroups": "X"}
    )
    assert "cache subnet group redis" in result["msg"]
