"""Record sets: a change is made whole or not at all, and Route 53 says at once all that is wrong with it."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from moto.cloudfront.models import cloudfront_backends
from moto.elbv2.models import elbv2_backends
from moto.route53.models import FakeZone, RecordSet, Route53Backend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.route53.common import CLOUDFRONT_ZONE, bare, invalid_input, state

extension = Extension("route53")

type Record = dict[str, Any]
type Key = tuple[str, str, str]

ROUTING = ("Weight", "Region", "Failover", "GeoLocation", "MultiValueAnswer")


def _key(record: Record) -> Key:
    return bare(record["Name"]), record["Type"], record.get("SetIdentifier") or ""


def _held(zone: Any) -> dict[Key, Record]:
    """The record sets of moto's zone, in the form of the API."""
    return {_key(record): record for record in map(_as_record, zone.rrsets)}


def _as_record(held: Any) -> Record:
    return {
        "Name": held.name,
        "Type": held.type,
        "SetIdentifier": held.set_identifier,
        "TTL": int(held.ttl) if held.ttl else None,
        "ResourceRecords": sorted(value if isinstance(value, str) else value["Value"] for value in held.records),
        "AliasTarget": held.alias_target,
        "Failover": held.failover,
        "HealthCheckId": held.health_check_id,
    }


def _values(record: Record) -> Record:
    """What a DELETE must repeat."""
    target = record.get("AliasTarget") or {}
    values = [value if isinstance(value, str) else value["Value"] for value in record.get("ResourceRecords") or []]
    return {
        "ttl": int(record["TTL"]) if record.get("TTL") else None,
        "values": sorted(values),
        "alias": (bare(target.get("DNSName", "")), target.get("HostedZoneId")),
        "failover": record.get("Failover"),
        "health_check": record.get("HealthCheckId"),
    }


def _described(record: Record) -> str:
    """A record set as Route 53's messages write it."""
    identifier = record.get("SetIdentifier")
    more = f", set identifier='{identifier}'" if identifier else ""
    return f"[name='{bare(record['Name'])}.', type='{record['Type']}'{more}]"


@extension.refuses("ChangeResourceRecordSets")
def records_that_are_not_complete(call: Call) -> None:
    """API ChangeResourceRecordSets: what each change must have. Code InvalidInput."""
    for change in call.params["ChangeBatch"]["Changes"]:
        record = change["ResourceRecordSet"]
        where = (
            f"Change with [Action={change['Action']}, Name={bare(record['Name'])}., Type={record['Type']}, "
            f"SetIdentifier={record.get('SetIdentifier', 'null')}]"
        )
        _refuse_incomplete(record, where)


def _refuse_incomplete(record: Record, where: str) -> None:
    kinds = [bool(record.get("AliasTarget")), bool(record.get("ResourceRecords")) and record.get("TTL") is not None]
    count = "none" if not any(kinds) else "more than one"
    if sum(kinds) != 1:
        raise invalid_input(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
            f"TrafficPolicyInstanceId], but found {count} in {where}"
        )
    routed = [name for name in ROUTING if record.get(name) is not None]
    if routed and not record.get("SetIdentifier"):
        raise invalid_input(f"Invalid request: Missing field 'SetIdentifier' in {where}")
    if record.get("SetIdentifier") and len(routed) != 1:
        found = "none" if not routed else "more than one"
        raise invalid_input(
            "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], "
            f"but found {found} in {where}"
        )


@extension.refuses("ChangeResourceRecordSets")
def changes_that_do_not_fit_the_zone(call: Call) -> None:
    """API ChangeResourceRecordSets, InvalidChangeBatch: every problem of the change in one list."""
    backend = state(call)
    zone = backend.zones.get(call.params["HostedZoneId"].rpartition("/")[2])
    if zone is None:
        return
    changes = call.params["ChangeBatch"]["Changes"]
    problems = [*_repeated(changes)]
    after = _held(zone)
    for change in changes:
        problems += _applied(change["Action"], change["ResourceRecordSet"], zone, after)
    written = [one["ResourceRecordSet"] for one in changes if one["Action"] != "DELETE"]
    for record in written:
        problems += [*_conflicts(record, after, zone), *_wrong_alias(call, record, after)]
        problems += _wrong_health_check(backend, record)
    if problems:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(dict.fromkeys(problems))}]")


def _repeated(changes: list[dict[str, Any]]) -> Iterator[str]:
    counts = Counter((change["Action"], _key(change["ResourceRecordSet"])) for change in changes)
    for (_, (name, kind, _identifier)), count in counts.items():
        if count > 1:
            yield f"The request contains an invalid set of changes for a resource record set '{kind} {name}.'"


def _applied(action: str, record: Record, zone: Any, after: dict[Key, Record]) -> Iterator[str]:
    """Make one change in ``after``; yield what forbids it."""
    key, held = _key(record), after.get(_key(record))
    zone_name = bare(zone.name)
    if key[0] != zone_name and not key[0].endswith(f".{zone_name}"):
        yield f"RRSet with DNS name {key[0]}. is not permitted in zone {zone_name}."
    elif action == "DELETE" and held is None:
        yield f"Tried to delete resource record set {_described(record)} but it was not found"
    elif action == "DELETE" and held is not None and _values(held) != _values(record):
        described = _described(record)
        yield f"Tried to delete resource record set {described} but the values provided do not match the current values"
    elif action == "CREATE" and held is not None:
        yield f"Tried to create resource record set {_described(record)} but it already exists"
    elif action == "DELETE":
        del after[key]
    else:
        after[key] = record


def _conflicts(record: Record, after: dict[Key, Record], zone: Any) -> Iterator[str]:
    """What the zone may not have side by side.

    Developer Guide, "Values that are common for all routing policies" (CNAME) and API ResourceRecordSet (SetIdentifier,
    Failover).
    """
    name, kind, identifier = key = _key(record)
    zone_name = bare(zone.name)
    if kind == "CNAME" and name == zone_name:
        yield f"RRSet of type CNAME with DNS name {name}. is not permitted at apex in zone {zone_name}."
    elif any(other[0] == name and (other[1] == "CNAME") != (kind == "CNAME") for other in after):
        yield (
            f"RRSet of type {kind} with DNS name {name}. is not permitted as it conflicts with other records "
            f"with the same DNS name in zone {zone_name}."
        )
    beside = [held for other, held in after.items() if other[:2] == key[:2] and other != key]
    label = f"RRSet with DNS name {name}., type {kind}" + (f", SetIdentifier {identifier}" if identifier else "")
    if any(bool(held.get("SetIdentifier")) != bool(identifier) for held in beside):
        yield f"{label} cannot be created as other RRSets exist with the same name and type."
    elif record.get("Failover") and any(held.get("Failover") == record["Failover"] for held in beside):
        yield f"{label} cannot be created as a failover {record['Failover']} RRSet exists with the same name and type."


def _wrong_alias(call: Call, record: Record, after: dict[Key, Record]) -> Iterator[str]:
    target = record.get("AliasTarget")
    if not target:
        return
    zone_id, name = target["HostedZoneId"], bare(target["DNSName"]).removeprefix("dualstack.")
    tried = f"Tried to create an alias that targets {name}., type {record['Type']} in zone {zone_id}"
    if zone_id == CLOUDFRONT_ZONE:
        if target["EvaluateTargetHealth"]:
            yield f"EvaluateTargetHealth cannot be true for an alias that targets the CloudFront distribution {name}."
        names = _distributions(call)
    elif zone_id == call.params["HostedZoneId"].rpartition("/")[2]:
        names = {key[0] for key in after if key[1] == record["Type"] and key != _key(record)}
    else:
        names = _load_balancers(call, zone_id)
    if name not in names:
        yield f"{tried}, but the alias target name does not lie within the target zone"


def _distributions(call: Call) -> set[str]:
    backend = cloudfront_backends[call.account_id]["aws"]
    return {bare(one.domain_name) for one in backend.distributions.values()}


def _load_balancers(call: Call, zone_id: str) -> set[str]:
    backends = elbv2_backends[call.account_id].values()
    balancers = [one for backend in backends for one in backend.load_balancers.values()]
    return {bare(one.dns_name) for one in balancers if one.canonical_hosted_zone_id == zone_id}


def _wrong_health_check(backend: Any, record: Record) -> Iterator[str]:
    check_id = record.get("HealthCheckId")
    if check_id and check_id not in backend.health_checks:
        yield f"No health check exists with the specified ID : {check_id}"
    plain = not record.get("AliasTarget")
    if record.get("Failover") == "PRIMARY" and plain and not check_id:
        yield f"Failover PRIMARY RRSet with DNS name {bare(record['Name'])}. needs a health check."


@extension.patches(RecordSet, "resource_records")
def values_as_text(original: Callable[..., Any], self: Any) -> list[dict[str, str]] | None:
    """moto gives the value of a zone's SOA record inside a second "Value"."""
    return [value if isinstance(value, dict) else {"Value": value} for value in self.records] or None


@extension.patches(Route53Backend, "change_resource_record_sets")
def make_the_change(original: Callable[..., Any], self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
    """moto checks against a journal of past changes, and deletes by set identifier alone, whatever the name."""
    zone = self.get_hosted_zone(zoneid)
    for change in change_list:
        record = dict(change["ResourceRecordSet"])
        record["Name"] = f"{bare(record['Name'])}."
        if record.get("ResourceRecords"):
            record["ResourceRecords"] = [one["Value"] for one in record["ResourceRecords"]]
        if record.get("AliasTarget"):
            target = record["AliasTarget"]
            record["AliasTarget"] = {**target, "DNSName": f"{bare(target['DNSName'])}."}
        _replace(zone, record, change["Action"])


def _replace(zone: FakeZone, record: Record, action: str) -> None:
    key = _key(record)
    zone.rrsets = [held for held in zone.rrsets if _key(_as_record(held)) != key]
    if action != "DELETE":
        zone.add_rrset(record)
