"""A public hosted zone of Route 53, found by its name."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.ec2 import ignoring, named_tags, text_tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id
from trading_platform.aws.route53 import bare_id, canonical_name, tags_of, update_tags
from trading_platform.aws.route53_records import all_record_sets

# Route 53 makes these two with the zone, and removes them with it.
OWN_TYPES = ("NS", "SOA")


class HostedZone(BaseResource):
    """The public zone of a domain.

    Args:
        client: a Route 53 client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module hosted_zone.
    """

    kind = "hosted zone"

    def __init__(self, client: Any, params: dict[str, Any]) -> None:
        self.client = client
        self.name = canonical_name(params["name"])
        self.comment: str = params["comment"]
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.delete_records: bool = params["delete_records"]
        self.placeholders = {"zone_id": planned_id("zone"), "name_servers": []}

    def find(self) -> State | None:
        """Read the zone; refuse to guess between several of the name."""
        zone_ids = self._ids()
        if len(zone_ids) > 1:
            raise RefusedError(
                f"{self.kind} {self.name}: there are several public zones of this name: {', '.join(zone_ids)}. "
                "Delete those that the parent domain does not delegate to"
            )
        if not zone_ids:
            return None
        try:
            answer = self.client.get_hosted_zone(Id=zone_ids[0], aws_retry=True)
        except ClientError as error:
            if error_code(error) == "NoSuchHostedZone":
                return None
            raise
        return {
            "zone_id": zone_ids[0],
            "name_servers": sorted(answer["DelegationSet"]["NameServers"]),
            "comment": answer["HostedZone"]["Config"].get("Comment") or "",
            "tags": tags_of(self.client, "hostedzone", zone_ids[0]),
        }

    def wanted(self, current: State | None) -> State:
        """Give comment and tags."""
        held = current["tags"] if current else {}
        return {
            "comment": self.comment,
            "tags": named_tags(held, self.asked_tags, self.purge_tags, self.name),
        }

    def create(self, wanted: State) -> None:
        """Create the zone, then tag it: the call takes no tags, and the name finds it again."""
        answer = self.client.create_hosted_zone(
            Name=self.name,
            CallerReference=f"{self.name}/{time.time_ns()}",
            HostedZoneConfig={"Comment": wanted["comment"], "PrivateZone": False},
            aws_retry=True,
        )
        update_tags(self.client, "hostedzone", bare_id(answer["HostedZone"]["Id"]), {}, wanted["tags"])

    def update(self, current: State, changes: State) -> None:
        """Change comment and tags."""
        if "comment" in changes:
            self.client.update_hosted_zone_comment(Id=current["zone_id"], Comment=changes["comment"], aws_retry=True)
        if "tags" in changes:
            update_tags(self.client, "hostedzone", current["zone_id"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Delete the zone, with ``delete_records`` after all its records."""
        with ignoring("NoSuchHostedZone"):
            if self.delete_records:
                self._empty(current["zone_id"])
            self.client.delete_hosted_zone(Id=current["zone_id"], aws_retry=True)

    def _ids(self) -> list[str]:
        """List public zones of our name: the answer is sorted by name and begins with ours."""
        answer = self.client.list_hosted_zones_by_name(DNSName=self.name, aws_retry=True)
        ours = [zone for zone in answer["HostedZones"] if canonical_name(zone["Name"]) == self.name]
        return sorted(bare_id(zone["Id"]) for zone in ours if not zone["Config"]["PrivateZone"])

    def _empty(self, zone_id: str) -> None:
        sets = all_record_sets(self.client, zone_id)
        own = [one for one in sets if one["Type"] in OWN_TYPES and canonical_name(one["Name"]) == self.name]
        changes = [{"Action": "DELETE", "ResourceRecordSet": one} for one in sets if one not in own]
        if changes:
            self.client.change_resource_record_sets(
                HostedZoneId=zone_id, ChangeBatch={"Changes": changes}, aws_retry=True
            )
