"""From a symptom to whoever is told: real rules, real routes, and receivers that the test plays."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
import rules
from monitoring_stack import ROUTING_KEY, RUNBOOKS, Stack, get
from played_receivers import Message
from substitutions import PEER_SECONDS
from waiting import until

pytestmark = pytest.mark.e2e

ABSENT = ("grafana", "cloudwatch-exporter")
PLACE = "(production, us-east-1)"


# What receivers got


def pagerduty(stack: Stack, alert: str, action: str) -> list[dict[str, Any]]:
    """Events of an alert: trigger or resolve."""
    events = [message.body for message in stack.receivers.pagerduty]
    return [one for one in events if one["payload"]["class"] == alert and one["event_action"] == action]


def slack(stack: Stack, alert: str, status: str) -> list[dict[str, Any]]:
    """Attachments of messages about an alert: FIRING or RESOLVED."""
    found = [attachment for message in stack.receivers.slack for attachment in message.body["attachments"]]
    return [one for one in found if one["title"] == f"{status}: {alert} {PLACE}"]


def mail(stack: Stack, alert: str, status: str) -> list[dict[str, Any]]:
    """What SNS mails about an alert."""
    return [one.body for one in stack.info.got if one.body["Subject"] == f"{status}: {alert} {PLACE}"]


def runbook(alert: str) -> str:
    """Address of an alert's runbook."""
    return RUNBOOKS + rules.alert(alert).annotations["runbook_url"]


# What happens


@pytest.fixture(scope="module")
def trouble(stack: Stack) -> Iterator[Stack]:
    """The API fails, two exporters are away, and more clients are connected than planned."""
    services = stack.services
    services.failed_requests.become(30)
    services.websocket_connections.value = 60_000
    for job in ABSENT:
        stack.exporters[job].stop()
    yield stack
    _end(stack)


def _end(stack: Stack) -> None:
    stack.services.failed_requests.become(0)
    stack.services.websocket_connections.value = 1200
    for job in ABSENT:
        if stack.exporters[job].server is None:
            stack.exporters[job].start()


def test_critical_calls_somebody_by_pagerduty(trouble: Stack) -> None:
    alert = rules.alert("HighErrorRate")
    assert alert.labels["severity"] == "critical"
    (event, *_) = until(lambda: pagerduty(trouble, alert.name, "trigger"), "PagerDuty is told of the errors")
    assert event["routing_key"] == ROUTING_KEY
    assert event["payload"]["severity"] == "critical"
    assert event["payload"]["summary"] == f"FIRING: {alert.name} {PLACE}"
    assert event["payload"]["group"] == "production-trading-engine"
    text = event["payload"]["custom_details"]["alerts"]
    assert text.startswith("api answers many requests with errors\n")
    assert f"Runbook: {runbook(alert.name)}\n" in text
    assert event["links"] == [{"href": runbook(alert.name), "text": "Runbook"}]


def test_info_is_mailed(trouble: Stack) -> None:
    alert = rules.alert("WebSocketConnectionsAboveTarget")
    assert alert.labels["severity"] == "info"
    (message, *_) = until(lambda: mail(trouble, alert.name, "FIRING"), "SNS is told of the connections")
    assert message["Message"].startswith(f"{alert.annotations['summary']}\n60k connections are open")
    assert f"Runbook: {runbook(alert.name)}\n" in message["Message"]


def test_warnings_of_a_kind_come_to_slack_together(trouble: Stack) -> None:
    alert = rules.alert("TargetDown")
    assert alert.labels["severity"] == "warning"

    def together() -> dict[str, Any] | None:
        found = [one for one in slack(trouble, alert.name, "FIRING") if all(job in one["text"] for job in ABSENT)]
        return found[0] if found else None

    attachment = until(together, "Slack is told of both")
    assert attachment is not None
    assert all(f"{job} gives no metrics\n" in attachment["text"] for job in ABSENT)
    assert attachment["title_link"] == runbook(alert.name)
    assert not pagerduty(trouble, alert.name, "trigger")


def test_a_budget_that_burns_fast_makes_one_call(trouble: Stack) -> None:
    """Everything slower about the same objective is held back while the fastest fires."""

    def held_back(name: str) -> bool:
        fast = {one["fingerprint"] for one in trouble.alerts(alertname="ErrorBudgetBurn1h", slo="api-availability")}
        slow = trouble.alerts(alertname=name, slo="api-availability")
        return bool(fast and slow) and fast <= set(slow[0]["status"]["inhibitedBy"])

    until(lambda: pagerduty(trouble, "ErrorBudgetBurn1h", "trigger"), "PagerDuty is told of the budget")
    for name in ("ErrorBudgetBurn6h", "ErrorBudgetBurn1d", "ErrorBudgetBurn3d"):
        until(lambda name=name: held_back(name), f"{name} is held back")
    assert not pagerduty(trouble, "ErrorBudgetBurn6h", "trigger")
    assert not slack(trouble, "ErrorBudgetBurn1d", "FIRING")


def test_two_alertmanagers_tell_once(trouble: Stack) -> None:
    for number in (0, 1):
        cluster = get(f"{trouble.url('alertmanager', 9093, number)}/api/v2/status")["cluster"]
        assert (cluster["status"], len(cluster["peers"])) == ("ready", 2)
        until(lambda number=number: trouble.alerts(number, alertname="HighErrorRate"), "both know of the errors")

    def calls() -> list[Message]:
        """In the first minute: after two it is told again."""
        found = [one for one in trouble.receivers.pagerduty if one.body["payload"]["class"] == "HighErrorRate"]
        return [one for one in found if one.at < found[0].at + 60]

    # By then the second had its turn, too.
    until(lambda: calls() and time.time() > calls()[0].at + 2 * PEER_SECONDS, "both had their turn")
    assert len({one.body["dedup_key"] for one in calls()}) == 1
    actions = [one.body["event_action"] for one in calls()]
    assert all(one != following for one, following in itertools.pairwise(actions)), actions


def test_receivers_hear_that_it_is_over(trouble: Stack) -> None:
    (event, *_) = until(lambda: pagerduty(trouble, "HighErrorRate", "trigger"), "PagerDuty is told of the errors")
    until(lambda: slack(trouble, "TargetDown", "FIRING"), "Slack is told of the targets")
    until(lambda: mail(trouble, "WebSocketConnectionsAboveTarget", "FIRING"), "SNS is told of the connections")
    _end(trouble)
    until(lambda: pagerduty(trouble, "HighErrorRate", "resolve"), "PagerDuty hears that the errors are over")
    assert pagerduty(trouble, "HighErrorRate", "resolve")[-1]["dedup_key"] == event["dedup_key"]
    until(lambda: slack(trouble, "TargetDown", "RESOLVED"), "Slack hears that the targets are back")
    until(lambda: mail(trouble, "WebSocketConnectionsAboveTarget", "RESOLVED"), "SNS hears of fewer connections")


def test_what_follows_from_an_outage_waits_until_it_is_over(stack: Stack) -> None:
    """Pods of a service that is down are no second call; those that still crash when it is up again are."""
    crashing, available = stack.services.crashing, stack.services.available["api"]
    try:
        available.value = 0
        until(lambda: pagerduty(stack, "ServiceDown", "trigger"), "PagerDuty is told that the API is down")
        for level in crashing:
            level.value = 1

        def held_back() -> bool:
            down = {one["fingerprint"] for one in stack.alerts(alertname="ServiceDown")}
            pods = stack.alerts(alertname="PodCrashLooping")
            return len(pods) == 2 and all(down & set(one["status"]["inhibitedBy"]) for one in pods)

        until(held_back, "both pods' alerts are held back")
        assert not slack(stack, "PodCrashLooping", "FIRING")
        available.value = 2
        until(lambda: pagerduty(stack, "ServiceDown", "resolve"), "PagerDuty hears that the API is up")
        (message, *_) = until(lambda: slack(stack, "PodCrashLooping", "FIRING"), "Slack is told of the pods")
        assert all(f"trading-engine/{level.labels['pod']} " in message["text"] for level in crashing)
    finally:
        available.value = 2
        for level in crashing:
            level.value = 0
    until(lambda: slack(stack, "PodCrashLooping", "RESOLVED"), "Slack hears that the pods are well")


def test_one_alertmanager_is_enough(stack: Stack) -> None:
    def both_are_there() -> bool:
        addresses = [stack.url("alertmanager", 9093, number) for number in (0, 1)]
        return all(len(get(f"{one}/api/v2/status")["cluster"]["peers"]) == 2 for one in addresses)

    name, connections = "WebSocketConnectionsAboveTarget", stack.services.websocket_connections
    until(both_are_there, "both see each other")
    before = len(mail(stack, name, "FIRING"))
    stack.processes["alertmanager-0"].kill()
    try:
        connections.value = 60_000
        until(lambda: len(mail(stack, name, "FIRING")) > before, "SNS is told by the other")
    finally:
        connections.value = 1200
        stack.processes["alertmanager-0"].start()
    until(both_are_there, "both see each other again")
