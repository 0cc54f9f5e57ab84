"""Read service level objectives: what is counted, how much of it must be good, and who is told when it is not.

The file is charts/trading-engine/charts/prometheus/files/slo.yaml; its head says what each key means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from trading_platform.preflight.messages import findings_of

WINDOW_DAYS = 30
"""The only window there is: burn rates and their shares of the budget are those of 30 days."""


class SloError(ValueError):
    """The file is wrong; the message has a line per problem: file: key: what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class BurnRate:
    """How fast a budget is spent: 1 spends it in exactly the window. It counts over both windows, long and short."""

    kind: str
    factor: Decimal
    long: str
    short: str


BURN_RATES = (
    BurnRate("page", Decimal("14.4"), "1h", "5m"),
    BurnRate("page", Decimal(6), "6h", "30m"),
    BurnRate("ticket", Decimal(3), "1d", "2h"),
    BurnRate("ticket", Decimal(1), "3d", "6h"),
)
"""Google, The Site Reliability Workbook, chapter 5: 2 % of the budget in 1 h, 5 % in 6 h, 10 % in 1 d and in 3 d.

https://sre.google/workbook/alerting-on-slos/
"""


@dataclass(frozen=True, slots=True)
class Slo:
    """One objective.

    `total` and `bad`, or `total` and `good`, are PromQL: events per second over the last five minutes, one series each.
    """

    name: str
    service: str
    target: str
    objective: Decimal
    events: str
    bad_events: str
    total: str
    bad: str
    good: str
    minimum_bad: int
    alerts: tuple[str, ...]

    @property
    def budget(self) -> Decimal:
        """Share of events that may be bad: 0.0005 where 99.95 % must be good."""
        return (100 - self.objective) / 100

    def threshold(self, rate: BurnRate) -> Decimal:
        """Share of bad events above which the budget is spent at this rate."""
        return rate.factor * self.budget

    @property
    def burn_rates(self) -> tuple[BurnRate, ...]:
        """The rates that this objective has alerts for."""
        return tuple(rate for rate in BURN_RATES if rate.kind in self.alerts)


@dataclass(frozen=True, slots=True)
class Spec:
    """The file: `severities` maps page and ticket to the label of the alert."""

    severities: dict[str, str]
    slos: tuple[Slo, ...]


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [key for key in properties if key not in optional]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_TEXT = {"type": "string", "minLength": 1}
_NAME = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9-]*$",
    "patternErrorMessage": "must be lower-case letters, digits and dashes, for example api-availability",
}
_SEVERITY = {"enum": ["critical", "warning", "info"]}
_SECONDS = {"type": "number", "exclusiveMinimum": 0}
_LATENCY = _object({"histogram": _TEXT, "selector": _TEXT, "good": _TEXT, "seconds": _SECONDS}, ("good",))
_SLO = _object(
    {
        "name": _NAME,
        "service": _NAME,
        "target": _TEXT,
        "objective": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100},
        "events": _TEXT,
        "bad": _TEXT,
        "sli": {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {"ratio": _object({"total": _TEXT, "bad": _TEXT}), "latency": _LATENCY},
        },
        "minimum_bad": {"type": "integer", "minimum": 1},
        "alerts": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": ["page", "ticket"]}},
    }
)
SCHEMA = _object(
    {
        "window": {"const": f"{WINDOW_DAYS}d"},
        "severities": _object({"page": _SEVERITY, "ticket": _SEVERITY}),
        "slos": {"type": "array", "minItems": 1, "items": _SLO},
    }
)


def load(path: Path) -> Spec:
    """Read the file. Raises SloError, or OSError when it cannot be read."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SloError(f"{path.name}: is no YAML: {error}") from error
    return parse(document, path.name)


def parse(document: object, name: str = "slo.yaml") -> Spec:
    """Check a document and give its objectives. Raises SloError; `name` is the file that its messages name."""
    problems = list(_shape(document)) or list(_sense(document))
    if problems:
        raise SloError("\n".join(f"{name}: {problem}" for problem in problems))
    assert isinstance(document, dict)  # noqa: S101  (the schema has said so)
    return Spec(dict(document["severities"]), tuple(_slo(one) for one in document["slos"]))


def _shape(document: object) -> Iterator[str]:
    for error in Draft202012Validator(SCHEMA).iter_errors(document):
        for finding in findings_of("", error):
            yield f"{finding.key}: {finding.message}" if finding.key else finding.message


def _sense(document: Any) -> Iterator[str]:
    seen: set[str] = set()
    for index, one in enumerate(document["slos"]):
        where = f"slos[{index}]"
        if one["name"] in seen:
            yield f"{where}.name: {one['name']} is there twice; a name is the label slo of its series"
        seen.add(one["name"])
        slo = _slo(one)
        for rate in slo.burn_rates:
            if slo.threshold(rate) >= 1:
                lowest = 100 - 100 / rate.factor
                yield (
                    f"{where}.objective: {slo.objective} leaves a budget of {100 - slo.objective} %, and no error rate "
                    f"is {rate.factor} times that: the alert could never fire; give more than {lowest:.4g}"
                )


def _slo(one: dict[str, Any]) -> Slo:
    ratio, latency = one["sli"].get("ratio"), one["sli"].get("latency")
    return Slo(
        name=one["name"],
        service=one["service"],
        target=one["target"],
        objective=Decimal(str(one["objective"])),
        events=one["events"],
        bad_events=one["bad"],
        total=ratio["total"] if ratio else f"sum(rate({latency['histogram']}_count{{{latency['selector']}}}[5m]))",
        bad=ratio["bad"] if ratio else "",
        good=_fast(latency) if latency else "",
        minimum_bad=one["minimum_bad"],
        alerts=tuple(one["alerts"]),
    )


def _fast(latency: dict[str, Any]) -> str:
    # Prometheus 3 writes every bucket's bound as a float when it scrapes: 1.0, not 1.
    # https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
    bound = f'le="{float(latency["seconds"])}"'
    matchers = ", ".join(filter(None, [latency["selector"], latency.get("good"), bound]))
    return f"sum(rate({latency['histogram']}_bucket{{{matchers}}}[5m]))"
