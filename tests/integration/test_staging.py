"""The inventory of staging: production's shape in small, built and removed with all that it holds."""

from collections.abc import Iterator

import pytest
from tagged import tagged_as_ours
from teardown_runs import arguments, back_up_a_volume, run_teardown

from site_harness import NO_CHANGE, run_site
from trading_platform.emulator.testing import EmulatorServer, emulator_server

# Together and in this order: one estate, looked at and then removed.
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("staging")]


@pytest.fixture(scope="module")
def staging() -> Iterator[EmulatorServer]:
    """The estate of staging as site.yml builds it."""
    with emulator_server("444455556666") as aws:
        run = run_site(aws, inventory="inventories/staging")
        assert run.exit_code == 0, run.output[-3000:]
        yield aws


def test_it_has_the_same_shape_with_one_nat_gateway(staging: EmulatorServer) -> None:
    for region, second in (("us-east-1", 10), ("us-west-2", 11)):
        ec2 = staging.client("ec2", region)
        (gateway,) = ec2.describe_nat_gateways()["NatGateways"]
        (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [gateway["VpcId"]]}])["Vpcs"]
        assert vpc["CidrBlock"] == f"10.{second}.0.0/16"
        tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["RouteTables"]
        through_nat = [r for table in tables for r in table["Routes"] if r.get("NatGatewayId")]
        assert [route["NatGatewayId"] for route in through_nat] == [gateway["NatGatewayId"]] * 3


def test_a_second_run_changes_nothing(staging: EmulatorServer) -> None:
    staging.forget_calls()
    run = run_site(staging, inventory="inventories/staging")
    assert (run.exit_code, run.changed, run.failed) == (0, NO_CHANGE, NO_CHANGE), run.changed_tasks()
    assert staging.calls() == {}


def test_removed_without_backups_nothing_is_left_but_the_last_snapshot(staging: EmulatorServer) -> None:
    """Not even the secrets' names, which can be used again at once."""
    back_up_a_volume(staging, "staging-trading-engine")
    group = staging.client("ec2").create_security_group(GroupName="k8s-traffic", Description="made by a controller")
    tag = {"Key": "elbv2.k8s.aws/cluster", "Value": "staging-trading-engine"}
    staging.client("ec2").create_tags(Resources=[group["GroupId"]], Tags=[tag])
    given = arguments("staging", teardown_keep_backups=False, teardown_purge_secrets=True)
    staging.forget_calls()
    refused = run_teardown(staging, *given, environment="staging")
    assert refused.exit_code != 0
    assert "security group k8s-traffic: delete its Ingress or Service in the cluster" in refused.output
    assert staging.calls() == {}
    staging.client("ec2").delete_security_group(GroupId=group["GroupId"])

    removed = run_teardown(staging, *given, environment="staging")
    assert (removed.exit_code, removed.failed) == (0, NO_CHANGE), removed.output[-3000:]
    assert {kind for _, kind, _ in tagged_as_ours(staging)} == {"database snapshot"}
    listed = staging.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert listed == []
