"""Replicas of secrets: each with a key of its own region."""

from collections.abc import Callable
from typing import Any

from moto.secretsmanager.models import FakeSecret, ReplicaSecret

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.secretsmanager.common import DEFAULT_KEY, key_is_usable, secret

extension = Extension("secretsmanager")


@extension.patches(FakeSecret, "create_replicas")
def replicas_with_their_keys(
    original: Callable[..., Any], self: Any, replica_regions: list[dict[str, str]], force_overwrite: bool
) -> Any:
    """API ReplicaRegionType, KmsKeyId. A key that the region does not have makes the replication fail."""
    made = original(self, replica_regions, force_overwrite)
    for replica, asked in zip(made, replica_regions, strict=True):
        key = asked.get("KmsKeyId")
        if key:
            replica.config["KmsKeyId"] = key
        if not key_is_usable(self.account_id, replica.region, key):
            replica.config["Status"] = "Failed"
            replica.config["StatusMessage"] = (
                "Replication failed: The KMS key is not accessible. Check that it exists in the region and is enabled."
            )
    return made


@extension.patches(ReplicaSecret, "to_dict")
def replica_as_its_region_sees_it(original: Callable[..., Any], self: Any) -> Any:
    """Its own key, and no list of replicas: that is the primary's."""
    described = original(self)
    # API DescribeSecret, KmsKeyId: "if the secret is encrypted with the AWS managed key, this field is omitted".
    described.pop("KmsKeyId", None)
    if not self.config["KmsKeyId"].endswith(DEFAULT_KEY):
        described["KmsKeyId"] = self.config["KmsKeyId"]
    described.pop("ReplicationStatus", None)
    return described


@extension.refuses("ReplicateSecretToRegions")
def region_that_has_it_already(call: Call) -> None:
    held = secret(call)
    if held is None or call.params.get("ForceOverwriteReplicaSecret"):
        return
    taken = {replica.region for replica in held.replicas}
    for asked in call.params.get("AddReplicaRegions") or []:
        if asked["Region"] in taken:
            raise AwsError(
                "ResourceExistsException", f"The secret is already replicated to the region {asked['Region']}."
            )
