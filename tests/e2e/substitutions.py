"""All that is changed of what the chart renders, so that it runs as processes of this machine: one list, `LOOPBACK`.

A document is a mapping as the chart renders it: a configuration file, a container (command, args, env), the parameters
of a SecretProviderClass. What no entry names stays as it is.
"""

from __future__ import annotations

import re
from typing import Any

from quantities import seconds
from substitution import REMOVED, Becomes, Facts, Substitution

FASTER = 30
"""Time in Prometheus and Alertmanager goes this many times faster: 30 seconds between two scrapes are one."""

PEER_SECONDS = 4
"""How long the second Alertmanager waits for the first to tell."""


# What a value becomes


def faster(value: str, _: Facts) -> str:
    """A duration, as much shorter as time goes faster."""
    return f"{round(seconds(value) * 1000 / FASTER)}ms"


def faster_windows(value: str, facts: Facts) -> str:
    """An expression with its windows shorter: rate(x[5m]) is rate(x[10000ms])."""

    def shorter(match: re.Match[str]) -> str:
        return "[" + ":".join(faster(one, facts) for one in match[1].split(":")) + "]"

    return re.sub(r"\[(\d+[smhdw](?::\d+[smhdw])?)\]", shorter, value)


def always(value: Any) -> Becomes:
    """Always the same."""
    return lambda _value, _facts: value


def played(template: str) -> Becomes:
    """What the test plays, by name, in a text: "{kubernetes}/api"."""
    return lambda _value, facts: template.format(**facts.played)


def instead_of(pattern: str, template: str) -> Becomes:
    """A part of the text, found by pattern, becomes what the test plays."""
    return lambda value, facts: re.sub(pattern, lambda _: template.format(**facts.played), value)


def port(value: str | int, facts: Facts) -> str | int:
    """The port that stands for it, as text or number as it was."""
    return type(value)(facts.loopback.port(int(value))) if str(value).isdigit() else value


def own_address(_: str, facts: Facts) -> str:
    """The pod's address."""
    return facts.address


def listens(value: str, facts: Facts) -> str:
    """An address to listen at: any of the pod's, and one that only the pod itself reaches, are the pod's one."""

    def found(match: re.Match[str]) -> str:
        return f"{match[1]}{facts.address}:{facts.loopback.port(int(match[3]))}"

    own = rf"0\.0\.0\.0|127\.0\.0\.1|{re.escape(facts.address)}|"
    return re.sub(rf"(^|=)({own}):(\d+)$", found, value)


def pod_by_name(value: str, facts: Facts) -> str:
    """A pod by its name in DNS."""
    return re.sub(
        r"=([a-z0-9-]+)\.[a-z0-9.-]+\.svc\.cluster\.local:(\d+)$",
        lambda match: f"={facts.loopback.host(match[1], int(match[2]))}",
        value,
    )


def node_port(value: str, facts: Facts) -> str:
    """A port of a node, behind whatever its address is."""
    return re.sub(r"\$1:(\d+)$", lambda match: f"$1:{facts.loopback.port(int(match[1]))}", value)


def folder(value: str, facts: Facts) -> str:
    """A path in the container, as one of this machine."""
    return f"{facts.root}{value}"


def beside(value: str, _: Facts) -> str:
    """A path in the container, from the folder of the configuration that names it."""
    return value.rsplit("/", 1)[1]


def from_root(value: str, facts: Facts) -> str:
    """Paths in a command or variable, from the folder that it runs in: a shell would trip over a space in its name."""
    for mount in sorted(facts.mounts, key=len, reverse=True):
        value = re.sub(rf"(?<![\w./-]){re.escape(mount)}(?![\w.-])", mount.removeprefix("/"), value)
    return value


# The list

TIME = f"time goes {FASTER} times faster"
PORTS = "the ports may be taken on this machine"
FOLDERS = "a folder of the run stands for the root of the container"
DATABASE = r"[a-z0-9.-]+\.rds\.amazonaws\.com:\d+"
REDIS = r"[a-z0-9.-]+\.cache\.amazonaws\.com:\d+"
TELEMETRY = "service.telemetry.metrics.readers.*.pull.exporter.prometheus"
STORAGE = "extensions.jaeger_storage.backends.traces"

LOOPBACK = (
    # Prometheus
    Substitution("prometheus.yml", "global.evaluation_interval", faster, TIME),
    Substitution("prometheus.yml", "global.scrape_interval|scrape_timeout", always("2s"), f"{TIME}; servers are not"),
    Substitution("prometheus.yml", "rule_files.*", folder, FOLDERS),
    Substitution("prometheus.yml", "scrape_configs.*.authorization.credentials_file", folder, FOLDERS),
    Substitution("prometheus.yml", "scrape_configs.*.tls_config.ca_file", folder, FOLDERS),
    *(
        substitution
        for job in ("scrape_configs.*", "alerting.alertmanagers.*")
        for substitution in (
            Substitution(
                "prometheus.yml",
                f"{job}.kubernetes_sd_configs.*.api_server",
                played("{kubernetes}"),
                "the test plays the API server",
                adds=True,
            ),
            Substitution("prometheus.yml", f"{job}.relabel_configs.*.regex", port, PORTS),
        )
    ),
    Substitution("prometheus.yml", "scrape_configs.*.relabel_configs.*.replacement", node_port, PORTS),
    Substitution("rules", "*.groups.*.interval", faster, TIME),
    Substitution("rules", "*.groups.*.rules.*.for|keep_firing_for", faster, TIME),
    Substitution("rules", "*.groups.*.rules.*.expr", faster_windows, TIME),
    Substitution("prometheus", "args.*", from_root, FOLDERS),
    Substitution("prometheus", "args.*", listens, PORTS),
    Substitution("prometheus", "args.+", always("--rules.alert.resend-delay=2s"), f"{TIME}: a minute by default"),
    Substitution("prometheus", "args.+", always("--config.auto-reload-interval=1s"), f"{TIME}: 30 s by default"),
    # Alertmanager
    Substitution("alertmanager.yml", "templates.*", beside, FOLDERS),
    Substitution("alertmanager.yml", "route.group_wait|group_interval|repeat_interval", faster, TIME),
    Substitution("alertmanager.yml", "route.routes.*.group_interval|repeat_interval", faster, TIME),
    *(
        Substitution("alertmanager.yml", f"receivers.*.{file}", from_root, f"{FOLDERS}, the same text for both pods")
        for file in ("pagerduty_configs.*.routing_key_file", "slack_configs.*.api_url_file")
    ),
    Substitution(
        "alertmanager.yml",
        "receivers.*.pagerduty_configs.*.url",
        played("{pagerduty}"),
        "the test plays PagerDuty; Slack's address is a secret anyway",
        adds=True,
    ),
    Substitution(
        "alertmanager.yml",
        "receivers.*.sns_configs.*.api_url",
        played("{aws}"),
        "the embedded AWS stands for AWS",
        adds=True,
    ),
    Substitution("alertmanager", "args.*", from_root, FOLDERS),
    Substitution("alertmanager", "args.*", listens, PORTS),
    Substitution("alertmanager", "args.*", pod_by_name, "there is no DNS of the cluster"),
    Substitution(
        "alertmanager",
        "args.+",
        always(f"--cluster.peer-timeout={PEER_SECONDS}s"),
        "15 s by default; as in a cluster, less than passes between two notifications of a group",
    ),
    *(
        Substitution("alertmanager", f"env.{name}", played(f"{{{name}}}"), "there is no Pod Identity agent", adds=True)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    ),
    # Exporters. Paths of the container first: a program of this machine may stand under one, as /tmp.
    Substitution("node-exporter", "args.*", listens, PORTS),
    Substitution("node-exporter", "args.*", instead_of("=/host/root$", "=/"), "it sees the machine itself"),
    Substitution("node-exporter", "args.*", instead_of("=/host/sys$", "=/sys"), "it sees the machine itself"),
    Substitution("postgres-exporter", "command.*", from_root, FOLDERS),
    Substitution(
        "postgres-exporter", "command.*", instead_of("^/bin/postgres_exporter$", "{postgres-exporter}"), "Debian's"
    ),
    Substitution("postgres-exporter", "args.*", listens, PORTS),
    Substitution("postgres-exporter", "env.*", from_root, FOLDERS),
    Substitution("postgres-exporter", "env.*", instead_of(DATABASE, "{database}"), "a PostgreSQL of the test's own"),
    Substitution("rds-ca", "*", played("{database-authority}"), "the test's authority stands for RDS's"),
    Substitution("redis-exporter", "command.*", from_root, FOLDERS),
    Substitution("redis-exporter", "command.*", instead_of("^/redis_exporter$", "{redis-exporter}"), "Debian's"),
    Substitution("redis-exporter", "args.*", from_root, FOLDERS),
    Substitution("redis-exporter", "args.*", listens, PORTS),
    Substitution("redis-exporter", "args.*", instead_of(REDIS, "{redis}"), "a Redis of the test's own"),
    Substitution(
        "redis-exporter",
        "env.SSL_CERT_FILE",
        played("{authority}"),
        "the test's authority stands for those that the image trusts",
        adds=True,
    ),
    Substitution("redis-exporter secrets", "objects", instead_of(REDIS, "{redis}"), "the file names its Redis"),
    # Jaeger
    *(
        substitution
        for document in ("jaeger-collector.yaml", "jaeger-query.yaml")
        for substitution in (
            Substitution(document, f"{STORAGE}.elasticsearch", always(REMOVED), "there is no Elasticsearch"),
            Substitution(
                document,
                f"{STORAGE}.grpc",
                lambda _, facts: {"endpoint": facts.played["span-storage"], "tls": {"insecure": True}},
                "memory of a third Jaeger, which both reach",
                adds=True,
            ),
            Substitution(document, f"{TELEMETRY}.host", own_address, PORTS),
            Substitution(document, f"{TELEMETRY}.port", port, PORTS),
            Substitution(document, "extensions.*.http|grpc.endpoint", listens, PORTS),
        )
    ),
    Substitution("jaeger-collector.yaml", "extensions.remote_sampling.file.path", folder, FOLDERS),
    Substitution("jaeger-collector.yaml", "receivers.otlp.protocols.grpc.endpoint", listens, PORTS),
    Substitution(
        "jaeger-collector.yaml",
        "exporters.*.retry_on_failure.initial_interval|max_interval|max_elapsed_time",
        faster,
        TIME,
    ),
    Substitution("jaeger-collector", "args.*", from_root, FOLDERS),
    Substitution("jaeger-query", "args.*", from_root, FOLDERS),
)
