"""design.yml holds the whole document, in its words and order, and departs from it only where 0006 says so."""

import re

import yaml
from design import DEVIATIONS, DOCUMENT, Entry, deviations, load, normal, numbers, sections

DESIGN = load()
SECTIONS = sections(DOCUMENT.read_text(encoding="utf-8"))
# A sentence that is read needs a value; one that is not, why or where it will be.
NEEDS = {"aws": "read", "inventory": "read", "chart": "read", "gitops": "manifest", "process": "reason"}


def _quoted(section: str) -> set[str]:
    return {normal(line) for one in DESIGN.entries if one.section == section for line in one.says}


def test_sections_are_those_of_the_document_in_its_order() -> None:
    listed = list(DESIGN.no_figure)
    assert listed == [name for name, lines in SECTIONS.items() if lines]


def test_every_heading_has_an_entry() -> None:
    having = {one.section for one in DESIGN.entries}
    without = [name for name in SECTIONS if not any(f"{one} > ".startswith(f"{name} > ") for one in having)]
    assert without == []


def test_every_line_is_quoted_or_carries_no_figure() -> None:
    for section, lines in SECTIONS.items():
        silent = {normal(line) for line in DESIGN.no_figure.get(section, [])}
        missing = [line for line in lines if line not in _quoted(section) | silent]
        assert missing == [], section


def test_entries_say_what_the_document_says() -> None:
    for one in DESIGN.entries:
        unknown = [line for line in one.says if normal(line) not in SECTIONS[one.section]]
        assert one.says and not unknown, (one.id, unknown)


def test_lines_without_a_figure_are_in_the_document_and_not_quoted() -> None:
    for section, lines in DESIGN.no_figure.items():
        plain = {normal(line) for line in lines}
        assert plain <= set(SECTIONS[section]), (section, plain - set(SECTIONS[section]))
        assert not plain & _quoted(section), (section, plain & _quoted(section))


def test_ids_are_unique() -> None:
    ids = [one.id for one in DESIGN.entries]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)


def test_every_entry_says_where_it_is_checked() -> None:
    for one in DESIGN.entries:
        needed = NEEDS[one.where]
        assert getattr(one, needed), (one.id, needed)
        if needed == "read":
            assert one.expect is not None, one.id
        else:
            assert not one.read, one.id


def test_what_waits_for_gitops_is_listed() -> None:
    """The list in the head of design.yml: an entry leaves it when it is read from there."""
    assert [one.id for one in DESIGN.of("gitops")] == DESIGN.gitops_entries


def _departs(entry: Entry) -> list[str]:
    """Numbers of the document that the expected values do not have."""
    expected = [entry.expect] if entry.standby is None else [entry.expect, entry.standby]
    held = re.findall(r"\d+(?:\.\d+)*", yaml.safe_dump(expected, width=10000))
    return [number for number in numbers(entry.says) if number not in held]


def test_values_have_the_numbers_of_the_document() -> None:
    """A number may only be another one by a listed deviation, or where `units` says how it is reckoned."""
    departing = {one.id: _departs(one) for one in DESIGN.entries if one.where in ("aws", "inventory", "chart")}
    explained = {one.id for one in DESIGN.entries if one.deviation or one.units}
    assert {name: found for name, found in departing.items() if found and name not in explained} == {}


def test_units_are_given_only_where_a_number_is_reckoned() -> None:
    assert [one.id for one in DESIGN.entries if one.units and not _departs(one)] == []


def test_deviations_are_those_of_the_decision() -> None:
    used = {one.deviation for one in DESIGN.entries if one.deviation}
    assert used == set(deviations())


def test_every_deviation_says_what_and_why() -> None:
    parts = DEVIATIONS.read_text(encoding="utf-8").split("\n### ")[1:]
    assert len(parts) == len(set(deviations()))
    for part in parts:
        for label in ("- Document: ", "- Here: ", "- Why: "):
            assert part.count(f"\n{label}") == 1, part.partition("\n")[0]
