"""Figures of logs, alarms, the trail and what else watches over the account."""

import re
from typing import Any

from estate import NAME, Estate, reader, short


def _groups(estate: Estate, region: str) -> list[Any]:
    return estate.pages("logs", region, "describe_log_groups", "logGroups")


@reader
def log_retention(estate: Estate, region: str) -> list[int]:
    """The days for which log groups are kept, all groups of a region together; 0 is for ever."""
    return sorted({one.get("retentionInDays", 0) for one in _groups(estate, region)})


@reader
def services_whose_errors_are_counted(estate: Estate, region: str) -> list[str]:
    """Containers that a metric filter looks for in the log group to which Container Insights writes what pods print."""
    group = f"/aws/containerinsights/{NAME}/application"
    filters = estate.pages("logs", region, "describe_metric_filters", "metricFilters", logGroupName=group)
    patterns = " ".join(one["filterPattern"] for one in filters)
    return sorted(re.findall(r'\$\.kubernetes\.container_name = "([^"]+)"', patterns))


@reader
def log_group_keys(estate: Estate, region: str) -> list[str]:
    """Purposes of the keys of log groups."""
    return sorted({estate.purpose(region, one.get("kmsKeyId")) for one in _groups(estate, region)})


@reader
def topics(estate: Estate, region: str) -> list[str]:
    """What there are topics for: the severities, and the heartbeat of Prometheus and Alertmanager."""
    arns = [one["TopicArn"] for one in estate.pages("sns", region, "list_topics", "Topics")]
    return sorted(short(arn.rpartition(":")[2]) for arn in arns)


def alarms(estate: Estate, region: str) -> list[Any]:
    """All alarms of a region, of one metric and of several."""
    found: list[Any] = []
    for page in (
        estate.client("cloudwatch", region)
        .get_paginator("describe_alarms")
        .paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    ):
        found += page["MetricAlarms"] + page["CompositeAlarms"]
    return found


def _family(metric: str, namespace: str) -> str:
    if namespace == "ContainerInsights":
        return "EC2" if metric.startswith("node_") and "reserved" not in metric else "EKS"
    return {"AWS/RDS": "RDS", "AWS/ElastiCache": "Redis", "AWS/ApplicationELB": "ALB"}.get(namespace, namespace)


@reader
def alarm_metrics(estate: Estate, region: str) -> dict[str, list[str]]:
    """``{EC2, RDS, Redis, ALB, EKS: [metric]}`` that some alarm watches; other metrics are under their namespace."""
    found: dict[str, set[str]] = {}
    for alarm in alarms(estate, region):
        single = [alarm] if "MetricName" in alarm else []
        parts = single + [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
        for one in parts:
            found.setdefault(_family(one["MetricName"], one["Namespace"]), set()).add(one["MetricName"])
    return {family: sorted(names) for family, names in sorted(found.items())}


@reader
def alarm_routes(estate: Estate, region: str) -> dict[str, str]:
    """Alarm to the severity whose topic it tells; alarms that tell nobody are left out."""
    return {
        short(one["AlarmName"]): short(one["AlarmActions"][0].rpartition(":")[2])
        for one in alarms(estate, region)
        if one.get("AlarmActions")
    }


@reader
def alarms_of_silence(estate: Estate, region: str) -> list[str]:
    """Alarms that tell somebody when nothing is heard: of one metric, or made of such."""
    found = {one["AlarmName"]: one for one in alarms(estate, region)}
    silent = {name for name, one in found.items() if one.get("TreatMissingData") == "breaching"}
    telling = [
        name
        for name, one in found.items()
        if one["AlarmActions"] and (name in silent or any(f'"{part}"' in one.get("AlarmRule", "") for part in silent))
    ]
    return sorted(short(name) for name in telling)


@reader
def trail(estate: Estate, region: str) -> dict[str, Any]:
    """The trail: ``{all_regions, global_services, validated, key, logging}``."""
    client = estate.client("cloudtrail", region)
    (found,) = client.describe_trails()["trailList"]
    return {
        "all_regions": found["IsMultiRegionTrail"],
        "global_services": found["IncludeGlobalServiceEvents"],
        "validated": found["LogFileValidationEnabled"],
        "key": estate.purpose(found["HomeRegion"], found.get("KmsKeyId")),
        "logging": client.get_trail_status(Name=found["TrailARN"])["IsLogging"],
    }


@reader
def config_recorder(estate: Estate, region: str) -> bool:
    """Whether AWS Config records every kind of resource of the region."""
    client = estate.client("config", region)
    (recorder,) = client.describe_configuration_recorders()["ConfigurationRecorders"]
    (status,) = client.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return bool(recorder["recordingGroup"]["allSupported"] and status["recording"])


@reader
def detector(estate: Estate, region: str) -> str:
    """State of GuardDuty's detector."""
    client = estate.client("guardduty", region)
    (detector_id,) = client.list_detectors()["DetectorIds"]
    return str(client.get_detector(DetectorId=detector_id)["Status"])


@reader
def backup_plan(estate: Estate, region: str) -> dict[str, Any]:
    """The plan's one rule: ``{every, keep_days, copied_to}``."""
    client = estate.client("backup", region)
    (listed,) = client.list_backup_plans()["BackupPlansList"]
    (rule,) = client.get_backup_plan(BackupPlanId=listed["BackupPlanId"])["BackupPlan"]["Rules"]
    schedule = rule["ScheduleExpression"]
    return {
        "daily": schedule.startswith("cron(")
        and schedule.rstrip(")").split()[2:5] in (["*", "*", "?"], ["?", "*", "*"]),
        "keep_days": rule["Lifecycle"]["DeleteAfterDays"],
        "copied_to": sorted(one["DestinationBackupVaultArn"].split(":")[3] for one in rule.get("CopyActions", [])),
    }


@reader
def monthly_budget(estate: Estate, region: str) -> list[Any]:
    """``[unit, period]`` of the account's cost budget that is ours."""
    budgets = estate.client("budgets", region).describe_budgets(AccountId=estate.account_id)["Budgets"]
    (ours,) = (one for one in budgets if one["BudgetName"].startswith(NAME))
    return [ours["BudgetLimit"]["Unit"], ours["TimeUnit"]]
