"""Figures of the inventories, which the chart has to agree with: what stands twice is compared, not trusted."""

from functools import cache
from typing import Any

import yaml
from rendering import ROOT


@cache
def role_figures(environment: str, role: str, group: str = "all") -> dict[str, Any]:
    """What inventories/<environment>/group_vars/<group>/<role>.yml says; templates in it are left as they are."""
    file = ROOT / "inventories" / environment / "group_vars" / group / f"{role}.yml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def heartbeat_alarm(environment: str = "production") -> dict[str, Any]:
    """The alarm of CloudWatch that listens to what Alertmanager publishes as long as it lives."""
    return dict(role_figures(environment, "cloudwatch")["cloudwatch_alarms"]["heartbeat"])


def tolerated_silence(environment: str = "production") -> int:
    """Seconds without a heartbeat from which on that alarm rings."""
    alarm = heartbeat_alarm(environment)
    return int(alarm["period"] * alarm["periods"])
