"""AWS Config's recording in one region: its recorder, the channel through which it delivers, and that it runs.

A region has one customer-managed recorder and one channel. Their names cannot be changed, so those that are there are
adopted under the names they have. The recorder must exist before the channel, and both before it can be started
(https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id

# The role and the bucket policy may be seconds old.
NOT_YET = ("InvalidRoleException", "InsufficientDeliveryPolicyException")
SECONDS = 60.0
RECORDER = ("role_arn", "global_resource_types", "recording_frequency", "strategy")
CHANNEL = ("bucket", "key_prefix", "topic_arn", "snapshot_frequency")
ALL = "ALL_SUPPORTED_RESOURCE_TYPES"


class ConfigRecording(BaseResource):
    """The recording of the client's region.

    Args:
        config: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "AWS Config recording"
    placeholders = {"arn": planned_id("recorder")}

    def __init__(self, config: Any, params: dict[str, Any]) -> None:
        self.config = config
        self.params = params
        self.name: str = params["name"]
        self.channel_name: str = params["name"]

    def find(self) -> State | None:
        """Read recorder, channel and state; None when there is no recorder, whether or not there is a channel."""
        channels = self.config.describe_delivery_channels(aws_retry=True)["DeliveryChannels"]
        channel = channels[0] if channels else {}
        self.channel_name = channel.get("name", self.channel_name)
        recorders = self.config.describe_configuration_recorders(aws_retry=True)["ConfigurationRecorders"]
        recorder = next((one for one in recorders if not one.get("servicePrincipal")), None)
        if recorder is None:
            return None
        self.name = recorder["name"]
        statuses = self.config.describe_configuration_recorder_status(
            ConfigurationRecorderNames=[self.name], aws_retry=True
        )["ConfigurationRecordersStatus"]
        return {
            "arn": recorder.get("arn"),
            "name": self.name,
            "channel_name": channel.get("name"),
            **_recorder_state(recorder),
            **_channel_state(channel),
            "recording": bool(statuses and statuses[0]["recording"]),
            "tags": self._tags(recorder.get("arn")),
        }

    def _tags(self, arn: str | None) -> tags.Tags:
        if not arn:
            return {}
        return tags.from_list(self.config.list_tags_for_resource(ResourceArn=arn, aws_retry=True).get("Tags"))

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; names are those that are there."""
        asked = self.params
        return {
            "name": self.name,
            "channel_name": self.channel_name,
            "role_arn": asked["role_arn"],
            "strategy": ALL,
            "global_resource_types": asked["global_resource_types"],
            "recording_frequency": asked["recording_frequency"],
            "bucket": asked["bucket"],
            "key_prefix": asked["key_prefix"] or None,
            "topic_arn": asked["topic_arn"] or None,
            "snapshot_frequency": asked["snapshot_frequency"],
            "recording": True,
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the recorder with its tags, then the channel, then start."""
        self._put_recorder(wanted, Tags=tags.to_list(wanted["tags"]))
        self._put_channel(wanted)
        self._start()

    def update(self, current: State, changes: State) -> None:
        """Write what differs, the recorder first; start it where it stands still."""
        state = {**current, **changes}
        if set(changes) & set(RECORDER):
            self._put_recorder(state)
        if set(changes) & {*CHANNEL, "channel_name"}:
            self._put_channel(state)
        if "recording" in changes:
            self._start()
        if "tags" in changes:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.config.untag_resource(ResourceArn=current["arn"], TagKeys=remove, aws_retry=True)
            if write:
                self.config.tag_resource(ResourceArn=current["arn"], Tags=tags.to_list(write), aws_retry=True)

    def _put_recorder(self, state: State, **more: Any) -> None:
        recorder = {
            "name": self.name,
            "roleARN": state["role_arn"],
            "recordingGroup": {
                "allSupported": True,
                "includeGlobalResourceTypes": state["global_resource_types"],
                "recordingStrategy": {"useOnly": ALL},
            },
            "recordingMode": {"recordingFrequency": state["recording_frequency"]},
        }
        eventually(
            self.config.put_configuration_recorder, *NOT_YET, seconds=SECONDS, ConfigurationRecorder=recorder, **more
        )

    def _put_channel(self, state: State) -> None:
        channel = {
            "name": self.channel_name,
            "s3BucketName": state["bucket"],
            "s3KeyPrefix": state["key_prefix"],
            "snsTopicARN": state["topic_arn"],
            "configSnapshotDeliveryProperties": {"deliveryFrequency": state["snapshot_frequency"]},
        }
        given = {key: value for key, value in channel.items() if value is not None}
        eventually(self.config.put_delivery_channel, *NOT_YET, seconds=SECONDS, DeliveryChannel=given)

    def _start(self) -> None:
        self.config.start_configuration_recorder(ConfigurationRecorderName=self.name, aws_retry=True)

    def delete(self, current: State) -> None:
        """Stop, then remove the channel and the recorder; what was recorded stays."""
        with ignoring("NoSuchConfigurationRecorderException"):
            self.config.stop_configuration_recorder(ConfigurationRecorderName=self.name, aws_retry=True)
        if current["channel_name"]:
            with ignoring("NoSuchDeliveryChannelException"):
                self.config.delete_delivery_channel(DeliveryChannelName=current["channel_name"], aws_retry=True)
        with ignoring("NoSuchConfigurationRecorderException"):
            self.config.delete_configuration_recorder(ConfigurationRecorderName=self.name, aws_retry=True)


def _recorder_state(recorder: dict[str, Any]) -> State:
    group = recorder.get("recordingGroup") or {}
    strategy = (group.get("recordingStrategy") or {}).get("useOnly")
    return {
        "role_arn": recorder["roleARN"],
        "strategy": strategy or (ALL if group.get("allSupported") else "INCLUSION_BY_RESOURCE_TYPES"),
        "global_resource_types": group.get("includeGlobalResourceTypes", False),
        "recording_frequency": (recorder.get("recordingMode") or {}).get("recordingFrequency", "CONTINUOUS"),
    }


def _channel_state(channel: dict[str, Any]) -> State:
    return {
        "bucket": channel.get("s3BucketName"),
        "key_prefix": channel.get("s3KeyPrefix"),
        "topic_arn": channel.get("snsTopicARN"),
        "snapshot_frequency": (channel.get("configSnapshotDeliveryProperties") or {}).get("deliveryFrequency"),
    }
