"""Health checks: AWS's defaults, limits and versions, and one for a caller reference."""

import re
from collections.abc import Callable
from typing import Any

from moto.route53.models import HealthCheck, Route53Backend
from moto.route53.responses import Route53

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.route53.common import invalid_input, state

extension = Extension("route53")

# API HealthCheckConfig, Regions.
CHECKER_REGIONS = (
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-1",
    "us-west-2",
)
# What UpdateHealthCheck calls a setting, what moto calls it, and what it is when moto lost it.
UPDATED = {
    "IPAddress": "ip_address",
    "Port": "port",
    "ResourcePath": "resource_path",
    "FullyQualifiedDomainName": "fqdn",
    "SearchString": "search_string",
    "FailureThreshold": "failure_threshold",
    "Inverted": "inverted",
    "Disabled": "disabled",
    "EnableSNI": "enable_sni",
    "Regions": "regions",
}


@extension.patches(HealthCheck, "__init__")
def health_check_with_the_defaults_of_aws(
    original: Callable[..., Any], self: Any, health_check_id: str, caller_reference: str, args: dict[str, Any]
) -> None:
    """API HealthCheckConfig: port 443 and SNI for HTTPS; moto has 80 and none for all."""
    original(self, health_check_id, caller_reference, args)
    https = str(self.type_).startswith("HTTPS")
    self.port = args.get("port") or (443 if https else 80)
    self.enable_sni = https and args.get("enable_sni") in (None, True)


@extension.patches(HealthCheck, "set_regions")
def all_regions_by_default(original: Callable[..., Any], self: Any, regions: list[str]) -> None:
    original(self, regions or list(CHECKER_REGIONS))


@extension.patches(Route53Backend, "create_health_check")
def the_same_check_for_the_same_request(
    original: Callable[..., Any], self: Any, caller_reference: str, args: dict[str, Any]
) -> Any:
    """API CreateHealthCheck, CallerReference: the check again, or HealthCheckAlreadyExists for other settings."""
    for check in self.health_checks.values():
        if check.caller_reference == caller_reference:
            if check.asked == args:
                return check
            raise AwsError(
                "HealthCheckAlreadyExists",
                "A health check with the specified caller reference already exists with different settings.",
                409,
            )
    check = original(self, caller_reference, args)
    check.asked = args
    return check


@extension.refuses("CreateHealthCheck")
def settings_out_of_range(call: Call) -> None:
    config = call.params["HealthCheckConfig"]
    if config.get("RequestInterval", 30) not in (10, 30):
        raise invalid_input("Invalid parameter : RequestInterval must be 10 or 30.")
    kind = config["Type"]
    if kind in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        return
    if not config.get("IPAddress") and not config.get("FullyQualifiedDomainName"):
        raise invalid_input("Invalid parameter : Either IPAddress or FullyQualifiedDomainName must be specified.")
    if kind.endswith("STR_MATCH") and not config.get("SearchString"):
        raise invalid_input(f"Invalid parameter : SearchString must be specified for health checks of type {kind}.")
    if kind == "TCP" and not config.get("Port"):
        raise invalid_input("Invalid parameter : Port must be specified for health checks of type TCP.")
    if kind == "TCP" and config.get("ResourcePath"):
        raise invalid_input("Invalid parameter : ResourcePath must not be specified for health checks of type TCP.")
    _refuse_shared(config)


@extension.refuses("UpdateHealthCheck")
def changes_out_of_range(call: Call) -> None:
    _refuse_shared(call.params)


def _refuse_shared(config: dict[str, Any]) -> None:
    threshold = config.get("FailureThreshold", 3)
    if not 1 <= threshold <= 10:
        raise invalid_input("Invalid parameter : FailureThreshold must be between 1 and 10.")
    regions = config.get("Regions")
    if regions is not None and len(regions) < 3:
        raise invalid_input("Invalid parameter : At least 3 Regions must be specified.")
    unknown = sorted(set(regions or []) - set(CHECKER_REGIONS))
    if unknown:
        raise invalid_input(f"Invalid parameter : Invalid region {unknown[0]}.")
    name = config.get("FullyQualifiedDomainName")
    if name and not re.fullmatch(r"[A-Za-z0-9_.-]{1,255}", name):
        raise invalid_input(f"Invalid parameter : Invalid fully qualified domain name: {name}")


@extension.refuses("UpdateHealthCheck")
def another_version(call: Call) -> None:
    """API UpdateHealthCheck, HealthCheckVersionMismatch."""
    check = state(call).health_checks.get(call.params["HealthCheckId"])
    version = call.params.get("HealthCheckVersion")
    if check is not None and version is not None and version != check.health_check_version:
        raise AwsError(
            "HealthCheckVersionMismatch",
            f"The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the "
            f"health check: {check.health_check_version}",
            409,
        )


@extension.patches(Route53, "update_health_check")
def change_only_what_is_given(original: Callable[..., Any], self: Any) -> Any:
    """API UpdateHealthCheck: what is left out keeps its value; moto forgets the regions, and counts no versions."""
    check = self.backend.get_health_check(self._get_param("HealthCheckId"))
    kept = {name: getattr(check, name) for name in UPDATED.values()}
    children = check.children
    result = original(self)
    for parameter, name in UPDATED.items():
        given = self._get_param(parameter)
        setattr(check, name, kept[name] if given is None else given)
    check.children = self._get_param("ChildHealthChecks") or children
    check.health_check_version += 1
    return result


@extension.refuses("DeleteHealthCheck")
def deleting_what_is_not_there(call: Call) -> None:
    check_id = call.params["HealthCheckId"]
    if check_id not in state(call).health_checks:
        raise AwsError("NoSuchHealthCheck", f"No health check exists with the specified ID : {check_id}", 404)
