"""Alarms from definitions: names, thresholds, dimensions, whom to tell, and what is refused."""

from typing import Any

import pytest

from trading_platform.alarms import AlarmError, alarms_of

CPU = {
    "target": "rds",
    "severity": "warning",
    "namespace": "AWS/RDS",
    "metric": "CPUUtilization",
    "statistic": "Average",
    "period": 300,
    "periods": 3,
    "above": 80,
    "missing": "missing",
    "description": "Look at Performance Insights.",
}
RATE = {
    **{key: value for key, value in CPU.items() if key not in ("metric", "statistic")},
    "expression": "reads + writes",
    "metrics": {
        "writes": {"metric": "WriteIOPS", "statistic": "Sum"},
        "reads": {"metric": "ReadIOPS", "statistic": "Sum"},
    },
}
TARGETS = {"rds": {"a": {"DBInstanceIdentifier": "a"}, "b": {"DBInstanceIdentifier": "b"}}, "alb": {}}
TOPICS = {"critical": "arn:c", "warning": "arn:w", "info": "arn:i"}


def made(**definitions: Any) -> list[dict[str, Any]]:
    """Give the alarms of these definitions."""
    return alarms_of(definitions, TARGETS, TOPICS, {"connections": 1000}, "prod-")


def test_one_alarm_for_each_thing_that_is_watched() -> None:
    first, second = made(cpu=CPU)
    assert (first["name"], second["name"]) == ("prod-cpu-a", "prod-cpu-b")
    assert first["dimensions"] == {"DBInstanceIdentifier": "a"}
    assert (first["threshold"], first["comparison"]) == (80.0, "GreaterThanThreshold")
    assert first["alarm_actions"] == first["ok_actions"] == ["arn:w"]


def test_nothing_to_watch_makes_no_alarm() -> None:
    assert made(cpu={**CPU, "target": "alb"}) == []


def test_a_percentage_of_what_there_is() -> None:
    assert made(cpu={**CPU, "percent_of": "connections"})[0]["threshold"] == 800.0


def test_math_asks_for_its_metrics_where_the_thing_is() -> None:
    reads, writes, result = made(rate=RATE)[0]["metrics"]
    assert (reads["id"], reads["dimensions"], writes["metric"]) == ("reads", {"DBInstanceIdentifier": "a"}, "WriteIOPS")
    assert (result["expression"], result["return_data"]) == ("reads + writes", True)


def test_a_composite_goes_off_with_any_of_its_parts_and_they_tell_nobody() -> None:
    silent = {key: value for key, value in CPU.items() if key != "severity"}
    down = {"any_of": ["cpu", "none"], "severity": "critical", "description": "Down."}
    first, _, last = made(down=down, cpu=silent, none={**silent, "target": "alb"})
    assert first["alarm_actions"] == []
    assert last["rule"] == 'ALARM("prod-cpu-a") OR ALARM("prod-cpu-b")'
    assert (last["name"], last["alarm_actions"]) == ("prod-down", ["arn:c"])
    assert [
        one["name"] for one in made(down=down, cpu={**silent, "target": "alb"}, none={**silent, "target": "alb"})
    ] == []


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({**CPU, "target": "rsd"}, "no target rsd; there are alb, rds"),
        ({**CPU, "severity": "urgent"}, "no topic for the severity urgent"),
        ({**CPU, "below": 1}, "exactly one of above"),
        ({**CPU, "percent_of": "memory"}, "no capacity memory"),
        ({"any_of": ["cpx"], "severity": "critical", "description": "-"}, "no alarm cpx"),
    ],
)
def test_what_is_wrong_is_named(definition: dict[str, Any], message: str) -> None:
    with pytest.raises(AlarmError, match=message):
        made(wrong=definition)
