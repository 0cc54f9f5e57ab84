"""Service Quotas: the quotas that the emulator enforces, and those that it tells."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator import quotas
from trading_platform.emulator.testing import EmulatorServer


@pytest.fixture
def client(emulator: EmulatorServer) -> Any:
    return emulator.client("service-quotas", "us-west-2")


@pytest.mark.parametrize(
    ("service", "code", "name", "value"),
    [
        ("ec2", quotas.ADDRESSES_PER_REGION, "EC2-VPC Elastic IPs", 5.0),
        ("vpc", quotas.VPCS_PER_REGION, "VPCs per Region", 5.0),
        ("vpc", quotas.NAT_GATEWAYS_PER_ZONE, "NAT gateways per Availability Zone", 5.0),
        ("vpc", quotas.INTERFACE_ENDPOINTS_PER_VPC, "Interface VPC endpoints per VPC", 50.0),
        ("rds", quotas.DATABASES_PER_REGION, "DB instances", 40.0),
    ],
)
def test_quotas_that_are_enforced_are_told(client: Any, service: str, code: str, name: str, value: float) -> None:
    found = client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
    assert (found["QuotaName"], found["Value"], found["Adjustable"]) == (name, value, True)
    assert found["QuotaArn"] == f"arn:aws:servicequotas:us-west-2:123456789012:{service}/{code}"


def test_changed_quota_is_told_with_the_default_beside_it(emulator: EmulatorServer, client: Any) -> None:
    asked = {"ServiceCode": "ec2", "QuotaCode": quotas.ADDRESSES_PER_REGION}
    emulator.set_quotas({quotas.ADDRESSES_PER_REGION: 7})
    assert client.get_service_quota(**asked)["Quota"]["Value"] == 7.0
    assert client.get_aws_default_service_quota(**asked)["Quota"]["Value"] == 5.0


def test_account_has_more_instances_than_a_new_one(client: Any) -> None:
    asked = {"ServiceCode": "ec2", "QuotaCode": quotas.ON_DEMAND_STANDARD_VCPUS}
    assert client.get_service_quota(**asked)["Quota"]["Value"] >= 60.0
    assert client.get_aws_default_service_quota(**asked)["Quota"]["Value"] == 5.0


def test_quotas_of_a_service_in_pages(client: Any) -> None:
    found = [
        one["QuotaCode"]
        for page in client.get_paginator("list_service_quotas").paginate(
            ServiceCode="vpc", PaginationConfig={"PageSize": 10}
        )
        for one in page["Quotas"]
    ]
    assert len(found) == len(set(found)) > 20
    assert {quotas.VPCS_PER_REGION, quotas.NAT_GATEWAYS_PER_ZONE} <= set(found)


def test_quotas_that_there_are_not(client: Any) -> None:
    for service, code in (("vpc", "L-00000000"), ("none", quotas.VPCS_PER_REGION)):
        with refused("NoSuchResourceException", "is not available"):
            client.get_service_quota(ServiceCode=service, QuotaCode=code)
    with refused("NoSuchResourceException", "is not available"):
        client.list_service_quotas(ServiceCode="none")
