"""The module ecr_pull_through_cache against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

rule = load("ecr_pull_through_cache").main
QUAY = {"prefix": "quay", "upstream_registry_url": "quay.io"}
GONE = {"prefix": "quay", "state": "absent"}


def secret(aws: EmulatorServer, name: str = "docker-hub", **how: Any) -> str:
    """Make a credential, and give its ARN."""
    client = aws.client("secretsmanager")
    return str(client.create_secret(Name=f"ecr-pullthroughcache/{name}", SecretString="{}", **how)["ARN"])


def hub(arn: str | None) -> dict[str, Any]:
    """Give the module's arguments for Docker Hub."""
    return {"prefix": "docker-hub", "upstream_registry_url": "registry-1.docker.io", "credential_arn": arn}


def held(aws: EmulatorServer) -> dict[str, tuple[str, str | None]]:
    """Say of every rule what its upstream and its credential are."""
    rules = aws.client("ecr").describe_pull_through_cache_rules()["pullThroughCacheRules"]
    return {one["ecrRepositoryPrefix"]: (one["upstreamRegistryUrl"], one.get("credentialArn")) for one in rules}


def repositories(aws: EmulatorServer) -> list[str]:
    """Name all repositories."""
    return sorted(one["repositoryName"] for one in aws.client("ecr").describe_repositories()["repositories"])


def test_check_mode_on_an_empty_account_promises_the_rule(aws: EmulatorServer) -> None:
    result = run_module(rule, hub("arn:aws:secretsmanager:secret-planned"), check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["ecr_pull_through_cache"]["prefix"] == "docker-hub"
    assert result["diff"]["after"]["upstream_registry_url"] == "registry-1.docker.io"


def test_create_makes_the_rule_and_the_same_again_changes_nothing(aws: EmulatorServer) -> None:
    arn = secret(aws)
    made = run_module(rule, hub(arn))
    assert writes(made) == ["ecr.CreatePullThroughCacheRule"]
    run_module(rule, {**QUAY, "prefix": "quay/"})
    assert held(aws) == {"docker-hub": ("registry-1.docker.io", arn), "quay": ("quay.io", None)}
    for asked in (hub(arn), QUAY):
        for check in (False, True):
            again = run_module(rule, asked, check=check)
            assert (again["changed"], again["api_calls"]) == (False, ["ecr.DescribePullThroughCacheRules"])


def test_another_credential_is_exchanged(aws: EmulatorServer) -> None:
    run_module(rule, hub(secret(aws)))
    other = secret(aws, "other")
    predicted = run_module(rule, hub(other), check=True)
    assert (predicted["actions"], writes(predicted)) == (["update: credential_arn"], [])
    assert writes(run_module(rule, hub(other))) == ["ecr.UpdatePullThroughCacheRule"]
    assert held(aws) == {"docker-hub": ("registry-1.docker.io", other)}
    assert run_module(rule, hub(other))["changed"] is False


@pytest.mark.parametrize(
    ("url", "with_credential", "action"),
    [("registry.k8s.io", False, "upstream_registry_url"), ("quay.io", True, "credential_arn")],
)
def test_what_cannot_be_exchanged_is_made_anew(
    aws: EmulatorServer, url: str, with_credential: bool, action: str
) -> None:
    credential = {"credentialArn": secret(aws)} if with_credential else {}
    aws.client("ecr").create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl=url, **credential)
    aws.client("ecr").create_repository(repositoryName="quay/prometheus/prometheus")
    predicted = run_module(rule, QUAY, check=True)
    assert (predicted["actions"], writes(predicted)) == ([f"replace: {action}"], [])
    assert writes(run_module(rule, QUAY)) == ["ecr.DeletePullThroughCacheRule", "ecr.CreatePullThroughCacheRule"]
    assert held(aws) == {"quay": ("quay.io", None)}
    assert repositories(aws) == ["quay/prometheus/prometheus"]
    assert run_module(rule, QUAY)["changed"] is False


def test_a_rule_that_somebody_removed_is_back(aws: EmulatorServer) -> None:
    run_module(rule, QUAY)
    aws.client("ecr").delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    assert run_module(rule, QUAY)["actions"] == ["create"]
    assert held(aws) == {"quay": ("quay.io", None)}


def test_delete_leaves_the_images(aws: EmulatorServer) -> None:
    run_module(rule, QUAY)
    aws.client("ecr").create_repository(repositoryName="quay/prometheus/prometheus")
    assert writes(run_module(rule, GONE, check=True)) == []
    assert writes(run_module(rule, GONE)) == ["ecr.DeletePullThroughCacheRule"]
    assert (held(aws), repositories(aws)) == ({}, ["quay/prometheus/prometheus"])
    assert run_module(rule, GONE)["changed"] is False


@pytest.mark.parametrize("rule_is_there", [True, False])
def test_delete_takes_the_repositories_where_it_should(aws: EmulatorServer, rule_is_there: bool) -> None:
    """Also when a removal before was cut off after the rule."""
    if rule_is_there:
        run_module(rule, QUAY)
    ecr = aws.client("ecr")
    for name in ("quay/a/b", "quay/c", "quayside/d", "trading-engine/api"):
        ecr.create_repository(repositoryName=name)
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
    manifest |= {"config": {"mediaType": "x", "size": 1, "digest": "sha256:0"}, "layers": []}
    ecr.put_image(repositoryName="quay/c", imageManifest=json.dumps(manifest), imageTag="1")
    everything = {**GONE, "remove_repositories": True}
    predicted = run_module(rule, everything, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    removed = run_module(rule, everything)
    assert removed["removed"]["repositories"] == ["quay/a/b", "quay/c"]
    assert (held(aws), repositories(aws)) == ({}, ["quayside/d", "trading-engine/api"])
    assert run_module(rule, everything)["changed"] is False


def test_a_secret_that_is_not_known_yet_is_waited_for(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trading_platform.aws.ecr_pull_through_cache.SECRET_SECONDS", 0.5)
    arn = secret(aws)
    result = run_module(rule, hub(f"{arn}x"))
    assert "pull through cache rule docker-hub" in result["msg"]
    assert "SecretNotFoundException" in result["msg"]
    assert result["api_calls"].count("ecr.CreatePullThroughCacheRule") > 1


def test_what_aws_refuses_names_the_rule(aws: EmulatorServer) -> None:
    assert "requires authentication" in run_module(rule, hub(None))["msg"]
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    refused = run_module(rule, hub(secret(aws, KmsKeyId=key)))
    assert "pull through cache rule docker-hub" in refused["msg"]
    assert "UnableToDecryptSecretValueException" in refused["msg"]
    denied = run_module(rule, QUAY, fail={"ecr.DescribePullThroughCacheRules": "AccessDenied"})
    assert "pull through cache rule quay" in denied["msg"]


def test_an_upstream_is_needed(aws: EmulatorServer) -> None:
    assert "upstream_registry_url" in run_module(rule, {"prefix": "quay"})["msg"]
