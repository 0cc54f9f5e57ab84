"""What changing and deleting a replication group refuses, beyond the rules it shares with creating one."""

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import (
    conflict,
    group_not_found,
    invalid,
)
from trading_platform.emulator.services.elasticache.create_refusals import after, current

extension = Extension("elasticache")

MODIFY = "ModifyReplicationGroup"
RESIZE = ("IncreaseReplicaCount", "DecreaseReplicaCount")
MOST_REPLICAS = 5


@extension.refuses(MODIFY, *RESIZE, "DeleteReplicationGroup", "TestFailover")
def group_that_is_not_available(call: Call) -> None:
    """InvalidReplicationGroupState: "The requested replication group is not in the available state"."""
    group = current(call)
    if group is None:
        raise group_not_found(call.params["ReplicationGroupId"])
    if group.status != "available":
        raise AwsError(
            "InvalidReplicationGroupState",
            f"Replication group {group.replication_group_id} has status {group.status} which is not valid for this "
            "operation.",
        )


@extension.refuses(MODIFY)
def way_back(call: Call) -> None:
    """API: "you cannot downgrade to an earlier engine version"; Valkey does not become Redis again."""
    group = current(call)
    if group is None:
        return
    engine = call.params.get("Engine") or group.engine
    if group.engine == "valkey" and engine == "redis":
        raise conflict("Cannot modify engine from valkey to redis.")
    asked = call.params.get("EngineVersion")
    if asked and engine == group.engine and _numbers(asked) < _numbers(group.engine_version)[: len(_numbers(asked))]:
        raise conflict(f"Cannot downgrade engine version from {group.engine_version} to {asked}.")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


@extension.refuses(MODIFY)
def encryption_in_transit_in_one_step_or_off(call: Call) -> None:
    """API: "Setting TransitEncryptionMode to required is a two-step process"; turning it off goes through preferred."""
    group = current(call)
    if group is None:
        return
    enabled, mode = call.params.get("TransitEncryptionEnabled"), call.params.get("TransitEncryptionMode")
    if not group.transit_encryption_enabled and mode == "required":
        raise conflict(
            "To enable encryption in transit on an existing replication group, set TransitEncryptionMode to preferred "
            "first."
        )
    if not group.transit_encryption_enabled and enabled and mode is None:
        raise conflict("TransitEncryptionMode must be preferred when TransitEncryptionEnabled is set to true.")
    if enabled is False and group.transit_encryption_mode == "required":
        raise conflict("Set TransitEncryptionMode to preferred before turning encryption in transit off.")


@extension.refuses(MODIFY)
def token_change_that_is_none(call: Call) -> None:
    """API ModifyReplicationGroup, AuthToken and AuthTokenUpdateStrategy; the user guide: with ApplyImmediately."""
    token, strategy = call.params.get("AuthToken"), call.params.get("AuthTokenUpdateStrategy")
    group = current(call)
    if group is None or (token is None and strategy is None):
        return
    if strategy == "DELETE":  # crossplane provider-upjet-aws#1370 has the text
        raise invalid("Auth token update strategy delete is not supported currently")
    if token is None or strategy is None:
        raise conflict("AuthToken and AuthTokenUpdateStrategy must be specified together.")
    if not call.params.get("ApplyImmediately"):
        raise conflict("ApplyImmediately must be true to modify the AUTH token.")
    if not after(call, "TransitEncryptionEnabled", "transit_encryption_enabled"):
        raise conflict("The AUTH token requires encryption in transit: set TransitEncryptionEnabled to true.")
    if not 16 <= len(token) <= 128 or not token.isascii() or not token.isprintable() or set(token) & set('/"@%'):
        raise invalid("Invalid AuthToken provided.")
    if strategy == "SET" and group.auth_tokens and token not in group.auth_tokens:
        raise conflict("The AUTH token update strategy SET is allowed only after ROTATE with the same token.")


@extension.refuses(*RESIZE)
def replicas_that_cannot_be(call: Call) -> None:
    """API IncreaseReplicaCount: ApplyImmediately=False is not supported; NoOperationFault when nothing would change."""
    group = current(call)
    wanted = call.params.get("NewReplicaCount")
    if group is None or wanted is None:
        return
    if not call.params.get("ApplyImmediately"):
        raise conflict("ApplyImmediately=False is not currently supported")
    held = len(group.member_clusters) - 1
    if wanted == held or (wanted > held) != (call.action == "IncreaseReplicaCount"):
        raise AwsError("NoOperationFault", f"The replication group has {held} replicas; {wanted} were asked for.")
    if wanted > MOST_REPLICAS:
        raise invalid(f"The number of replicas must be between 0 and {MOST_REPLICAS}.")
    if wanted == 0 and "enabled" in (group.automatic_failover, group.multi_az):
        raise conflict(
            "When using automatic failover, there must be at least 2 cache clusters in the replication group."
        )


@extension.refuses("TestFailover")
def failover_with_nowhere_to_go(call: Call) -> None:
    group = current(call)
    if group is not None and group.automatic_failover != "enabled":
        raise conflict("Automatic failover is not enabled on the replication group.")
