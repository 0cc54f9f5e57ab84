"""Burn-rate alerts fire when arithmetic says so: series are made up, and promtool is asked at times of them.

What should fire is worked out here with whole numbers and fractions, from the shares of the budget that the workbook
gives (2 % in an hour, 5 % in six, 10 % in a day and in three), not from the factors that the rules are written with.
"""

import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import rules
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trading_platform import slo, toolbox
from trading_platform.slo_spec import Spec, load

STEP = 5  # minutes; what CloudWatch counts, so that every figure is known exactly
NAME = "load-balancer-availability"
COUNTED = "services-load-balancer.yaml"
SPEC = load(slo.SPEC)
SLO = next(one for one in SPEC.slos if one.name == NAME)
BUDGET = 1 - Fraction(str(SLO.objective)) / 100
# Long window, short window (minutes), and the share of the 30 days' budget that the long one may take.
WINDOWS = {
    "ErrorBudgetBurn1h": (60, 5, Fraction(2, 100)),
    "ErrorBudgetBurn6h": (360, 30, Fraction(5, 100)),
    "ErrorBudgetBurn1d": (1440, 120, Fraction(10, 100)),
    "ErrorBudgetBurn3d": (4320, 360, Fraction(10, 100)),
}
MONTH = 30 * 24 * 60


@dataclass(frozen=True)
class Traffic:
    """Requests and failed ones, in each step of five minutes."""

    total: tuple[int, ...]
    bad: tuple[int, ...]
    # Steps in which no target is left: every request is an error of the load balancer and in no other count.
    rejected: frozenset[int] = frozenset()
    # Whether CloudWatch has no series of what it did not count.
    silent: bool = False

    def series(self) -> dict[str, list[str]]:
        """What CloudWatch counts in each step."""
        names = ("request_count", "httpcode_target_5_xx_count", "httpcode_elb_5_xx_count")
        steps = [
            (0, 0, bad) if step in self.rejected else (total, bad, 0)
            for step, (total, bad) in enumerate(zip(self.total, self.bad, strict=True))
        ]
        nothing = "stale" if self.silent else "0"
        return {
            f"aws_applicationelb_{name}_sum": [str(count or nothing) for count in counts]
            for name, counts in zip(names, zip(*steps, strict=True), strict=True)
        }

    def share(self, minutes: int, now: int) -> Fraction:
        """Share of failed requests of the last minutes, as far as there are any."""
        first = max(0, now + 1 - minutes // STEP)
        total = sum(self.total[first : now + 1])
        return Fraction(sum(self.bad[first : now + 1]), total) if total else Fraction(0)

    def failed(self, minutes: int, now: int) -> int:
        """Failed requests of the last minutes."""
        return sum(self.bad[max(0, now + 1 - minutes // STEP) : now + 1])

    def expected(self, now: int) -> set[str]:
        """Alerts that fire after a step."""
        firing = set()
        for alert, (long, short, spends) in WINDOWS.items():
            threshold = spends * MONTH / long * BUDGET
            burns = min(self.share(long, now), self.share(short, now)) > threshold
            if burns and self.failed(long, now) >= SLO.minimum_bad:
                firing.add(alert)
        return firing

    def decided(self, now: int) -> bool:
        """Whether no figure is so near its bound that a float could fall on the other side."""
        for long, short, spends in WINDOWS.values():
            threshold = spends * MONTH / long * BUDGET
            if min(abs(self.share(one, now) - threshold) for one in (long, short)) < Fraction(1, 10**9):
                return False
        return True


def ask(traffic: Traffic, times: list[int]) -> dict[int, set[str]]:
    """What fires after these steps, by arithmetic; fails when promtool says something else."""
    wanted = {now: traffic.expected(now) for now in times}
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "rules.yaml").write_text(slo.rules(Spec(SPEC.severities, (SLO,))), encoding="utf-8")
        shutil.copy(rules.DIRECTORY / COUNTED, folder)
        (folder / "test.yaml").write_text(yaml.safe_dump(_test(traffic, wanted)), encoding="utf-8")
        result = subprocess.run(
            [toolbox.path("promtool"), "test", "rules", "test.yaml"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, f"{traffic}\n{result.stdout}{result.stderr}"
    return wanted


def _test(traffic: Traffic, wanted: dict[int, set[str]]) -> dict[str, object]:
    alerts_of = f'ALERTS{{alertname=~"ErrorBudgetBurn.*", alertstate="firing", slo="{NAME}"}}'
    asked = [
        {
            "expr": f"count by (alertname) ({alerts_of})",
            "eval_time": f"{now * STEP}m",
            "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(alerts)],
        }
        for now, alerts in wanted.items()
    ]
    return {
        "rule_files": [COUNTED, "rules.yaml"],
        "evaluation_interval": f"{STEP}m",
        # All of them: what is not named comes first.
        "group_eval_order": ["load-balancer", "slo-events", "slo-windows", "slo-budgets", f"slo-{NAME}", "slo-data"],
        "tests": [
            {
                "interval": f"{STEP}m",
                "input_series": [
                    {"series": name, "values": " ".join(values)} for name, values in traffic.series().items()
                ],
                "promql_expr_test": asked,
            }
        ],
    }


@st.composite
def traffics(draw: st.DrawFn) -> Traffic:
    """Some hours, in pieces of even traffic of which an even share fails, or all because no target is left."""
    total: list[int] = []
    bad: list[int] = []
    rejected: set[int] = set()
    for _ in range(draw(st.integers(1, 6))):
        steps = draw(st.integers(1, 100))
        requests = draw(st.sampled_from([0, 1, 20, 1000, 100_000]))
        share = draw(st.sampled_from([0, 0.0004, 0.0006, 0.0014, 0.0016, 0.0028, 0.0032, 0.0068, 0.0076, 0.1, 1]))
        if share == 1 and draw(st.booleans()):
            rejected |= set(range(len(total), len(total) + steps))
        total += [requests] * steps
        bad += [round(requests * share)] * steps
    return Traffic(tuple(total), tuple(bad), frozenset(rejected), draw(st.booleans()))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(traffic=traffics(), data=st.data())
def test_alerts_fire_when_the_budget_burns(traffic: Traffic, data: st.DataObject) -> None:
    last = len(traffic.total) - 1
    times = sorted(data.draw(st.sets(st.integers(0, last), min_size=1, max_size=8)) | {last})
    assume(all(traffic.decided(now) for now in times))
    ask(traffic, times)


@pytest.mark.parametrize("alert", WINDOWS)
def test_thresholds_are_where_they_should_be(alert: str) -> None:
    """Even traffic that fails a hundredth less than the alert's share, and a hundredth more."""
    long, _, spends = WINDOWS[alert]
    requests, steps = 10_000_000, 12
    for factor in (Fraction(99, 100), Fraction(101, 100)):
        failed = round(spends * MONTH / long * BUDGET * factor * requests)
        firing = ask(Traffic((requests,) * steps, (failed,) * steps), [steps - 1])
        assert (alert in firing[steps - 1]) == (factor > 1)


def test_a_page_comes_within_minutes_of_an_outage_and_goes_with_it() -> None:
    """An even day, half an hour in which everything fails, and an even hour: seen every five minutes."""
    day, outage, hour = 24 * 60 // STEP, 30 // STEP, 60 // STEP
    traffic = Traffic((1000,) * (day + outage + hour), (0,) * day + (1000,) * outage + (0,) * hour)
    firing = ask(traffic, list(range(day - 1, day + outage + hour)))
    pages = [now for now, alerts in firing.items() if "ErrorBudgetBurn1h" in alerts]
    assert pages == list(range(day, day + outage))
    # The six-hour pair goes on for its short window of half an hour.
    assert max(now for now, alerts in firing.items() if "ErrorBudgetBurn6h" in alerts) == day + outage + 30 // STEP - 2


@pytest.mark.parametrize("silent", [False, True])
def test_an_outage_without_any_target_is_an_outage(*, silent: bool) -> None:
    """An even day and an hour in which the load balancer itself answers everything."""
    day, outage = 24 * 60 // STEP, 60 // STEP
    steps = day + outage
    traffic = Traffic((1000,) * steps, (0,) * day + (1000,) * outage, frozenset(range(day, steps)), silent)
    assert ask(traffic, [steps - 1])[steps - 1] >= {"ErrorBudgetBurn1h", "ErrorBudgetBurn6h"}


def test_a_time_without_requests_is_not_a_good_one() -> None:
    """A tenth of half an hour's requests fails, nobody comes for five hours, then 0.5 % of half an hour's fails."""
    busy, quiet = 30 // STEP, 5 * 60 // STEP
    total = (1000,) * busy + (0,) * quiet + (10_000,) * busy
    bad = (100,) * busy + (0,) * quiet + (50,) * busy
    last = len(total) - 1
    assert "ErrorBudgetBurn6h" in ask(Traffic(total, bad, silent=True), [last])[last]


def test_few_failures_at_night_call_nobody() -> None:
    """Nine requests in an hour, all failed, are no page; ten are."""
    nine = Traffic((1,) * 9 + (0,) * 3, (1,) * 9 + (0,) * 3)
    ten = Traffic((1,) * 12, (1,) * 10 + (0,) + (1,))
    assert nine.share(60, 8) == 1
    assert ask(nine, [11]) == {11: set()}
    assert "ErrorBudgetBurn1h" in ask(ten, [11])[11]
