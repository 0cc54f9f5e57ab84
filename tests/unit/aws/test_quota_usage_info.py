"""plugins/modules/quota_usage_info.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer
from trading_platform.preflight import quotas

main = load("quota_usage_info").main
OWN = {"Project": "trading-engine", "Environment": "production"}
CLUSTER = "production-trading-engine"
ARGUMENTS = {"own_tags": OWN, "cluster_name": CLUSTER}
NOTHING = {"ours": 0, "others": 0}


def tags(of: dict[str, str], kind: str) -> list[dict[str, Any]]:
    """Give TagSpecifications."""
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in of.items()]}]


def run_instance(ec2: Any, instance_type: str, of: dict[str, str] | None = None, **more: Any) -> None:
    """Run one instance."""
    tagged = {"TagSpecifications": tags(of, "instance")} if of else {}
    image = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1}
    ec2.run_instances(InstanceType=instance_type, **image, **tagged, **more)


def test_quotas_as_they_are_applied(aws: EmulatorServer) -> None:
    aws.set_quotas({quotas.ADDRESSES: 7})
    result = run_module(main, ARGUMENTS)
    assert set(result["quotas"]) == set(quotas.SERVICES)
    assert result["quotas"][quotas.ADDRESSES] == {"name": "EC2-VPC Elastic IPs", "value": 7.0}
    assert (result["changed"], writes(result)) == (False, [])
    assert len(result["api_calls"]) <= 13


def test_empty_account(aws: EmulatorServer) -> None:
    used = run_module(main, ARGUMENTS)["in_use"]
    # Every account has a default VPC.
    assert used[quotas.VPCS] == {"": {"ours": 0, "others": 1}}
    for code in (quotas.ADDRESSES, quotas.NAT_GATEWAYS, quotas.INTERFACE_ENDPOINTS, quotas.DATABASES):
        assert used[code] == {}, code
    assert used[quotas.ON_DEMAND_VCPUS] == used[quotas.SPOT_VCPUS] == {"": NOTHING}


def test_network_of_ours_and_of_others(aws: EmulatorServer) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags(OWN, "vpc"))["Vpc"]["VpcId"]
    zones = ["us-east-1a", "us-east-1c"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    made = []
    for subnet, of in ((subnets[0], OWN), (subnets[0], {"Project": "other"}), (subnets[1], OWN)):
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags(of, "elastic-ip"))["AllocationId"]
        asked = {"SubnetId": subnet, "AllocationId": address, "TagSpecifications": tags(of, "natgateway")}
        made.append(ec2.create_nat_gateway(**asked)["NatGateway"]["NatGatewayId"])
    for service, of in (("sts", OWN), ("guardduty-data", {})):
        tagged = {"TagSpecifications": tags(of, "vpc-endpoint")} if of else {}
        name = f"com.amazonaws.us-east-1.{service}"
        asked = {"VpcId": vpc, "ServiceName": name, "VpcEndpointType": "Interface", "PrivateDnsEnabled": False}
        ec2.create_vpc_endpoint(**asked, SubnetIds=subnets, **tagged)
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway")
    used = run_module(main, ARGUMENTS)["in_use"]
    assert used[quotas.VPCS] == {"": {"ours": 1, "others": 1}}
    assert used[quotas.ADDRESSES] == {"": {"ours": 2, "others": 1}}
    assert used[quotas.NAT_GATEWAYS] == {
        "us-east-1a": {"ours": 1, "others": 1},
        "us-east-1c": {"ours": 1, "others": 0},
    }
    assert used[quotas.INTERFACE_ENDPOINTS] == {"": {"ours": 1, "others": 1}}
    ec2.delete_nat_gateway(NatGatewayId=made[1])
    used = run_module(main, ARGUMENTS)["in_use"]
    assert used[quotas.NAT_GATEWAYS]["us-east-1a"] == {"ours": 1, "others": 0}


def test_instances_of_our_cluster_of_our_tags_and_of_others(aws: EmulatorServer) -> None:
    ec2 = aws.client("ec2")
    run_instance(ec2, "t3.xlarge", {"eks:cluster-name": CLUSTER})
    run_instance(ec2, "r6i.xlarge", OWN)
    run_instance(ec2, "m5.2xlarge")
    run_instance(ec2, "c5.2xlarge", {"eks:cluster-name": "another", "Project": OWN["Project"]})
    run_instance(ec2, "g4dn.xlarge")  # has a quota of its own
    used = run_module(main, ARGUMENTS)["in_use"]
    assert used[quotas.ON_DEMAND_VCPUS] == {"": {"ours": 8, "others": 16}}
    assert used[quotas.SPOT_VCPUS] == {"": NOTHING}
    for reservation in ec2.describe_instances()["Reservations"]:
        ec2.stop_instances(InstanceIds=[one["InstanceId"] for one in reservation["Instances"]])
    assert run_module(main, ARGUMENTS)["in_use"][quotas.ON_DEMAND_VCPUS] == {"": NOTHING}


def test_databases(aws: EmulatorServer) -> None:
    rds = aws.client("rds")
    own = [{"Key": key, "Value": value} for key, value in OWN.items()]
    for name, of in (("ours", own), ("theirs", [])):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.r6i.xlarge",
            Engine="postgres",
            EngineVersion="16.14",
            AllocatedStorage=100,
            MasterUsername="trading",
            MasterUserPassword="long-enough",
            Tags=of,
        )
    assert run_module(main, ARGUMENTS)["in_use"][quotas.DATABASES] == {"": {"ours": 1, "others": 1}}


def test_quota_without_a_value_of_its_own_has_the_default(aws: EmulatorServer) -> None:
    result = run_module(main, ARGUMENTS, fail={"service-quotas.GetServiceQuota": "NoSuchResourceException"})
    assert result["quotas"][quotas.ON_DEMAND_VCPUS]["value"] == 5.0
    nothing = {
        f"service-quotas.Get{what}": "NoSuchResourceException" for what in ("ServiceQuota", "AWSDefaultServiceQuota")
    }
    assert run_module(main, ARGUMENTS, fail=nothing)["quotas"] == {}


@pytest.mark.parametrize("call", ["service-quotas.GetServiceQuota", "ec2.DescribeVpcs", "rds.DescribeDBInstances"])
def test_an_api_error_is_told(aws: EmulatorServer, call: str) -> None:
    failed = run_module(main, ARGUMENTS, fail={call: "AccessDeniedException"})
    assert failed["error"]["code"] == "AccessDeniedException"
    assert "quotas" not in failed
