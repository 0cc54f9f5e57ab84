"""A Prometheus that is dead is noticed from outside: its heartbeat falls silent."""

import itertools
import time

import pytest
from inventory import tolerated_silence
from monitoring_stack import Stack
from substitutions import FASTER
from waiting import until

pytestmark = pytest.mark.e2e

# So long without a message, and the alarm of CloudWatch rings.
SILENCE = tolerated_silence() / FASTER


def beats(stack: Stack) -> list[float]:
    """When the topic got messages, in order (seconds of the system's clock)."""
    return [message.at for message in stack.heartbeat.got]


def test_the_heartbeat_of_a_prometheus_that_lives_leaves_no_such_silence(stack: Stack) -> None:
    until(lambda: beats(stack) and beats(stack)[-1] > beats(stack)[0] + 2 * SILENCE, "it beats for two such periods")
    assert {one.body["Message"] for one in stack.heartbeat.got} == {
        "Prometheus and Alertmanager of production-trading-engine work."
    }
    gaps = [after - before for before, after in itertools.pairwise(beats(stack))]
    assert max(gaps) < SILENCE, gaps


def test_the_heartbeat_ends_with_prometheus_and_comes_back_with_it(stack: Stack) -> None:
    until(lambda: beats(stack), "there is a heartbeat")
    prometheus = stack.processes["prometheus-0"]
    prometheus.kill()
    try:
        killed = time.time()
        until(lambda: time.time() > beats(stack)[-1] + SILENCE, "the alarm's period without a message")
        silent = time.time()
        assert silent - killed > SILENCE / 2, "the topic was silent before"
    finally:
        prometheus.start()
    until(lambda: beats(stack)[-1] > silent, "it is heard again")
