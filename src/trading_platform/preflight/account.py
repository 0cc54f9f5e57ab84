"""What the account says against an inventory: versions that RDS does not offer, and quotas without room.

The answers are those of the modules that asked, in the regions of a run. An API that did not answer proves nothing:
it is a warning that nothing was checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trading_platform.preflight.offers import offer_problem
from trading_platform.preflight.problem import Problem
from trading_platform.preflight.quotas import find_quota_problems, needs


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked in one region; None where it was not. `values`: the region's variables."""

    region: str
    values: Mapping[str, Any]
    versions: Mapping[str, Any] | None = None
    quotas: Mapping[str, Any] | None = None


def find_account_problems(regions: list[Answers], inventory: str) -> list[Problem]:
    """Every problem of every region. inventory: the inventory as shown in messages."""
    problems = []
    for each in regions:
        problems += _versions(each, inventory)
        problems += _quotas(each)
    return problems


def _versions(answers: Answers, inventory: str) -> list[Problem]:
    key = "rds_engine_version"
    if answers.versions is None:
        return []
    if "db_engine_versions" not in answers.versions:
        return [Problem("warning", inventory, key, _unanswered("the versions of RDS", answers, answers.versions))]
    offered = [str(one["engine_version"]) for one in answers.versions["db_engine_versions"]]
    message = offer_problem(str(answers.values[key]), offered, answers.region)
    return [Problem("error", inventory, key, message)] if message else []


def _quotas(answers: Answers) -> list[Problem]:
    if answers.quotas is None:
        return []
    if "quotas" not in answers.quotas:
        message = _unanswered("the quotas of the account", answers, answers.quotas)
        return [Problem("warning", answers.region, "quotas", message)]
    return find_quota_problems(answers.region, needs(answers.values), answers.quotas)


def _unanswered(what: str, answers: Answers, failure: Mapping[str, Any]) -> str:
    why = " ".join(str(failure.get("msg", "no answer")).split())
    return f"could not ask AWS in {answers.region} for {what} ({why}); they were not checked"
