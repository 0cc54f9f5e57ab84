"""What AWS's Price List is asked, and reading what it answers: products with their prices. No call is made here.

An answer of GetProducts is a list of JSON documents, one for each product (SKU):

    {"product": {"sku", "productFamily", "attributes": {...}}, "serviceCode", "publicationDate",
     "terms": {
         "OnDemand": {<term>: {"priceDimensions": {<rate>: {"beginRange", "endRange", "pricePerUnit": {"USD"}}}}},
         "Reserved": {<term>: {..., "termAttributes": {"LeaseContractLength", "OfferingClass", "PurchaseOption"}}}}}

Source: botocore's model of the API (pricing 2017-10-15), and products of September 2026 that public repositories quote
(read 2026-11-27).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from trading_platform.pricing import Tier

RESERVED_1Y = {"LeaseContractLength": "1yr", "OfferingClass": "standard", "PurchaseOption": "No Upfront"}


class PriceListError(ValueError):
    """An answer cannot be used: which product or row, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to GetProducts: every filter must match. The attribute productFamily is a filter too."""

    service_code: str
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A product as AWS lists it. `published`: the day of the price list, "2026-10-12"."""

    sku: str
    service_code: str
    published: str
    attributes: Mapping[str, str]
    terms: Mapping[str, Any]

    @property
    def source(self) -> str:
        """What the catalogue says of a price of it."""
        return f"AWS Price List API, {self.service_code} {self.published}"


def read_products(documents: Iterable[str]) -> list[Product]:
    """The products of an answer. Raises PriceListError."""
    return [_product(document) for document in documents]


def _product(document: str) -> Product:
    try:
        found = json.loads(document)
        product = found["product"]
        # Some products have no family, as public IPv4 addresses.
        attributes = {"productFamily": product.get("productFamily", ""), **product["attributes"]}
        return Product(product["sku"], found["serviceCode"], found["publicationDate"][:10], attributes, found["terms"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PriceListError(f"not a product of the Price List ({error!r}): {document[:120]}") from None


def usage_type_matches(usage_type: str, wanted: str, region: str) -> bool:
    """Whether a usage type is `wanted`, which is written without the region.

    AWS puts a region's code before it (USW2-NatGateway-Hours; EU- for eu-west-1), KMS the region's name, and often
    nothing in us-east-1. Anything else before it is another product: Global-, TS-, Outposts-. Without a region, as for
    Route 53, nothing may stand before it.
    """
    before = rf"(?:[A-Z]{{3}}\d-|EU-|{re.escape(region)}-)?" if region else ""
    return re.fullmatch(before + re.escape(wanted), usage_type) is not None


def on_demand(product: Product) -> tuple[Tier, ...]:
    """What a unit costs, by tiers from 0 on; () where it is not sold on demand. Raises PriceListError."""
    terms = list(product.terms.get("OnDemand", {}).values())
    if not terms:
        return ()
    if len(terms) > 1:
        raise PriceListError(f"product {product.sku} has {len(terms)} terms on demand, not 1")
    tiers = sorted((_tier(product, rate) for rate in _rates(product, terms[0])), key=lambda tier: tier.start)
    end: Decimal | None = Decimal(0)
    for tier in tiers:
        if tier.start != end:
            raise PriceListError(
                f"product {product.sku}: its tier from {tier.start:f} does not follow on the one before"
            )
        end = tier.end
    return tuple(tiers)


def reserved(product: Product) -> Decimal | None:
    """An hour of it reserved for a year, standard class, nothing paid upfront. Raises PriceListError."""
    prices = {
        _usd(product, rate)
        for term in product.terms.get("Reserved", {}).values()
        if _is_chosen(term.get("termAttributes", {}))
        for rate in _rates(product, term)
    }
    if len(prices) > 1:
        raise PriceListError(f"product {product.sku} has {len(prices)} prices for a year without upfront payment")
    return next(iter(prices), None)


def _is_chosen(attributes: Mapping[str, str]) -> bool:
    return all(attributes.get(name) == value for name, value in RESERVED_1Y.items())


def _rates(product: Product, term: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rates = list(term.get("priceDimensions", {}).values())
    if not rates:
        raise PriceListError(f"product {product.sku} has a term without priceDimensions")
    return rates


def _tier(product: Product, rate: Mapping[str, Any]) -> Tier:
    end = rate.get("endRange", "Inf")
    last = None if end == "Inf" else _number(product, "endRange", end)
    return Tier(_number(product, "beginRange", rate.get("beginRange", "0")), last, _usd(product, rate))


def _usd(product: Product, rate: Mapping[str, Any]) -> Decimal:
    prices = rate.get("pricePerUnit", {})
    if "USD" not in prices:
        raise PriceListError(f"product {product.sku}: pricePerUnit is in {', '.join(prices) or 'nothing'}, not in USD")
    return _number(product, "pricePerUnit", prices["USD"])


def _number(product: Product, key: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except (InvalidOperation, TypeError):
        raise PriceListError(f"product {product.sku}: {key}: {text!r} is not a number") from None
    if not number.is_finite() or number < 0:
        raise PriceListError(f"product {product.sku}: {key}: {text} is below 0 or no number")
    return number


def the_one(products: Sequence[Product]) -> Product:
    """The product that gives the price of a row; `products` has at least one.

    AWS lists some things several times, as RDS storage for each operation. That is no question as long as all cost the
    same. Raises PriceListError, which names the SKUs, where they do not.
    """
    first = min(products, key=lambda product: product.sku)
    prices = {(on_demand(product), reserved(product)) for product in products}
    if len(prices) > 1:
        names = ", ".join(f"{one.sku} ({one.attributes.get('usagetype', '')})" for one in sorted(products, key=_sku))
        raise PriceListError(f"{len(products)} products answer, at different prices: {names}")
    return first


def _sku(product: Product) -> str:
    return product.sku
