"""Service quotas of the embedded account; a test may change one (``POST /_emulator/quotas``).

Keys are the quota codes of the Service Quotas console. The emulator enforces them at AWS's defaults (Amazon VPC, RDS
and IAM user guides), but for those of instances: none runs here, so these are only told, and of an account that asked
for more than the 5 vCPUs a new one has, with which no cluster comes up.
"""

from collections.abc import Mapping

VPCS_PER_REGION = "L-F678F1CE"
ADDRESSES_PER_REGION = "L-0263D0A3"
NAT_GATEWAYS_PER_ZONE = "L-FE5A380F"
INTERFACE_ENDPOINTS_PER_VPC = "L-29B6F2EB"
NETWORK_ACL_RULES = "L-2AEEBF1A"
SECURITY_GROUPS_PER_INTERFACE = "L-2AFB9258"
POLICIES_PER_ROLE = "L-0DA4ABF3"
DATABASES_PER_REGION = "L-7B6409FD"
ON_DEMAND_STANDARD_VCPUS = "L-1216C47A"
SPOT_STANDARD_VCPUS = "L-34B43A08"

DEFAULTS: Mapping[str, int] = {
    VPCS_PER_REGION: 5,
    ADDRESSES_PER_REGION: 5,
    NAT_GATEWAYS_PER_ZONE: 5,
    INTERFACE_ENDPOINTS_PER_VPC: 50,
    NETWORK_ACL_RULES: 20,
    SECURITY_GROUPS_PER_INTERFACE: 5,
    POLICIES_PER_ROLE: 10,
    DATABASES_PER_REGION: 40,
    ON_DEMAND_STANDARD_VCPUS: 256,
    SPOT_STANDARD_VCPUS: 256,
}

_current: dict[str, int] = dict(DEFAULTS)


def quota(code: str) -> int:
    """The quota in force."""
    return _current[code]


def change(values: Mapping[str, int]) -> dict[str, int]:
    """Set quotas; returns all of them. Raises KeyError for a code that is not enforced here."""
    unknown = sorted(set(values) - set(DEFAULTS))
    if unknown:
        raise KeyError(", ".join(unknown))
    _current.update(values)
    return dict(_current)


def reset() -> None:
    """Back to AWS's defaults."""
    _current.clear()
    _current.update(DEFAULTS)
