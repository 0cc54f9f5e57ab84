"""An estimate in one of its formats, with what is told beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trading_platform.cost.advice import sections
from trading_platform.cost.as_html import estimate_html
from trading_platform.cost.as_json import estimate_json
from trading_platform.cost.budget import Judgement
from trading_platform.cost.document import Compared, compare
from trading_platform.cost.markdown import estimate_markdown
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.cost.place import Place
from trading_platform.cost.savings import Saving, savings
from trading_platform.cost.text import estimate_text
from trading_platform.tables import Section, render_markdown, render_text

type Format = Literal["text", "markdown", "json", "html"]
FORMATS: tuple[Format, ...] = ("text", "markdown", "json", "html")


@dataclass(frozen=True, slots=True)
class Report:
    """An estimate, and what is told beside it. `differences`: between what was built and the inventory."""

    estimate: Estimate
    compared: tuple[Compared, ...]
    savings: tuple[Saving, ...]
    judgements: tuple[Judgement, ...]
    differences: tuple[str, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """What all formats but JSON tell beside the lines."""
        told = sections(self.compared, self.savings, self.judgements)
        built = Section(
            "What was built otherwise than the inventory says", tuple(f"{one}." for one in self.differences)
        )
        return (built, *told) if self.differences else told


def report_of(
    estimate: Estimate, places: Sequence[Place], judgements: Sequence[Judgement], differences: Sequence[str] = ()
) -> Report:
    """The report on an estimate of `places`."""
    compared = compare(estimate, primary_of({place.region: place.group for place in places}))
    return Report(estimate, compared, savings(places, estimate.lines), tuple(judgements), tuple(differences))


def primary_of(groups: Mapping[str, str]) -> str:
    """The primary region, else the first. `groups`: region to its group."""
    return next((region for region, group in groups.items() if group == "primary"), next(iter(groups)))


def shown(form: Format, report: Report, scenario: Scenario = Scenario.TYPICAL) -> str:
    """The text of a report; lines are those of one scenario, totals are those of all."""
    match form:
        case "json":
            return estimate_json(report.estimate, report.compared, report.savings)
        case "html":
            return estimate_html(report.estimate, report.sections)
        case "markdown":
            return f"{estimate_markdown(report.estimate, scenario)}\n{render_markdown(report.sections)}"
        case "text":
            return f"{estimate_text(report.estimate, scenario)}\n{render_text(report.sections)}"
