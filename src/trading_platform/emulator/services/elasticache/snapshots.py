"""Snapshots: names that are taken, final ones, copies, and groups restored from one."""

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.responses import ElastiCacheResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import (
    arn_of,
    invalid,
    snapshot_exists,
    snapshot_not_found,
    state,
)

extension = Extension("elasticache")


def take(backend: Any, group: Any, name: str) -> None:
    """A snapshot of a replication group, as CreateSnapshot takes it, with the key of the group."""
    backend.create_snapshot(
        snapshot_name=name,
        replication_group_id=group.replication_group_id,
        cache_cluster_id=None,
        kms_key_id=group.kms_key_id,
        tags=[],
    )


@extension.adds(ElastiCacheResponse)
def copy_snapshot(self: Any) -> ActionResult:
    """Inside the Region. With TargetBucket AWS writes .rdb files into a bucket instead."""
    backend = self.elasticache_backend
    made = copy.copy(backend.snapshots[self._get_param("SourceSnapshotName")])
    made.snapshot_name = self._get_param("TargetSnapshotName")
    made.arn = arn_of(backend, "snapshot", made.snapshot_name)
    made.kms_key_id = self._get_param("KmsKeyId") or made.kms_key_id
    made.snapshot_source = "manual"
    backend.tagging_service.tag_resource(made.arn, self._get_param("Tags", []))
    if not self._get_param("TargetBucket"):
        backend.snapshots[made.snapshot_name] = made
    return ActionResult({"Snapshot": made})


@extension.refuses("CopySnapshot")
def copy_of_nothing_or_onto_something(call: Call) -> None:
    held = state(call).snapshots
    if call.params["SourceSnapshotName"] not in held:
        raise snapshot_not_found(call.params["SourceSnapshotName"])
    if call.params["TargetSnapshotName"] in held and not call.params.get("TargetBucket"):
        raise snapshot_exists(call.params["TargetSnapshotName"])


@extension.refuses("DeleteReplicationGroup")
def final_snapshot_with_a_taken_name(call: Call) -> None:
    name = call.params.get("FinalSnapshotIdentifier")
    if name and name in state(call).snapshots:
        raise snapshot_exists(name)


@extension.refuses("CreateReplicationGroup")
def snapshot_that_does_not_exist(call: Call) -> None:
    name = call.params.get("SnapshotName")
    if name and name not in state(call).snapshots:
        raise snapshot_not_found(name)


@extension.refuses("CreateReplicationGroup")
def two_sources_or_files_elsewhere(call: Call) -> None:
    arns = call.params.get("SnapshotArns") or []
    if arns and call.params.get("SnapshotName"):
        raise AwsError("InvalidParameterCombination", "Only one of SnapshotArns and SnapshotName can be specified.")
    for arn in arns:
        if not arn.startswith("arn:aws:s3:::") or "," in arn or "/" not in arn:
            raise invalid(f"Invalid S3 ARN: {arn}")
