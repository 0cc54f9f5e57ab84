"""The list of what is changed for this machine: every entry changes something, and nothing else is changed."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from loopback import Loopback
from loopback_pods import FILES, Kubelet, Pod, pods
from monitoring_stack import REPLICAS
from played_cluster import node
from rendering import PRODUCTION, one, rendered
from substitution import Facts, NothingToSubstituteError, Substitution, apply
from substitutions import LOOPBACK, always, faster, faster_windows, from_root, listens

pytestmark = pytest.mark.e2e

NAMES = ("kubernetes", "pagerduty", "aws", "authority", "database", "database-authority", "redis", "span-storage")
PLAYED = {name: f"played-{name}" for name in (*NAMES, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
PROGRAMS = {name: f"/cache/{name}" for name in ("postgres-exporter", "redis-exporter")}
WORKLOADS = (
    *("prometheus", "alertmanager", "node-exporter", "postgres-exporter", "redis-exporter"),
    *("jaeger-collector", "jaeger-query"),
)


@pytest.fixture(scope="module")
def kubelet() -> Kubelet:
    return Kubelet(rendered(PRODUCTION), Loopback(), {**PLAYED, **PROGRAMS}, {}, "token", Path("/authority.pem"))


@pytest.fixture(scope="module")
def by_workload(kubelet: Kubelet) -> dict[str, Pod]:
    """A pod of each workload, whose container's root is /pods/<its name>."""
    return {pod.workload: pod for pod in pods(kubelet.manifests, kubelet.loopback, Path("/pods"), REPLICAS)}


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    """Path of every leaf to its value."""
    if isinstance(tree, dict | list) and tree:
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {key: leaf for name, one in items for key, leaf in leaves(one, f"{path}.{name}".strip(".")).items()}
    return {path: tree}


def named(path: str, substitution: Substitution) -> bool:
    """Whether a path is one that a substitution changes, or below it."""
    parts, wanted = path.split("."), substitution.path.split(".")
    return len(parts) >= len(wanted) and all(
        pattern in ("*", "+") or part in pattern.split("|") for part, pattern in zip(parts, wanted, strict=False)
    )


def document(kubelet: Kubelet, pod: Pod, name: str) -> tuple[Any, Any]:
    """A document as rendered and as it runs here."""
    files = {title: where for where, title in FILES.items()}
    if name in files:
        config_map, file = files[name]
        data = one(kubelet.manifests, "ConfigMap", config_map, pod.namespace)["data"]
        return yaml.safe_load(data[file]), yaml.safe_load(kubelet.config_map(config_map, pod)[file])
    if name == "rules":
        data = one(kubelet.manifests, "ConfigMap", "prometheus-rules", pod.namespace)["data"]
        return _by_file(data), _by_file(kubelet.config_map("prometheus-rules", pod))
    container = pod.container
    before = {key: container.get(key) or [] for key in ("command", "args")}
    return before, {key: kubelet.container(pod)[key] for key in before}


def _by_file(texts: dict[str, str]) -> dict[str, Any]:
    """Files of a ConfigMap, read; without the dots of their names, which divide paths."""
    return {name.partition(".")[0]: yaml.safe_load(text) for name, text in texts.items()}


CASES = [
    ("prometheus", "prometheus.yml"),
    ("prometheus", "rules"),
    ("alertmanager", "alertmanager.yml"),
    ("jaeger-collector", "jaeger-collector.yaml"),
    ("jaeger-query", "jaeger-query.yaml"),
    *((workload, workload) for workload in WORKLOADS),
]


@pytest.mark.parametrize(("workload", "name"), CASES)
def test_what_the_list_does_not_name_stays_as_rendered(
    kubelet: Kubelet, by_workload: dict[str, Pod], workload: str, name: str
) -> None:
    before, after = (leaves(tree) for tree in document(kubelet, by_workload[workload], name))
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    entries = [one for one in LOOPBACK if one.document == name]
    assert changed
    assert [path for path in sorted(changed) if not any(named(path, one) for one in entries)] == []


def test_every_document_of_the_list_is_one_that_runs() -> None:
    assert {one.document for one in LOOPBACK} == {*(name for _, name in CASES), "rds-ca", "redis-exporter secrets"}


def test_an_entry_that_finds_nothing_is_an_error() -> None:
    facts = Facts(Loopback(), "127.1.2.3", Path("/pod"), (), {})
    entry = Substitution("config", "a.*.b", always(2), "for the test")
    assert apply("config", {"a": [{"b": 1}, {"c": 1}]}, facts, (entry,)) == {"a": [{"b": 2}, {"c": 1}]}
    for nothing in ({"a": []}, {"a": [{"b": 2}]}, {"a": [{"c": 1}]}, {}):
        with pytest.raises(NothingToSubstituteError, match=r"config: a\.\*\.b"):
            apply("config", nothing, facts, (entry,))


def test_an_addition_that_is_there_already_is_an_error() -> None:
    facts = Facts(Loopback(), "127.1.2.3", Path("/pod"), (), {})
    entry = Substitution("config", "a.b", always(2), "for the test", adds=True)
    assert apply("config", {"a": {}}, facts, (entry,)) == {"a": {"b": 2}}
    with pytest.raises(NothingToSubstituteError):
        apply("config", {"a": {"b": 1}}, facts, (entry,))


def test_values_become_what_they_should() -> None:
    loopback = Loopback()
    facts = Facts(loopback, "127.1.2.3", Path("/pod"), ("/tmp", "/mnt/secrets"), {})  # noqa: S108
    assert faster("10m", facts) == "20000ms"
    assert faster_windows('rate(x{y=~"[0-9]+"}[5m]) + sum_over_time(z[1h:5m])', facts) == (
        'rate(x{y=~"[0-9]+"}[10000ms]) + sum_over_time(z[120000ms:10000ms])'
    )
    port = loopback.port(9090)
    for text in ("--listen=:9090", "--listen=0.0.0.0:9090", "--listen=127.1.2.3:9090"):
        assert listens(text, facts) == f"--listen=127.1.2.3:{port}"
    assert from_root("sha256sum /mnt/secrets/* > /tmp/secrets.sha256", facts) == (
        "sha256sum mnt/secrets/* > tmp/secrets.sha256"
    )
    unrelated = "/var/tmp /tmpfs"  # noqa: S108
    assert from_root(unrelated, facts) == unrelated


@pytest.mark.parametrize(
    ("workload", "program"), [("postgres-exporter", "/bin/postgres_exporter"), ("redis-exporter", "/redis_exporter")]
)
def test_a_program_of_this_machine_is_no_path_of_the_container(workload: str, program: str) -> None:
    here = "/tmp/tools/program"  # noqa: S108  # a text; nothing is written there
    facts = Facts(Loopback(), "127.1.2.3", Path("/pod"), ("/tmp",), {workload: here})  # noqa: S108  # as above
    entries = tuple(one for one in LOOPBACK if (one.document, one.path) == (workload, "command.*"))
    command = ["sh", "cat /tmp/x", program]
    assert apply(workload, {"command": command}, facts, entries) == {"command": ["sh", "cat tmp/x", here]}


def test_a_node_is_found_by_its_address() -> None:
    addresses = node("n", "127.1.2.3", 10250)["status"]["addresses"]
    assert {"type": "InternalIP", "address": "127.1.2.3"} in addresses
