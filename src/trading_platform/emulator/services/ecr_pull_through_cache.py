"""ECR: pull through cache rules, of which moto has none. No image is ever fetched: there is no registry behind it."""

import re
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse
from moto.secretsmanager.models import ReplicaSecret, secretsmanager_backends

from trading_platform.emulator.call import Call, call_of
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.services.ecr import invalid
from trading_platform.emulator.services.secretsmanager.common import DEFAULT_KEY

extension = Extension("ecr")
EXTENSIONS = (extension,)

RULES = "pull through cache rules"
MOST_RULES = 50  # User guide, "Amazon ECR service quotas"
SHORTEST_PREFIX, LONGEST_PREFIX = 2, 30
PREFIX = re.compile(r"([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT)")
CREDENTIAL = re.compile(r"arn:aws(-\w+)*:secretsmanager:[a-zA-Z0-9-:]+:secret:ecr-pullthroughcache/[a-zA-Z0-9/_+=.@-]+")
# API CreatePullThroughCacheRule, upstreamRegistryUrl and upstreamRegistry.
OPEN = {"public.ecr.aws": "ecr-public", "quay.io": "quay", "registry.k8s.io": "k8s"}
WITH_CREDENTIAL = {
    "cgr.dev": "chainguard",
    "ghcr.io": "github-container-registry",
    "registry-1.docker.io": "docker-hub",
    "registry.gitlab.com": "gitlab-container-registry",
}


def _rules(call: Call) -> dict[str, dict[str, Any]]:
    return state_of(ecr_backends[call.account_id][call.region], RULES)


def _prefix(call: Call) -> str:
    """API, ecrRepositoryPrefix: "there is always an assumed / applied to the end of the prefix"."""
    return str(call.params["ecrRepositoryPrefix"]).removesuffix("/")


def _not_found() -> AwsError:
    return AwsError(
        "PullThroughCacheRuleNotFoundException",
        "The pull through cache rule was not found. Specify a valid pull through cache rule and try again.",
    )


@extension.adds(ECRResponse)
def create_pull_through_cache_rule(self: Any) -> ActionResult:
    call = call_of(self)
    url = call.params["upstreamRegistryUrl"]
    rule = {
        "ecrRepositoryPrefix": _prefix(call),
        "upstreamRegistryUrl": url,
        "upstreamRegistry": (OPEN | WITH_CREDENTIAL)[url],
        "createdAt": datetime.now(UTC),
        "registryId": call.account_id,
        "credentialArn": call.params.get("credentialArn"),
    }
    _rules(call)[_prefix(call)] = rule
    return ActionResult(rule)


@extension.adds(ECRResponse)
def describe_pull_through_cache_rules(self: Any) -> ActionResult:
    call = call_of(self)
    asked = call.params.get("ecrRepositoryPrefixes")
    held = _rules(call)
    if asked is None:
        return ActionResult({"pullThroughCacheRules": list(held.values())})
    prefixes = [one.removesuffix("/") for one in asked]
    if not held.keys() >= set(prefixes):
        raise _not_found()
    return ActionResult({"pullThroughCacheRules": [held[one] for one in prefixes]})


@extension.adds(ECRResponse)
def update_pull_through_cache_rule(self: Any) -> ActionResult:
    call = call_of(self)
    rule = _rules(call)[_prefix(call)]
    rule |= {"credentialArn": call.params["credentialArn"], "updatedAt": datetime.now(UTC)}
    return ActionResult(rule)


@extension.adds(ECRResponse)
def delete_pull_through_cache_rule(self: Any) -> ActionResult:
    """The repositories that it filled stay."""
    call = call_of(self)
    return ActionResult(_rules(call).pop(_prefix(call)))


@extension.refuses("CreatePullThroughCacheRule", "UpdatePullThroughCacheRule", "DeletePullThroughCacheRule")
def prefix_that_is_none(call: Call) -> None:
    """API, ecrRepositoryPrefix."""
    prefix = call.params["ecrRepositoryPrefix"]
    if not SHORTEST_PREFIX <= len(prefix) <= LONGEST_PREFIX:
        raise invalid(
            "ecrRepositoryPrefix", f"Member must have length between {SHORTEST_PREFIX} and {LONGEST_PREFIX}, inclusive"
        )
    if not PREFIX.fullmatch(prefix):
        raise invalid("ecrRepositoryPrefix", f"Member must satisfy regular expression pattern: ^{PREFIX.pattern}$")


@extension.refuses("CreatePullThroughCacheRule")
def upstream_that_cannot_be(call: Call) -> None:
    """Registries of Azure and private ones of ECR, which have no URL of their own, are not emulated."""
    url = call.params["upstreamRegistryUrl"]
    if url not in OPEN | WITH_CREDENTIAL:
        raise AwsError("UnsupportedUpstreamRegistryException", f"The upstream registry URL {url} is invalid.")
    if url in WITH_CREDENTIAL and not call.params.get("credentialArn"):
        raise AwsError(
            "UnsupportedUpstreamRegistryException",
            "The specified upstream registry requires authentication. Specify a valid Secrets Manager ARN.",
        )


@extension.refuses("CreatePullThroughCacheRule")
def rule_that_there_is_already(call: Call) -> None:
    if _prefix(call) in _rules(call):
        raise AwsError(
            "PullThroughCacheRuleAlreadyExistsException",
            "A pull through cache rule with these settings already exists for the private registry.",
        )
    if len(_rules(call)) >= MOST_RULES:
        raise AwsError(
            "LimitExceededException",
            "The operation did not succeed because it would have exceeded a service limit for your account.",
        )


@extension.refuses("UpdatePullThroughCacheRule", "DeletePullThroughCacheRule")
def rule_that_there_is_not(call: Call) -> None:
    if _prefix(call) not in _rules(call):
        raise _not_found()


@extension.refuses("UpdatePullThroughCacheRule")
def update_to_nothing(call: Call) -> None:
    """A credential can be exchanged, not taken away (pulumi-aws issue 5714 has AWS's text)."""
    if not call.params.get("credentialArn"):
        raise AwsError(
            "InvalidParameterException",
            "Invalid input: Please set either credential arn or role arn to update the credentials",
        )


@extension.refuses("CreatePullThroughCacheRule", "UpdatePullThroughCacheRule")
def secret_that_cannot_be_used(call: Call) -> None:
    """User guide, "Creating a pull through cache rule" and "Storing your upstream repository credentials".

    The secret's name begins with ecr-pullthroughcache/, it is of the account and Region of the rule, and its key is
    aws/secretsmanager: the service-linked role may read the secret and use no key of ours.
    """
    arn = call.params.get("credentialArn")
    if not arn:
        return
    if not CREDENTIAL.fullmatch(arn):
        raise invalid("credentialArn", f"Member must satisfy regular expression pattern: ^{CREDENTIAL.pattern}$")
    held = secretsmanager_backends[call.account_id][call.region].secrets.get(arn)
    if held is None:
        raise AwsError(
            "SecretNotFoundException",
            "The ARN of the secret specified in the pull through cache rule was not found. Update the pull through "
            "cache rule with a valid secret ARN and try again.",
        )
    if held.is_deleted():
        raise AwsError(
            "UnableToAccessSecretException",
            "The secret is unable to be accessed. Verify the resource permissions for the secret and try again.",
        )
    key = held.config["KmsKeyId"] if isinstance(held, ReplicaSecret) else held.kms_key_id
    if key and not key.endswith(DEFAULT_KEY):
        raise AwsError(
            "UnableToDecryptSecretValueException",
            "The secret is accessible but is unable to be decrypted. Verify the resource permissions and try again.",
        )
