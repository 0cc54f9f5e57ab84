"""Where the umbrella chart is deployed to, with which values, and what Helm makes of it.

Values are laid over each other as Argo CD does: the chart's own, an environment's, its release, what the cluster is,
and in a standby region what a standby leaves out.
"""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "trading-engine"
ENVIRONMENTS = ROOT / "gitops" / "environments"
HELM = Path(sys.executable).parent / "helm"
RELEASE = "trading-engine"
# In C where there is one: dashboards are long.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Values = dict[str, Any]
Manifest = dict[str, Any]


class ChartError(RuntimeError):
    """Helm refuses the values; the message is Helm's."""


@dataclass(frozen=True)
class Target:
    """A cluster that the chart is deployed to: the values files over the chart's own, in order."""

    name: str
    files: tuple[Path, ...]

    @property
    def values(self) -> list[Values]:
        """The values of the files, each read anew."""
        return [read(file) for file in self.files]


def _target(name: str, environment: str, region: str, *last: str) -> Target:
    own = ENVIRONMENTS / environment
    # What the cluster is comes from its annotations; the examples are such as site.yml leaves, with made-up ids.
    facts = CHART / "examples" / f"{environment}-{region}.yaml"
    return Target(name, (own / "values.yaml", own / "release.yaml", facts, *(own / f"{one}.yaml" for one in last)))


TARGETS = (
    _target("production", "production", "us-east-1"),
    _target("production-standby", "production", "us-west-2", "standby"),
    _target("staging", "staging", "us-east-1"),
    _target("staging-standby", "staging", "us-west-2", "standby"),
)


def target_of(environment: str, region: str) -> Target | None:
    """The cluster of an environment in a region; None where the chart is not deployed there."""
    facts = CHART / "examples" / f"{environment}-{region}.yaml"
    return next((target for target in TARGETS if facts in target.files), None)


def taken_over(target: Target) -> Target:
    """What a standby region becomes: what a standby leaves out is not left out any more."""
    return Target(target.name, tuple(file for file in target.files if file.name != "standby.yaml"))


def read(file: Path) -> Values:
    """Values of a file; an empty file has none."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER) or {}  # noqa: S506  (a safe loader)


def merged(*values: Mapping[str, Any]) -> Values:
    """Values as Helm lays them over each other: mappings key by key, everything else whole."""
    result: Values = {}
    for one in values:
        for key, value in one.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def subcharts() -> dict[str, str]:
    """Name in the umbrella (the alias, where there is one) to the folder in charts/; the library has no values."""
    dependencies = read(CHART / "Chart.yaml")["dependencies"]
    return {one.get("alias", one["name"]): one["name"] for one in dependencies if one["name"] != "common"}


def all_values(target: Target) -> Values:
    """What the templates see: the subcharts' values, the umbrella's, then the target's."""
    return merged(_charts_own_values(), *target.values)


@cache
def _charts_own_values() -> Values:
    below = {name: read(CHART / "charts" / folder / "values.yaml") for name, folder in subcharts().items()}
    return merged(below, read(CHART / "values.yaml"))


def render(*values: Mapping[str, Any]) -> list[Manifest]:
    """The manifests that Helm makes of values over the chart's own.

    Raises:
        ChartError: Helm refuses them.
    """
    command = [str(HELM), "template", RELEASE, str(CHART), "--values", "-"]
    result = subprocess.run(  # noqa: S603  (our own Helm with fixed arguments)
        command, input=yaml.dump(merged(*values), Dumper=DUMPER), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise ChartError(result.stderr.strip())
    return [manifest for manifest in yaml.load_all(result.stdout, Loader=LOADER) if manifest]
