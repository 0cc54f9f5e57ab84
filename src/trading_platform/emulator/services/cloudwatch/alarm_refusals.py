"""What CloudWatch refuses of alarms: API PutMetricAlarm and PutCompositeAlarm."""

import re
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("cloudwatch")

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
MOST_ACTIONS = 5
SHORT_PERIODS = (10, 20, 30)
DAY, HOUR = 86400, 3600
MOST_DIMENSIONS = 30
LONGEST_RULE = 10240
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
RULE_NAME = re.compile(r"""(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^\s()"']+))\s*\)""")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


@extension.refuses("PutMetricAlarm", "PutCompositeAlarm")
def more_actions_than_five(call: Call) -> None:
    for kind in ACTIONS:
        actions = call.params.get(kind) or []
        if len(actions) > MOST_ACTIONS:
            member = kind[0].lower() + kind[1:]
            raise _invalid(
                f"1 validation error detected: Value '[{', '.join(actions)}]' at '{member}' failed to satisfy "
                f"constraint: Member must have length less than or equal to {MOST_ACTIONS}"
            )


@extension.refuses("PutMetricAlarm", "PutCompositeAlarm")
def topic_of_another_region(call: Call) -> None:
    for kind in ACTIONS:
        for action in call.params.get(kind) or []:
            parts = str(action).split(":")
            if len(parts) < 6 or parts[0] != "arn":
                raise _invalid(f"Invalid arn syntax: {action}")
            if parts[2] == "sns" and parts[3] != call.region:
                raise _invalid(f"Invalid region {parts[3]} specified. Only {call.region} is supported.")


@extension.refuses("PutMetricAlarm")
def period_that_there_is_not(call: Call) -> None:
    for period in _periods(call.params):
        if period not in SHORT_PERIODS and (period < 60 or period % 60):
            raise _invalid("Invalid metric period. Valid periods are 10, 20, 30, or any multiple of 60")


@extension.refuses("PutMetricAlarm")
def span_of_more_than_a_day(call: Call) -> None:
    """A day, or a week where every period is an hour or longer."""
    longest = max(_periods(call.params), default=0)
    span = longest * int(call.params.get("EvaluationPeriods") or 1)
    most = 7 * DAY if longest >= HOUR else DAY
    if span > most:
        days = "a week" if most > DAY else "a day"
        raise _invalid(
            f"Metrics cannot be checked across more than {days} (EvaluationPeriods * Period must be <= {most})."
        )


def _periods(params: dict[str, Any]) -> list[int]:
    queries = params.get("Metrics") or []
    found = [params.get("Period"), *(one.get("Period") for one in queries)]
    found += [(one.get("MetricStat") or {}).get("Period") for one in queries]
    return [int(one) for one in found if one is not None]


@extension.refuses("PutMetricAlarm")
def more_datapoints_than_periods(call: Call) -> None:
    if int(call.params.get("DatapointsToAlarm") or 0) > int(call.params.get("EvaluationPeriods") or 0):
        raise _invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")


@extension.refuses("PutMetricAlarm")
def treatment_that_there_is_not(call: Call) -> None:
    treatment = call.params.get("TreatMissingData")
    if treatment is not None and treatment not in TREATMENTS:
        raise _invalid(
            f"Option {treatment} is not supported. Supported options for parameter TreatMissingData are breaching, "
            "notBreaching, ignore and missing."
        )


@extension.refuses("PutMetricAlarm")
def statistic_and_math_together(call: Call) -> None:
    """Either one metric with one statistic, or Metrics."""
    params = call.params
    if params.get("Metrics"):
        for name in ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions"):
            if params.get(name):
                raise _invalid(f"{name} must not be specified when Metrics is specified.")
        return
    for name in ("MetricName", "Namespace", "Period"):
        if params.get(name) is None:
            raise _invalid(f"{name} must be specified.")
    if bool(params.get("Statistic")) == bool(params.get("ExtendedStatistic")):
        raise AwsError("InvalidParameterCombination", "Must specify either Statistic or ExtendedStatistic")
    if len(params.get("Dimensions") or []) > MOST_DIMENSIONS:
        raise _invalid(f"The collection Dimensions must not have a size greater than {MOST_DIMENSIONS}.")


@extension.refuses("PutMetricAlarm")
def math_without_one_result(call: Call) -> None:
    queries = call.params.get("Metrics") or []
    if not queries:
        return
    ids = [str(one.get("Id")) for one in queries]
    for one in ids:
        if not re.fullmatch(r"[a-z][A-Za-z0-9_]{0,254}", one):
            raise _invalid(f"The id {one} is not valid: it must begin with a lower-case letter.")
    if len(set(ids)) != len(ids):
        raise _invalid("The values for parameter id in Metrics must be unique.")
    if sum(one.get("ReturnData", True) is not False for one in queries) != 1:
        raise _invalid("Exactly one element of the metrics list should return data.")
    for one in queries:
        if bool(one.get("Expression")) == bool(one.get("MetricStat")):
            raise _invalid(f"Exactly one of Expression and MetricStat must be given for the id {one.get('Id')}.")


@extension.refuses("PutCompositeAlarm")
def rule_that_names_no_alarms(call: Call) -> None:
    """API PutCompositeAlarm, AlarmRule: functions of alarms of this account and region, AND, OR, NOT, TRUE, FALSE."""
    rule = str(call.params.get("AlarmRule") or "")
    if not rule or len(rule) > LONGEST_RULE:
        raise _invalid(f"AlarmRule must have a length between 1 and {LONGEST_RULE}")
    rest = re.sub(r"\b(AND|OR|NOT|TRUE|FALSE)\b|[()\s]", "", RULE_NAME.sub("", rule))
    if rest or rule.count("(") != rule.count(")"):
        raise _invalid(f"Error in AlarmRule: unsupported syntax near '{rest or rule[-1]}'")
    held = cloudwatch_backends[call.account_id][call.region].alarms
    for match in RULE_NAME.finditer(rule):
        name = next(one for one in match.groups() if one).rpartition(":alarm:")[2]
        if name == call.params.get("AlarmName"):
            raise _invalid("AlarmRule cannot refer to the alarm itself.")
        if name not in held:
            raise _invalid(f"Error in AlarmRule: alarm {name} does not exist.")
