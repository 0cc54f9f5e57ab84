"""Hosted zones: one for a caller reference, and removed only when empty."""

from collections.abc import Callable
from typing import Any

from moto.route53.models import Route53Backend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.route53.common import bare, invalid_input, state

extension = Extension("route53")

TAGS_A_CALL = 10


@extension.refuses("CreateHostedZone")
def caller_reference_of_another_zone(call: Call) -> None:
    """API CreateHostedZone, HostedZoneAlreadyExists."""
    reference = call.params.get("CallerReference")
    if any(zone.caller_reference == reference for zone in state(call).zones.values()):
        raise AwsError(
            "HostedZoneAlreadyExists", "A hosted zone has already been created with the specified caller reference."
        )


@extension.refuses("CreateHostedZone")
def zone_of_a_top_level_domain(call: Call) -> None:
    """API CreateHostedZone, InvalidDomainName: "You can't create a hosted zone for a top-level domain"."""
    name = bare(call.params.get("Name", ""))
    if "." not in name:
        raise AwsError("InvalidDomainName", f"{name} is reserved by AWS!")


@extension.refuses("ChangeTagsForResource")
def more_tags_than_a_call_takes(call: Call) -> None:
    """API ChangeTagsForResource: AddTags and RemoveTagKeys have 10 items at most."""
    for name in ("AddTags", "RemoveTagKeys"):
        count = len(call.params.get(name) or [])
        if count > TAGS_A_CALL:
            member = name[0].lower() + name[1:]
            raise invalid_input(
                f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
                f"Member must have length less than or equal to {TAGS_A_CALL}"
            )


@extension.refuses("ChangeTagsForResource", "ListTagsForResource")
def tags_of_a_health_check_that_is_not_there(call: Call) -> None:
    if call.params.get("ResourceType") != "healthcheck":
        return
    check_id = call.params.get("ResourceId")
    if check_id not in state(call).health_checks:
        raise AwsError("NoSuchHealthCheck", f"No health check exists with the specified ID : {check_id}", 404)


@extension.patches(Route53Backend, "delete_hosted_zone")
def keep_a_zone_that_has_records(original: Callable[..., Any], self: Any, id_: str) -> Any:
    """Only the name server and SOA records of the zone itself may be left; moto lets any NS record be."""
    zone = self.get_hosted_zone(id_)
    if any(one.type not in ("NS", "SOA") or bare(one.name) != bare(zone.name) for one in zone.rrsets):
        text = "The specified hosted zone contains non-required resource record sets  and so cannot be deleted."
        raise AwsError("HostedZoneNotEmpty", text)
    return original(self, id_)
