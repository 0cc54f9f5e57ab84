"""Service Quotas: the quotas of ``emulator/quotas.py`` as they are in force, of which moto has those of VPC alone."""

import json
from collections.abc import Callable
from typing import Any

from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import VPC_DEFAULT_QUOTAS
from moto.servicequotas.responses import ServiceQuotasResponse

from trading_platform.emulator import quotas
from trading_platform.emulator.extension import Extension

extension = Extension("service-quotas")
EXTENSIONS = (extension,)

PAGE = 100
EC2 = "Amazon Elastic Compute Cloud (Amazon EC2)"
RDS = "Amazon Relational Database Service (Amazon RDS)"
# Service code, its name, and the quota's; those of VPC are moto's.
NAMES = {
    quotas.ADDRESSES_PER_REGION: ("ec2", EC2, "EC2-VPC Elastic IPs"),
    quotas.ON_DEMAND_STANDARD_VCPUS: (
        "ec2",
        EC2,
        "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    ),
    quotas.SPOT_STANDARD_VCPUS: (
        "ec2",
        EC2,
        "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
    ),
    quotas.DATABASES_PER_REGION: ("rds", RDS, "DB instances"),
}
# What a new account has where the embedded one has more.
NEW_ACCOUNT = {quotas.ON_DEMAND_STANDARD_VCPUS: 5, quotas.SPOT_STANDARD_VCPUS: 5}


def _table() -> dict[tuple[str, str], dict[str, Any]]:
    """Service and quota code to the quota, with AWS's default as value."""
    found = {("vpc", one["QuotaCode"]): dict(one) for one in VPC_DEFAULT_QUOTAS}
    for code, (service, service_name, name) in NAMES.items():
        found[service, code] = {
            "ServiceCode": service,
            "ServiceName": service_name,
            "QuotaCode": code,
            "QuotaName": name,
            "Value": float(NEW_ACCOUNT.get(code, quotas.DEFAULTS[code])),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
    return found


def _default(response: Any, asked: dict[str, Any]) -> dict[str, Any]:
    key = (str(asked.get("ServiceCode")), str(asked.get("QuotaCode")))
    found = _table().get(key)
    if found is None:
        raise NoSuchResource()
    return {**found, "QuotaArn": f"arn:aws:servicequotas:{response.region}::{'/'.join(key)}"}


def _applied(response: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """With the value in force, and the ARN of the account's own."""
    found = _default(response, asked)
    code = found["QuotaCode"]
    value = float(quotas.quota(code)) if code in quotas.DEFAULTS else found["Value"]
    arn = found["QuotaArn"].replace("::", f":{response.current_account}:", 1)
    return {**found, "Value": value, "QuotaArn": arn, "QuotaAppliedAtLevel": "ACCOUNT"}


@extension.patches(ServiceQuotasResponse, "get_service_quota")
def quota_in_force(_: Callable[..., Any], self: Any) -> str:
    return json.dumps({"Quota": _applied(self, json.loads(self.body))})


@extension.adds(ServiceQuotasResponse)
def get_aws_default_service_quota(self: Any) -> str:
    return json.dumps({"Quota": _default(self, json.loads(self.body))})


@extension.adds(ServiceQuotasResponse)
def list_service_quotas(self: Any) -> str:
    """In pages of MaxResults; a token is the number of the next quota."""
    asked = json.loads(self.body)
    service = str(asked.get("ServiceCode"))
    codes = sorted(code for of, code in _table() if of == service)
    if not codes:
        raise NoSuchResource()
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or PAGE)
    page = [_applied(self, {"ServiceCode": service, "QuotaCode": code}) for code in codes[start : start + size]]
    answer: dict[str, Any] = {"Quotas": page}
    return json.dumps({**answer, "NextToken": str(start + size)} if start + size < len(codes) else answer)
