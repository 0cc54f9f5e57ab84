"""The estimate as a page: well formed, alone, escaped, and with the figures that were counted by hand."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from cost_lines import GATEWAY, OUT, SMALL, estimates
from hypothesis import given, settings

from trading_platform.cost.as_html import estimate_html
from trading_platform.cost.charts_svg import FIGURES, LABELS, WIDTH, services_chart, tiers_chart
from trading_platform.cost.model import Estimate

calm = settings(deadline=None, max_examples=40)

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "br"}
REFERENCES = {"src", "href", "xlink:href", "srcset", "data", "action", "poster", "background"}


class Page(HTMLParser):
    """What a page is made of. Raises AssertionError where a tag is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attributes for found, attributes in self.tags if found == tag]


def styles(text: str) -> str:
    """Every style sheet of a page."""
    return "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))


@calm
@given(estimates)
def test_every_tag_is_closed_and_nothing_is_fetched(estimate: Estimate) -> None:
    text = estimate_html(estimate)
    page = Page(text)
    for tag, attributes in page.tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base"}
        assert not REFERENCES & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import|expression\(", styles(text))


@calm
@given(estimates)
def test_charts_are_xml_with_a_title_and_a_description(estimate: Estimate) -> None:
    for chart in (tiers_chart(estimate), services_chart(estimate)):
        root = ET.fromstring(chart)  # noqa: S314 - made here
        assert root.get("role") == "img"
        ids = (root.get("aria-labelledby") or "").split()
        labels = [root.find(f"{SVG}title"), root.find(f"{SVG}desc")]
        assert ids == [label.get("id") for label in labels if label is not None and label.text]
        for shape in root.iter(f"{SVG}rect"):
            right = float(shape.get("x", "")) + float(shape.get("width", ""))
            assert right <= WIDTH - FIGURES + 0.2 or shape.get("height") == "14"


def test_the_page_says_the_totals_and_what_is_unknown() -> None:
    page = Page(estimate_html(SMALL))
    said = " ".join(" ".join(page.texts).split())
    assert "low 237.02 baseline 220.02, usage 17.00 typical 335.02" in said
    assert "high 760.02 baseline 220.02, usage 540.00 + 2 unknown + 2 unknown" in said
    assert "Prices as of 2024-07-01 to 2026-10-13." in said
    assert "us-east-1 / compute / nodes / disk (typical, high): cost_usage does not say how much" in said
    assert "0.09 and less for more medium, on or before 2024-07-01, a golden file" in said
    # Certainty of the prices: name, low, typical, high.
    assert "assumed 121.47 121.47 121.47 medium 9.00 115.00 540.00" in said
    for line in SMALL.lines:
        assert line.name in said
    # Two regions, three tiers, four resources, each to fold.
    assert len(page.all("details")) == len(page.all("summary")) == 9
    assert [one for one in page.all("details") if "open" in one] == [{"open": None}] * 2


def test_every_table_names_its_columns_and_rows_for_screen_readers() -> None:
    text = estimate_html(SMALL)
    for table in re.findall(r"<table>.*?</table>", text, re.DOTALL):
        head, _, body = table.partition("</thead>")
        columns = head.count('<th scope="col"')
        rows = re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
        assert rows
        for row in rows:
            assert row.startswith('<tr><th scope="row">')
            assert row.count("<td") == columns - 1
    assert Page(text).all("html") == [{"lang": "en"}]


def test_the_page_has_colours_for_light_and_for_dark_readers() -> None:
    page, chart = estimate_html(SMALL), services_chart(SMALL)
    assert "color-scheme:light dark" in styles(page)
    assert "@media (prefers-color-scheme:dark){:root{" in styles(page)
    assert "@media (prefers-color-scheme:dark){.cost-chart" in styles(chart)


@pytest.mark.parametrize("field", ["region", "tier", "service", "resource", "name", "unit", "note"])
def test_text_of_the_estimate_is_text_and_no_markup(field: str) -> None:
    nasty = "</svg><script>alert('&amp;')</script>"
    page = Page(estimate_html(Estimate(nasty, (replace(GATEWAY, **{field: nasty}), replace(OUT, price=None)))))
    assert page.all("script") == []
    # As the title of the page, and at least once as what the field says.
    assert sum(nasty in text for text in page.texts) >= 3


def test_the_bars_are_as_long_as_the_amounts() -> None:
    room = WIDTH - LABELS - FIGURES
    root = ET.fromstring(tiers_chart(SMALL))  # noqa: S314 - made here
    bars = [
        (shape.get("y"), shape.findtext(f"{SVG}title"), float(shape.get("width", "")))
        for shape in root.iter(f"{SVG}rect")
        if shape.get("height") == "30"
    ]
    assert [bar[:2] for bar in bars] == [
        ("0", "network 107.55"),
        ("0", "compute 129.47"),
        ("44", "network 213.55"),
        ("44", "compute 121.47"),
        ("88", "network 638.55"),
        ("88", "compute 121.47"),
    ]
    for (_, _, width), amount in zip(bars, (107.55, 129.472, 213.55, 121.472, 638.55, 121.472), strict=True):
        # A pixel of each is the gap to the next; the longest bar, 760.022, has all the room.
        assert width + 1 == pytest.approx(room * amount / 760.022, abs=0.06)
