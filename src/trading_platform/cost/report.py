"""An estimate in one of its formats, with what is told beside it."""

from collections.abc import Mapping, Sequence
from typing import Literal

from trading_platform.cost.advice import sections
from trading_platform.cost.as_html import estimate_html
from trading_platform.cost.as_json import estimate_json
from trading_platform.cost.budget import Judgement
from trading_platform.cost.document import compare
from trading_platform.cost.markdown import estimate_markdown
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.cost.place import Place
from trading_platform.cost.savings import savings
from trading_platform.cost.text import estimate_text
from trading_platform.tables import Section, render_markdown, render_text

type Format = Literal["text", "markdown", "json", "html"]
FORMATS: tuple[Format, ...] = ("text", "markdown", "json", "html")


def told_beside(
    estimate: Estimate, places: Sequence[Place], judgements: Sequence[Judgement], differences: Sequence[str] = ()
) -> tuple[Section, ...]:
    """What all formats but JSON tell beside the lines. `differences`: between what was built and the inventory."""
    groups = {place.region: place.group for place in places}
    told = sections(compare(estimate, primary_of(groups)), savings(places, estimate.lines), judgements)
    built = Section("What was built otherwise than the inventory says", tuple(f"{one}." for one in differences))
    return (built, *told) if differences else told


def primary_of(groups: Mapping[str, str]) -> str:
    """The primary region, else the first. `groups`: region to its group."""
    return next((region for region, group in groups.items() if group == "primary"), next(iter(groups)))


def shown(form: Format, estimate: Estimate, told: Sequence[Section], scenario: Scenario = Scenario.TYPICAL) -> str:
    """The text of an estimate; lines are those of one scenario, totals are those of all."""
    match form:
        case "json":
            return estimate_json(estimate)
        case "html":
            return estimate_html(estimate, told)
        case "markdown":
            return f"{estimate_markdown(estimate, scenario)}\n{render_markdown(told)}"
        case "text":
            return f"{estimate_text(estimate, scenario)}\n{render_text(told)}"
