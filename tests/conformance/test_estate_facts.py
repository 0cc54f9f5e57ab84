"""The chart gets along with what was really built: with the facts of both regions it renders, and they stand in it."""

import json
from typing import Any

import pytest
import yaml
from estate import NAME, PRIMARY, REGIONS, STANDBY, Estate
from read_chart import named, pod

from trading_platform.chart import CHART, ENVIRONMENTS, Manifest, Values, read, render
from trading_platform.cluster_facts import cluster_facts, read_outputs

pytestmark = pytest.mark.slow
# AWS makes these up; everything else in the examples is as it is built.
MADE_UP = {"database.host", "redis.host", "queues.orders", "targetGroups.api", "targetGroups.websocket", "volumeKeyArn"}
both = pytest.mark.parametrize("region", REGIONS)


@pytest.fixture(scope="session")
def facts(estate: Estate) -> dict[str, Values]:
    """Region to the values that are made of what the run of site.yml wrote down."""
    outputs = read_outputs(estate.build_directory / "production/outputs.json")
    return {region: cluster_facts(outputs, region) for region in REGIONS}


@pytest.fixture(scope="session")
def manifests(facts: dict[str, Values]) -> dict[str, list[Manifest]]:
    """Region to what its cluster gets, with the values in the order in which Argo CD lays them."""
    own = ENVIRONMENTS / "production"
    shared = [read(own / "values.yaml"), read(own / "release.yaml")]
    return {
        PRIMARY: render(*shared, facts[PRIMARY]),
        STANDBY: render(*shared, facts[STANDBY], read(own / "standby.yaml")),
    }


def flat(values: Values, prefix: str = "") -> dict[str, Any]:
    """Values by their dotted path."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def receivers(manifests: list[Manifest]) -> dict[str, Any]:
    """Whom Alertmanager tells, by name."""
    config = yaml.safe_load(named(manifests, "ConfigMap")["alertmanager"]["alertmanager.yml"])
    return {one["name"]: one for one in config["receivers"]}


@both
def test_examples_are_what_is_built_but_for_ids(facts: dict[str, Values], region: str) -> None:
    example = flat(read(CHART / "examples" / f"production-{region}.yaml")["global"]["cluster"])
    built = flat(facts[region]["global"]["cluster"])
    assert built.keys() == example.keys()
    assert {key for key in built if built[key] != example[key]} <= MADE_UP
    # A made-up id where nothing was built would be a lie of the example.
    assert {key for key in built if bool(built[key]) != bool(example[key])} == set()


def test_services_are_registered_in_the_target_groups_that_exist(
    estate: Estate, manifests: dict[str, list[Manifest]]
) -> None:
    groups = estate.pages("elbv2", PRIMARY, "describe_target_groups", "TargetGroups")
    bound = {spec["targetGroupARN"] for spec in named(manifests[PRIMARY], "TargetGroupBinding").values()}
    assert bound == {group["TargetGroupArn"] for group in groups}
    assert named(manifests[STANDBY], "TargetGroupBinding") == {}


@both
def test_the_database_is_watched_where_it_is(estate: Estate, manifests: dict[str, list[Manifest]], region: str) -> None:
    instances = estate.pages("rds", region, "describe_db_instances", "DBInstances")
    hosts = {one["Endpoint"]["Address"] for one in instances if "-replica-" not in one["DBInstanceIdentifier"]}
    text = json.dumps(pod(manifests[region], "postgres-exporter"))
    (host,) = hosts
    assert f"{host}:5432" in text


@both
def test_the_alarm_listens_to_the_topic_that_the_heartbeat_goes_to(
    estate: Estate, manifests: dict[str, list[Manifest]], region: str
) -> None:
    topics = {one["TopicArn"] for one in estate.pages("sns", region, "list_topics", "Topics")}
    told = receivers(manifests[region])
    (heartbeat,), (mail,) = told["heartbeat"]["sns_configs"], told["info"]["sns_configs"]
    assert {heartbeat["topic_arn"], mail["topic_arn"]} <= topics
    (alarm,) = estate.client("cloudwatch", region).describe_alarms(AlarmNames=[f"{NAME}-heartbeat"])["MetricAlarms"]
    assert alarm["Dimensions"] == [{"Name": "TopicName", "Value": heartbeat["topic_arn"].rpartition(":")[2]}]
    assert alarm["AlarmActions"] == [heartbeat["topic_arn"].replace("-heartbeat", "-critical")]
    # And the pod may publish to both.
    policy = estate.client("iam", region).get_role_policy(
        RoleName=f"{NAME}-alertmanager", PolicyName="PublishToTopics"
    )["PolicyDocument"]
    (publish,) = (one for one in policy["Statement"] if "sns:Publish" in one["Action"])
    allowed = {arn.replace(":sns:*:", f":sns:{region}:") for arn in publish["Resource"]}
    assert allowed == {heartbeat["topic_arn"], mail["topic_arn"]}


@both
def test_volumes_get_the_key_and_the_tags_of_the_estate(
    estate: Estate, manifests: dict[str, list[Manifest]], facts: dict[str, Values], region: str
) -> None:
    (storage,) = (one for one in manifests[region] if one["kind"] == "StorageClass")
    assert storage["parameters"]["kmsKeyId"] == estate.key_arn(region, "ebs")
    tags = {value for key, value in storage["parameters"].items() if key.startswith("tagSpecification")}
    assert {f"{key}={value}" for key, value in facts[region]["global"]["cluster"]["tags"].items()} <= tags
