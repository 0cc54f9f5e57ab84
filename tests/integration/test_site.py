"""The main job: playbooks/site.yml with the production inventory, both regions, against the embedded AWS."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from site_harness import PRODUCTION_ACCOUNT, run_site, run_site_until, task_results

from trading_platform.emulator.testing import EmulatorServer, emulator_server

REGIONS = ("us-east-1", "us-west-2")
NO_CHANGE = dict.fromkeys(REGIONS, 0)


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    """An embedded AWS with the account of the production inventory."""
    with emulator_server(PRODUCTION_ACCOUNT) as running:
        yield running


@pytest.fixture
def empty(server: EmulatorServer) -> EmulatorServer:
    """The same with nothing in it."""
    server.reset()
    return server


@pytest.fixture(scope="module")
def built() -> Iterator[EmulatorServer]:
    """An embedded AWS of its own in which site.yml has run once."""
    with emulator_server(PRODUCTION_ACCOUNT) as running:
        run = run_site(running)
        assert run.exit_code == 0, run.output[-3000:]
        yield running


def test_a_dry_run_on_an_empty_account_reaches_the_end_and_changes_nothing(empty: EmulatorServer) -> None:
    run = run_site(empty, "--check", "--diff")
    assert run.exit_code == 0, run.output[-3000:]
    assert run.failed == NO_CHANGE
    assert all(changed > 20 for changed in run.changed.values()), run.changed
    assert empty.calls() == {}


def test_a_second_run_changes_nothing(built: EmulatorServer) -> None:
    built.forget_calls()
    run = run_site(built)
    assert (run.exit_code, run.changed, run.failed) == (0, NO_CHANGE, NO_CHANGE), run.changed_tasks()
    assert built.calls() == {}


def test_a_dry_run_on_the_built_estate_reports_nothing(built: EmulatorServer) -> None:
    run = run_site(built, "--check", "--diff")
    assert (run.exit_code, run.changed, run.failed) == (0, NO_CHANGE, NO_CHANGE), run.changed_tasks()
    assert "+++" not in run.output


def group_named(emulator: EmulatorServer, name: str) -> dict[str, Any]:
    """Find a security group of the primary region."""
    groups = emulator.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
    return dict(groups["SecurityGroups"][0])


def test_a_rule_opened_by_hand_is_shown_and_closed(built: EmulatorServer) -> None:
    ec2 = built.client("ec2")
    before = group_named(built, "production-trading-engine-rds")
    anyone = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=before["GroupId"], IpPermissions=[anyone])

    check = run_site(built, "--check", "--diff")
    assert check.changed == {"us-east-1": 1, "us-west-2": 0}, check.changed_tasks()
    assert check.changed_tasks() == ["security_groups : Set the rules of the groups"]
    assert any(line.startswith("-") and "0.0.0.0/0" in line for line in check.output.splitlines())

    repair = run_site(built)
    assert repair.changed_tasks() == ["security_groups : Set the rules of the groups"]
    after = group_named(built, "production-trading-engine-rds")
    assert after["IpPermissions"] == before["IpPermissions"]


def test_a_tag_removed_by_hand_is_shown_and_written_again(built: EmulatorServer) -> None:
    ec2 = built.client("ec2")
    subnet = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.0.11.0/24"]}])["Subnets"][0]
    ec2.delete_tags(Resources=[subnet["SubnetId"]], Tags=[{"Key": "Compliance"}])

    check = run_site(built, "--check", "--diff")
    assert check.changed_tasks() == ["vpc : Subnets | Make the subnets"]
    repair = run_site(built)
    assert repair.changed_tasks() == ["vpc : Subnets | Make the subnets"]
    tags = ec2.describe_subnets(SubnetIds=[subnet["SubnetId"]])["Subnets"][0]["Tags"]
    assert {"Key": "Compliance", "Value": "PCI-DSS"} in tags


def census(emulator: EmulatorServer) -> Counter[str]:
    """Count what must never exist twice, over both regions."""
    counts: Counter[str] = Counter()
    for region in REGIONS:
        ec2, kms = emulator.client("ec2", region), emulator.client("kms", region)
        counts["VPC"] += len([vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]])
        counts["address"] += len(ec2.describe_addresses()["Addresses"])
        counts["NAT gateway"] += len(ec2.describe_nat_gateways()["NatGateways"])
        gateways = ec2.describe_internet_gateways()["InternetGateways"]
        counts["internet gateway"] += len([gateway for gateway in gateways if gateway.get("Tags")])
        counts["endpoint"] += len(ec2.describe_vpc_endpoints()["VpcEndpoints"])
        counts["flow log"] += len(ec2.describe_flow_logs()["FlowLogs"])
        named = [{"Name": "tag-key", "Values": ["Project"]}]
        for kind, answer in (
            ("subnet", ec2.describe_subnets(Filters=named)["Subnets"]),
            ("route table", ec2.describe_route_tables(Filters=named)["RouteTables"]),
            ("security group", ec2.describe_security_groups(Filters=named)["SecurityGroups"]),
            ("network ACL", ec2.describe_network_acls(Filters=named)["NetworkAcls"]),
        ):
            counts[kind] += len(answer)
        keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
        counts["key"] += len([key for key in keys if key["KeyManager"] == "CUSTOMER"])
    counts["bucket"] += len(emulator.client("s3").list_buckets()["Buckets"])
    return counts


@pytest.mark.parametrize("writes", [3, 14, 60, 130])
def test_a_killed_run_is_finished_by_the_next_without_duplicates(
    empty: EmulatorServer, built: EmulatorServer, writes: int
) -> None:
    run_site_until(empty, lambda: sum(empty.calls().values()) >= writes)
    again = run_site(empty)
    assert again.exit_code == 0, again.output[-3000:]
    assert census(empty) == census(built)
    assert run_site(empty).changed == NO_CHANGE


def test_the_warm_connection_gives_the_results_of_local(empty: EmulatorServer, built: EmulatorServer) -> None:
    """The same tasks with the same results, dry on nothing and for real on what stands."""
    local = ("-e", "platform_warm_connection=false")
    for emulator, arguments in ((empty, ("--check", "--diff")), (built, ("--diff",))):
        assert task_results(emulator, *arguments) == task_results(emulator, *arguments, *local)


def test_the_credentials_of_another_account_are_refused(built: EmulatorServer) -> None:
    """Staging's inventory with production's credentials: nothing is read or written beyond the question who we are."""
    built.forget_calls()
    run = run_site(built, inventory="inventories/staging")
    assert run.exit_code != 0
    assert PRODUCTION_ACCOUNT in run.output
    assert "444455556666" in run.output
    assert built.calls() == {}
    assert set(built.reading_calls()) <= {"sts.GetCallerIdentity"}
