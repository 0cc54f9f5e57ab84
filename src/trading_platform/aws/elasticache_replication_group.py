"""A replication group of ElastiCache (Redis or Valkey, cluster mode disabled): one primary and its replicas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import elasticache_auth_token as auth_token
from trading_platform.aws import tags as tagging
from trading_platform.aws.elasticache import tags_of, update_tags
from trading_platform.aws.elasticache_replication_group_read import state_of
from trading_platform.aws.elasticache_replication_group_request import DISRUPTIVE, creation, modification
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id

GONE = "ReplicationGroupNotFoundFault"
# A node that is being made, and tags while anything is being done: not to be read yet.
NOT_READABLE = frozenset({"CacheClusterNotFound", "InvalidReplicationGroupState", GONE})
# Arguments that are keys of the state under the same name.
SAME_NAME = (
    "description",
    "engine",
    "node_type",
    "num_cache_clusters",
    "automatic_failover",
    "multi_az",
    "transit_encryption_mode",
    "at_rest_encryption",
    "kms_key_arn",
    "subnet_group_name",
    "parameter_group_name",
    "port",
    "snapshot_retention_days",
    "snapshot_window",
    "maintenance_window",
    "auto_minor_version_upgrade",
)


class ElastiCacheReplicationGroup(BaseResource):
    """Its name is its identity.

    - A group that is being created is on its way to what was asked for: it is compared when it is available.
    - ElastiCache takes one change at a time, so that a change of several kinds waits between them, whatever ``wait``
      says: more replicas, settings, AUTH token, fewer replicas. Only the last is not waited for.
    """

    kind = "replication group"
    fixed = frozenset({"at_rest_encryption", "kms_key_arn", "subnet_group_name", "port"})

    def __init__(self, elasticache: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        self.elasticache = elasticache
        self.name: str = params["name"].lower()
        self.params = params
        self.present: bool = params["state"] == "present"
        self.timeout = float(params["wait_timeout"])
        self.warn = warn
        token = params["auth_token"]
        self.fingerprint = auth_token.fingerprint(self.name, token) if token else None
        region, planned = elasticache.meta.region_name, planned_id(self.name)
        self.placeholders = {
            "replication_group_id": self.name,
            "arn": f"arn:aws:elasticache:{region}:{'0' * 12}:replicationgroup:{planned}",
            "status": "creating",
            "member_clusters": [f"{self.name}-{number + 1:03}" for number in range(params["num_cache_clusters"])],
            "primary_endpoint": planned_id(f"master.{self.name}"),
            "reader_endpoint": planned_id(f"replica.{self.name}"),
        }

    def find(self) -> State | None:
        """Read the group, one of its nodes, and its tags."""
        group = self._group()
        if group is None:
            return None
        if group["Status"] == "deleting" and self.present:
            raise RefusedError(f"{self.kind} {self.name} is being deleted; run again when it is gone")
        members = sorted(group.get("MemberClusters", []))
        tags = self._unless_busy(lambda: tags_of(self.elasticache, group["ARN"]))
        return {
            **state_of(group, self._member(members[0]) if members else {}),
            "tags": None if tags is None else {key: value for key, value in tags.items() if key != auth_token.TAG},
            "auth_token_fingerprint": _remembered(group, tags),
        }

    def _group(self) -> dict[str, Any] | None:
        try:
            answer = self.elasticache.describe_replication_groups(ReplicationGroupId=self.name, aws_retry=True)
        except ClientError as problem:
            if error_code(problem) == GONE:
                return None
            raise
        group: dict[str, Any] = answer["ReplicationGroups"][0]
        return group

    def _member(self, name: str) -> dict[str, Any]:
        answer = self._unless_busy(
            lambda: self.elasticache.describe_cache_clusters(CacheClusterId=name, aws_retry=True)["CacheClusters"]
        )
        return dict(answer[0]) if answer else {}

    def _unless_busy(self, read: Callable[[], Any]) -> Any | None:
        try:
            return read()
        except ClientError as problem:
            if error_code(problem) in NOT_READABLE:
                return None
            raise

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; a group on its way is taken as it is."""
        result: State = {key: self.params[key] for key in SAME_NAME}
        result |= {
            "engine_version": self._version(current),
            "security_group_ids": sorted(set(self.params["security_group_ids"] or [])),
            "notification_topic_arn": self.params["notification_topic_arn"] or "",
            "log_delivery": _log_delivery(self.params["log_delivery"]),
            "tags": self._tags(current),
            "auth_token_fingerprint": self._token(current),
        }
        if current is None:
            return result
        if current["status"] in ("creating", "create-failed") or current["engine_version"] is None:
            return {key: current[key] for key in result}
        for key in ("parameter_group_name", "kms_key_arn", "snapshot_window", "maintenance_window"):
            result[key] = current[key] if result[key] is None else result[key]
        self._refuse_encryption_in_one_step(current, result)
        return result

    def _tags(self, current: State | None) -> tagging.Tags | None:
        if current and current["tags"] is None:
            return None  # not to be read now, so left for the next run
        return tagging.wanted(current["tags"] if current else {}, self.params["tags"], self.params["purge_tags"])

    def _version(self, current: State | None) -> str:
        """The version that is there when it is the one asked for; AWS chooses the patch and never goes back."""
        asked: str = self.params["engine_version"]
        held = current["engine_version"] if current else None
        if held is None or current is None:
            return asked
        if held == asked or held.startswith(f"{asked}."):
            return str(held)
        engine = self.params["engine"]
        if current["engine"] == "valkey" and engine == "redis":
            raise RefusedError(f"{self.kind} {self.name} is Valkey, which AWS does not turn back into Redis")
        if engine == current["engine"] and _numbers(asked) < _numbers(held):
            raise RefusedError(
                f"{self.kind} {self.name} has {engine} {held}, and {asked} was asked for: ElastiCache never goes back "
                f"to an earlier version. Put {'.'.join(held.split('.')[:2])} in the inventory, or make a new group "
                "from a snapshot."
            )
        return asked

    def _refuse_encryption_in_one_step(self, current: State, wanted: State) -> None:
        """Clients that do not speak TLS yet would be cut off; AWS refuses it as well."""
        held, asked = current["transit_encryption_mode"], wanted["transit_encryption_mode"]
        if held == "disabled" and asked == "required":
            raise RefusedError(
                f"{self.kind} {self.name} has no encryption in transit: set transit_encryption_mode to preferred, move "
                "every client to TLS, then set it to required"
            )
        if held != "disabled" and asked == "disabled":
            raise RefusedError(f"{self.kind} {self.name}: encryption in transit is not turned off here")

    def _token(self, current: State | None) -> str | None:
        held = current["auth_token_fingerprint"] if current else None
        if self.fingerprint is None or (current and current["tags"] is None):
            return held
        strategy = self.params["auth_token_update_strategy"]
        if current and held is None and strategy is None:
            self.warn(f"{self.kind} {self.name} has no AUTH token; run with the strategy set to give it this one")
            return None
        wanted = auth_token.wanted_fingerprint(held, self.fingerprint, strategy, self.name)
        if current and wanted.split(auth_token.BETWEEN)[0] != self.fingerprint:
            self.warn(
                f"{self.kind} {self.name} has another AUTH token than the one given; run with the strategy rotate"
            )
        return wanted

    def create(self, wanted: State) -> None:
        """Ask for the group with everything it should have."""
        request = creation(wanted, self.params, self.fingerprint)
        self.elasticache.create_replication_group(ReplicationGroupId=self.name, **request, aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Make the changes one after another."""
        for step in self._steps(current, changes):
            self._await_available()
            step()

    def _steps(self, current: State, changes: State) -> Iterator[Callable[[], Any]]:
        if "tags" in changes:
            yield lambda: update_tags(self.elasticache, current["arn"], current["tags"], changes["tags"])
        held: int = current["num_cache_clusters"]
        asked: int = changes.get("num_cache_clusters", held)
        if asked > held:
            yield lambda: self._resize(self.elasticache.increase_replica_count, asked - 1)
        for request in self._modifications(current, changes):
            yield partial(self._modify, **request)
        if "auth_token_fingerprint" in changes:
            yield lambda: self._change_token(changes["auth_token_fingerprint"])
            yield lambda: self._remember_token(current["arn"], changes["auth_token_fingerprint"])
        if asked < held:
            yield lambda: self._resize(self.elasticache.decrease_replica_count, asked - 1)

    def _modifications(self, current: State, changes: State) -> Iterator[dict[str, Any]]:
        """One call for all; two where what disrupts waits for the maintenance window and the rest should not."""
        late = dict.fromkeys(DISRUPTIVE & changes.keys()) if not self.params["apply_immediately"] else {}
        if {"engine", "engine_version"} & set(late):
            late["parameter_group_name"] = None  # of the family that the new version needs
        now = {key: value for key, value in changes.items() if key not in late}
        later = {key: value for key, value in changes.items() if key in late}
        for part, immediately in ((now, True), (later, False)):
            request = modification(current, part)
            if request:
                yield {**request, "ApplyImmediately": immediately}

    def _modify(self, **request: Any) -> None:
        self.elasticache.modify_replication_group(ReplicationGroupId=self.name, **request, aws_retry=True)

    def _resize(self, call: Callable[..., Any], replicas: int) -> None:
        call(ReplicationGroupId=self.name, NewReplicaCount=replicas, ApplyImmediately=True, aws_retry=True)

    def _change_token(self, fingerprints: str) -> None:
        strategy = "ROTATE" if auth_token.BETWEEN in fingerprints else "SET"
        self._modify(AuthToken=self.params["auth_token"], AuthTokenUpdateStrategy=strategy, ApplyImmediately=True)

    def _remember_token(self, arn: str, fingerprints: str) -> None:
        update_tags(self.elasticache, arn, {}, {auth_token.TAG: fingerprints})

    def _await_available(self) -> None:
        def available() -> bool:
            group = self._group()
            return group is not None and self._status_is_final(group["Status"])

        Deadline(self.timeout).wait_for(f"{self.kind} {self.name}", available)

    def _status_is_final(self, status: str) -> bool:
        if status == "create-failed":
            raise RefusedError(
                f"{self.kind} {self.name} could not be created (status create-failed): its events in the console or "
                "aws elasticache describe-events say why; remove it, then run again"
            )
        return status == "available"

    def delete(self, current: State) -> None:
        """Remove the group with its nodes, after a last snapshot where one is asked for."""
        if current["status"] == "deleting":
            return
        if current["status"] != "create-failed":
            self._await_available()
        snapshot = self.params["final_snapshot_name"]
        self.elasticache.delete_replication_group(
            ReplicationGroupId=self.name,
            RetainPrimaryCluster=False,
            **({"FinalSnapshotIdentifier": snapshot} if snapshot else {}),
            aws_retry=True,
        )

    def settled(self, current: State | None) -> bool:
        """Wait until it is available, or gone."""
        if not self.present:
            return current is None
        return current is not None and self._status_is_final(current["status"])


def _remembered(group: dict[str, Any], tags: tagging.Tags | None) -> str | None:
    """The fingerprint in the tag; None for a group without a token."""
    if not group.get("AuthTokenEnabled"):
        return None
    return (tags or {}).get(auth_token.TAG, auth_token.UNKNOWN)


def _log_delivery(asked: dict[str, Any] | None) -> dict[str, dict[str, str]]:
    return {log_type: {"log_group": group, "format": "json"} for log_type, group in sorted((asked or {}).items())}


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
