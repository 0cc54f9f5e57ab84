"""The server itself: calls counted, missing calls named, connections kept, parallel clients safe."""

import concurrent.futures
import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from trading_platform.emulator.testing import EmulatorServer, emulator_server


def test_changing_calls_are_counted_and_reading_ones_apart(emulator: EmulatorServer) -> None:
    ec2 = emulator.client("ec2")
    ec2.describe_vpcs()
    assert emulator.calls() == {}
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    emulator.client("s3").create_bucket(Bucket="calls")
    emulator.client("s3").put_object(Bucket="calls", Key="a/b", Body=b"x")
    emulator.client("eks").list_clusters()
    assert emulator.calls() == {"ec2.CreateVpc": 1, "s3.CreateBucket": 1, "s3.PutObject": 1}
    assert emulator.reading_calls() == {"ec2.DescribeVpcs": 1, "eks.ListClusters": 1}
    emulator.forget_calls()
    assert emulator.calls() == {}
    assert len(ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"]) == 1


def test_calls_are_kept_with_their_parameters_while_they_are_recorded(emulator: EmulatorServer) -> None:
    ec2, west = emulator.client("ec2"), emulator.client("ec2", "us-west-2")
    ec2.describe_vpcs()
    emulator.record_calls()
    filters = [{"Name": "cidr", "Values": ["10.0.0.0/16", "10.1.0.0/16"]}]
    west.describe_vpcs(Filters=filters)
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    emulator.client("sqs").list_queues(MaxResults=7)
    with pytest.raises(ClientError):
        emulator.client("s3").head_object(Bucket="none", Key="a/b")
    assert emulator.recorded_calls() == [
        {"service": "ec2", "region": "us-west-2", "action": "DescribeVpcs", "parameters": {"Filters": filters}},
        {"service": "ec2", "region": "us-east-1", "action": "CreateVpc", "parameters": {"CidrBlock": "10.0.0.0/16"}},
        {"service": "sqs", "region": "us-east-1", "action": "ListQueues", "parameters": {"MaxResults": 7}},
        {
            "service": "s3",
            "region": "us-east-1",
            "action": "HeadObject",
            "parameters": {"Bucket": "none", "Key": "a/b"},
        },
    ]
    assert emulator.calls() == {"ec2.CreateVpc": 1}
    emulator.forget_calls()
    ec2.describe_vpcs()
    assert emulator.recorded_calls() == []


def test_reset_empties_account_and_counts(emulator: EmulatorServer) -> None:
    emulator.client("s3").create_bucket(Bucket="calls")
    emulator.reset()
    assert emulator.client("s3").list_buckets()["Buckets"] == []
    assert emulator.calls() == {}


@pytest.mark.parametrize(
    ("service", "method", "arguments", "name"),
    [
        ("ec2", "create_local_gateway_route", {"LocalGatewayRouteTableId": "x"}, "ec2:CreateLocalGatewayRoute"),
        ("iam", "get_context_keys_for_custom_policy", {"PolicyInputList": ["x"]}, "iam:GetContextKeysForCustomPolicy"),
        ("ce", "get_anomalies", {"DateInterval": {"StartDate": "2030-01-01"}}, "ce:GetAnomalies"),
        ("route53", "list_cidr_collections", {}, "route53:ListCidrCollections"),
        ("accessanalyzer", "list_analyzers", {}, "accessanalyzer:ListAnalyzers"),
        ("workmail", "list_organizations", {}, "workmail:ListOrganizations"),
    ],
    ids=["ec2 protocol", "query", "json 1.1", "rest-xml", "no such service, rest", "no such service, json"],
)
def test_a_call_it_lacks_is_a_clear_client_error(
    emulator: EmulatorServer, service: str, method: str, arguments: dict[str, object], name: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(emulator.client(service), method)(**arguments)
    assert refused.value.response["Error"]["Code"] == "InvalidAction"
    assert refused.value.response["Error"]["Message"] == f"The embedded AWS does not implement {name}"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_one_connection_serves_many_requests(emulator: EmulatorServer) -> None:
    connection = http.client.HTTPConnection(emulator.endpoint.removeprefix("http://"))
    connection.connect()
    used = connection.sock
    for _ in range(3):
        connection.request("GET", "/_emulator/status")
        assert connection.getresponse().read()
        assert connection.sock is used
    connection.close()


def test_an_object_and_its_head_keep_their_length(emulator: EmulatorServer) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="bodies")
    body = os.urandom(3_000_000)
    s3.put_object(Bucket="bodies", Key="big", Body=body)
    assert s3.head_object(Bucket="bodies", Key="big")["ContentLength"] == len(body)
    assert s3.get_object(Bucket="bodies", Key="big")["Body"].read() == body
    with pytest.raises(ClientError) as missing:
        s3.head_object(Bucket="bodies", Key="none")
    assert missing.value.response["Error"]["Code"] == "404"


def test_parallel_writes_lose_nothing(emulator: EmulatorServer) -> None:
    ec2 = emulator.client("ec2")
    group = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def create(number: int) -> str:
        cidr = f"10.0.{number}.0/24"
        created: str = ec2.create_subnet(VpcId=group, CidrBlock=cidr)["Subnet"]["SubnetId"]
        return created

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        created = set(pool.map(create, range(64)))
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [group]}])["Subnets"]
    assert created == {subnet["SubnetId"] for subnet in found}
    assert len(created) == 64


def test_the_server_ends_with_a_killed_test_process(tmp_path: Path) -> None:
    code = (
        "import os\nfrom trading_platform.emulator.testing import emulator_server\n"
        "with emulator_server() as server:\n print(server.pid, flush=True)\n os.kill(os.getpid(), 9)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    pid = int(result.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        subprocess.run(["sleep", "0.1"], check=True)
    pytest.fail(f"server {pid} outlived its test process")


def test_two_servers_live_side_by_side(emulator: EmulatorServer) -> None:
    with emulator_server("210987654321") as other:
        other.client("s3").create_bucket(Bucket="only-there")
        assert other.client("sts").get_caller_identity()["Account"] == "210987654321"
        assert emulator.client("s3").list_buckets()["Buckets"] == []
