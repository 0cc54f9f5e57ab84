"""Service quotas the emulator enforces, at AWS's defaults; a test may raise one (``POST /_emulator/quotas``).

Keys are the quota codes of the Service Quotas console. Values: Amazon VPC quotas and IAM quotas, AWS user guides.
"""

from collections.abc import Mapping

VPCS_PER_REGION = "L-F678F1CE"
ADDRESSES_PER_REGION = "L-0263D0A3"
NAT_GATEWAYS_PER_ZONE = "L-FE5A380F"
INTERFACE_ENDPOINTS_PER_VPC = "L-29B6F2EB"
NETWORK_ACL_RULES = "L-2AEEBF1A"
SECURITY_GROUPS_PER_INTERFACE = "L-2AFB9258"
POLICIES_PER_ROLE = "L-0DA4ABF3"

DEFAULTS: Mapping[str, int] = {
    VPCS_PER_REGION: 5,
    ADDRESSES_PER_REGION: 5,
    NAT_GATEWAYS_PER_ZONE: 5,
    INTERFACE_ENDPOINTS_PER_VPC: 50,
    NETWORK_ACL_RULES: 20,
    SECURITY_GROUPS_PER_INTERFACE: 5,
    POLICIES_PER_ROLE: 10,
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
