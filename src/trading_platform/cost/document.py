"""The estimate beside the table of the design document, row by row, with the reason of each difference.

The document prices one region. Its rows are compared with the primary region and what there is once for all; the
standby region, and what the table has no row for, stand beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from trading_platform.cost.model import Estimate, Line, Scenario, Total, total

LEFT_OUT = "Not in the table"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the document's table (Cost Optimization > Monthly Cost Breakdown), and why ours differs."""

    name: str
    usd: Decimal
    reason: str
    holds: Callable[[Line], bool]


@dataclass(frozen=True, slots=True)
class Compared:
    """A row with our figures, USD a month: of the primary region at its least and typically, and of the standby."""

    name: str
    document: Decimal | None
    low: Total
    typical: Total
    standby: Total
    reason: str


def _is(service: str) -> Callable[[Line], bool]:
    return lambda line: line.service == service


def _on_spot(line: Line) -> bool:
    return line.service == "EC2" and ", spot" in line.name


def _on_demand(line: Line) -> bool:
    return line.service == "EC2" and not _on_spot(line)


ROWS = (
    Row(
        "EKS Control Plane", Decimal(72), "The document counts 720 hours a month, and AWS's calculator 730.", _is("EKS")
    ),
    Row(
        "EC2 (On-Demand)",
        Decimal(800),
        "At their least the groups have three t3.xlarge and three r6i.xlarge, where the document has one: "
        "Elasticsearch of the traces wants a node in each of three zones.",
        _on_demand,
    ),
    Row("EC2 (Spot)", Decimal(240), "The least is two c6i.2xlarge, at the average saving of spot.", _on_spot),
    Row(
        "RDS PostgreSQL",
        Decimal(450),
        "The document pays for one machine. Multi-AZ is a second one, and each of the two read replicas one more.",
        _is("RDS"),
    ),
    Row(
        "ElastiCache Redis", Decimal(280), "Three nodes of cache.r6g.large cost more than 280 USD.", _is("ElastiCache")
    ),
    Row(
        "Data Transfer",
        Decimal(200),
        "What the usage says: to the internet, between zones and regions.",
        _is("DataTransfer"),
    ),
    Row(
        "S3 Storage", Decimal(50), "What the usage says; the lifecycle moves most of it to cheaper classes.", _is("S3")
    ),
    Row("CloudWatch", Decimal(100), "Alarms, logs and the metrics of Container Insights.", _is("CloudWatch")),
    Row("ALB", Decimal(30), "The load balancer itself and its capacity units (LCU).", _is("ELB")),
    Row("Route53", Decimal(5), "A zone and two health checks; queries of aliases are free.", _is("Route53")),
)
DOCUMENT_TOTAL = Decimal(2227)


def compare(estimate: Estimate, primary: str) -> tuple[Compared, ...]:
    """The rows of the document, then what it has no row for, then the sum. `primary`: the primary region."""
    here = [line for line in estimate.lines if line.region in (primary, "global")]
    there = [line for line in estimate.lines if line.region not in (primary, "global")]
    rows = [_compared(row.name, row.usd, row.reason, _held(here, row), _held(there, row)) for row in ROWS]
    rest = ([line for line in lines if not any(row.holds(line) for row in ROWS)] for lines in (here, there))
    services = sorted({line.service for line in here if not any(row.holds(line) for row in ROWS)})
    rows.append(_compared(LEFT_OUT, None, f"{', '.join(services)}.", *rest))
    reason = "The document's sum has neither the standby region nor what its table leaves out."
    return (*rows, _compared("Total", DOCUMENT_TOTAL, reason, here, there))


def _held(lines: list[Line], row: Row) -> list[Line]:
    return [line for line in lines if row.holds(line)]


def _compared(name: str, usd: Decimal | None, reason: str, here: list[Line], there: list[Line]) -> Compared:
    return Compared(
        name,
        usd,
        total(here, Scenario.LOW),
        total(here, Scenario.TYPICAL),
        total(there, Scenario.TYPICAL),
        reason,
    )
