"""Show what each region of an inventory holds at minimum, typical and full scale, and what gives out first.

    python -m trading_platform.capacity_report inventories/production [--markdown | --json] [--database-pool 20]

Full scale is where every node group and every service has the most that it may have. The quotas of a new account are
shown too; they are raised on request, so that they decide nothing here.
Exit code 0: all lasts up to full scale; 1: something gives out before; 2: the inventory or the chart cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from trading_platform.inventory import InventoryError, load_estate
from trading_platform.scale.read import plan_scale
from trading_platform.scale.render import scale_as_dict, scale_sections
from trading_platform.scale.source import ScaleError
from trading_platform.tables import render_markdown, render_text


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    try:
        regions = plan_scale(load_estate(options.inventory), database_pool=options.database_pool)
    except (InventoryError, ScaleError) as error:
        for line in str(error).splitlines():
            print(f"{options.inventory}: {line}" if isinstance(error, ScaleError) else line, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(scale_as_dict(regions), indent=2))
    else:
        show = render_markdown if options.markdown else render_text
        print(show(scale_sections(regions)), end="")
    return 1 if any(region.gives_out for region in regions) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m trading_platform.capacity_report", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("inventory", help="inventory directory or file, e.g. inventories/production")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--markdown", action="store_true", help="print Markdown tables")
    shape.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--database-pool",
        metavar="N",
        type=_positive,
        help="connections to the database that a pod opens; the chart leaves it to the images",
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of connections: 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
