"""What a node group's launch template may not contain (EKS user guide, "launch-templates")."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import EC2ClientError

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.launch_templates import template_of
from trading_platform.emulator.services.eks.store import NODEGROUP, invalid, records

extension = Extension("eks")

FORBIDDEN = {
    "IamInstanceProfile": "Launch template should not specify an instance profile. The noderole in your request will "
    "be used to construct an instance profile.",
    "InstanceInitiatedShutdownBehavior": "Launch template should not specify an instance initiated shutdown behavior.",
    "HibernationOptions": "Launch template should not specify hibernation options.",
    "InstanceMarketOptions": "Launch template should not specify instance market options.",
}


@extension.refuses("CreateNodegroup")
def settings_in_both_places(call: Call) -> None:
    """The disk, remote access and the instance types stand in one of the two places."""
    if not call.params.get("launchTemplate"):
        return
    if call.params.get("diskSize"):
        raise invalid("Disk size must be specified within the launch template.")
    if call.params.get("remoteAccess"):
        raise invalid("Remote access configuration cannot be specified with a launch template.")
    data = _data(call, call.params["launchTemplate"])
    if data.get("InstanceType") and call.params.get("instanceTypes"):
        raise invalid("You cannot specify instance types in both the launch template and the API request.")
    if data.get("ImageId") and call.params.get("amiType"):
        raise invalid("You cannot specify an AMI Type when specifying an image id within the launch template.")


@extension.refuses("CreateNodegroup")
def contents(call: Call) -> None:
    if call.params.get("launchTemplate"):
        _check(_data(call, call.params["launchTemplate"]), call.params.get("amiType", ""))


@extension.refuses("UpdateNodegroupVersion")
def contents_of_another_version(call: Call) -> None:
    """The template itself stays; its version changes (API LaunchTemplateSpecification)."""
    asked = call.params.get("launchTemplate")
    record = records(call, NODEGROUP).get((call.params["clusterName"], call.params["nodegroupName"]))
    if not asked or record is None:
        return
    current = record.data.get("launchTemplate")
    if current is None:
        raise invalid("You cannot add a launch template to a node group that was created without one.")
    if asked.get("id", current["id"]) != current["id"] or asked.get("name", current["name"]) != current["name"]:
        raise invalid("You cannot change the launch template of a node group, only its version.")
    _check(_data(call, {**current, **asked}), record.data["amiType"])


def _data(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(template_of(call, asked)[1].data)
    except EC2ClientError as error:
        raise invalid(f"Launch template {asked.get('id') or asked.get('name')} not found: {error}") from error


def _check(data: dict[str, Any], ami_type: str) -> None:
    for text in _problems(data):
        raise invalid(text)
    if data.get("UserData") and not data.get("ImageId") and ami_type.startswith("AL2"):
        content = b64decode(str(data["UserData"])).decode("utf-8", "replace")
        if not content.startswith(("MIME-Version:", "Content-Type: multipart/")):
            raise invalid("User data was not in the MIME multipart format.")


def _problems(data: dict[str, Any]) -> Iterator[str]:
    yield from (text for key, text in FORBIDDEN.items() if data.get(key))
    interfaces = data.get("NetworkInterfaces") or []
    if any(interface.get("SubnetId") for interface in interfaces):
        yield "Launch template should not specify a subnet. The subnets in your request will be used."
    if data.get("SecurityGroupIds") and any(interface.get("Groups") for interface in interfaces):
        yield "Launch template may not specify security groups both for the instance and for a network interface."
