"""ECR: replication as AWS does it, and what the emulator refuses."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

INVALID = "InvalidParameterException"


@pytest.fixture
def ecr(emulator: EmulatorServer) -> Any:
    return emulator.client("ecr")


def rule(*prefixes: str, region: str = "us-west-2") -> dict[str, Any]:
    return {
        "destinations": [{"region": region, "registryId": "123456789012"}],
        "repositoryFilters": [{"filter": one, "filterType": "PREFIX_MATCH"} for one in prefixes],
    }


def put(ecr: Any, *rules: dict[str, Any]) -> None:
    ecr.put_replication_configuration(replicationConfiguration={"rules": list(rules)})


def push(ecr: Any, name: str) -> None:
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
    manifest |= {"config": {"mediaType": "x", "size": 1, "digest": "sha256:0"}, "layers": []}
    ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="1")


def test_images_are_copied_by_the_rules_with_none_of_the_settings(emulator: EmulatorServer, ecr: Any) -> None:
    west = emulator.client("ecr", "us-west-2")
    for name in ("a/one", "b/two"):
        ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    push(ecr, "a/one")
    assert west.describe_repositories()["repositories"] == []
    put(ecr, rule("a/"), rule("c/", region="eu-west-1"))
    ecr.create_repository(repositoryName="a/three", imageTagMutability="IMMUTABLE")
    push(ecr, "a/three")
    push(ecr, "b/two")
    [copied] = west.describe_repositories()["repositories"]
    assert (copied["repositoryName"], copied["imageTagMutability"]) == ("a/three", "MUTABLE")
    assert west.describe_images(repositoryName="a/three")["imageDetails"][0]["imageTags"] == ["1"]
    assert len(ecr.describe_registry()["replicationConfiguration"]["rules"]) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a" * 257, "less than or equal to 256"),
        ("Upper", "must satisfy regular expression"),
        ("a//b", "must satisfy regular expression"),
    ],
)
def test_names_that_are_none_are_refused(ecr: Any, name: str, message: str) -> None:
    with refused(INVALID, message):
        ecr.create_repository(repositoryName=name)


def test_keys_that_cannot_be_used_are_refused(emulator: EmulatorServer, ecr: Any) -> None:
    key = emulator.client("kms").create_key()["KeyMetadata"]
    encryption = {"encryptionType": "KMS", "kmsKey": key["Arn"]}
    ecr.create_repository(repositoryName="good", encryptionConfiguration=encryption)
    with refused(INVALID, "cannot be specified with encryption type AES256"):
        ecr.create_repository(repositoryName="bad", encryptionConfiguration={**encryption, "encryptionType": "AES256"})
    emulator.client("kms").disable_key(KeyId=key["KeyId"])
    with refused("KmsException", "cannot be used"):
        ecr.create_repository(repositoryName="bad", encryptionConfiguration=encryption)


def test_rules_that_cannot_be_are_refused(ecr: Any) -> None:
    with refused(INVALID, "cannot be the same as the source registry"):
        put(ecr, rule("a/", region="us-east-1"))
    with refused(INVALID, "less than or equal to 10"):
        put(ecr, *[rule(f"a{number}/") for number in range(11)])
    with refused(INVALID, "At most 25 destinations"):
        put(ecr, *[{"destinations": [{"region": f"r{n}-1", "registryId": "123456789012"} for n in range(26)]}])
    with refused(INVALID, "At most 100 filters"):
        put(ecr, rule(*[f"a{number}/" for number in range(101)]))
    with refused(INVALID, "must be unique"):
        put(ecr, rule("a/", "a/"))
