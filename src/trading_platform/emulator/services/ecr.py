"""ECR: several replication rules, names and keys as AWS checks them, and copies in the regions replicated to."""

import copy
from collections.abc import Callable
from typing import Any

from moto.ecr.models import ECRBackend, ecr_backends
from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("ecr")
EXTENSIONS = (extension,)

MOST_RULES = 10
MOST_DESTINATIONS = 25
MOST_FILTERS = 100
LONGEST_NAME = 256


def invalid(where: str, why: str) -> AwsError:
    return AwsError(
        "InvalidParameterException", f"Invalid parameter at '{where}' failed to satisfy constraint: '{why}'"
    )


@extension.patches(ECRBackend, "put_replication_configuration")
def several_rules(original: Callable[..., Any], self: Any, replication_config: dict[str, Any]) -> dict[str, Any]:
    """moto takes one rule; AWS takes ten (API ReplicationConfiguration)."""
    self.replication_config = replication_config
    return {"replicationConfiguration": replication_config}


@extension.patches(ECRBackend, "put_image")
def copies_where_rules_say(
    original: Callable[..., Any], self: Any, repository_name: str, *args: Any, **kwargs: Any
) -> Any:
    """An image that is pushed is copied; the repository is made there if it is missing, with default settings.

    User guide, "Private image replication": settings, policies and lifecycle rules are not replicated.
    """
    image = original(self, repository_name, *args, **kwargs)
    for rule in (self.replication_config or {}).get("rules", []):
        prefixes = [one["filter"] for one in rule.get("repositoryFilters") or []]
        if prefixes and not any(repository_name.startswith(one) for one in prefixes):
            continue
        for destination in rule["destinations"]:
            _copy_to(ecr_backends[destination["registryId"]][destination["region"]], repository_name, image)
    return image


def _copy_to(backend: Any, repository_name: str, image: Any) -> None:
    if repository_name not in backend.repositories:
        backend.create_repository(repository_name, None, None, None, None, [])
    repository = backend.repositories[repository_name]
    repository.images = [one for one in repository.images if one.get_image_digest() != image.get_image_digest()]
    repository.images.append(copy.copy(image))


@extension.refuses("CreateRepository")
def name_too_long(call: Call) -> None:
    """API CreateRepository, repositoryName: at most 256 characters; moto checks the pattern."""
    if len(call.params["repositoryName"]) > LONGEST_NAME:
        raise invalid("repositoryName", f"Member must have length less than or equal to {LONGEST_NAME}")


@extension.refuses("CreateRepository")
def key_that_does_not_exist(call: Call) -> None:
    """User guide, "Encryption at rest": the key must exist, in the Region of the repository."""
    encryption = call.params.get("encryptionConfiguration") or {}
    key = encryption.get("kmsKey")
    if not key:
        return
    if encryption.get("encryptionType") == "AES256":
        raise invalid("encryptionConfiguration", "kmsKey cannot be specified with encryption type AES256")
    backend = kms_backends[call.account_id][call.region]
    held = backend.keys.get(key.rpartition("/")[2] if ":key/" in key else backend.get_key_id_from_alias(key) or key)
    if held is None or not held.enabled:
        raise AwsError("KmsException", f"The operation failed due to a KMS exception: {key} cannot be used.")


@extension.refuses("PutReplicationConfiguration")
def rules_that_cannot_be(call: Call) -> None:
    """API ReplicationConfiguration and ReplicationRule: 0 to 10 rules, 0 to 25 destinations, 0 to 100 filters."""
    rules = call.params["replicationConfiguration"]["rules"]
    if len(rules) > MOST_RULES:
        raise invalid("replicationConfiguration.rules", f"Member must have length less than or equal to {MOST_RULES}")
    destinations = [one for rule in rules for one in rule["destinations"]]
    if len({(one["region"], one["registryId"]) for one in destinations}) > MOST_DESTINATIONS:
        raise invalid("replicationConfiguration", f"At most {MOST_DESTINATIONS} destinations")
    if any(len(rule.get("repositoryFilters") or []) > MOST_FILTERS for rule in rules):
        raise invalid("replicationConfiguration", f"At most {MOST_FILTERS} filters a rule")
    for one in destinations:
        if one["region"] == call.region and one["registryId"] == call.account_id:
            raise invalid(
                "replicationConfiguration", "Replication destination cannot be the same as the source registry"
            )


@extension.refuses("PutReplicationConfiguration")
def filters_that_overlap_in_a_rule(call: Call) -> None:
    for rule in call.params["replicationConfiguration"]["rules"]:
        names = [one["filter"] for one in rule.get("repositoryFilters") or []]
        if len(set(names)) < len(names):
            raise invalid("replicationConfiguration", "Repository filters must be unique in a rule")
