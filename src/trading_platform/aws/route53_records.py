"""Record sets of a hosted zone, written together in one change that Route 53 makes whole or not at all.

A record set is named by its name, type and, where several share these, its set identifier. Only those that are asked
for are touched, and those that stand in their way: a plain record where a failover pair should be, or another record in
the same failover role. Route 53 has neither beside the other, so these go in the same change.
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned
from trading_platform.aws.route53 import canonical_name

type RecordSet = dict[str, Any]
type Key = tuple[str, str, str]


def all_record_sets(client: Any, zone_id: str) -> list[RecordSet]:
    """Read every record set of a zone, in the form of the API."""
    found: list[RecordSet] = []
    page = client.list_resource_record_sets(HostedZoneId=zone_id, aws_retry=True)
    while True:
        found.extend(page["ResourceRecordSets"])
        if not page["IsTruncated"]:
            return found
        start = {
            "StartRecordName": page["NextRecordName"],
            "StartRecordType": page["NextRecordType"],
            "StartRecordIdentifier": page.get("NextRecordIdentifier"),
        }
        given = {name: value for name, value in start.items() if value}
        page = client.list_resource_record_sets(HostedZoneId=zone_id, **given, aws_retry=True)


def normal_record(asked: dict[str, Any]) -> State:
    """Give a record of the module's arguments in the one form that is compared."""
    alias = asked.get("alias")
    return {
        "name": canonical_name(asked["name"]),
        "type": asked["type"],
        "set_identifier": asked.get("set_identifier") or "",
        "ttl": None if alias else asked["ttl"],
        "values": [] if alias else sorted(set(asked["values"])),
        "alias": {**alias, "dns_name": canonical_name(alias["dns_name"])} if alias else None,
        "failover": asked.get("failover"),
        "health_check_id": asked.get("health_check_id"),
    }


def read_record(held: RecordSet) -> State:
    """Give a record set of the API in the same form."""
    target = held.get("AliasTarget")
    alias = target and {
        "dns_name": canonical_name(target["DNSName"]),
        "zone_id": target["HostedZoneId"],
        "evaluate_target_health": target["EvaluateTargetHealth"],
    }
    return {
        "name": canonical_name(held["Name"]),
        "type": held["Type"],
        "set_identifier": held.get("SetIdentifier", ""),
        "ttl": held.get("TTL"),
        "values": sorted(record["Value"] for record in held.get("ResourceRecords") or []),
        "alias": alias or None,
        "failover": held.get("Failover"),
        "health_check_id": held.get("HealthCheckId"),
    }


def api_record(record: State) -> RecordSet:
    """Give a record in the form of the API."""
    alias = record["alias"]
    values = {
        "Name": record["name"] + ".",
        "Type": record["type"],
        "SetIdentifier": record["set_identifier"],
        "TTL": record["ttl"],
        "ResourceRecords": [{"Value": value} for value in record["values"]],
        "AliasTarget": alias
        and {
            "DNSName": alias["dns_name"] + ".",
            "HostedZoneId": alias["zone_id"],
            "EvaluateTargetHealth": alias["evaluate_target_health"],
        },
        "Failover": record["failover"],
        "HealthCheckId": record["health_check_id"],
    }
    return {name: value for name, value in values.items() if value or value == 0}


def key_of(record: State) -> Key:
    """Give what names a record set."""
    return record["name"], record["type"], record["set_identifier"]


def label(key: Key) -> str:
    """Give the key as a person writes it: ``api.example.com A primary``."""
    return " ".join(part for part in key if part)


def record_problems(records: list[dict[str, Any]]) -> list[str]:
    """Say what is wrong with the records asked for, before Route 53 does."""
    problems = []
    keys = [(canonical_name(one["name"]), one["type"], one.get("set_identifier") or "") for one in records]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        problems.append(f"records: {label(key)} is there twice")
    for record in records:
        where = f"records: {record['name']} {record['type']}"
        plain = record.get("ttl") is not None and bool(record.get("values"))
        if bool(record.get("alias")) == plain:
            problems.append(f"{where} needs either alias, or ttl and values")
        if record.get("failover") and not record.get("set_identifier"):
            problems.append(f"{where} has failover, and so needs a set_identifier")
    return problems


def in_the_way(held: State, wanted: dict[Key, State]) -> bool:
    """Say whether a record set of the zone cannot stay beside those that are wanted."""
    if key_of(held) in wanted:
        return False
    rivals = [one for one in wanted.values() if (one["name"], one["type"]) == (held["name"], held["type"])]
    return any(
        bool(one["set_identifier"]) != bool(held["set_identifier"])
        or (one["failover"] is not None and one["failover"] == held["failover"])
        for one in rivals
    )


class Route53Records(BaseResource):
    """Some record sets of one zone.

    Args:
        client: a Route 53 client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module route53_records.
    """

    kind = "records of zone"

    def __init__(self, client: Any, params: dict[str, Any]) -> None:
        self.client = client
        self.zone_id: str = params["zone_id"]
        self.name = self.zone_id
        self.asked = {key_of(record): record for record in map(normal_record, params["records"])}
        self.held: list[RecordSet] = []
        self.change_id: str | None = None

    def find(self) -> State | None:
        """Read those of the records that are there, and those in their way; None when none is."""
        if is_planned(self.zone_id):
            return None
        if not self.asked:
            return {"records": {}}
        self.held = all_record_sets(self.client, self.zone_id)
        found = {}
        for held in map(read_record, self.held):
            if key_of(held) in self.asked or in_the_way(held, self.asked):
                found[label(key_of(held))] = held
        return {"records": found} if found else None

    def wanted(self, current: State | None) -> State:
        """Give the records as they should be."""
        return {"records": {label(key): record for key, record in sorted(self.asked.items())}}

    def create(self, wanted: State) -> None:
        """Write all records."""
        self._write({}, wanted["records"])

    def update(self, current: State, changes: State) -> None:
        """Write the records that differ, and remove those in their way."""
        self._write(current["records"], changes["records"])

    def delete(self, current: State) -> None:
        """Remove the records that are asked for, whatever they hold, and nothing else."""
        going = [one for one in self.held if key_of(read_record(one)) in self.asked]
        self._change([{"Action": "DELETE", "ResourceRecordSet": one} for one in going])

    def settled(self, current: State | None) -> bool:
        """Say whether all name servers have the change."""
        if self.change_id is None:
            return True
        answer = self.client.get_change(Id=self.change_id, aws_retry=True)
        return bool(answer["ChangeInfo"]["Status"] == "INSYNC")

    def _write(self, current: dict[str, State], wanted: dict[str, State]) -> None:
        leaving = [one for one in self.held if in_the_way(read_record(one), self.asked)]
        different = [record for name, record in wanted.items() if current.get(name) != record]
        self._change(
            [{"Action": "DELETE", "ResourceRecordSet": one} for one in leaving]
            + [{"Action": "UPSERT", "ResourceRecordSet": api_record(record)} for record in different]
        )

    def _change(self, changes: list[dict[str, Any]]) -> None:
        if changes:
            answer = self.client.change_resource_record_sets(
                HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes}, aws_retry=True
            )
            self.change_id = answer["ChangeInfo"]["Id"]
