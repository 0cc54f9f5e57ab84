"""What is written of the chart is what it renders: `make docs` writes it, here it is compared."""

import subprocess
import sys

import pytest
import yaml
from inventory import role_figures
from rendering import BY_NAME, CHART, POD_OWNERS, ROOT, chart_values, containers, of_kind, rendered

LISTED = yaml.safe_load((CHART / "images.yaml").read_text(encoding="utf-8"))
# Docker Hub's name in an image is not that of the host it is fetched from.
HOSTS = {"docker.io": "registry-1.docker.io"}


def test_written_documentation_is_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, "scripts/chart_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def _repository(image: str) -> str:
    """The repository of an image in the account's registry, without tag and digest."""
    return image.partition("/")[2].partition("@")[0].rpartition(":")[0]


def test_the_list_of_images_is_what_is_rendered() -> None:
    """Everything that any environment or case pulls from the account's registry, and nothing else."""
    pulled = {
        container["image"]
        for cluster in BY_NAME.values()
        for owner in of_kind(rendered(cluster), *POD_OWNERS)
        for container in containers(owner)
    }
    ours = {image for image in pulled if ".dkr.ecr." in image}
    # The side-car's is rendered in a case that pulls from its own registry: no environment has it on.
    assert {_repository(image) for image in ours} | {"docker-hub/envoyproxy/envoy"} == {
        one["repository"] for one in LISTED
    }
    digests = {one["repository"]: one["source"].partition("@")[2] for one in LISTED if "source" in one}
    for image in ours:
        repository = _repository(image)
        assert repository not in digests or image.endswith(digests[repository]), image


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_registry_fetches_every_image_of_others_from_where_it_is(environment: str) -> None:
    """Nodes pull from the account's registry alone: under each prefix of the chart role ecr puts the right upstream."""
    caches = role_figures(environment, "ecr")["ecr_pull_through_cache"]
    prefixes = chart_values()["global"]["imageMirror"]["prefixes"]
    assert {prefix: one["upstream"] for prefix, one in caches.items()} == {
        prefix: HOSTS.get(registry, registry) for registry, prefix in prefixes.items()
    }
    fetched = [one for one in LISTED if "source" in one]
    assert len(fetched) > 10
    for one in fetched:
        registry, _, path = one["source"].partition("@")[0].rpartition(":")[0].partition("/")
        prefix, _, repository = one["repository"].partition("/")
        assert caches[prefix]["upstream"] == HOSTS.get(registry, registry), one
        assert repository == path, one


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_credential_of_an_upstream_is_a_secret_that_ecr_can_use(environment: str) -> None:
    """What AWS asks of it: how its name begins, what its keys are called, and its own key."""
    secrets = role_figures(environment, "secrets_manager")["secrets_manager_secrets"]
    caches = role_figures(environment, "ecr")["ecr_pull_through_cache"]
    used = {one["credential"] for one in caches.values() if "credential" in one}
    assert used == {caches["docker-hub"]["credential"]}
    for purpose in used:
        assert secrets[purpose]["name"].startswith("ecr-pullthroughcache/")
        assert secrets[purpose]["generate"].keys() == {"username", "accessToken"}
        assert secrets[purpose]["aws_managed_key"] is True
