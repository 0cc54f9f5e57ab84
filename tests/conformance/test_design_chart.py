"""What the document says and the umbrella chart renders: figure by figure, from the manifests of production."""

import pytest
from design import Entry, load
from read_chart import CHART_READERS, production

READ = load().of("chart")


@pytest.mark.parametrize("entry", READ, ids=[one.id for one in READ])
def test_figure(entry: Entry) -> None:
    found = entry.find(lambda name: CHART_READERS[name](production()))
    assert found == entry.expect, f"{entry.section}: {'; '.join(entry.says)}"


def test_every_reader_has_an_entry() -> None:
    assert {one.read.partition(".")[0] for one in READ} == set(CHART_READERS)
