"""Every manifest of every environment and case, against the schemas of Kubernetes and of the custom resources."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import kubernetes_validate
import pytest
from kubernetes_validate import utils
from rendering import BY_NAME, Cluster, Manifest, rendered

# One before ours to one after the next: what the cluster runs now, and what it is upgraded to.
VERSIONS = ("1.33", "1.34", "1.35", "1.36")
CUSTOM = Path(__file__).with_name("crds")
CUSTOM_SCHEMAS = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(CUSTOM.glob("*.json"))]
VALIDATORS = {
    schema["properties"]["kind"]["const"]: jsonschema.Draft202012Validator(schema) for schema in CUSTOM_SCHEMAS
}


@pytest.fixture(scope="module", autouse=True)
def schemas_are_read_once() -> Iterator[None]:
    """The package reads the definitions of a version, 1 MB of JSON, for every manifest anew."""
    with mock.patch.object(utils, "schema_contents", cache(utils.schema_contents)):
        yield


def problems(manifest: Manifest, version: str) -> list[str]:
    """What the schema of its kind says against a manifest."""
    return list(_problems(json.dumps(manifest), version))


@cache
def _problems(text: str, version: str) -> tuple[str, ...]:
    """The same, once for a manifest that several environments get."""
    manifest = json.loads(text)
    where = f"{manifest['kind']} {manifest['metadata']['name']}"
    if manifest["kind"] in VALIDATORS:
        errors = VALIDATORS[manifest["kind"]].iter_errors(manifest)
        return tuple(f"{where}: {error.json_path}: {error.message}" for error in errors)
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        return (f"{where}: {error}",)
    return ()


@pytest.mark.parametrize("cluster", BY_NAME.values(), ids=BY_NAME)
@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid(cluster: Cluster, version: str) -> None:
    assert [problem for manifest in rendered(cluster) for problem in problems(manifest, version)] == []


def test_a_wrong_manifest_is_found() -> None:
    wrong: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"portz": []}}
    assert "portz" in problems(wrong, "1.35")[0]
    binding = {
        "apiVersion": "elbv2.k8s.aws/v1beta1",
        "kind": "TargetGroupBinding",
        "metadata": {"name": "x"},
        "spec": {},
    }
    assert "serviceRef" in problems(binding, "1.35")[0]


@pytest.mark.parametrize("cluster", BY_NAME.values(), ids=BY_NAME)
def test_nothing_is_rendered_twice(cluster: Cluster) -> None:
    found = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in rendered(cluster)]
    assert sorted(found, key=str) == sorted(set(found), key=str)
