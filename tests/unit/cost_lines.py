"""Estimates for the tests of what is made of one: two small ones to check by hand, and any."""

from decimal import Decimal

from hypothesis import strategies as st

from trading_platform.cost.model import Estimate, Kind, Line, Quantities
from trading_platform.pricing import Price, Tier


def price(
    usd: str, unit: str = "hour", certainty: str = "high", as_of: str = "2026-10-13", source: str = "a source"
) -> Price:
    """A price without tiers."""
    return Price(unit, (Tier(Decimal(0), None, Decimal(usd)),), source, as_of, certainty)


def amounts(low: str | None, typical: str | None, high: str | None) -> Quantities:
    """Quantities from text; None is unknown."""
    return Quantities(*(None if one is None else Decimal(one) for one in (low, typical, high)))


TRAFFIC = Price(
    "GB",
    (Tier(Decimal(0), Decimal(1000), Decimal("0.09")), Tier(Decimal(1000), None, Decimal("0.05"))),
    "a golden file",
    "on or before 2024-07-01",
    "medium",
)
GATEWAY = Line(
    "us-east-1",
    "network",
    "VPC",
    "NAT gateways",
    "gateway",
    Kind.BASELINE,
    Quantities.always(2190),
    "hour",
    price("0.045"),
)
OUT = Line(
    "us-east-1",
    "network",
    "DataTransfer",
    "data transfer",
    "to the internet",
    Kind.USAGE,
    amounts("100", "1500", "10000"),
    "GB",
    TRAFFIC,
)
NODE = Line(
    "us-east-1",
    "compute",
    "EC2",
    "nodes",
    "t3.xlarge",
    Kind.BASELINE,
    Quantities.always(730),
    "hour",
    price("0.1664", certainty="assumed", as_of=""),
    "spot is cheaper",
)
DISK = Line(
    "us-east-1", "compute", "EBS", "nodes", "disk", Kind.USAGE, amounts("100", None, None), "GB-month", price("0.08")
)
LOGS = Line("us-west-2", "monitoring", "CloudWatch", "logs", "kept", Kind.USAGE, amounts("0", "5", "9"), "GB", None)
SMALL = Estimate("staging", (GATEWAY, OUT, NODE, DISK, LOGS))
"""2190 h at 0.045: 98.55. 100 GB: 9; 1,500: 90 + 25 = 115; 10,000: 90 + 450 = 540. 730 h at 0.1664: 121.472."""

words = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=12)
decimals = st.decimals(0, 10_000_000, places=4)
widths_of_tiers = st.lists(st.decimals("0.1", 100_000, places=1), max_size=3)
dates = st.sampled_from(["", "2026-10-13", "on or before 2024-07-01", "2026-09", "unknown"])
certainties = st.sampled_from(["high", "stale: old"])


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """Any price: one tier or more, each beginning where the one before ends."""
    widths = draw(widths_of_tiers)
    starts = [sum(widths[:index], Decimal(0)) for index in range(len(widths) + 1)]
    last = starts[-1] + 1 if draw(st.booleans()) else None
    ends: list[Decimal | None] = [*starts[1:], last]
    tiers = (Tier(start, end, draw(decimals)) for start, end in zip(starts, ends, strict=True))
    return Price(draw(words), tuple(tiers), draw(words), draw(dates), draw(certainties))


quantities = st.builds(Quantities, *[st.none() | decimals] * 3)
# Few names, so that lines meet in a resource and two estimates have lines in common.
lines = st.builds(
    Line,
    st.sampled_from(["us-east-1", "us-west-2", "global"]),
    st.sampled_from(["network", "a <b> & 'c'"]),
    st.sampled_from(["EC2", "VPC"]),
    st.sampled_from(["nodes", "| `x` |"]),
    st.sampled_from(["one", "two"]) | words,
    st.sampled_from(Kind),
    quantities,
    words,
    st.none() | prices(),
    words,
)
estimates = st.builds(Estimate, words, st.lists(lines, max_size=8, unique_by=lambda line: line.identity).map(tuple))
