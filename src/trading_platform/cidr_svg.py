"""Draw the address space of all regions as one self-contained SVG picture.

The primary block of a VPC is a grid of 256 cells (of a /16 every cell is a /24), secondary blocks are bars. A tier has
the same colour in every region; letters, labels and the list beside the grid say the same without colour.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from ipaddress import IPv4Address

from trading_platform.cidr_aws import LONGEST_PREFIX
from trading_platform.cidr_model import PRIMARY, CidrBlock, ReservedBlock, Subnet, Tier, VpcPlan

WIDTH = 1000
MARGIN = 24
GRID_X = 120
COLUMNS = 16
CELL_WIDTH = 28
CELL_HEIGHT = 19
LIST_X = GRID_X + COLUMNS * CELL_WIDTH + 40
LINE = 18
BAR_HEIGHT = 34
MONO_WIDTH = 6.7  # pixels of a character of the 11 px monospace text

INK = "#1b1f24"
SOFT = "#57606a"
FREE = "#e9edf1"
# Paul Tol's "muted" scheme, made to be told apart with any colour vision: https://personal.sron.nl/~pault/
COLOURS = ("#332288", "#117733", "#882255", "#44aa99", "#aa4499", "#999933", "#cc6677", "#88ccee", "#ddcc77")

SANS = "system-ui,-apple-system,'Segoe UI','Helvetica Neue','DejaVu Sans',sans-serif"
MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
STYLE = (
    f"text{{font-family:{SANS};fill:{INK}}}.m{{font-family:{MONO};font-size:11px}}"
    f".s{{fill:{SOFT};font-size:12px}}.t{{font-size:13px;font-weight:600}}"
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of a block to draw: a subnet or a kept slot."""

    tier: str
    first: int
    end: int
    short: str
    label: str
    hint: str
    kept: bool


def draw_estate(plans: Mapping[str, VpcPlan]) -> str:
    """The picture of all regions (region -> plan), as the text of an SVG file."""
    names = sorted({tier.name for plan in plans.values() for tier in plan.tiers})
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
    y = MARGIN + 62.0
    body: list[str] = []
    for region, plan in plans.items():
        lines, height = _region(region, plan, colours, y)
        body += lines
        y += height
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:g}" width="{WIDTH}" height="{y:g}" '
        'role="img" aria-labelledby="title desc">',
        '<title id="title">Address space of ' + escape(" and ".join(plans)) + "</title>",
        f'<desc id="desc">{escape(_description(plans))}</desc>',
        f"<style>{STYLE}</style>",
        "<defs>" + "".join(_hatch(name, colour) for name, colour in colours.items()) + "</defs>",
        f'<rect width="{WIDTH}" height="{y:g}" rx="8" fill="#ffffff"/>',
        _text(MARGIN, MARGIN + 14, "Address space", size=20, weight=700),
        *_legend(MARGIN + 42),
    ]
    return "\n".join([*head, *body, "</svg>", ""])


def _description(plans: Mapping[str, VpcPlan]) -> str:
    parts = []
    for region, plan in plans.items():
        subnets = ", ".join(f"{subnet.name} {subnet.cidr}" for subnet in plan.subnets)
        blocks = " and ".join(str(block.network) for block in plan.cidrs)
        parts.append(f"{region} has {blocks} with the subnets {subnets}.")
    return " ".join(parts)


def _hatch(name: str, colour: str) -> str:
    return (
        f'<pattern id="{_pattern(name)}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{FREE}"/>'
        f'<rect width="2.5" height="6" fill="{colour}"/></pattern>'
    )


def _pattern(name: str) -> str:
    return "kept-" + "".join(letter if letter.isalnum() else f"_{ord(letter)}_" for letter in name)


def _text(
    x: float, y: float, text: str, css: str = "", anchor: str = "", fill: str = "", size: int = 0, weight: int = 0
) -> str:
    pairs = {"class": css, "text-anchor": anchor, "fill": "", "font-size": size or "", "font-weight": weight or ""}
    attributes = "".join(f' {key}="{value}"' for key, value in pairs.items() if value)
    # A style sheet beats the fill attribute, so a colour of its own is written as style.
    style = f' style="fill:{fill}"' if fill else ""
    return f'<text x="{x:g}" y="{y:g}"{attributes}{style}>{escape(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str, hint: str = "") -> str:
    shape = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"'
    return f"{shape}><title>{escape(hint)}</title></rect>" if hint else f"{shape}/>"


def _legend(y: float) -> list[str]:
    """What filled, hatched and empty cells mean; drawn in ink, since every tier has its own colour."""
    hatch = _hatch("any", INK)
    entries = (
        (INK, "subnet (the letter is its availability zone)"),
        (f"url(#{_pattern('any')})", "kept: another zone, a removed zone, a retired tier"),
        (FREE, "free"),
    )
    lines = [f"<defs>{hatch}</defs>"]
    x = float(MARGIN)
    for fill, text in entries:
        lines.append(_rect(x, y - 10, 18, 12, fill))
        lines.append(_text(x + 24, y, text, "s"))
        x += 24 + len(text) * 6.4 + 24
    return lines


def _region(region: str, plan: VpcPlan, colours: Mapping[str, str], y: float) -> tuple[list[str], float]:
    """The lines of one region from height `y` on, and how high it is."""
    primary = next(block for block in plan.cidrs if block.name == PRIMARY)
    others = [block for block in plan.cidrs if block.name != PRIMARY]
    cell = min(LONGEST_PREFIX, primary.network.prefixlen + 8)
    lines = [
        f'<line x1="{MARGIN}" y1="{y:g}" x2="{WIDTH - MARGIN}" y2="{y:g}" stroke="#d0d7de"/>',
        _text(MARGIN, y + 28, region, size=17, weight=700),
        _text(MARGIN + len(region) * 10.5 + 14, y + 28, _subtitle(plan, primary, cell), "s"),
    ]
    top = y + 62
    grid, grid_height = _grid(primary, _places(plan, primary.name), cell, colours, top)
    listing, list_height = _listing(plan, colours, top)
    lines += grid + listing
    below = top + max(grid_height, list_height) + 14
    for block in others:
        lines += _bar(block, _places(plan, block.name), colours, below)
        below += BAR_HEIGHT + 34
    return lines, below - y + 14


def _subtitle(plan: VpcPlan, block: CidrBlock, cell: int) -> str:
    free = sum(gap.addresses for gap in plan.gaps if gap.cidr_name == block.name)
    share = f"{free:,} of its {block.network.num_addresses:,} addresses are free"
    return f"{block.network}: every cell is a /{cell} ({1 << (32 - cell):,} addresses); {share}"


def _places(plan: VpcPlan, cidr_name: str) -> list[_Place]:
    subnets = [_subnet_place(subnet) for subnet in plan.subnets if subnet.cidr_name == cidr_name]
    return subnets + [_kept_place(block) for block in plan.reserved if block.cidr_name == cidr_name]


def _subnet_place(subnet: Subnet) -> _Place:
    zone = subnet.availability_zone
    hint = f"{subnet.name} {subnet.cidr}, {subnet.usable_addresses:,} usable addresses"
    label = f"{subnet.tier} {zone} {subnet.cidr}"
    return _Place(subnet.tier, subnet.first, subnet.first + subnet.addresses, zone[-1], label, hint, kept=False)


def _kept_place(block: ReservedBlock) -> _Place:
    hint = f"{block.cidr} kept for tier {block.tier}: {block.reason}"
    return _Place(block.tier, block.first, block.first + block.addresses, "", f"kept {block.cidr}", hint, kept=True)


def _fill(place: _Place, colours: Mapping[str, str]) -> str:
    return f"url(#{_pattern(place.tier)})" if place.kept else colours[place.tier]


def _ink_on(colour: str) -> str:
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 125 else INK


def _grid(
    block: CidrBlock, places: Sequence[_Place], cell_prefix: int, colours: Mapping[str, str], top: float
) -> tuple[list[str], float]:
    cell = 1 << (32 - cell_prefix)
    cells = block.network.num_addresses // cell
    rows, columns = -(-cells // COLUMNS), min(COLUMNS, cells)
    width, height = columns * CELL_WIDTH, rows * CELL_HEIGHT
    lines = [_rect(GRID_X, top, width, height, FREE, "free")]
    for column in range(columns):
        lines.append(_text(GRID_X + (column + 0.5) * CELL_WIDTH, top - 6, f"+{column}", "m", "middle", SOFT))
    for row in range(rows):
        address = IPv4Address(block.first + row * COLUMNS * cell)
        lines.append(_text(GRID_X - 8, top + (row + 0.5) * CELL_HEIGHT + 4, str(address), "m", "end", SOFT))
    for place in places:
        lines += _cells(place, block.first, cell, colours, top)
    path = "".join(f"M{GRID_X + column * CELL_WIDTH} {top:g}v{height}" for column in range(1, columns))
    path += "".join(f"M{GRID_X} {top + row * CELL_HEIGHT:g}h{width}" for row in range(1, rows))
    lines.append(f'<path d="{path}" stroke="#ffffff" stroke-width="1" fill="none" pointer-events="none"/>')
    lines += [line for place in places if not place.kept for line in _letter(place, block.first, cell, colours, top)]
    return lines, height


def _stretches(first: int, end: int, row_size: int) -> Iterator[tuple[int, int, int]]:
    """A stretch of addresses cut at the ends of the rows: row, first and end address in that row."""
    while first < end:
        row = first // row_size
        stop = min(end, (row + 1) * row_size)
        yield row, first - row * row_size, stop - row * row_size
        first = stop


def _cells(place: _Place, base: int, cell: int, colours: Mapping[str, str], top: float) -> list[str]:
    fill = _fill(place, colours)
    lines = []
    for row, first, end in _stretches(place.first - base, place.end - base, COLUMNS * cell):
        x = GRID_X + first / cell * CELL_WIDTH
        width = (end - first) / cell * CELL_WIDTH
        lines.append(_rect(x, top + row * CELL_HEIGHT, width, CELL_HEIGHT, fill, place.hint))
    return lines


def _letter(place: _Place, base: int, cell: int, colours: Mapping[str, str], top: float) -> list[str]:
    """The zone's letter in the subnet's first cell, where that is wide enough."""
    row, first, end = next(_stretches(place.first - base, place.end - base, COLUMNS * cell))
    width = min((end - first) / cell, 1) * CELL_WIDTH
    if width < 10:
        return []
    x = GRID_X + first / cell * CELL_WIDTH + width / 2
    y = top + (row + 0.5) * CELL_HEIGHT + 4
    return [_text(x, y, place.short, "m", "middle", _ink_on(colours[place.tier]), weight=700)]


def _listing(plan: VpcPlan, colours: Mapping[str, str], top: float) -> tuple[list[str], float]:
    """The tiers in the order of their addresses, each with its subnets."""
    lines: list[str] = []
    y = top + 10
    by_tier = plan.subnets_by_tier()
    order = {block.name: number for number, block in enumerate(plan.cidrs)}
    for tier in sorted(plan.tiers, key=lambda tier: (order[tier.cidr_name], tier.first)):
        lines.append(_rect(LIST_X, y - 10, 18, 12, _tier_fill(tier, colours)))
        lines.append(_text(LIST_X + 26, y, tier.name, "t"))
        lines.append(_text(LIST_X + 360, y, _tier_note(tier), "s", "end"))
        y += LINE
        for subnet in by_tier.get(tier.name, []):
            lines.append(_text(LIST_X + 26, y, f"{subnet.availability_zone:<12} {subnet.cidr}", "m"))
            lines.append(_text(LIST_X + 360, y, f"{subnet.usable_addresses:,} usable", "m", "end", SOFT))
            y += LINE - 2
        y += 5
    return lines, y - top


def _tier_fill(tier: Tier, colours: Mapping[str, str]) -> str:
    return f"url(#{_pattern(tier.name)})" if tier.retired else colours[tier.name]


def _tier_note(tier: Tier) -> str:
    return f"{tier.slots} slots of /{tier.prefix_length}" + (", retired" if tier.retired else "")


def _bar(block: CidrBlock, places: Sequence[_Place], colours: Mapping[str, str], y: float) -> list[str]:
    width = WIDTH - MARGIN - GRID_X
    size = block.network.num_addresses
    lines = [
        _text(GRID_X, y + 12, f"{block.network} ({block.name})", "s"),
        _rect(GRID_X, y + 20, width, BAR_HEIGHT, FREE, "free"),
    ]
    for place in places:
        x = GRID_X + (place.first - block.first) / size * width
        own = (place.end - place.first) / size * width
        lines.append(_rect(x, y + 20, own, BAR_HEIGHT, _fill(place, colours), place.hint))
        if place.first > block.first:
            lines.append(f'<path d="M{x:g} {y + 20:g}v{BAR_HEIGHT}" stroke="#ffffff"/>')
        lines += _bar_label(place, x + own / 2, own, y + 20, colours)
    return lines


def _bar_label(place: _Place, middle: float, width: float, y: float, colours: Mapping[str, str]) -> list[str]:
    """The longest label that fits into the stretch; a hatched one gets a plate, so that it can be read."""
    for text in (place.label, place.label.rpartition(" ")[2], place.short):
        room = len(text) * MONO_WIDTH + 8
        if text and room <= width:
            break
    else:
        return []
    line = _text(
        middle, y + BAR_HEIGHT / 2 + 4, text, "m", "middle", INK if place.kept else _ink_on(colours[place.tier])
    )
    if place.kept:
        return [_rect(middle - room / 2, y + 9, room, BAR_HEIGHT - 18, "#ffffff"), line]
    return [line]
