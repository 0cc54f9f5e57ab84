"""The modules ecr_repository and ecr_replication against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

repository = load("ecr_repository").main
replication = load("ecr_replication").main
NAME = "trading-engine/api"
EXPIRY = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Untagged images go after 7 days",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 7,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
            "action": {"type": "expire"},
        },
    ]
}
RULE = {"prefixes": ["trading-engine/"], "regions": ["us-west-2"]}


def asked(**changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"name": NAME, "lifecycle_policy": EXPIRY, "policy": {}, "tags": {"Environment": "production"}, **changed}


def described(aws: EmulatorServer) -> dict[str, Any]:
    """Describe the repository as ECR sees it."""
    return dict(aws.client("ecr").describe_repositories(repositoryNames=[NAME])["repositories"][0])


def pull(aws: EmulatorServer) -> dict[str, Any]:
    """Let the account pull."""
    statement = {"Effect": "Allow", "Principal": {"AWS": aws.account_id}, "Action": ["ecr:BatchGetImage"]}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_check_mode_on_an_empty_account_promises_stand_ins(aws: EmulatorServer) -> None:
    result = run_module(repository, asked(), check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["ecr_repository"]["repository_uri"].endswith("/trading-engine/api-planned")


def test_create_makes_the_repository_with_everything(aws: EmulatorServer) -> None:
    result = run_module(repository, asked(policy=pull(aws)))
    held = described(aws)
    assert writes(result) == ["ecr.CreateRepository", "ecr.PutLifecyclePolicy", "ecr.SetRepositoryPolicy"]
    assert (held["imageTagMutability"], held["imageScanningConfiguration"]) == ("IMMUTABLE", {"scanOnPush": True})
    assert held["encryptionConfiguration"] == {"encryptionType": "AES256"}
    lifecycle = aws.client("ecr").get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"]
    assert [rule["rulePriority"] for rule in json.loads(lifecycle)["rules"]] == [1, 2]
    tags = aws.client("ecr").list_tags_for_resource(resourceArn=held["repositoryArn"])["tags"]
    assert tags == [{"Key": "Environment", "Value": "production"}]


def test_the_same_again_changes_nothing(aws: EmulatorServer) -> None:
    run_module(repository, asked(policy=pull(aws)))
    turned = {"rules": list(reversed(EXPIRY["rules"]))}
    for check in (False, True):
        again = run_module(repository, asked(policy=pull(aws), lifecycle_policy=turned), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 4)


@pytest.mark.parametrize("drift", ["mutable", "unscanned", "lifecycle", "no lifecycle", "policy", "tags"])
def test_drift_is_repaired(aws: EmulatorServer, drift: str) -> None:
    run_module(repository, asked())
    ecr = aws.client("ecr")
    if drift == "mutable":
        ecr.put_image_tag_mutability(repositoryName=NAME, imageTagMutability="MUTABLE")
    elif drift == "unscanned":
        ecr.put_image_scanning_configuration(repositoryName=NAME, imageScanningConfiguration={"scanOnPush": False})
    elif drift == "lifecycle":
        text = json.dumps({"rules": EXPIRY["rules"][:1]})
        ecr.put_lifecycle_policy(repositoryName=NAME, lifecyclePolicyText=text)
    elif drift == "no lifecycle":
        ecr.delete_lifecycle_policy(repositoryName=NAME)
    elif drift == "policy":
        ecr.set_repository_policy(repositoryName=NAME, policyText=json.dumps(pull(aws)))
    else:
        ecr.untag_resource(resourceArn=described(aws)["repositoryArn"], tagKeys=["Environment"])
    predicted = run_module(repository, asked(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert len(writes(run_module(repository, asked()))) == 1
    assert run_module(repository, asked())["changed"] is False


def test_encryption_is_for_life(aws: EmulatorServer) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    run_module(repository, asked())
    assert "kms_key_arn is None" in run_module(repository, asked(kms_key_arn=key), check=True)["msg"]
    other = asked(name="trading-engine/secret", kms_key_arn=key)
    run_module(repository, other)
    assert run_module(repository, other)["changed"] is False


def test_a_repository_that_replication_made_gets_its_settings(aws: EmulatorServer) -> None:
    run_module(repository, asked())
    run_module(replication, RULE)
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
    manifest |= {"config": {"mediaType": "x", "size": 1, "digest": "sha256:0"}, "layers": []}
    aws.client("ecr").put_image(repositoryName=NAME, imageManifest=json.dumps(manifest), imageTag="1")
    west = aws.client("ecr", "us-west-2")
    copied = west.describe_repositories(repositoryNames=[NAME])["repositories"][0]
    assert copied["imageTagMutability"] == "MUTABLE"
    result = run_module(repository, asked(region="us-west-2"))
    assert result["actions"] == ["update: image_tag_mutability, lifecycle_policy, scan_on_push, tags"]
    assert west.describe_images(repositoryName=NAME)["imageDetails"][0]["imageTags"] == ["1"]
    assert run_module(repository, asked(region="us-west-2"))["changed"] is False


def test_delete_keeps_images_unless_forced(aws: EmulatorServer) -> None:
    run_module(repository, asked())
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
    manifest |= {"config": {"mediaType": "x", "size": 1, "digest": "sha256:0"}, "layers": []}
    aws.client("ecr").put_image(repositoryName=NAME, imageManifest=json.dumps(manifest), imageTag="1")
    gone = {"name": NAME, "state": "absent"}
    assert writes(run_module(repository, gone, check=True)) == []
    assert "still contains images" in json.dumps(run_module(repository, gone))
    assert run_module(repository, {**gone, "force": True})["changed"] is True
    assert run_module(repository, gone)["changed"] is False


def rules(aws: EmulatorServer) -> list[dict[str, Any]]:
    """Give the registry's rules."""
    return list(aws.client("ecr").describe_registry()["replicationConfiguration"]["rules"])


def test_replication_keeps_its_rule_and_those_of_others(aws: EmulatorServer) -> None:
    destination = {"region": "eu-west-1", "registryId": aws.account_id}
    other = {"destinations": [destination], "repositoryFilters": [{"filter": "b/", "filterType": "PREFIX_MATCH"}]}
    aws.client("ecr").put_replication_configuration(replicationConfiguration={"rules": [other]})
    predicted = run_module(replication, RULE, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    run_module(replication, RULE)
    assert rules(aws)[0] == other
    assert rules(aws)[1]["destinations"] == [{"region": "us-west-2", "registryId": aws.account_id}]
    again = run_module(replication, RULE)
    assert (again["changed"], again["api_calls"]) == (False, ["ecr.DescribeRegistry"])
    elsewhere = {**rules(aws)[1], "destinations": [destination]}
    aws.client("ecr").put_replication_configuration(replicationConfiguration={"rules": [other, elsewhere]})
    assert run_module(replication, RULE)["actions"] == ["update: regions"]
    gone = {"prefixes": RULE["prefixes"], "state": "absent"}
    assert run_module(replication, gone, check=True)["changed"] is True
    assert run_module(replication, gone)["changed"] is True
    assert rules(aws) == [other]
    assert run_module(replication, gone)["changed"] is False


def test_a_region_does_not_replicate_to_itself(aws: EmulatorServer) -> None:
    refused = run_module(replication, {**RULE, "regions": ["us-east-1"]}, check=True)
    assert "us-east-1 cannot replicate to itself" in refused["msg"]


def test_an_api_error_names_the_repository(aws: EmulatorServer) -> None:
    result = run_module(repository, asked(), fail={"ecr.DescribeRepositories": "AccessDenied"})
    assert f"repository {NAME}" in result["msg"]
