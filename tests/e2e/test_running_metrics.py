"""What the programs really export: every metric that rules and dashboards use, with its type and labels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from monitoring_stack import DEBIAN, Stack, get_text
from played_services import exposition
from scrapes import METRICS, exported
from tracing_servers import STORAGE, send
from waiting import until

pytestmark = pytest.mark.e2e

# Job to the port at which the chart serves its metrics.
REAL = {
    "node-exporter": 9100,
    "prometheus": 9090,
    "alertmanager": 9093,
    "jaeger-collector": 8888,
    "postgres-exporter": 9187,
    "redis-exporter": 9121,
}
# Played here; those that a cluster alone has are known from their sources.
PLAYED = ("api", "websocket", "worker")
ONLY_IN_A_CLUSTER = {"kube-state-metrics", "cloudwatch-exporter", "grafana", "cadvisor", "kubelet"}

# Labels that the programs here have and the images' have not, as their versions differ: Debian's exporter of PostgreSQL
# is 0.19, the chart's 0.20, in which these metrics moved to collectors of their own.
OLDER = {"pg_settings_max_connections": {"server"}, "pg_stat_activity_max_tx_duration": {"server"}}


@dataclass
class Family:
    """A metric as exported: its type, and the label names of each of its series."""

    type: str = "untyped"
    series: list[frozenset[str]] = field(default_factory=list)


def families(text: str) -> dict[str, Family]:
    """Metrics of Prometheus's text format; a histogram's series are those of its buckets."""
    found: dict[str, Family] = {}
    for line in text.splitlines():
        if declared := re.match(r"# TYPE (\S+) (\S+)", line):
            found.setdefault(declared[1], Family()).type = declared[2]
        elif sample := re.match(r"([\w:]+?)(?:_bucket)?(?:\{(.*)\})? \S+", line):
            labels = frozenset(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', sample[2] or ""))
            found.setdefault(sample[1], Family()).series.append(labels - {"le"})
    return found


def compare(job: str, text: str, more: dict[str, set[str]]) -> list[str]:
    """What is wrong with an exposition, held against the file of a job's metrics."""
    wrong = []
    real = families(text)
    for name, what in exported(job)["metrics"].items():
        family = real.get(name)
        wanted = set(what["labels"]) | more.get(name, set())
        if family is None or not family.series:
            wrong.append(f"{name}: not exported")
        elif family.type != what["type"]:
            wrong.append(f"{name}: a {family.type}, not a {what['type']}")
        elif wanted not in family.series:
            wrong.append(f"{name}: labels {[sorted(one) for one in family.series[:3]]}, not {sorted(wanted)}")
    return wrong


def test_every_job_with_metrics_is_compared() -> None:
    jobs = {path.stem for path in METRICS.glob("*.yaml")}
    assert jobs == {*REAL, *PLAYED, *ONLY_IN_A_CLUSTER}


def test_a_metric_that_is_missing_or_different_is_noticed() -> None:
    """So that the tests below can fail."""
    text = (
        '# TYPE redis_up counter\nredis_up 1\n# TYPE redis_memory_max_bytes gauge\nredis_memory_max_bytes{db="0"} 1\n'
    )
    wrong = compare("redis-exporter", text, {})
    assert "redis_up: a counter, not a gauge" in wrong
    assert "redis_memory_max_bytes: labels [['db']], not []" in wrong
    assert "redis_evicted_keys_total: not exported" in wrong


@pytest.fixture(scope="module")
def more_spans_than_fit(stack: Stack) -> Iterator[None]:
    """A span that is stored, and then a storage that is away while more come than the collector's queue holds."""
    metrics = f"{stack.url('jaeger-collector', REAL['jaeger-collector'])}/metrics"

    def exported_now(name: str) -> bool:
        send(stack.loopback, "api", "flood", 2000)
        return name in families(get_text(metrics))

    until(lambda: exported_now("otelcol_exporter_sent_spans"), "spans are stored")
    stack.processes[STORAGE].kill()
    try:
        until(lambda: exported_now("otelcol_exporter_enqueue_failed_spans"), "the queue is full")
        yield
    finally:
        stack.processes[STORAGE].start()
        # A full queue takes no spans of other tests.
        empty = re.compile(r"^otelcol_exporter_queue_size\{.*\} 0$", re.MULTILINE)
        until(lambda: empty.search(get_text(metrics)), "the queue is empty")


@pytest.mark.usefixtures("more_spans_than_fit")
def test_jaeger_exports_what_is_used(stack: Stack) -> None:
    _test_exported(stack, "jaeger-collector")


@pytest.mark.parametrize("job", [job for job in REAL if job not in DEBIAN and job != "jaeger-collector"])
def test_programs_export_what_is_used(stack: Stack, job: str) -> None:
    _test_exported(stack, job)


@pytest.mark.usefixtures("debian_exporters")
@pytest.mark.parametrize("job", DEBIAN)
def test_exporters_of_debian_export_what_is_used(stack: Stack, job: str) -> None:
    _test_exported(stack, job)


def _test_exported(stack: Stack, job: str) -> None:
    url = f"{stack.url(job, REAL[job])}/metrics"

    def all_there() -> bool:
        """Some metrics come with the first event of their kind."""
        wrong = compare(job, get_text(url), OLDER)
        assert not wrong, "\n".join(wrong)
        return True

    until(all_there, f"{job} exports what is used", 30)


@pytest.mark.parametrize("job", PLAYED)
def test_played_services_keep_the_contract(stack: Stack, job: str) -> None:
    """What the other tests rest on is what the application is asked for: no more, no less."""
    text = exposition(job, stack.services.jobs[job])
    assert compare(job, text, {}) == []
    names = {name.removesuffix("_sum").removesuffix("_count") for name in families(text)}
    assert names == exported(job)["metrics"].keys()
