"""What the ELBv2 files share: the region's state, and values that must be within a range."""

from collections.abc import Mapping
from typing import Any

from moto.elbv2.models import elbv2_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError


def state(call: Call) -> Any:
    """moto's ELBv2 backend of the call's account and region."""
    return elbv2_backends[call.account_id][call.region]


def validation_error(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def invalid_configuration(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)


def refuse_name(what: str, name: str) -> None:
    """The rules for names of load balancers and target groups: API CreateLoadBalancer, Name."""
    if len(name) > 32:
        raise validation_error(f"{what} name '{name}' cannot be longer than '32' characters")
    if not name or not all(part.isascii() and part.isalnum() for part in name.replace("-", "")):
        raise validation_error(
            f"{what} name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )
    if name.startswith("-") or name.endswith("-"):
        raise validation_error(f"{what} name '{name}' cannot begin or end with '-'")


def attributes(call: Call) -> dict[str, str]:
    """The attributes that a Modify...Attributes call sets."""
    return {one["Key"]: one.get("Value", "") for one in call.params.get("Attributes") or []}


def refuse_outside(values: Mapping[str, str], ranges: Mapping[str, tuple[int, int]]) -> None:
    """Numbers must lie in their range, both ends included."""
    for key, (least, most) in ranges.items():
        if key in values and not (values[key].isdigit() and least <= int(values[key]) <= most):
            raise validation_error(f"'{key}' value '{values[key]}' must be between '{least}-{most}' inclusive")


def refuse_other_than(values: Mapping[str, str], choices: Mapping[str, tuple[str, ...]]) -> None:
    """Words must be among those that AWS knows."""
    for key, words in choices.items():
        if key in values and values[key] not in words:
            raise validation_error(f"'{key}' value '{values[key]}' must be one of [{', '.join(words)}]")
