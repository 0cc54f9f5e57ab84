"""Write the Prometheus rules of the service level objectives, and the table of their thresholds for who is paged.

    python -m trading_platform.slo            write both files
    python -m trading_platform.slo --check    write nothing; exit code 1 when a file is not what would be written

Exit code 2: slo.yaml is wrong; every problem is a line on standard error.

Arithmetic. An objective of 99.95 % over 30 days leaves a budget of 0.05 % of all events. A burn rate is the share of
bad events divided by the budget: at 1 the budget lasts 30 days, at 14.4 it lasts 50 hours, 2 % of it an hour. An alert
needs the rate over a long window, so that a blip is no alert, and over a short one, so that it ends with the errors.

Guard for low traffic. A few failures are no page at night only because there were few requests: with fewer bad events
than `minimum_bad` in the long window an alert stays silent. Where an alert fires at a share s of bad events, the guard
decides below minimum_bad / s events in the long window; above that it changes nothing. That nobody is served at all is
what the alert ServiceDown says, whatever the traffic.

Names of the series follow sloth (https://sloth.dev). Unlike there every window is the ratio of sums, not the mean of
ratios: a bad minute at night weighs as much as its events. Events per second are recorded once, and all windows are
averages of that series.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from textwrap import fill, indent

from trading_platform.slo_spec import BURN_RATES, WINDOW_DAYS, BurnRate, Slo, SloError, Spec, load

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "charts" / "trading-engine" / "charts" / "prometheus" / "files"
SPEC = FILES / "slo.yaml"
RULES = FILES / "rules" / "services-slo.yaml"
RUNBOOK = ROOT / "docs" / "runbooks" / "slo.md"
BEGIN, END = "<!-- begin: written by python -m trading_platform.slo -->", "<!-- end -->"

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
WORDS = {"1h": "hour", "6h": "six hours", "1d": "day", "3d": "three days"}
PERIOD = f"{WINDOW_DAYS}d"

TOTAL, BAD = "slo:events_total:rate5m", "slo:events_bad:rate5m"
HEAD = f"""\
# Written by `python -m trading_platform.slo` from ../slo.yaml. Do not edit: change that and write this again.
#
# {TOTAL}, {BAD}     events per second, of all and of the bad ones
# slo:sli_error:ratio_rate5m ... ratio_rate{PERIOD}       share of bad events over a window
# slo:error_budget_remaining:ratio                   1: nothing of the {WINDOW_DAYS} days' budget is spent; 0: all of it
groups:
"""


def plain(number: Decimal) -> str:
    """A decimal without trailing zeros and without an exponent: 0.0005, 10."""
    return f"{number.normalize():f}"


def rules(spec: Spec) -> str:
    """The rule file, as text."""
    groups = [
        _group("slo-events", map(_events, spec.slos)),
        _group("slo-windows", (_recording(f"slo:sli_error:ratio_rate{one}", _ratio(one)) for one in WINDOWS)),
        # 30 days of every objective are many samples, and they change slowly.
        _group("slo-budgets", [_budgets()], interval="2m"),
        *(_group(f"slo-{slo.name}", [_burns(slo, spec), _spent(slo, spec)]) for slo in spec.slos),
        _group("slo-data", [_without_data()]),
    ]
    return HEAD + "\n".join(groups)


def _group(name: str, texts: Iterable[str], interval: str = "") -> str:
    every = f"    interval: {interval}\n" if interval else ""
    return f"  - name: {name}\n{every}    rules:\n" + "".join(indent(text, "      ") for text in texts)


def _recording(name: str, expression: str, labels: str = "") -> str:
    return f"- record: {name}\n" + indent(_expression(expression) + labels, "  ")


def _expression(text: str) -> str:
    return "expr: |-\n" + indent(text, "  ") + "\n" if "\n" in text or ": " in text else f"expr: {text}\n"


def _events(slo: Slo) -> str:
    labels = f"labels: {{slo: {slo.name}, service: {slo.service}}}\n"
    return (
        _recording("slo:objective:ratio", f"vector({plain(1 - slo.budget)})", labels)
        + _recording(TOTAL, slo.total, labels)
        + _recording(BAD, _bad(slo), labels)
    )


def _bad(slo: Slo) -> str:
    total = f'{TOTAL}{{slo="{slo.name}"}}'
    if slo.bad:
        # A status or an outcome that never occurred has no series.
        return f"{slo.bad}\nor on ()\n0 * {total}"
    # Without the series of the bucket nothing is good: an application that lacks it is noticed.
    good = f"(\n  {slo.good}\n  or on ()\n  0 * {total}\n)"
    return f"clamp_min(\n  {total}\n  - on ()\n{indent(good, '  ')},\n  0\n)"


def _ratio(window: str) -> str:
    if window == "5m":
        return f"{BAD} / ({TOTAL} > 0)"
    return f"avg_over_time({BAD}[{window}])\n/\n(avg_over_time({TOTAL}[{window}]) > 0)"


def _budgets() -> str:
    return (
        _recording(f"slo:events_bad:sum{PERIOD}", _count("", PERIOD))
        + _recording(f"slo:sli_error:ratio_rate{PERIOD}", _ratio(PERIOD))
        + _recording(
            "slo:error_budget_remaining:ratio", f"1 - slo:sli_error:ratio_rate{PERIOD} / (1 - slo:objective:ratio)"
        )
    )


def _alert(name: str, expression: str, labels: dict[str, str], summary: str, description: str, wait: str = "") -> str:
    body = (
        _expression(expression)
        + (f"for: {wait}\n" if wait else "")
        + "labels:\n"
        + "".join(f"  {key}: {value}\n" for key, value in labels.items())
        + "annotations:\n"
        + f'  summary: "{summary}"\n'
        + "  description: >-\n"
        + indent(fill(description, 120), "    ")
        + f"\n  runbook_url: docs/runbooks/{RUNBOOK.name}#{name.lower()}\n"
        + "  dashboard: slos\n"
    )
    return f"- alert: {name}\n" + indent(body, "  ")


def _burns(slo: Slo, spec: Spec) -> str:
    return "".join(_burn(slo, rate, spec) for rate in slo.burn_rates)


def _burn(slo: Slo, rate: BurnRate, spec: Spec) -> str:
    factor = plain(rate.factor)
    threshold = f"{factor} * {plain(slo.budget)}"
    expression = (
        f'slo:sli_error:ratio_rate{rate.long}{{slo="{slo.name}"}} > {threshold}\n'
        f'and\nslo:sli_error:ratio_rate{rate.short}{{slo="{slo.name}"}} > {threshold}\n'
        f"and\n{_count(slo.name, rate.long)} >= {slo.minimum_bad}"
    )
    labels = {
        "severity": spec.severities[rate.kind],
        "slo": slo.name,
        "service": slo.service,
        "burn_rate": f'"{factor}"',
        "long_window": rate.long,
        "short_window": rate.short,
    }
    description = (
        f"{{{{ $value | humanizePercentage }}}} of the {slo.events} of the last {WORDS[rate.long]} {slo.bad_events}. "
        f"The objective is {plain(slo.objective)} %, the budget {plain(100 * slo.budget)} %: "
        f"at {factor} times that it is gone in {_lasting(rate)}."
    )
    summary = f"{slo.name}: the error budget burns at {factor} times the sustainable rate or more"
    return _alert(f"ErrorBudgetBurn{rate.long}", expression, labels, summary, description)


def _count(name: str, window: str) -> str:
    """Bad events of a window: those of each five minutes, added up. What was not seen is not made up."""
    chosen = f'{{slo="{name}"}}' if name else ""
    return f"300 * sum_over_time({BAD}{chosen}[{window}:5m])"


def _lasting(rate: BurnRate) -> str:
    hours = WINDOW_DAYS * 24 / rate.factor
    return f"{plain(hours)} hours" if hours < 96 else f"{plain(hours / 24)} days"


def _spent(slo: Slo, spec: Spec) -> str:
    expression = (
        f'slo:error_budget_remaining:ratio{{slo="{slo.name}"}} <= 0\n'
        f'and\nslo:events_bad:sum{PERIOD}{{slo="{slo.name}"}} >= {slo.minimum_bad}'
    )
    labels = {"severity": spec.severities["ticket"], "slo": slo.name, "service": slo.service}
    description = (
        f"More than {plain(100 * slo.budget)} % of the {slo.events} of {WINDOW_DAYS} days {slo.bad_events}. "
        "Until the budget is back, what makes the service more reliable goes before what is new."
    )
    return _alert("ErrorBudgetSpent", expression, labels, f"{slo.name}: the error budget is spent", description)


def _without_data() -> str:
    description = (
        "No metric of {{ $labels.slo }} of {{ $labels.service }} came for an hour. "
        "That the objective is missed would not be seen."
    )
    summary = "{{ $labels.slo }}: nothing is measured"
    expression = f"slo:objective:ratio unless {TOTAL}"
    return _alert("ObjectiveWithoutData", expression, {"severity": "info"}, summary, description, "1h")


def table(spec: Spec) -> str:
    """What each alert needs to fire, as a Markdown table: share of bad events, and below how many the guard decides."""
    head = [f"{plain(rate.factor)}x, {rate.long} and {rate.short}" for rate in BURN_RATES]
    lines = [
        f"| Objective | Bad events | Budget | {' | '.join(head)} |",
        "|---|---|---|" + "---|" * len(head),
    ]
    for slo in spec.slos:
        cells = [_cell(slo, rate) for rate in BURN_RATES]
        bad = f"{slo.events} that {slo.bad_events}"
        lines.append(f"| {slo.name} | {bad} | {plain(100 * slo.budget)} % | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(slo: Slo, rate: BurnRate) -> str:
    if rate not in slo.burn_rates:
        return "none"
    threshold = slo.threshold(rate)
    return f"above {plain(100 * threshold)} %; guard below {slo.minimum_bad / threshold:.0f} events"


def runbook(text: str, spec: Spec) -> str:
    """The runbook with the table between its two markers. Raises SloError when they are not there."""
    if BEGIN not in text or END not in text:
        raise SloError(f"{RUNBOOK.name}: the lines {BEGIN} and {END}, between which the table belongs, are missing")
    before, rest = text.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{table(spec)}\n{END}{rest.split(END, 1)[1]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with --check say which are not as they would be written."""
    parser = argparse.ArgumentParser(description="Write the Prometheus rules of slo.yaml and the table of thresholds.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")
    check = parser.parse_args(arguments).check
    try:
        spec = load(SPEC)
        wanted = {RULES: rules(spec), RUNBOOK: runbook(RUNBOOK.read_text(encoding="utf-8"), spec)}
    except (SloError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    done = "is out of date; run python -m trading_platform.slo" if check else "written"
    for path in stale:
        print(f"{path.relative_to(ROOT)}: {done}")
        if not check:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
