"""An EC2 launch template: disk, metadata service, security groups and user data of instances that others start."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring, named_tags, text_tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id

GONE = ("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound")
TAGGED = ("instance", "network-interface", "volume")
METADATA_KEYS = ("HttpEndpoint", "HttpTokens", "HttpPutResponseHopLimit", "HttpProtocolIpv6", "InstanceMetadataTags")
Data = dict[str, Any]


def data_of(params: dict[str, Any]) -> Data:
    """Give the template's contents in the API's shape, from the module's arguments."""
    tags = text_tags(params["instance_tags"]) or {}
    data: Data = {
        "BlockDeviceMappings": [
            {
                "DeviceName": params["device_name"],
                "Ebs": {
                    "DeleteOnTermination": True,
                    "Encrypted": True,
                    "KmsKeyId": params["kms_key_arn"],
                    "VolumeSize": params["volume_size_gb"],
                    "VolumeType": params["volume_type"],
                },
            }
        ],
        "MetadataOptions": {
            "HttpEndpoint": "enabled",
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": params["metadata_hop_limit"],
        },
        "SecurityGroupIds": sorted(set(params["security_group_ids"])),
        "TagSpecifications": [{"ResourceType": kind, "Tags": tagging.to_list(tags)} for kind in TAGGED if tags],
    }
    if params["user_data"]:
        data["UserData"] = b64encode(params["user_data"].encode()).decode()
    return normal(data)


def normal(data: Data) -> Data:
    """Give contents in one order, without what AWS adds (the state of the metadata options) and without empty parts."""
    kept = dict(data)
    if "MetadataOptions" in kept:
        kept["MetadataOptions"] = {
            key: kept["MetadataOptions"][key] for key in METADATA_KEYS if key in data["MetadataOptions"]
        }
    if "SecurityGroupIds" in kept:
        kept["SecurityGroupIds"] = sorted(kept["SecurityGroupIds"])
    kept["TagSpecifications"] = sorted(
        (
            {"ResourceType": one["ResourceType"], "Tags": sorted(one.get("Tags", []), key=lambda tag: str(tag["Key"]))}
            for one in kept.get("TagSpecifications") or []
        ),
        key=lambda one: str(one["ResourceType"]),
    )
    kept["BlockDeviceMappings"] = sorted(kept.get("BlockDeviceMappings") or [], key=lambda one: str(one["DeviceName"]))
    return {key: value for key, value in sorted(kept.items()) if value not in (None, [], {}, "")}


class LaunchTemplate(BaseResource):
    """Its identity is its name. Other contents make another version; the default version is the newest."""

    kind = "launch template"

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.params = params
        self.name: str = params["name"]
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {"launch_template_id": planned_id("lt")}

    def find(self) -> State | None:
        """Read the template and its newest version."""
        try:
            (template,) = self.ec2.describe_launch_templates(LaunchTemplateNames=[self.name], aws_retry=True)[
                "LaunchTemplates"
            ]
            (newest,) = self.ec2.describe_launch_template_versions(
                LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Latest"], aws_retry=True
            )["LaunchTemplateVersions"]
        except ClientError as problem:
            if error_code(problem) not in GONE:
                raise
            return None
        return {
            "launch_template_id": template["LaunchTemplateId"],
            "version": newest["VersionNumber"],
            "default_version": template["DefaultVersionNumber"],
            "data": normal(newest["LaunchTemplateData"]),
            "tags": tagging.from_list(template.get("Tags")),
        }

    def wanted(self, current: State | None) -> State:
        """Give contents and tags; other contents have the next version number."""
        data = data_of(self.params)
        version = 1
        if current:
            version = current["version"] if current["data"] == data else current["version"] + 1
        return {
            "data": data,
            "version": version,
            "default_version": version,
            "tags": named_tags(current["tags"] if current else {}, self.asked_tags, self.purge_tags, self.name),
        }

    def create(self, wanted: State) -> None:
        """Create the template with its tags and its first version."""
        self.ec2.create_launch_template(
            LaunchTemplateName=self.name,
            LaunchTemplateData=wanted["data"],
            TagSpecifications=tagging.specification("launch-template", wanted["tags"]),
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Make another version where the contents differ, and the newest one the default."""
        identity = {"LaunchTemplateId": current["launch_template_id"]}
        newest = current["version"]
        if "data" in changes:
            # Without a source version: nothing of an older one is inherited.
            answer = self.ec2.create_launch_template_version(
                **identity, LaunchTemplateData=changes["data"], aws_retry=True
            )
            newest = answer["LaunchTemplateVersion"]["VersionNumber"]
        if newest != current["default_version"]:
            self.ec2.modify_launch_template(**identity, DefaultVersion=str(newest), aws_retry=True)
        if "tags" in changes:
            tagging.update_ec2(self.ec2, current["launch_template_id"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Delete the template with all its versions; instances that it started stay."""
        with ignoring(*GONE):
            self.ec2.delete_launch_template(LaunchTemplateId=current["launch_template_id"], aws_retry=True)
