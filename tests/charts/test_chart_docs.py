"""What is written of the chart is what it renders: `make docs` writes it, here it is compared."""

import subprocess
import sys

import yaml
from rendering import BY_NAME, CHART, POD_OWNERS, ROOT, containers, of_kind, rendered

LISTED = yaml.safe_load((CHART / "images.yaml").read_text(encoding="utf-8"))


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
