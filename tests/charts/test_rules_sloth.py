"""sloth, the generator that is most used, gives every objective of ours the same windows and thresholds.

https://sloth.dev. What is different is on purpose: one alert for each pair of windows, a guard for low traffic, and
budgets weighed by traffic (trading_platform.slo).
"""

import re
import subprocess
from pathlib import Path

import pytest
import rules
import yaml

from trading_platform import slo, toolbox
from trading_platform.slo_spec import Slo, load

SPEC = load(slo.SPEC)
PART = re.compile(r"ratio_rate(\w+)\{[^}]*\}\s*> \(?([\d.]+) \* ([\d.]+)\)?")


def pairs(expression: str) -> set[frozenset[tuple[str, float, float]]]:
    """Pairs of windows of an expression, each with its factor and budget; sloth puts several into one alert."""
    parts = [PART.findall(piece) for piece in re.split(r"\bor\b", expression)]
    return {
        frozenset((window, float(factor), round(float(budget), 9)) for window, factor, budget in one) for one in parts
    }


def of_sloth(one: Slo, folder: Path) -> dict[str, set[frozenset[tuple[str, float, float]]]]:
    """Severity to pairs, as sloth makes them."""
    bad = one.bad or f"({one.total}) - ({one.good})"
    kinds = {f"{kind}_alert": {"labels": {"severity": severity}} for kind, severity in SPEC.severities.items()}
    disabled = {f"{kind}_alert": {"disable": True} for kind in SPEC.severities if kind not in one.alerts}
    queries = {"error_query": bad, "total_query": one.total}
    document = {
        "version": "prometheus/v1",
        "service": one.service,
        "slos": [
            {
                "name": one.name,
                "objective": float(one.objective),
                # It wants the window in every query; of CloudWatch's gauges there is none.
                "sli": {"events": {key: _windowed(query) for key, query in queries.items()}},
                "alerting": {"name": "Burn", **kinds, **disabled},
            }
        ],
    }
    (folder / "in.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    subprocess.run(
        [toolbox.path("sloth"), "generate", "--input=in.yaml", "--out=out.yaml"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    groups = yaml.safe_load((folder / "out.yaml").read_text(encoding="utf-8"))["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    return {rule["labels"]["severity"]: pairs(rule["expr"]) for rule in alerts}


def _windowed(query: str) -> str:
    return query.replace("[5m]", "[{{.window}}]") if "[5m]" in query else f"{query} # {{{{.window}}}}"


@pytest.mark.e2e
@pytest.mark.parametrize("one", SPEC.slos, ids=lambda one: one.name)
def test_sloth_agrees(one: Slo, tmp_path: Path) -> None:
    ours: dict[str, set[frozenset[tuple[str, float, float]]]] = {}
    for rule in rules.alerts():
        if rule.labels.get("slo") == one.name and rule.name.startswith("ErrorBudgetBurn"):
            ours.setdefault(rule.labels["severity"], set()).update(pairs(rule.expr))
    assert ours == of_sloth(one, tmp_path)
