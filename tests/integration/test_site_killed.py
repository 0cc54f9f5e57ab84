"""A run of site.yml that is killed at any point is finished by the next, without anything standing twice."""

from collections import Counter
from collections.abc import Iterator

import pytest
from tagged import tagged_as_ours

from site_harness import NO_CHANGE, PRODUCTION_ACCOUNT, kill_site_after, run_site
from trading_platform.emulator.testing import EmulatorServer, emulator_server

# Together, as what they compare with takes minutes to make.
ONE_COMPARISON = pytest.mark.xdist_group("killed runs")
EXPECTED = {
    "VPC": 2,
    "internet gateway": 2,
    "NAT gateway": 6,
    "Elastic IP address": 6,
    "subnet": 24,
    "endpoint": 24,
    "flow log": 2,
    "network ACL": 2,
    "DHCP options": 2,
    # Nine purposes in each region; replicas have the key id of their primary, but are keys of their own.
    "key": 18,
}


def census(emulator: EmulatorServer) -> dict[str, int]:
    """Count, over both regions, what must never stand twice."""
    ours = [{"Name": "tag-key", "Values": ["Project"]}]
    counts: Counter[str] = Counter()
    for region in NO_CHANGE:
        ec2, kms = emulator.client("ec2", region), emulator.client("kms", region)
        counts["VPC"] += len([vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]])
        counts["internet gateway"] += len(ec2.describe_internet_gateways(Filters=ours)["InternetGateways"])
        counts["NAT gateway"] += len(ec2.describe_nat_gateways()["NatGateways"])
        counts["Elastic IP address"] += len(ec2.describe_addresses()["Addresses"])
        counts["subnet"] += len(ec2.describe_subnets(Filters=ours)["Subnets"])
        counts["endpoint"] += len(ec2.describe_vpc_endpoints()["VpcEndpoints"])
        counts["flow log"] += len(ec2.describe_flow_logs()["FlowLogs"])
        counts["network ACL"] += len(ec2.describe_network_acls(Filters=ours)["NetworkAcls"])
        counts["DHCP options"] += len(ec2.describe_dhcp_options(Filters=ours)["DhcpOptions"])
        keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
        counts["key"] += len([key for key in keys if key["KeyManager"] == "CUSTOMER"])
    return dict(counts)


def kinds(emulator: EmulatorServer) -> Counter[tuple[str, str]]:
    """How many there are of each kind in each region, of everything that is ours."""
    return Counter((region, kind) for region, kind, _ in tagged_as_ours(emulator))


@pytest.fixture(scope="module")
def uninterrupted() -> Iterator[Counter[tuple[str, str]]]:
    """What one run that nobody kills makes."""
    with emulator_server(PRODUCTION_ACCOUNT) as aws:
        run = run_site(aws)
        assert run.exit_code == 0, run.output[-3000:]
        yield kinds(aws)


def assert_whole(emulator: EmulatorServer, uninterrupted: Counter[tuple[str, str]]) -> None:
    """Everything stands once, and a run would change nothing."""
    assert census(emulator) == EXPECTED
    assert kinds(emulator) == uninterrupted
    quiet = run_site(emulator, "--check")
    assert (quiet.exit_code, quiet.changed) == (0, NO_CHANGE), quiet.changed_tasks()


def test_the_estate_whose_first_run_was_killed_has_nothing_twice(production: EmulatorServer) -> None:
    """Finished by the run after; test_site.py sees that the next has nothing to do."""
    assert census(production) == EXPECTED


@pytest.mark.e2e
@ONE_COMPARISON
@pytest.mark.parametrize("writes", [14, 330])
def test_a_killed_run_is_finished_by_the_next_without_duplicates(
    empty: EmulatorServer, uninterrupted: Counter[tuple[str, str]], writes: int
) -> None:
    """Killed among the keys, and among databases and clusters; among the gateways the estate above was."""
    assert kill_site_after(empty, writes), "the run ended before the point at which it was to be killed"
    again = run_site(empty)
    assert again.exit_code == 0, again.output[-3000:]
    assert_whole(empty, uninterrupted)


@pytest.mark.e2e
@ONE_COMPARISON
def test_runs_that_are_killed_again_and_again_get_there(
    empty: EmulatorServer, uninterrupted: Counter[tuple[str, str]]
) -> None:
    """Killed every 75 changes, at another task each time."""
    kills = 0
    while kill_site_after(empty, 75):
        kills += 1
        assert kills < 20, "the runs don't come nearer to the end"
    assert kills >= 5
    assert_whole(empty, uninterrupted)
