"""The estimate of an environment from the variables of its inventory, region by region."""

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from trading_platform.cost.materials import lines_of
from trading_platform.cost.materials.usage import USED
from trading_platform.cost.model import Estimate
from trading_platform.cost.place import MaterialsError, Place
from trading_platform.pricing import Catalogue, load_catalogue

USAGE = "cost_usage"
USAGE_KEYS = frozenset({"nodes", "spot_share", "rds_storage_gb", "gateway_endpoint_gb", *(used.key for used in USED)})


def estimate(
    regions: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, str],
    today: date,
    catalogue: Catalogue | None = None,
) -> Estimate:
    """What an environment costs; arguments and errors as for `places_of`. `today` decides about extended support."""
    places = places_of(regions, groups, catalogue)
    return estimate_of(places, today)


def places_of(
    regions: Mapping[str, Mapping[str, Any]], groups: Mapping[str, str], catalogue: Catalogue | None = None
) -> list[Place]:
    """The regions of an environment as the bill of materials reads them.

    regions: region to the variables of its host; groups: region to its group, primary or dr. Raises MaterialsError.
    """
    if not regions:
        raise MaterialsError("the inventory has no region that could cost anything")
    prices = load_catalogue() if catalogue is None else catalogue
    return [_place(region, groups.get(region, ""), variables, prices) for region, variables in regions.items()]


def estimate_of(places: Sequence[Place], today: date) -> Estimate:
    """What the regions cost together. Raises MaterialsError."""
    lines = tuple(line for place in places for line in lines_of(place, today))
    return Estimate(str(places[0].variables.get("platform_environment", "")), lines)


def _place(region: str, group: str, variables: Mapping[str, Any], prices: Catalogue) -> Place:
    usage = variables.get(USAGE)
    if not isinstance(usage, Mapping):
        raise MaterialsError(f"{region}: {USAGE}: is missing; it says how much of everything is used")
    if not group:
        raise MaterialsError(f"{region}: is in none of the groups primary and dr, so that {USAGE} says nothing of it")
    own = usage.get(group)
    if not isinstance(own, Mapping):
        raise MaterialsError(f"{USAGE}.{group}: is missing; it says how much {region} uses")
    problems = _unknown_keys(group, list(own))
    if problems:
        raise MaterialsError("\n".join(problems))
    return Place(region, group, variables, own, prices)


def _unknown_keys(group: str, keys: Sequence[Any]) -> list[str]:
    problems = []
    for key in keys:
        if key not in USAGE_KEYS:
            near = get_close_matches(str(key), USAGE_KEYS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"{USAGE}.{group}.{key}: is billed nowhere{hint}")
    return problems
