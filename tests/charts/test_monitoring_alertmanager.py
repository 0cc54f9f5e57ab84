"""Alertmanager: every alert reaches who the document says, once, with what to do; its silence is noticed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import rules
import yaml
from inventory import heartbeat_alarm, role_figures
from monitoring import (
    ENVIRONMENTS,
    PRIMARY,
    alertmanager_config,
    config_map,
    container,
    ports,
    run,
    workload,
    write_alertmanager,
)
from quantities import seconds
from rendering import ROOT, Cluster, all_values, one, render, rendered

MATCHER = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)(=~|!~|!=|=)"(.*)"')
# Monitoring > CloudWatch > Alarms, as in the design document.
INTEGRATIONS = {"critical": "pagerduty_configs", "warning": "slack_configs", "info": "sns_configs"}


@pytest.fixture(params=ENVIRONMENTS, ids=lambda cluster: cluster.name)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.param  # type: ignore[no-any-return]


def _receivers(cluster: Cluster) -> dict[str, dict[str, Any]]:
    return {receiver["name"]: receiver for receiver in alertmanager_config(cluster)["receivers"]}


def test_amtool_accepts_the_configuration(cluster: Cluster, tmp_path: Path) -> None:
    assert "SUCCESS" in run("amtool", "check-config", write_alertmanager(cluster, tmp_path))


def test_amtool_sees_a_mistake(tmp_path: Path) -> None:
    """So that the test above can fail."""
    file = write_alertmanager(PRIMARY, tmp_path)
    file.write_text(file.read_text().replace("receiver: critical", "receiver: nobody"))
    with pytest.raises(AssertionError, match="undefined receiver"):
        run("amtool", "check-config", file)


# Who is told


@pytest.mark.parametrize("alert", rules.alerts(), ids=str)
def test_every_alert_reaches_the_receiver_of_its_severity(alert: rules.Rule, tmp_path: Path) -> None:
    wanted = "heartbeat" if alert.name == "Watchdog" else alert.labels["severity"]
    labels = [f"{key}={value}" for key, value in {**alert.labels, "alertname": alert.name}.items()]
    file = write_alertmanager(PRIMARY, tmp_path)
    run("amtool", "config", "routes", "test", f"--config.file={file}", f"--verify.receivers={wanted}", *labels)


@pytest.mark.parametrize("labels", [["alertname=New"], ["alertname=New", "severity=page"]])
def test_an_alert_without_a_severity_of_ours_is_seen(labels: list[str], tmp_path: Path) -> None:
    file = write_alertmanager(PRIMARY, tmp_path)
    run("amtool", "config", "routes", "test", f"--config.file={file}", "--verify.receivers=warning", *labels)


def test_receivers_are_those_of_the_document(cluster: Cluster) -> None:
    receivers = _receivers(cluster)
    assert receivers.keys() == {*INTEGRATIONS, "heartbeat"}
    for name, integration in INTEGRATIONS.items():
        assert receivers[name].keys() == {"name", integration}
        assert receivers[name][integration][0]["send_resolved"] is True


def test_mail_and_heartbeat_go_to_the_topics_of_the_region(cluster: Cluster) -> None:
    facts = all_values(cluster)["global"]["cluster"]
    for receiver, topic in (("info", "info"), ("heartbeat", "heartbeat")):
        (sns,) = _receivers(cluster)[receiver]["sns_configs"]
        assert sns["topic_arn"] == facts["topics"][topic]
        assert sns["topic_arn"].split(":")[3] == sns["sigv4"]["region"] == facts["region"]


def test_the_heartbeat_beats_often_enough(cluster: Cluster) -> None:
    """No period of the alarm is empty even when three messages get lost."""
    environment = all_values(cluster)["global"]["cluster"]["environment"]
    routes = alertmanager_config(cluster)["route"]["routes"]
    route = next(one for one in routes if one["receiver"] == "heartbeat")
    assert routes.index(route) == 0, "a route before it could take the alert, whose severity is info"
    # Alertmanager looks every group_interval and tells once repeat_interval is over, so at the next look.
    longest = seconds(route["repeat_interval"]) + seconds(route["group_interval"])
    assert longest * 3 <= heartbeat_alarm(environment)["period"]
    # Otherwise it warns that the repeat interval cannot be kept.
    assert seconds(route["repeat_interval"]) >= seconds(route["group_interval"])
    (sns,) = _receivers(cluster)["heartbeat"]["sns_configs"]
    assert sns["send_resolved"] is False


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_silence_of_the_heartbeat_rings_at_once_and_names_its_runbook(environment: str) -> None:
    alarm = heartbeat_alarm(environment)
    assert (alarm["statistic"], alarm["below"], alarm["missing"]) == ("Sum", 1, "breaching")
    assert alarm["severity"] == "critical"
    # SNS used to send its metrics every five minutes: a shorter period would be empty in between.
    assert alarm["period"] % 300 == 0
    assert "Watchdog of docs/runbooks/monitoring.md" in alarm["description"]
    assert "\n## Watchdog\n" in (ROOT / "docs/runbooks/monitoring.md").read_text(encoding="utf-8")


def test_its_secret_holds_what_it_reads_and_no_more(cluster: Cluster) -> None:
    """What nobody reads would be asked of whoever fills in the placeholders."""
    facts = all_values(cluster)["global"]["cluster"]
    provider = one(rendered(cluster), "SecretProviderClass", "alertmanager", "monitoring")["spec"]["parameters"]
    (read,) = yaml.safe_load(provider["objects"])
    secret = role_figures(facts["environment"], "secrets_manager")["secrets_manager_secrets"]["alerting"]
    assert read["objectName"] == facts["secrets"]["alerting"]
    assert {path["path"] for path in read["jmesPath"]} == secret["generate"].keys()
    config = json.dumps(alertmanager_config(cluster))
    assert all(f"/mnt/secrets/{path['objectAlias']}" in config for path in read["jmesPath"])


# What it says


def test_what_it_says_names_what_to_do(tmp_path: Path) -> None:
    file = write_alertmanager(PRIMARY, tmp_path)
    templates = file.with_name("notifications.tmpl")
    data = {
        "status": "firing",
        "groupLabels": {"alertname": "PostgresDown"},
        "commonLabels": {"environment": "production", "region": "us-east-1"},
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "PostgresDown", "severity": "critical"},
                "annotations": {"summary": "The database is gone", "runbook_url": "docs/runbooks/database.md"},
                "startsAt": "2026-11-26T12:00:00Z",
            }
        ],
    }
    (tmp_path / "data.json").write_text(json.dumps(data))
    arguments = ("template", "render", f"--template.glob={templates}", f"--template.data={tmp_path / 'data.json'}")
    said = run("amtool", *arguments, '--template.text={{ template "trading.text" . }}')
    assert said.startswith("The database is gone\nRunbook: docs/runbooks/database.md\nSince 2026-11-26 12:00:00 UTC:")
    assert "severity=critical" in said
    subject = run("amtool", *arguments, '--template.text={{ template "trading.subject" . }}')
    assert subject == "FIRING: PostgresDown (production, us-east-1)"


def test_subjects_are_what_sns_takes(cluster: Cluster) -> None:
    """At most 100 characters, of ASCII, none of them a line break; Alertmanager cuts nothing off."""
    facts = all_values(cluster)["global"]["cluster"]
    text = config_map(cluster, "alertmanager")["notifications.tmpl"]
    subject = re.search(r'define "trading.subject" }}(.*?){{ end }}', text, re.DOTALL)
    assert subject
    longest = max((alert.name for alert in rules.alerts()), key=len)
    filled = (
        subject[1]
        .replace("{{ .Status | toUpper }}", "RESOLVED")
        .replace("{{ .GroupLabels.alertname }}", longest)
        .replace("{{ .CommonLabels.environment }}", facts["environment"])
        .replace("{{ .CommonLabels.region }}", facts["region"])
    )
    assert "{{" not in filled
    assert filled.isascii()
    assert "\n" not in filled
    assert len(filled) <= 100
    assert "alertname" in alertmanager_config(cluster)["route"]["group_by"]


def test_runbooks_are_linked_where_their_address_is_known() -> None:
    assert "links" not in _receivers(PRIMARY)["critical"]["pagerduty_configs"][0]
    assert _receivers(PRIMARY)["warning"]["slack_configs"][0]["title_link"] == ""
    known = {"alertmanager": {"runbooks": {"baseUrl": "https://git.example.com/platform/blob/main/"}}}
    data = one(render(*PRIMARY.values, known), "ConfigMap", "alertmanager", "monitoring")["data"]
    assert (
        'define "trading.runbooks" }}https://git.example.com/platform/blob/main/{{ end }}' in data["notifications.tmpl"]
    )
    assert data["alertmanager.yml"].count('template "trading.runbook" .'.replace('"', '\\"')) == 2


# What it leaves out


def _inhibitions() -> list[dict[str, Any]]:
    return list(alertmanager_config(PRIMARY)["inhibit_rules"])


def _matchers(texts: list[str]) -> list[tuple[str, str, str]]:
    found = [MATCHER.fullmatch(text) for text in texts]
    return [(match[1], match[2], match[3]) for match in found if match]


def _matches(matchers: list[tuple[str, str, str]], labels: dict[str, str]) -> bool:
    def holds(name: str, operator: str, value: str) -> bool:
        own = labels.get(name, "")
        same = re.fullmatch(value, own) is not None if "~" in operator else own == value
        return same != operator.startswith("!")

    return all(holds(*matcher) for matcher in matchers)


def _silenced(firing: list[dict[str, str]]) -> set[str]:
    """Alerts of these that Alertmanager would not tell of: name, as its documentation says inhibition works."""
    gone = set()
    for rule in _inhibitions():
        source, target = _matchers(rule["source_matchers"]), _matchers(rule["target_matchers"])
        for alert in firing:
            causes = [
                other
                for other in firing
                if other is not alert
                and _matches(source, other)
                # An alert that is both cannot be silenced by one that is both too.
                and not (_matches(target, other) and _matches(source, alert))
                and all(other.get(label, "") == alert.get(label, "") for label in rule["equal"])
            ]
            if causes and _matches(target, alert):
                gone.add(alert["alertname"])
    return gone


WATCHDOG = {"alertname": "Watchdog", "severity": "info"}
BURN = {"slo": "api-availability", "service": "api"}


@pytest.mark.parametrize(
    ("firing", "silenced"),
    [
        (
            [
                {"alertname": "ErrorBudgetBurn1h", "severity": "critical", **BURN},
                {"alertname": "ErrorBudgetBurn6h", "severity": "critical", **BURN},
                {"alertname": "ErrorBudgetBurn3d", "severity": "warning", **BURN},
            ],
            {"ErrorBudgetBurn6h", "ErrorBudgetBurn3d"},
        ),
        (
            [
                {"alertname": "ErrorBudgetBurn1h", "severity": "critical", **BURN},
                {"alertname": "ErrorBudgetBurn6h", "severity": "critical", "slo": "websocket-latency"},
            ],
            set(),
        ),
        (
            [
                {"alertname": "NodeNotReady", "severity": "warning", "node": "a"},
                {"alertname": "NodeDiskHigh", "severity": "warning", "node": "a"},
                {"alertname": "NodeCpuHigh", "severity": "warning", "node": "b"},
                {"alertname": "PostgresDown", "severity": "critical", "node": "a"},
            ],
            {"NodeDiskHigh"},
        ),
        (
            [
                {"alertname": "ServiceDown", "severity": "critical", "namespace": "trading-engine"},
                {"alertname": "PodNotReady", "severity": "warning", "namespace": "trading-engine"},
                {"alertname": "HighErrorRate", "severity": "critical", "namespace": "trading-engine"},
                {"alertname": "PodCrashLooping", "severity": "warning", "namespace": "monitoring"},
            ],
            {"PodNotReady"},
        ),
    ],
)
def test_one_incident_is_told_once(firing: list[dict[str, str]], silenced: set[str]) -> None:
    assert _silenced([*firing, WATCHDOG]) == silenced


@pytest.mark.parametrize("alert", rules.alerts(), ids=str)
def test_nothing_silences_the_heartbeat(alert: rules.Rule) -> None:
    """Whatever fires, also with no label but its own."""
    if alert.name != "Watchdog":
        assert "Watchdog" not in _silenced([{"alertname": alert.name, **alert.labels}, WATCHDOG])


def test_inhibitions_speak_of_alerts_that_exist() -> None:
    known = {alert.name for alert in rules.alerts()}
    for rule in _inhibitions():
        texts = [*rule["source_matchers"], *rule["target_matchers"]]
        assert len(_matchers(texts)) == len(texts), texts
        for name, _, value in _matchers(texts):
            if name == "alertname":
                assert set(value.split("|")) <= known, value


# How it runs


def test_its_pods_find_each_other(cluster: Cluster) -> None:
    owner = workload(rendered(cluster), "alertmanager")
    arguments = container(cluster, "alertmanager")["args"]
    peers = [argument.split("=")[1] for argument in arguments if argument.startswith("--cluster.peer=")]
    port = ports(cluster)["alertmanager-peers"]
    service = one(rendered(cluster), "Service", owner["spec"]["serviceName"], "monitoring")["spec"]
    assert peers == [
        f"alertmanager-{number}.{owner['spec']['serviceName']}.monitoring.svc.cluster.local:{port}"
        for number in range(owner["spec"]["replicas"])
    ]
    # Names of pods need a service without an address; and they look for each other before they are ready.
    assert (service["clusterIP"], service["publishNotReadyAddresses"]) == ("None", True)
    assert {(one["port"], one.get("protocol", "TCP")) for one in service["ports"]} >= {(port, "TCP"), (port, "UDP")}
    # Pods have addresses of 100.64.0.0/10, which it would not advertise by itself.
    assert f"--cluster.advertise-address=$(POD_IP):{port}" in arguments


def test_two_are_never_away_at_once() -> None:
    owner = workload(rendered(PRIMARY), "alertmanager")
    assert owner["spec"]["replicas"] == 2
    budget = one(rendered(PRIMARY), "PodDisruptionBudget", "alertmanager", "monitoring")["spec"]
    assert budget["maxUnavailable"] == 1
    labels = owner["spec"]["template"]["metadata"]["labels"]
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    spread = owner["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {constraint["topologyKey"] for constraint in spread} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }


def test_another_configuration_is_other_pods() -> None:
    """It reads it when it starts; one after the other is told anew, and nothing is lost meanwhile."""

    def checksum(values: dict[str, Any]) -> str:
        template = workload(render(*PRIMARY.values, values), "alertmanager")["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/config"])

    changed = {"alertmanager": {"repeat": {"critical": "2h"}}}
    linked = {"alertmanager": {"runbooks": {"baseUrl": "https://git.example.com/"}}}
    assert len({checksum({}), checksum(changed), checksum(linked)}) == 3
