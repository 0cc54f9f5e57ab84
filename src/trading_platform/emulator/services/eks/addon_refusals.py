"""What EKS refuses of add-ons."""

import json
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.addon_catalog import CATALOG, unknown_keys
from trading_platform.emulator.services.eks.store import (
    ADDON,
    CLUSTER,
    Record,
    in_use,
    invalid,
    records,
)

extension = Extension("eks")


def _kubernetes(call: Call) -> str | None:
    record = records(call, CLUSTER).get((call.params["clusterName"],))
    return str(record.data["version"]) if record else None


def _addon(call: Call) -> Record | None:
    return records(call, ADDON).get((call.params["clusterName"], call.params["addonName"]))


@extension.refuses("CreateAddon")
def addon_that_does_not_exist_or_is_there(call: Call) -> None:
    kubernetes, name = _kubernetes(call), call.params["addonName"]
    if name not in CATALOG or (kubernetes and not any(kubernetes in fit for fit in CATALOG[name].versions.values())):
        raise invalid(f"Addon {name} specified is not supported in {kubernetes} kubernetes version")
    if _addon(call):
        raise in_use("Addon already exists.")


@extension.refuses("CreateAddon", "UpdateAddon")
def version(call: Call) -> None:
    kubernetes, asked = _kubernetes(call), call.params.get("addonVersion")
    offered = CATALOG[call.params["addonName"]].versions if call.params["addonName"] in CATALOG else {}
    if asked and kubernetes and kubernetes not in offered.get(asked, ()):
        raise invalid("Addon version specified is not supported")


@extension.refuses("UpdateAddon")
def vpc_cni_by_more_than_a_minor(call: Call) -> None:
    record, asked = _addon(call), call.params.get("addonVersion")
    if record is None or not asked or call.params["addonName"] != "vpc-cni":
        return
    if abs(_minor(asked) - _minor(record.data["addonVersion"])) > 1:
        raise invalid("Updating VPC-CNI can only go up or down 1 minor version at a time")


def _minor(addon_version: str) -> int:
    return int(addon_version.split(".")[1])


@extension.refuses("CreateAddon", "UpdateAddon")
def configuration(call: Call) -> None:
    """The values are checked against the JSON schema of the add-on's version."""
    text, addon = call.params.get("configurationValues"), CATALOG.get(call.params["addonName"])
    if not text or addon is None:
        return
    try:
        values: Any = json.loads(text)
    except ValueError as error:
        raise invalid(f"ConfigurationValue provided in request is not supported: {error}") from error
    wrong = unknown_keys(addon.schema, values)
    if wrong:
        problems = ", ".join(
            f"{path}: is not defined in the schema and the schema does not allow additional properties"
            for path in wrong
        )
        raise invalid(
            "ConfigurationValue provided in request is not supported: Json schema validation failed with error: "
            f"[{problems}]"
        )


@extension.refuses("UpdateAddon", "DeleteAddon")
def one_update_at_a_time(call: Call) -> None:
    record = _addon(call)
    update = record.running_update() if record else None
    if update:
        name = call.params["addonName"]
        raise in_use(f"Addon {name} cannot be updated as it currently has update {update.id} in progress")
