"""A run of site.yml that is killed at any point is finished by the next, without anything standing twice."""

from collections import Counter

import pytest
from site_harness import NO_CHANGE, run_site, run_site_until

from trading_platform.emulator.testing import EmulatorServer

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


@pytest.mark.e2e
@pytest.mark.parametrize("writes", [14, 130, 330])
def test_a_killed_run_is_finished_by_the_next_without_duplicates(empty: EmulatorServer, writes: int) -> None:
    """Killed among the keys, among the gateways, and among databases and clusters."""
    run_site_until(empty, lambda: sum(empty.calls().values()) >= writes)
    again = run_site(empty)
    assert again.exit_code == 0, again.output[-3000:]
    assert census(empty) == EXPECTED
    quiet = run_site(empty, "--check")
    assert quiet.changed == NO_CHANGE, quiet.changed_tasks()
