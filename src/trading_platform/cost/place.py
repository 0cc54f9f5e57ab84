"""A region as the bill of materials reads it: its variables from the inventory, its usage, and its prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from trading_platform.cost.model import Kind, Line, Quantities
from trading_platform.pricing import GLOBAL, HOURS, Catalogue, Price

UNKNOWN = Quantities(None, None, None)


class MaterialsError(ValueError):
    """A variable that the bill of materials needs is missing or is not what it must be; the message names it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an environment.

    `variables`: those of the inventory's host, which the roles read too. `usage`: that of its group in `cost_usage`.
    `group`: primary or dr.
    """

    region: str
    group: str
    variables: Mapping[str, Any]
    usage: Mapping[str, Any]
    catalogue: Catalogue

    @property
    def primary(self) -> bool:
        """Whether clients are led here, and what exists once for all regions is made here."""
        return self.group == "primary"

    def value(self, key: str) -> Any:
        """A variable. Raises MaterialsError where there is none, or where it would have to be templated first."""
        found = self.variables.get(key)
        if found is None:
            raise MaterialsError(f"{self.region}: {key}: is missing, and what it costs cannot be told without it")
        if isinstance(found, str) and "{{" in found:
            raise MaterialsError(f"{self.region}: {key}: is a template ({found}); playbooks/estimate_cost.yml reads it")
        return found

    def number(self, key: str) -> Decimal:
        """A variable that is a number of 0 or more. Raises MaterialsError."""
        found = self.value(key)
        try:
            number = Decimal(str(found))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(found, bool) or not number.is_finite() or number < 0:
            raise MaterialsError(f"{self.region}: {key}: {found!r} is not a number of 0 or more")
        return number

    @property
    def zones(self) -> list[str]:
        """The availability zones in use."""
        return [zone for zone in self.value("vpc_availability_zones") if zone]

    def used(self, key: str) -> Quantities:
        """What the usage file says of `key`: a number, [low, typical, high], or nothing, which is unknown.

        Raises MaterialsError with the key.
        """
        found = self.usage.get(key)
        if found is None:
            return UNKNOWN
        figures = found if isinstance(found, list | tuple) else [found] * 3
        try:
            numbers = [Decimal(str(figure)) for figure in figures]
        except InvalidOperation:
            numbers = []
        if len(numbers) != 3 or any(not number.is_finite() or number < 0 for number in numbers):
            where = f"cost_usage.{self.group}.{key}"
            raise MaterialsError(f"{where}: {found!r} is neither a number nor [low, typical, high], each 0 or more")
        return Quantities(*numbers)

    def price(self, service: str, item: str, *, everywhere: bool = False) -> Price | None:
        """The price of an item of services.csv, here, or `everywhere`: of what AWS prices without a region."""
        return self.catalogue.service(GLOBAL if everywhere else self.region, service, item)

    def hourly(
        self, tier: str, service: str, resource: str, name: str, count: Decimal | int, price: Price | None
    ) -> Line:
        """A line of what runs all month, `count` of it, in every scenario."""
        quantities = Quantities.always(HOURS * count)
        return Line(self.region, tier, service, resource, name, Kind.BASELINE, quantities, "hour", price)

    def owned(
        self, tier: str, service: str, resource: str, name: str, count: Decimal | int, price: Price | None
    ) -> Line:
        """A line of what is there all month and billed by the month, in every scenario."""
        unit = price.unit if price else "month"
        return Line(self.region, tier, service, resource, name, Kind.BASELINE, Quantities.always(count), unit, price)
