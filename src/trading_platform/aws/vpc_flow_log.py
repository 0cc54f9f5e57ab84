"""A flow log of a VPC that is delivered to an S3 bucket.

EC2 can change nothing but the tags of a flow log, so anything else replaces it. When it is made, EC2 also writes
statements for its delivery service into the bucket's policy, unless they stand there already
(https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, filters, find_all, ignoring, named_tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.planned import is_planned, planned_id

DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
"""What EC2 writes and reports where no format was asked for: the fields of version 2
(https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html)."""
# The VPC may not be known everywhere yet, and a flow log just deleted may still be in the way of its successor.
NOT_YET = ("InvalidVpcId.NotFound", "InvalidVpcID.NotFound", "FlowLogAlreadyExists")


class VpcFlowLog(BaseResource):
    """The flow log of ``resource_id`` with this Name tag, else one without a name that delivers to the same place.

    Args:
        ec2: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
        warn: told once when EC2 reports that it cannot deliver.
    """

    kind = "VPC flow log"
    fixed = frozenset(
        {
            "resource_id",
            "destination_arn",
            "traffic_type",
            "max_aggregation_interval",
            "log_format",
            "destination_options",
        }
    )
    replaceable = True
    placeholders = {"flow_log_id": planned_id("fl"), "deliver_logs_status": "SUCCESS"}

    def __init__(self, ec2: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        self.ec2 = ec2
        self.params = params
        self.name: str = params["name"]
        self.warn = warn

    def find(self) -> State | None:
        """Read the flow log."""
        if is_planned(self.params["resource_id"]):
            return None
        by_resource = filters(resource_id=self.params["resource_id"])
        found = self._ours(find_all(self.ec2.describe_flow_logs, "FlowLogs", Filter=by_resource))
        if found is None:
            return None
        state = _state(found)
        if state["deliver_logs_status"] == "FAILED":
            self.warn(
                f"{self.kind} {self.name} ({state['flow_log_id']}) is not delivered to {state['destination_arn']}: "
                f"{state['deliver_logs_error_message'] or 'EC2 gives no reason'}"
            )
        return state

    def _ours(self, flow_logs: list[State]) -> State | None:
        named = [item for item in flow_logs if _name(item) == self.name]
        if len(named) > 1:
            ids = ", ".join(sorted(item["FlowLogId"] for item in named))
            raise RefusedError(f"{self.kind} {self.name} stands more than once on the VPC: {ids}. Delete all but one.")
        destination = _arn(self.params["destination_arn"] or "")
        nameless = [item for item in flow_logs if not _name(item) and _destination(item) == destination]
        return next(iter([*named, *sorted(nameless, key=lambda item: str(item["FlowLogId"]))]), None)

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        asked = self.params
        return {
            "resource_id": asked["resource_id"],
            "destination_arn": _arn(asked["destination_arn"]),
            "traffic_type": asked["traffic_type"],
            "max_aggregation_interval": asked["max_aggregation_interval"],
            "log_format": asked["log_format"] or DEFAULT_FORMAT,
            "destination_options": dict(asked["destination_options"]),
            "tags": named_tags(current["tags"] if current else {}, asked["tags"], asked["purge_tags"], self.name),
        }

    def create(self, wanted: State) -> None:
        """Make it with its tags; EC2 reports most refusals not as an error but in the answer."""
        options = wanted["destination_options"]
        parameters: State = {
            "ResourceType": "VPC",
            "ResourceIds": [wanted["resource_id"]],
            "TrafficType": wanted["traffic_type"],
            "LogDestinationType": "s3",
            "LogDestination": self.params["destination_arn"],
            "MaxAggregationInterval": wanted["max_aggregation_interval"],
            "DestinationOptions": {
                "FileFormat": options["file_format"],
                "HiveCompatiblePartitions": options["hive_compatible_partitions"],
                "PerHourPartition": options["per_hour_partition"],
            },
            "TagSpecifications": tags.specification("vpc-flow-log", wanted["tags"]),
        }
        if self.params["log_format"]:
            parameters["LogFormat"] = self.params["log_format"]
        answer = eventually(self.ec2.create_flow_logs, *NOT_YET, **parameters)
        for refusal in answer.get("Unsuccessful", []):
            raise RefusedError(f"{self.kind} {self.name}: {refusal['Error']['Code']}: {refusal['Error']['Message']}")

    def update(self, current: State, changes: State) -> None:
        """Change the tags, the only thing that can be changed."""
        tags.update_ec2(self.ec2, current["flow_log_id"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Remove it; what it has delivered stays in the bucket."""
        with ignoring("InvalidFlowLogId.NotFound"):
            self.ec2.delete_flow_logs(FlowLogIds=[current["flow_log_id"]], aws_retry=True)


def _state(flow_log: State) -> State:
    options = flow_log.get("DestinationOptions") or {}
    return {
        "flow_log_id": flow_log["FlowLogId"],
        "deliver_logs_status": flow_log.get("DeliverLogsStatus"),
        "deliver_logs_error_message": flow_log.get("DeliverLogsErrorMessage"),
        "resource_id": flow_log["ResourceId"],
        "destination_arn": _destination(flow_log),
        "traffic_type": flow_log.get("TrafficType"),
        "max_aggregation_interval": flow_log.get("MaxAggregationInterval"),
        "log_format": flow_log.get("LogFormat"),
        "destination_options": {
            "file_format": options.get("FileFormat", "plain-text"),
            "hive_compatible_partitions": options.get("HiveCompatiblePartitions", False),
            "per_hour_partition": options.get("PerHourPartition", False),
        },
        "tags": tags.from_list(flow_log.get("Tags")),
    }


def _name(flow_log: State) -> str | None:
    return tags.from_list(flow_log.get("Tags")).get("Name")


def _destination(flow_log: State) -> str:
    return _arn(flow_log.get("LogDestination") or "")


def _arn(arn: str) -> str:
    """Give a destination without the slash that may end it: a folder is the same with and without."""
    return arn.rstrip("/")
