"""Whether RDS offers a version in a region, by what RDS itself says, and which come nearest where it does not."""

from collections.abc import Sequence


def offer_problem(wanted: str, offered: Sequence[str], region: str) -> str:
    """Say that a version is not among those offered, with the nearest below and above; "" when it is.

    offered: the minor versions of its major one, such as ``["16.13", "16.14"]``, in any order.
    """
    if wanted in offered:
        return ""
    major = wanted.partition(".")[0]
    listing = f"`aws rds describe-db-engine-versions --engine postgres --region {region}` lists what it has"
    near = nearest(wanted, offered)
    if not near:
        return f"RDS offers no PostgreSQL {major} in {region}; {listing}"
    return f"RDS offers no PostgreSQL {wanted} in {region}; nearest: {' and '.join(near)}; {listing}"


def nearest(wanted: str, offered: Sequence[str]) -> list[str]:
    """The next version below and the next above, as far as there are any."""
    ordered = sorted(offered, key=_number)
    below = [one for one in ordered if _number(one) < _number(wanted)]
    above = [one for one in ordered if _number(one) > _number(wanted)]
    return below[-1:] + above[:1]


def _number(version: str) -> tuple[int, ...]:
    """16.9 comes before 16.14. What is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
