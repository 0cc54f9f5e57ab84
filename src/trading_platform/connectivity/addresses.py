"""Sets of IP addresses as bit masks over the pieces that all CIDR blocks in play cut the address spaces into.

Every block in play is a union of whole pieces (atoms), so unions, differences and comparisons are exact however large
the blocks are. IPv4 and IPv6 lie one after the other on one line of numbers; no atom spans both.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, summarize_address_range

Network = IPv4Network | IPv6Network
Span = tuple[int, int]  # first number and number after the last, on the line

_IPV6 = 1 << 32  # where IPv6 begins on the line
_WHOLE: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


def _span(network: Network) -> Span:
    first = int(network.network_address) + (_IPV6 if network.version == 6 else 0)
    return first, first + network.num_addresses


@dataclass(frozen=True, slots=True)
class Addresses:
    """A set of addresses outside the cluster; it is the same set when the addresses are, whatever it is called.

    `name` is that of the endpoint whose addresses these are, or ""; `text` is what a person reads.
    """

    spans: tuple[Span, ...]
    name: str = field(default="", compare=False)
    text: str = field(default="", compare=False)

    @property
    def networks(self) -> tuple[Network, ...]:
        """The fewest CIDR blocks that make up the set, in order, IPv4 first."""
        blocks: list[Network] = []
        for first, end in self.spans:
            if first < _IPV6:
                blocks += summarize_address_range(IPv4Address(first), IPv4Address(end - 1))
            else:
                blocks += summarize_address_range(IPv6Address(first - _IPV6), IPv6Address(end - 1 - _IPV6))
        return tuple(blocks)

    @property
    def sort_key(self) -> tuple[int, str, str, str]:
        """After all workloads, those with a name first."""
        return (1, "" if self.name else "~", self.name or self.text, "")

    def __contains__(self, address: IPv4Address | IPv6Address) -> bool:
        number = int(address) + (_IPV6 if address.version == 6 else 0)
        return any(first <= number < end for first, end in self.spans)

    def __str__(self) -> str:
        return self.name or self.text


class AddressSpace:
    """All addresses, cut by the given blocks; a set of addresses is an int with one bit for each atom."""

    def __init__(self, networks: Iterable[Network]) -> None:
        given = {*networks, *_WHOLE}
        self._cuts = sorted({cut for network in given for cut in _span(network)})
        # Large ones first: a text names the largest block that fits.
        order = sorted(given, key=lambda network: (network.version, -network.num_addresses, _span(network)))
        self._blocks = [(str(network), self.mask([network])) for network in order]
        self._texts: dict[int, str] = {}
        self.everything = (1 << (len(self._cuts) - 1)) - 1

    def mask(self, networks: Iterable[Network], excepts: Iterable[Network] = ()) -> int:
        """The addresses of the networks that lie in none of the excepts; all must be among the given."""
        return self.mask_spans(map(_span, networks)) & ~self.mask_spans(map(_span, excepts))

    def mask_spans(self, spans: Iterable[Span]) -> int:
        """Raises ValueError for a set that is no union of atoms."""
        mask = 0
        for first, end in spans:
            mask |= (1 << self._cut(end)) - (1 << self._cut(first))
        return mask

    def _cut(self, number: int) -> int:
        at = bisect_left(self._cuts, number)
        if at == len(self._cuts) or self._cuts[at] != number:
            raise ValueError("these addresses are not made of the blocks that policies and endpoints name")
        return at

    def size(self, mask: int) -> int:
        """How many addresses."""
        return sum(end - first for first, end in self.spans(mask))

    def spans(self, mask: int) -> tuple[Span, ...]:
        """The set as stretches of the line, in order; neighbours are one stretch, but for the border of IPv6."""
        return tuple(self._runs(mask))

    def _runs(self, mask: int) -> Iterator[Span]:
        atom = 0
        while mask:
            skip = (mask & -mask).bit_length() - 1
            mask >>= skip
            length = (~mask & (mask + 1)).bit_length() - 1
            first, end = self._cuts[atom + skip], self._cuts[atom + skip + length]
            if first < _IPV6 < end:
                yield first, _IPV6
                first = _IPV6
            yield first, end
            mask >>= length
            atom += skip + length

    def text(self, mask: int) -> str:
        """The set in few words: given blocks where they fit, `10.0.0.0/8 without 10.0.11.0/24` where shorter."""
        if mask == self.everything:
            return "any address"
        if mask not in self._texts:
            self._texts[mask] = ", ".join(self._words(mask))
        return self._texts[mask]

    def _words(self, mask: int) -> list[str]:
        words = []
        touching = [(name, block) for name, block in self._blocks if mask & block]
        for at, (name, block) in enumerate(touching):
            inside = mask & block
            if not inside or any(inside & ~smaller == 0 for _, smaller in touching[at + 1 :]):
                continue
            holes = self._pieces(block & ~mask)
            # "without" counts as a word, so that one block is never written as another one with a hole.
            if not holes or len(holes) + 2 <= len(self._pieces(inside)):
                words.append(f"{name} without {' and '.join(holes)}" if holes else name)
                mask &= ~block
        return words + self._rest(mask)

    def _pieces(self, mask: int) -> list[str]:
        """The set as given blocks where they fit into it, and the rest as the fewest blocks."""
        pieces = []
        for name, block in self._blocks:
            if block & mask == block:
                pieces.append(name)
                mask &= ~block
        return pieces + self._rest(mask)

    def _rest(self, mask: int) -> list[str]:
        return [str(network) for network in Addresses(self.spans(mask)).networks] if mask else []


class Namer:
    """Says a set of addresses in the names of endpoints. `endpoints` has their masks, large ones first."""

    def __init__(self, space: AddressSpace, endpoints: Sequence[tuple[Addresses, int]]) -> None:
        self._space = space
        self._endpoints = endpoints
        self._known: dict[int, list[tuple[Addresses, int]]] = {}

    def name(self, mask: int) -> list[tuple[Addresses, int]]:
        """The endpoints that lie in the set whole, and the rest as one entry without a name; each with its mask.

        An endpoint whose addresses are all named already is left out. The rest says so where it is part of one.
        """
        if mask not in self._known:
            self._known[mask] = list(self._split(mask))
        return self._known[mask]

    def _split(self, mask: int) -> Iterator[tuple[Addresses, int]]:
        rest = mask
        for endpoint, own in self._endpoints:
            if own & ~mask == 0 and own & rest:
                yield endpoint, own
                rest &= ~own
        if rest:
            whole = [endpoint.name for endpoint, own in self._endpoints if rest & ~own == 0]
            text = self._space.text(rest) + (f" (part of {whole[-1]})" if whole else "")
            yield Addresses(self._space.spans(rest), text=text), rest
