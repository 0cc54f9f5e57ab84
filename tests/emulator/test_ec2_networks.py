"""VPCs, subnets, addresses, gateways and routes: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator import quotas
from trading_platform.emulator.testing import EmulatorServer

RESTRICTED = "is restricted. Use a CIDR from the same private address range as the current VPC CIDR"


@pytest.fixture
def ec2(emulator: EmulatorServer) -> Any:
    return emulator.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    return make_vpc(ec2)


def make_vpc(ec2: Any, cidr: str = "10.0.0.0/16") -> str:
    created: str = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    return created


def make_subnet(ec2: Any, vpc: str, cidr: str = "10.0.1.0/24", zone: str = "us-east-1a") -> str:
    created: str = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
    return created


def attach_gateway(ec2: Any, vpc: str) -> str:
    gateway: str = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return gateway


def make_nat(ec2: Any, subnet: str, **arguments: Any) -> dict[str, Any]:
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat: dict[str, Any] = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation, **arguments)["NatGateway"]
    return nat


def test_blocks_are_kept_in_canonical_form(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.7.9/16")["Vpc"]
    assert vpc["CidrBlock"] == "10.0.0.0/16"
    assert ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.1.7/24")["Subnet"]["CidrBlock"] == "10.0.1.0/24"
    added = ec2.associate_vpc_cidr_block(VpcId=vpc["VpcId"], CidrBlock="100.64.3.1/16")
    assert added["CidrBlockAssociation"]["CidrBlock"] == "100.64.0.0/16"


def test_sixth_vpc_of_a_region(ec2: Any, emulator: EmulatorServer) -> None:
    for number in range(4):  # and the default VPC
        make_vpc(ec2, f"10.{number}.0.0/16")
    with refused("VpcLimitExceeded", "The maximum number of VPCs has been reached."):
        make_vpc(ec2, "10.9.0.0/16")
    make_vpc(emulator.client("ec2", "us-west-2"))
    emulator.set_quotas({quotas.VPCS_PER_REGION: 6})
    make_vpc(ec2, "10.9.0.0/16")


def test_quotas_are_back_after_a_reset(ec2: Any, emulator: EmulatorServer) -> None:
    emulator.set_quotas({quotas.ADDRESSES_PER_REGION: 0})
    emulator.reset()
    ec2.allocate_address(Domain="vpc")


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/29", "169.254.0.0/16"])
def test_vpc_block_out_of_range(ec2: Any, cidr: str) -> None:
    with refused("InvalidVpc.Range", f"The CIDR '{cidr}' is invalid."):
        make_vpc(ec2, cidr)


@pytest.mark.parametrize("cidr", ["10.0.1.0/29", "10.1.0.0/24", "10.0.0.0/15"])
def test_subnet_block_out_of_range(ec2: Any, vpc: str, cidr: str) -> None:
    with refused("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid."):
        make_subnet(ec2, vpc, cidr)


def test_overlapping_subnet(ec2: Any, vpc: str) -> None:
    make_subnet(ec2, vpc)
    with refused("InvalidSubnet.Conflict", "The CIDR '10.0.1.128/25' conflicts with another subnet"):
        make_subnet(ec2, vpc, "10.0.1.128/25")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("10.0.0.0/16", "172.16.0.0/16"),
        ("10.0.0.0/16", "192.168.0.0/16"),
        ("10.1.0.0/16", "10.0.0.0/16"),
        ("10.0.0.0/16", "198.19.0.0/16"),
        ("172.16.0.0/16", "172.31.0.0/16"),
        ("172.16.0.0/16", "10.0.0.0/16"),
        ("100.64.0.0/16", "10.0.0.0/16"),
    ],
)
def test_secondary_block_from_a_restricted_range(ec2: Any, first: str, second: str) -> None:
    vpc = make_vpc(ec2, first)
    with refused("InvalidVpc.Range", f"The CIDR '{second}' {RESTRICTED}"):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("10.0.0.0/16", "100.64.0.0/16"),
        ("10.0.0.0/16", "10.1.0.0/16"),
        ("10.0.0.0/16", "10.200.0.0/16"),
        ("192.168.0.0/20", "192.168.64.0/20"),
        ("10.0.0.0/16", "8.8.0.0/16"),
    ],
)
def test_secondary_block_that_may_be_added(ec2: Any, first: str, second: str) -> None:
    vpc = make_vpc(ec2, first)
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=second)
    held = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlockAssociationSet"]
    assert [one["CidrBlock"] for one in held] == [first, second]


def test_secondary_block_that_overlaps(ec2: Any, vpc: str) -> None:
    with refused("InvalidVpc.Range", "conflicts with the CIDR '10.0.0.0/16'"):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.0.128.0/17")
    with refused("InvalidVpc.Range", "The CIDR '100.64.0.0/10' is invalid."):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.64.0.0/10")


def test_sixth_block_of_a_vpc(ec2: Any, vpc: str) -> None:
    for number in range(4):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=f"100.6{number + 4}.0.0/16")
    with refused("CidrLimitExceeded", "has met its maximum number of allowed CIDRs: 5"):
        ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.70.0.0/16")


def test_subnet_keeps_its_launch_attributes(ec2: Any, vpc: str) -> None:
    subnet = make_subnet(ec2, vpc)
    for attribute in (
        {"PrivateDnsHostnameTypeOnLaunch": "resource-name"},
        {"EnableResourceNameDnsARecordOnLaunch": {"Value": True}},
        {"EnableResourceNameDnsAAAARecordOnLaunch": {"Value": True}},
        {"EnableDns64": {"Value": True}},
        {"MapPublicIpOnLaunch": {"Value": True}},
    ):
        ec2.modify_subnet_attribute(SubnetId=subnet, **attribute)
    held = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
    assert held["PrivateDnsNameOptionsOnLaunch"] == {
        "HostnameType": "resource-name",
        "EnableResourceNameDnsARecord": True,
        "EnableResourceNameDnsAAAARecord": True,
    }
    assert held["EnableDns64"] is True
    assert held["MapPublicIpOnLaunch"] is True


def test_dhcp_options_are_tagged_at_creation_and_survive_their_vpc(ec2: Any, vpc: str) -> None:
    tags = [{"Key": "Name", "Value": "trading"}]
    options = ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["trading.internal"]}],
        TagSpecifications=[{"ResourceType": "dhcp-options", "Tags": tags}],
    )["DhcpOptions"]
    ec2.associate_dhcp_options(DhcpOptionsId=options["DhcpOptionsId"], VpcId=vpc)
    ec2.delete_vpc(VpcId=vpc)
    held = ec2.describe_dhcp_options(Filters=[{"Name": "tag:Name", "Values": ["trading"]}])["DhcpOptions"]
    assert [one["Tags"] for one in held] == [tags]


def test_dhcp_options_in_use(ec2: Any, vpc: str) -> None:
    configuration = [{"Key": "domain-name", "Values": ["trading.internal"]}]
    made = [ec2.create_dhcp_options(DhcpConfigurations=configuration)["DhcpOptions"]["DhcpOptionsId"] for _ in range(2)]
    other = make_vpc(ec2, "10.1.0.0/16")
    for one in (vpc, other):
        ec2.associate_dhcp_options(DhcpOptionsId=made[0], VpcId=one)
    ec2.associate_dhcp_options(DhcpOptionsId=made[1], VpcId=vpc)
    with refused("DependencyViolation", f"The dhcpOptions '{made[0]}' has dependencies and cannot be deleted."):
        ec2.delete_dhcp_options(DhcpOptionsId=made[0])
    ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=other)
    ec2.delete_dhcp_options(DhcpOptionsId=made[0])


def test_sixth_address_of_a_region(ec2: Any, emulator: EmulatorServer) -> None:
    for _ in range(5):
        ec2.allocate_address(Domain="vpc")
    with refused("AddressLimitExceeded", "The maximum number of addresses has been reached."):
        ec2.allocate_address(Domain="vpc")
    emulator.client("ec2", "us-west-2").allocate_address(Domain="vpc")


def test_releasing_an_address_in_use(ec2: Any, vpc: str) -> None:
    attach_gateway(ec2, vpc)
    address = make_nat(ec2, make_subnet(ec2, vpc))["NatGatewayAddresses"][0]
    with refused("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use."):
        ec2.release_address(AllocationId=address["AllocationId"])


def test_nat_gateway_keeps_what_it_was_made_with(ec2: Any, vpc: str) -> None:
    attach_gateway(ec2, vpc)
    tags = [{"Key": "Name", "Value": "nat-a"}]
    specification = [{"ResourceType": "natgateway", "Tags": tags}]
    made = make_nat(ec2, make_subnet(ec2, vpc), TagSpecifications=specification)
    by_tag = ec2.describe_nat_gateways(Filters=[{"Name": "tag:Name", "Values": ["nat-a"]}])["NatGateways"]
    assert [one["NatGatewayId"] for one in by_tag] == [made["NatGatewayId"]]
    assert ec2.describe_nat_gateways(Filters=[{"Name": "tag:Name", "Values": ["nat-b"]}])["NatGateways"] == []
    assert made["ConnectivityType"] == "public"
    assert made["NatGatewayAddresses"][0]["PrivateIp"] == "10.0.1.4"
    described = ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["natgateway"]}])["Tags"]
    assert [(one["ResourceId"], one["ResourceType"]) for one in described] == [(made["NatGatewayId"], "natgateway")]


def test_one_client_token_makes_one_nat_gateway(ec2: Any, vpc: str) -> None:
    attach_gateway(ec2, vpc)
    subnet, allocation = make_subnet(ec2, vpc), ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = [
        ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation, ClientToken="once")["NatGateway"][
            "NatGatewayId"
        ]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(ec2.describe_nat_gateways()["NatGateways"]) == 1


def test_nat_gateway_fails_without_an_internet_gateway(ec2: Any, vpc: str) -> None:
    made = make_nat(ec2, make_subnet(ec2, vpc))
    held = ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
    assert held["State"] == "failed"
    assert held["FailureCode"] == "Gateway.NotAttached"
    assert held["FailureMessage"] == f"Network {vpc} has no Internet gateway attached"
    assert "AssociationId" not in ec2.describe_addresses()["Addresses"][0]


def test_nat_gateway_is_pending_for_as_long_as_was_asked(ec2: Any, vpc: str, emulator: EmulatorServer) -> None:
    attach_gateway(ec2, vpc)
    emulator.delay(nat_gateway=60.0)
    made = make_nat(ec2, make_subnet(ec2, vpc))
    assert made["State"] == "pending"
    pending = [{"Name": "state", "Values": ["pending"]}]
    assert [one["State"] for one in ec2.describe_nat_gateways(Filters=pending)["NatGateways"]] == ["pending"]
    emulator.delay(nat_gateway=0.0)
    assert ec2.describe_nat_gateways(Filters=pending)["NatGateways"] == []
    assert ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]["State"] == "available"


def test_pending_nat_gateway_can_be_deleted(ec2: Any, vpc: str, emulator: EmulatorServer) -> None:
    attach_gateway(ec2, vpc)
    emulator.delay(nat_gateway=60.0)
    made = make_nat(ec2, make_subnet(ec2, vpc))
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    emulator.delay(nat_gateway=0.0)
    states = {one["State"] for one in ec2.describe_nat_gateways()["NatGateways"]}
    assert states <= {"deleted", "deleting"}


def test_deleted_nat_gateway_gives_its_address_back(ec2: Any, vpc: str) -> None:
    attach_gateway(ec2, vpc)
    subnet = make_subnet(ec2, vpc)
    made = make_nat(ec2, subnet)
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    ec2.release_address(AllocationId=made["NatGatewayAddresses"][0]["AllocationId"])
    ec2.delete_subnet(SubnetId=subnet)


def test_nat_gateway_refusals(ec2: Any, vpc: str) -> None:
    with refused("NatGatewayNotFound", "NAT gateway nat-0123456789abcdef0 was not found"):
        ec2.describe_nat_gateways(NatGatewayIds=["nat-0123456789abcdef0"])
    with refused("MissingParameter", "The request must include the AllocationId parameter."):
        ec2.create_nat_gateway(SubnetId=make_subnet(ec2, vpc))


def test_sixth_nat_gateway_of_a_zone(ec2: Any, vpc: str, emulator: EmulatorServer) -> None:
    attach_gateway(ec2, vpc)
    emulator.set_quotas({quotas.ADDRESSES_PER_REGION: 10})
    subnet = make_subnet(ec2, vpc)
    for _ in range(5):
        make_nat(ec2, subnet)
    with refused("NatGatewayLimitExceeded", "The maximum number of NAT gateways has been reached."):
        make_nat(ec2, make_subnet(ec2, vpc, "10.0.2.0/24"))
    make_nat(ec2, make_subnet(ec2, vpc, "10.0.3.0/24", "us-east-1b"))


def test_second_internet_gateway(ec2: Any, vpc: str) -> None:
    attach_gateway(ec2, vpc)
    with refused("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached"):
        attach_gateway(ec2, vpc)


def test_detaching_a_gateway_that_addresses_need(ec2: Any, vpc: str) -> None:
    gateway = attach_gateway(ec2, vpc)
    made = make_nat(ec2, make_subnet(ec2, vpc))
    with refused("DependencyViolation", f"Network {vpc} has some mapped public address(es)."):
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def test_deleting_a_subnet_in_use(ec2: Any, vpc: str) -> None:
    attach_gateway(ec2, vpc)
    subnet = make_subnet(ec2, vpc)
    make_nat(ec2, subnet)
    with refused("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted."):
        ec2.delete_subnet(SubnetId=subnet)


def test_deleted_subnet_leaves_no_association(ec2: Any, vpc: str) -> None:
    subnet = make_subnet(ec2, vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    assert ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Associations"] == []
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]
    assert acl["Associations"] == []


@pytest.mark.parametrize("held", ["subnet", "gateway", "group", "acl", "endpoint", "table"])
def test_deleting_a_vpc_that_still_holds_something(ec2: Any, vpc: str, held: str) -> None:
    make = {
        "subnet": lambda: make_subnet(ec2, vpc),
        "gateway": lambda: attach_gateway(ec2, vpc),
        "group": lambda: ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc),
        "acl": lambda: ec2.create_network_acl(VpcId=vpc),
        "endpoint": lambda: ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3"),
        "table": lambda: ec2.create_route_table(VpcId=vpc),
    }
    make[held]()
    with refused("DependencyViolation", "has dependencies and cannot be deleted."):
        ec2.delete_vpc(VpcId=vpc)


def test_deleted_vpc_takes_its_default_acl_along(ec2: Any, vpc: str) -> None:
    ec2.delete_vpc(VpcId=vpc)
    assert ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"] == []
