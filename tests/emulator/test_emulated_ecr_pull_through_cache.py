"""ECR: rules that say which upstream registry is behind which prefix, and what AWS refuses of them."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

HUB = "registry-1.docker.io"
SECRET = "ecr-pullthroughcache/docker-hub"
INVALID = "InvalidParameterException"


@pytest.fixture
def ecr(emulator: EmulatorServer) -> Any:
    return emulator.client("ecr")


def secret(emulator: EmulatorServer, name: str = SECRET, **how: Any) -> str:
    """Make a credential, and give its ARN."""
    value = '{"username": "u", "accessToken": "t"}'
    return str(emulator.client("secretsmanager").create_secret(Name=name, SecretString=value, **how)["ARN"])


def make(ecr: Any, prefix: str, url: str, arn: str | None = None) -> None:
    credential = {"credentialArn": arn} if arn else {}
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, upstreamRegistryUrl=url, **credential)


def rules(ecr: Any) -> dict[str, str]:
    """Prefix to upstream of every rule."""
    held = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    return {one["ecrRepositoryPrefix"]: one["upstreamRegistryUrl"] for one in held}


def test_rules_are_of_their_region_and_live_until_they_are_deleted(emulator: EmulatorServer, ecr: Any) -> None:
    arn = secret(emulator)
    make(ecr, "quay", "quay.io")
    make(ecr, "docker-hub/", HUB, arn)
    assert rules(ecr) == {"quay": "quay.io", "docker-hub": HUB}
    assert rules(emulator.client("ecr", "us-west-2")) == {}
    [hub] = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["docker-hub"])["pullThroughCacheRules"]
    assert (hub["credentialArn"], hub["upstreamRegistry"], hub["registryId"]) == (arn, "docker-hub", "123456789012")
    other = secret(emulator, "ecr-pullthroughcache/other")
    ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=other)
    [hub] = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["docker-hub"])["pullThroughCacheRules"]
    assert hub["credentialArn"] == other and "updatedAt" in hub
    assert ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")["upstreamRegistryUrl"] == "quay.io"
    assert rules(ecr) == {"docker-hub": HUB}


def test_a_replica_is_a_secret_of_its_region(emulator: EmulatorServer) -> None:
    secret(emulator, AddReplicaRegions=[{"Region": "us-west-2"}])
    west = emulator.client("secretsmanager", "us-west-2").describe_secret(SecretId=SECRET)["ARN"]
    ecr = emulator.client("ecr", "us-west-2")
    make(ecr, "docker-hub", HUB, west)
    assert rules(ecr) == {"docker-hub": HUB}


def test_a_rule_is_made_once(ecr: Any) -> None:
    make(ecr, "quay", "quay.io")
    with refused("PullThroughCacheRuleAlreadyExistsException", "already exists"):
        make(ecr, "quay/", "registry.k8s.io")


def test_rules_are_numbered(ecr: Any) -> None:
    for number in range(50):
        make(ecr, f"quay{number}", "quay.io")
    with refused("LimitExceededException", "exceeded a service limit"):
        make(ecr, "quay", "quay.io")


def test_a_rule_that_there_is_not(emulator: EmulatorServer, ecr: Any) -> None:
    make(ecr, "quay", "quay.io")
    arn = secret(emulator)
    with refused("PullThroughCacheRuleNotFoundException", "was not found"):
        ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["quay", "none"])
    with refused("PullThroughCacheRuleNotFoundException", "was not found"):
        ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="none", credentialArn=arn)
    with refused("PullThroughCacheRuleNotFoundException", "was not found"):
        ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="none")


@pytest.mark.parametrize(
    ("prefix", "message"),
    [("a" * 31, "length between 2 and 30"), ("Quay", "regular expression"), ("a//b", "regular expression")],
)
def test_prefixes_that_are_none(ecr: Any, prefix: str, message: str) -> None:
    with refused(INVALID, message):
        make(ecr, prefix, "quay.io")


def test_registries_that_are_not_supported(ecr: Any) -> None:
    for url in ("docker.io", "mcr.microsoft.com"):
        with refused("UnsupportedUpstreamRegistryException", f"{url} is invalid"):
            make(ecr, "hub", url)


def test_docker_hub_wants_a_credential(emulator: EmulatorServer, ecr: Any) -> None:
    with refused("UnsupportedUpstreamRegistryException", "requires authentication"):
        make(ecr, "docker-hub", HUB)
    make(ecr, "docker-hub", HUB, secret(emulator))
    with refused(INVALID, "Please set either credential arn or role arn"):
        ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub")


def test_a_secret_has_the_prefix_in_its_name(emulator: EmulatorServer, ecr: Any) -> None:
    with refused(INVALID, "ecr-pullthroughcache/"):
        make(ecr, "docker-hub", HUB, secret(emulator, "production-trading-engine/docker-hub"))


def test_a_secret_exists_in_the_region_of_the_rule(emulator: EmulatorServer, ecr: Any) -> None:
    arn = secret(emulator)
    with refused("SecretNotFoundException", "was not found"):
        make(ecr, "docker-hub", HUB, f"{arn}x")
    with refused("SecretNotFoundException", "was not found"):
        make(emulator.client("ecr", "us-west-2"), "docker-hub", HUB, arn)
    secret(emulator, "ecr-pullthroughcache/both", AddReplicaRegions=[{"Region": "us-west-2"}])
    east = emulator.client("secretsmanager").describe_secret(SecretId="ecr-pullthroughcache/both")["ARN"]
    with refused("SecretNotFoundException", "was not found"):
        make(emulator.client("ecr", "us-west-2"), "docker-hub", HUB, east)


def test_a_secret_is_not_on_its_way_out(emulator: EmulatorServer, ecr: Any) -> None:
    arn = secret(emulator)
    emulator.client("secretsmanager").delete_secret(SecretId=arn)
    with refused("UnableToAccessSecretException", "unable to be accessed"):
        make(ecr, "docker-hub", HUB, arn)


def test_a_secret_has_the_key_of_secrets_manager(emulator: EmulatorServer, ecr: Any) -> None:
    keys = {
        region: emulator.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        for region in ("us-east-1", "us-west-2")
    }
    replica = {"Region": "us-west-2", "KmsKeyId": keys["us-west-2"]}
    arn = secret(emulator, KmsKeyId=keys["us-east-1"])
    with refused("UnableToDecryptSecretValueException", "unable to be decrypted"):
        make(ecr, "docker-hub", HUB, arn)
    named = secret(emulator, "ecr-pullthroughcache/named", KmsKeyId="alias/aws/secretsmanager")
    make(ecr, "docker-hub", HUB, named)
    with refused("UnableToDecryptSecretValueException", "unable to be decrypted"):
        ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=arn)
    secret(emulator, "ecr-pullthroughcache/both", AddReplicaRegions=[replica])
    west = emulator.client("secretsmanager", "us-west-2").describe_secret(SecretId="ecr-pullthroughcache/both")["ARN"]
    with refused("UnableToDecryptSecretValueException", "unable to be decrypted"):
        make(emulator.client("ecr", "us-west-2"), "docker-hub", HUB, west)
