"""A price list of a few products, asked through a real client of boto3 that never leaves the process."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import boto3.session

PUBLISHED = "2026-11-20T19:39:25Z"
PAGE = 2
# The price of a unit from a quantity on: ("0", "0.09") up to the next one.
type Steps = Sequence[tuple[str, str]]

EC2 = {
    "productFamily": "Compute Instance",
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
    "operation": "RunInstances",
    "vcpu": "4",
    "memory": "16 GiB",
}
RDS = {
    "productFamily": "Database Instance",
    "databaseEngine": "PostgreSQL",
    "licenseModel": "No license required",
    "vcpu": "4",
    "memory": "32 GiB",
}


def document(
    sku: str, service_code: str, attributes: Mapping[str, str], prices: Steps, *, reserved: str = "", unit: str = "Hrs"
) -> str:
    """A product as GetProducts writes it. `reserved`: a year of it, beside what else can be reserved."""
    others = dict(attributes)
    family = others.pop("productFamily", "")
    product = {"attributes": {"servicecode": service_code, "locationType": "AWS Region", **others}, "sku": sku}
    return json.dumps(
        {
            "product": product | ({"productFamily": family} if family else {}),
            "serviceCode": service_code,
            "terms": {"OnDemand": _on_demand(sku, prices, unit), "Reserved": _reserved(sku, reserved)},
            "version": "20261120193925",
            "publicationDate": PUBLISHED,
        }
    )


def _on_demand(sku: str, prices: Steps, unit: str) -> dict[str, Any]:
    ends = [start for start, _ in prices[1:]] + ["Inf"]
    # Not in order: neither is AWS.
    rates = {
        f"{sku}.JRTCKXETXF.{number}": {
            "unit": unit,
            "beginRange": start,
            "endRange": end,
            "description": f"${price} per {unit}",
            "appliesTo": [],
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "pricePerUnit": {"USD": f"{Decimal(price):.10f}"},
        }
        for number, ((start, price), end) in reversed(list(enumerate(zip(prices, ends, strict=True))))
    }
    term = {"sku": sku, "offerTermCode": "JRTCKXETXF", "effectiveDate": "2026-11-01T00:00:00Z", "termAttributes": {}}
    return {f"{sku}.JRTCKXETXF": {**term, "priceDimensions": rates}}


def _reserved(sku: str, price: str) -> dict[str, Any]:
    if not price:
        return {}
    offers = (
        ("4NA7Y494T4", "1yr", "standard", "No Upfront", price),
        ("7NE97W5U4E", "1yr", "convertible", "No Upfront", "0.777"),
        ("BPH4J8HBKS", "3yr", "standard", "No Upfront", "0.333"),
        ("HU7G6KETJZ", "1yr", "standard", "Partial Upfront", "0.111"),
    )
    return {
        f"{sku}.{code}": {
            "termAttributes": {"LeaseContractLength": length, "OfferingClass": kind, "PurchaseOption": paid},
            "priceDimensions": {
                f"{sku}.{code}.6YS6EN2CT7": {"unit": "Hrs", "pricePerUnit": {"USD": usd}, "appliesTo": []}
            },
        }
        for code, length, kind, paid, usd in offers
    }


def ec2(sku: str, region: str, kind: str, price: str, *, reserved: str = "", **others: str) -> str:
    """An instance type; `others` replaces attributes."""
    prefix = "" if region == "us-east-1" else "USW2-"
    place = {"regionCode": region, "instanceType": kind, "usagetype": f"{prefix}BoxUsage:{kind}"}
    return document(sku, "AmazonEC2", EC2 | place | others, [("0", price)], reserved=reserved)


@dataclass
class PriceList:
    """What AWS sells. `asked` has each request: service code and filters."""

    documents: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def client(self) -> Any:
        """A client of boto3 whose requests are answered here, in pages, by what matches all filters."""
        session = boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b")
        client = session.client("pricing", region_name="us-east-1")
        client.meta.events.register("before-call.pricing.GetProducts", self._answer)
        return client

    def _answer(self, params: Mapping[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        request = json.loads(params["body"])
        filters = {one["Field"]: one["Value"] for one in request["Filters"]}
        assert {one["Type"] for one in request["Filters"]} <= {"TERM_MATCH"}
        start = int(request.get("NextToken", 0))
        if not start:
            self.asked.append((request["ServiceCode"], filters))
        found = [text for text in self.documents if _matches(json.loads(text), request["ServiceCode"], filters)]
        page: dict[str, Any] = {"PriceList": found[start : start + PAGE], "FormatVersion": "aws_v1"}
        if start + PAGE < len(found):
            page["NextToken"] = str(start + PAGE)
        return SimpleNamespace(status_code=200), page


def _matches(found: Mapping[str, Any], service_code: str, filters: Mapping[str, str]) -> bool:
    product = found["product"]
    attributes = {"productFamily": product.get("productFamily"), **product["attributes"]}
    return found["serviceCode"] == service_code and all(attributes.get(name) == filters[name] for name in filters)
