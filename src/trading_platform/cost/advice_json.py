"""What is told beside an estimate, for its JSON: the document's table, and what could be saved.

It is for readers of the file, and is not read back: it follows from inventory and prices, not from the lines alone.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from trading_platform.cost.document import Compared
from trading_platform.cost.figures import exact
from trading_platform.cost.model import Total
from trading_platform.cost.savings import Saving

KEYS = ("document_table", "savings")

type Document = dict[str, Any]


def document_table(compared: Sequence[Compared]) -> list[Document]:
    """The rows in the order of the document; USD a month."""
    return [
        {
            "row": one.name,
            "document_usd": _exact(one.document),
            "low": _total(one.low),
            "typical": _total(one.typical),
            "standby": _total(one.standby),
            "reason": one.reason,
        }
        for one in compared
    ]


def savings_table(savings: Sequence[Saving]) -> list[Document]:
    """The strategies in their order; USD a month, null where a price or a quantity is unknown."""
    return [
        {
            "strategy": one.strategy,
            "of": one.what,
            "without_usd": _exact(one.now),
            "with_usd": _exact(one.then),
            "saved_usd": _exact(one.saved),
            "taken": one.taken,
            "pays_off": one.break_even,
        }
        for one in savings
    ]


def _total(total: Total) -> Document:
    return {"usd": exact(total.usd), "unknown": total.unknown}


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)
