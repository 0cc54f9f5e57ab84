"""CloudWatch: alarms with their composites, and dashboards."""

from trading_platform.emulator.services.cloudwatch import alarm_refusals, alarms, dashboards

EXTENSIONS = tuple(module.extension for module in (alarms, alarm_refusals, dashboards))
