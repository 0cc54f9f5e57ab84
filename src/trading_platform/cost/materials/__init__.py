"""The bill of materials: every line that a region's variables and usage make."""

from collections.abc import Iterator
from datetime import date

from trading_platform.cost.materials import compute, data, edge, monitoring, network, security, usage
from trading_platform.cost.model import Line
from trading_platform.cost.place import Place


def lines_of(place: Place, today: date) -> Iterator[Line]:
    """Everything that a region is billed for. Raises MaterialsError where the inventory does not say enough."""
    yield from network.lines(place)
    yield from compute.lines(place, today)
    yield from data.database_lines(place, today)
    yield from data.cache_lines(place, today)
    yield from edge.lines(place)
    yield from security.lines(place)
    yield from monitoring.lines(place)
    yield from usage.lines(place)
