"""A region as the bill of materials reads it: its variables from the inventory, its usage, and its prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from trading_platform.cost.model import Kind, Line, Quantities
from trading_platform.pricing import GLOBAL, HOURS, Catalogue, Price

UNKNOWN = Quantities(None, None, None)
VARIABLES = frozenset(
    {
        "alb_target_groups",
        "cloudwatch_alarms",
        "cloudwatch_services_run",
        "cost_budget",
        "cost_usage",
        "eks_node_disk_gb",
        "eks_node_groups",
        "eks_version",
        "elasticache_engine",
        "elasticache_engine_version",
        "elasticache_node_type",
        "elasticache_replicas",
        "elasticache_state",
        "guardduty_features",
        "kms_keys",
        "platform_environment",
        "rds_allocated_storage",
        "rds_engine_version",
        "rds_instance_class",
        "rds_max_allocated_storage",
        "rds_multi_az",
        "rds_promoted",
        "rds_replica_count",
        "rds_replica_instance_class",
        "route53_regional_hosts",
        "s3_replicated_buckets",
        "secrets_manager_secrets",
        "sqs_queues",
        "vpc_availability_zones",
        "vpc_gateway_endpoints",
        "vpc_interface_endpoints",
        "vpc_nat_gateway_mode",
        "wafv2_blocked_countries",
        "wafv2_managed_rule_groups",
        "wafv2_rate_limit",
        "wafv2_regional_client_addresses",
    }
)
"""All of the inventory that decides about the cost: who hands over variables need hand over no others."""


class MaterialsError(ValueError):
    """A variable that the bill of materials needs is missing or is not what it must be; the message names it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region of an environment.

    `variables`: those of the inventory's host, which the roles read too. `usage`: that of its group in `cost_usage`.
    `group`: primary or dr. `built`: counts of what was really built, which go before those that the variables make;
    nothing where it is the inventory that is priced.
    """

    region: str
    group: str
    variables: Mapping[str, Any]
    usage: Mapping[str, Any]
    catalogue: Catalogue
    built: Mapping[str, int] = field(default_factory=dict)

    @property
    def primary(self) -> bool:
        """Whether clients are led here, and what exists once for all regions is made here."""
        return self.group == "primary"

    def value(self, key: str) -> Any:
        """A variable. Raises MaterialsError where there is none, or where it would have to be templated first."""
        found = self.optional(key, None)
        if found is None:
            raise MaterialsError(f"{self.region}: {key}: is missing, and what it costs cannot be told without it")
        return found

    def optional(self, key: str, default: Any) -> Any:
        """A variable that an inventory may leave out; the default is that of the role.

        Raises MaterialsError where it would have to be templated first, and LookupError for a key not in VARIABLES.
        """
        if key not in VARIABLES:
            raise LookupError(f"{key} is not among the variables that the bill of materials is given: cost.place")
        found = self.variables.get(key)
        if isinstance(found, str) and "{{" in found:
            raise MaterialsError(f"{self.region}: {key}: is a template ({found}); playbooks/estimate_cost.yml reads it")
        return default if found is None else found

    def flag(self, key: str, default: bool | None = None) -> bool:
        """A variable that is true or false; the command line, `-e key=false`, gives text. Raises MaterialsError."""
        found = self.value(key) if default is None else self.optional(key, default)
        known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        flag = known.get(found.lower()) if isinstance(found, str) else found
        if not isinstance(flag, bool):
            raise MaterialsError(f"{self.region}: {key}: {found!r} is neither true nor false")
        return flag

    def existing(self, key: str, planned: int) -> int:
        """How many of something there are: as many as were built, else as the variables make, `planned`."""
        return self.built.get(key, planned)

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
