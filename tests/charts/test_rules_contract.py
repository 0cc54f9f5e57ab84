"""What docs/application-contract.md asks of an image is what the chart gives it and what the rules ask of it."""

import re
from typing import Any

import pytest
import rendering
import scrapes
import yaml
from inventory import role_figures

TEXT = (rendering.ROOT / "docs" / "application-contract.md").read_text(encoding="utf-8")
SERVICES = ("api", "websocket", "worker")


def rows(heading: str) -> list[list[str]]:
    """Cells of the table below a heading, without its head."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(services: str) -> set[str]:
    return set(SERVICES) if services == "all" else set(services.split(", "))


def pod(service: str) -> dict[str, Any]:
    return rendering.pod_spec(rendering.one(rendering.rendered(rendering.PRODUCTION), "Deployment", service))


def main_container(service: str) -> dict[str, Any]:
    (found,) = (one for one in pod(service)["containers"] if one["name"] == service)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_those_of_the_chart(service: str) -> None:
    config = rendering.one(rendering.rendered(rendering.PRODUCTION), "ConfigMap", service)["data"]
    assert {name for name, services, _ in rows("Settings") if service in named(services)} == set(config)


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_are_those_that_are_asked_for(service: str) -> None:
    wanted = {
        name: {
            "type": kind,
            "labels": sorted(filter(None, labels.split(", "))),
            "buckets": [float(bucket) for bucket in buckets.split(", ") if bucket],
        }
        for name, kind, labels, services, buckets in rows("Metrics")
        if service in named(services)
    }
    listed = {
        name: {
            "type": metric["type"],
            "labels": sorted(metric["labels"]),
            "buckets": [float(bucket) for bucket in metric.get("buckets", [])],
        }
        for name, metric in scrapes.exported(service)["metrics"].items()
    }
    assert wanted == listed


def test_every_metric_is_explained() -> None:
    for name, *_ in rows("Metrics"):
        assert f"- `{name}`: " in TEXT, name


@pytest.mark.parametrize("service", SERVICES)
def test_probes_ask_the_paths(service: str) -> None:
    container = main_container(service)
    paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("liveness", "readiness")}
    assert paths == {"liveness": rows("Health")[0][0], "readiness": rows("Health")[1][0]}
    probe = container["livenessProbe"]
    assert f"started again after {probe['periodSeconds'] * probe['failureThreshold']} s" in TEXT
    assert f"answer within {probe['timeoutSeconds']} s" in re.sub(r"\s+", " ", TEXT)


@pytest.mark.parametrize("service", SERVICES)
def test_containers_are_closed_as_it_says(service: str) -> None:
    container, spec = main_container(service), pod(service)
    assert f"user and group {spec['securityContext']['runAsUser']}" in TEXT
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert spec["automountServiceAccountToken"] is False
    assert container["resources"]["limits"]["memory"] == "1Gi"
    assert "killed above its limit (1 GiB)" in TEXT
    writable = [mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["/tmp"]  # noqa: S108
    (volume,) = (one for one in spec["volumes"] if "emptyDir" in one)
    assert volume["emptyDir"]["sizeLimit"] == "128Mi"
    assert "up to 128 MiB" in TEXT


@pytest.mark.parametrize("service", SERVICES)
def test_times_of_the_end_are_those_of_the_chart(service: str) -> None:
    text = " ".join(" ".join(row) for row in rows("Ending")).replace("`", "")
    assert f"{pod(service)['terminationGracePeriodSeconds']} s ({service})" in text
    stop = main_container(service).get("lifecycle", {}).get("preStop")
    assert (f"{stop['sleep']['seconds']} s ({service})" in text) if stop else ("s (worker)" not in rows("Ending")[0][1])


def _purposes(service: str) -> set[str]:
    """Purposes of the secrets that a service has as files."""
    provider = rendering.one(rendering.rendered(rendering.PRODUCTION), "SecretProviderClass", service)
    objects = yaml.safe_load(provider["spec"]["parameters"]["objects"])
    return {field["objectAlias"].split("-")[0] for one in objects for field in one["jmesPath"]}


@pytest.mark.parametrize("service", SERVICES)
def test_secrets_are_those_of_the_chart(service: str) -> None:
    text = re.sub(r"\s+", " ", TEXT).split("named `<purpose>-<field>`")[1]
    said = re.search(rf"of `{service}` ([^;.]+)[;.]", text)
    assert said
    words = {
        "database": "the database",
        "redis": "Redis",
        "oanda": "OANDA",
        "binance": "Binance",
        "jwt": "JWT",
        "encryption": "the encryption key",
    }
    assert {purpose for purpose, word in words.items() if word in said[1]} == _purposes(service)


def test_levels_are_those_that_cloudwatch_counts() -> None:
    patterns = [
        one["matching"] for one in role_figures("production", "cloudwatch")["cloudwatch_metric_filters"].values()
    ]
    counted = {level for pattern in patterns for level in re.findall(r'\$\.log_processed\.level = "(\w+)"', pattern)}
    assert counted == {"error", "critical"}
    assert "CloudWatch counts `error` and `critical`" in TEXT
