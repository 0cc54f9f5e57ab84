"""plugins/modules/vpc_flow_log.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_vpc, tags_of

from trading_platform.aws.vpc_flow_log import DEFAULT_FORMAT, VpcFlowLog
from trading_platform.emulator.testing import EmulatorServer

main = load("vpc_flow_log").main
NAME = "trading-engine-production"
BUCKET = "arn:aws:s3:::production-trading-engine-flow-logs"
TAGS = {"Environment": "production"}
PARQUET = {"file_format": "parquet", "hive_compatible_partitions": True, "per_hour_partition": True}


@pytest.fixture
def vpc_id(aws: EmulatorServer) -> str:
    """Make a VPC, and buckets to deliver to."""
    for name in ("production-trading-engine-flow-logs", "another-bucket"):
        aws.client("s3").create_bucket(Bucket=name)
    return make_vpc(aws.client("ec2"))


def arguments(vpc_id: str, **changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"name": NAME, "resource_id": vpc_id, "destination_arn": BUCKET, "tags": TAGS, **changed}


def flow_logs(aws: EmulatorServer) -> list[dict[str, Any]]:
    """Give all flow logs as EC2 sees them."""
    found: list[dict[str, Any]] = aws.client("ec2").describe_flow_logs()["FlowLogs"]
    return found


def test_check_mode_before_the_vpc_exists_asks_aws_nothing(aws: EmulatorServer) -> None:
    result = run_module(main, arguments("vpc-planned"), check=True)
    assert result["changed"] is True
    assert result["vpc_flow_log"]["flow_log_id"] == "fl-planned"
    assert result["vpc_flow_log"]["log_format"] == DEFAULT_FORMAT
    assert result["api_calls"] == []


def test_create_makes_it_with_everything_asked_for(aws: EmulatorServer, vpc_id: str) -> None:
    predicted = run_module(main, arguments(vpc_id, destination_options=PARQUET), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    asked = arguments(
        vpc_id,
        traffic_type="REJECT",
        max_aggregation_interval=60,
        log_format="${version} ${vpc-id}",
        destination_options=PARQUET,
    )
    result = run_module(main, asked)
    assert writes(result) == ["ec2.CreateFlowLogs"]
    made = flow_logs(aws)[0]
    assert (made["ResourceId"], made["TrafficType"], made["MaxAggregationInterval"]) == (vpc_id, "REJECT", 60)
    assert (made["LogDestinationType"], made["LogDestination"]) == ("s3", BUCKET)
    assert made["LogFormat"] == "${version} ${vpc-id}"
    assert made["DestinationOptions"] == {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": True,
        "PerHourPartition": True,
    }
    assert tags_of(made) == {**TAGS, "Name": NAME}
    assert result["vpc_flow_log"]["flow_log_id"] == made["FlowLogId"]


def test_the_same_again_changes_nothing_and_asks_once(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    for check in (False, True):
        again = run_module(main, arguments(vpc_id, destination_arn=BUCKET + "/"), check=check)
        assert (again["changed"], again["api_calls"]) == (False, ["ec2.DescribeFlowLogs"])


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"traffic_type": "ACCEPT"}, "traffic_type"),
        ({"max_aggregation_interval": 60}, "max_aggregation_interval"),
        ({"log_format": "${version} ${vpc-id}"}, "log_format"),
        ({"destination_options": PARQUET}, "destination_options"),
        ({"destination_arn": "arn:aws:s3:::another-bucket"}, "destination_arn"),
    ],
)
def test_a_change_replaces_it(aws: EmulatorServer, vpc_id: str, changed: dict[str, Any], key: str) -> None:
    first = run_module(main, arguments(vpc_id))["vpc_flow_log"]["flow_log_id"]
    shown = run_module(main, arguments(vpc_id, **changed), check=True)
    assert (shown["actions"], writes(shown)) == ([f"replace: {key}"], [])
    assert shown["diff"]["before"][key] != shown["diff"]["after"][key]
    result = run_module(main, arguments(vpc_id, **changed))
    assert writes(result) == ["ec2.DeleteFlowLogs", "ec2.CreateFlowLogs"]
    assert [item["FlowLogId"] for item in flow_logs(aws)] == [result["vpc_flow_log"]["flow_log_id"]]
    assert result["vpc_flow_log"]["flow_log_id"] != first
    assert run_module(main, arguments(vpc_id, **changed))["changed"] is False


def test_a_run_cut_off_in_a_replacement_is_finished_by_the_next(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    changed = arguments(vpc_id, traffic_type="ACCEPT")
    run_module(main, changed, fail={"ec2.CreateFlowLogs": "UnauthorizedOperation"})
    assert flow_logs(aws) == []
    assert run_module(main, changed)["actions"] == ["create"]
    assert len(flow_logs(aws)) == 1


def test_tags_are_changed_in_place(aws: EmulatorServer, vpc_id: str) -> None:
    first = run_module(main, arguments(vpc_id))["vpc_flow_log"]["flow_log_id"]
    result = run_module(main, arguments(vpc_id, tags={"Team": "network"}))
    assert (result["actions"], result["vpc_flow_log"]["flow_log_id"]) == (["update: tags"], first)
    assert tags_of(flow_logs(aws)[0]) == {"Team": "network", "Name": NAME}


def test_one_that_lost_its_name_is_adopted(aws: EmulatorServer, vpc_id: str) -> None:
    first = run_module(main, arguments(vpc_id))["vpc_flow_log"]["flow_log_id"]
    aws.client("ec2").delete_tags(Resources=[first], Tags=[{"Key": "Name"}])
    result = run_module(main, arguments(vpc_id))
    assert (result["actions"], result["vpc_flow_log"]["flow_log_id"]) == (["update: tags"], first)


def test_two_of_one_name_are_not_guessed_between(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    aws.client("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc_id],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::another-bucket",
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Name", "Value": NAME}]}],
    )
    assert "stands more than once" in run_module(main, arguments(vpc_id), check=True)["msg"]


def test_a_destination_that_ec2_refuses_is_an_error(aws: EmulatorServer, vpc_id: str) -> None:
    result = run_module(main, arguments(vpc_id, destination_arn="arn:aws:s3:::no-such-bucket"))
    assert result["failed"] is True
    assert "no-such-bucket" in result["msg"]
    assert flow_logs(aws) == []


def test_a_failed_delivery_is_a_warning() -> None:
    flow_log = {
        "FlowLogId": "fl-1",
        "ResourceId": "vpc-1",
        "LogDestination": BUCKET,
        "DeliverLogsStatus": "FAILED",
        "DeliverLogsErrorMessage": "Access error",
        "Tags": [{"Key": "Name", "Value": NAME}],
    }

    class Ec2:
        def describe_flow_logs(self, **_: Any) -> dict[str, Any]:
            return {"FlowLogs": [flow_log]}

    warnings: list[str] = []
    state = VpcFlowLog(Ec2(), arguments("vpc-1"), warnings.append).find()
    assert state is not None
    assert warnings == [f"VPC flow log {NAME} (fl-1) is not delivered to {BUCKET}: Access error"]


def test_delete_check_delete_and_delete_again(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    gone = arguments(vpc_id, state="absent")
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert run_module(main, gone)["vpc_flow_log"] == {}
    assert flow_logs(aws) == []
    assert run_module(main, gone)["changed"] is False


def test_an_api_error_names_the_flow_log(aws: EmulatorServer, vpc_id: str) -> None:
    result = run_module(main, arguments(vpc_id), fail={"ec2.DescribeFlowLogs": "UnauthorizedOperation"})
    assert f"VPC flow log {NAME}" in result["msg"]
    assert result["error"]["code"] == "UnauthorizedOperation"
