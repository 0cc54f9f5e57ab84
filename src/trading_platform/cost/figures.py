"""Amounts, quantities and percentages as people read them; every output writes them alike.

Figures are rounded here and nowhere else, so that what is added up is never what was rounded.
"""

from decimal import Decimal

from trading_platform.cost.model import Total

UNKNOWN = "unknown"
CENT = Decimal("0.01")
LEAST = Decimal("0.0001")  # the smallest quantity that is written out


def usd(amount: Decimal | None) -> str:
    """1,234.50; unknown. What costs less than a cent, and yet something, is told from what costs nothing."""
    if amount is None:
        return UNKNOWN
    return "<0.01" if 0 < amount < CENT else f"{amount:,.2f}"


def usd_change(amount: Decimal) -> str:
    """+1,234.50, -1,234.50, 0.00."""
    sign = "+" if amount > 0 else "-" if amount < 0 else ""
    return sign + usd(abs(amount))


def quantity(amount: Decimal | None) -> str:
    """1,460; 0.25; unknown. At most four decimals."""
    if amount is None:
        return UNKNOWN
    return f"<{LEAST}" if 0 < amount < LEAST else _short(f"{amount:,.4f}")


def every_digit(amount: Decimal) -> str:
    """1,460.123456: as much as there is."""
    return _short(f"{amount:,f}")


def unit_price(amount: Decimal) -> str:
    """The price of one unit, with every digit that the catalogue has, and at least cents."""
    whole, _, decimals = every_digit(amount).partition(".")
    return f"{whole}.{decimals:0<2}"


def percent_change(percent: Decimal | None) -> str:
    """+12.5 %; "" where there is none."""
    return "" if percent is None else f"{percent:+,.1f} %"


def unknowns(total: Total) -> str:
    """+ 2 unknown; "" where everything is known."""
    return f"+ {total.unknown} {UNKNOWN}" if total.unknown else ""


def usd_total(total: Total) -> str:
    """1,234.50 + 2 unknown."""
    return f"{usd(total.usd)} {unknowns(total)}".rstrip()


def exact(amount: Decimal) -> str:
    """Every digit and nothing else, the same for the same value: 1000, 0.5."""
    return _short(f"{amount:f}") if amount else "0"


def _short(text: str) -> str:
    """Without zeros at the end of the decimals."""
    return text.rstrip("0").rstrip(".") if "." in text else text
