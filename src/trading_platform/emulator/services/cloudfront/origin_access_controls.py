"""Origin access controls: unique names, versions, and no removal while one is used."""

from collections.abc import Callable
from typing import Any

from moto.cloudfront.models import OriginAccessControl

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.cloudfront.common import (
    backend_of,
    kept,
    new_etag,
    refuse_other_version,
    values_of,
)

extension = Extension("cloudfront")

LONGEST_NAME = 64


@extension.patches(OriginAccessControl, "update")
def another_version_for_each_change(original: Callable[..., Any], self: Any, config: dict[str, str]) -> None:
    original(self, config)
    self.etag = new_etag()


@extension.refuses("CreateOriginAccessControl", "UpdateOriginAccessControl")
def name_that_is_taken_or_too_long(call: Call) -> None:
    """API OriginAccessControlConfig, Name: at most 64 characters, unique."""
    name = call.params["OriginAccessControlConfig"]["Name"]
    if len(name) > LONGEST_NAME:
        raise AwsError("InvalidArgument", "The parameter Name is too long.", 400)
    for held in backend_of(call).origin_access_controls.values():
        if held.name == name and held.id != call.params.get("Id"):
            message = "An origin access control with the same name already exists."
            raise AwsError("OriginAccessControlAlreadyExists", message, 409)


@extension.refuses("UpdateOriginAccessControl", "DeleteOriginAccessControl")
def another_version(call: Call) -> None:
    held = backend_of(call).origin_access_controls.get(call.params["Id"])
    if held is None:
        message = "The specified origin access control does not exist."
        raise AwsError("NoSuchOriginAccessControl", message, 404)
    refuse_other_version(call, held.etag)


@extension.refuses("DeleteOriginAccessControl")
def control_that_is_used(call: Call) -> None:
    for held in backend_of(call).distributions.values():
        for origin in values_of(kept(held)["config"]["Origins"]):
            if origin.get("OriginAccessControlId") == call.params["Id"]:
                message = "Cannot delete the origin access control because it's in use by one or more distributions."
                raise AwsError("OriginAccessControlInUse", message, 409)
