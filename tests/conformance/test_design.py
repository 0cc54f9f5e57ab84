"""What the document says and AWS can tell: the estate that site.yml builds has it, figure by figure."""

from pathlib import Path

import pytest
from design import Entry, load
from estate import READERS, Estate
from read_tags import WALKS, tagged_resources

for reader_file in sorted(Path(__file__).parent.glob("read_*.py")):
    __import__(reader_file.stem)

pytestmark = pytest.mark.slow
DESIGN = load()
READ = [one for one in DESIGN.entries if one.where in ("aws", "inventory")]
CASES = [(one, region) for one in READ for region in one.regions]


@pytest.mark.parametrize(("entry", "region"), CASES, ids=[f"{one.id}-{region}" for one, region in CASES])
def test_figure(estate: Estate, entry: Entry, region: str) -> None:
    found = entry.find(lambda name: estate.read(name, region))
    assert found == entry.expected(region), f"{entry.section}: {'; '.join(entry.says)}"


def test_every_entry_names_a_reader_and_every_reader_has_an_entry() -> None:
    named = {one.read.partition(".")[0] for one in READ}
    assert named == set(READERS)


def test_the_walk_through_tags_meets_resources_of_every_service(estate: Estate) -> None:
    """An empty walk would call everything tagged."""
    found = tagged_resources(estate, "us-east-1")
    empty = [walk.__name__ for walk in WALKS if not list(walk(estate, "us-east-1"))]
    assert empty == []
    assert len(found) > 200
