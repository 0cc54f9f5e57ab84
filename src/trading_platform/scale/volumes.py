"""How many EBS volumes of pods a node holds.

Instances built on the Nitro system attach 28 things: volumes, network interfaces and the disks they come with share
them. Some families have a limit for volumes alone. Others attach 40 volumes at most under Linux. The disk of the system
is one of them everywhere.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/volume_limits.html (read 2026-11-27).
"""

import re
from collections.abc import Mapping

from trading_platform.node_limits import InstanceLimits

SHARED = 28
XEN = 40
SYSTEM_DISKS = 1
# Families with a limit for volumes alone, and what it is by size.
DEDICATED_FAMILIES = frozenset(
    {
        *("m7a", "m7i", "m7i-flex", "m8g", "c7a", "c7i", "c7i-flex", "c8g", "r7a", "r7i", "r7iz", "r8g", "x8g"),
        *("i7ie", "i8g", "f2", "g6", "g6e", "gr6", "hpc7a"),
    }
)
DEDICATED: Mapping[str, int] = {
    **dict.fromkeys(("medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge"), 32),
    "16xlarge": 48,
    "24xlarge": 64,
    "32xlarge": 88,
    "48xlarge": 128,
}


def pod_volumes(limits: InstanceLimits) -> int | None:
    """Volumes that pods may have on a node with all its network interfaces; None where the source does not tell.

    None are metal and the sizes of dedicated families that the source does not list, and types with disks of their own,
    which take a number of the shared attachments that is not in data/instance_limits.csv.
    """
    family, _, size = limits.instance_type.partition(".")
    if family in DEDICATED_FAMILIES:
        return DEDICATED[size] - SYSTEM_DISKS if size in DEDICATED else None
    if not limits.prefixes:  # not built on Nitro
        return XEN - SYSTEM_DISKS
    if size.startswith("metal") or _has_disks(family):
        return None
    return SHARED - limits.max_enis - SYSTEM_DISKS


def _has_disks(family: str) -> bool:
    """Whether it may come with disks: of the families without, only those are known that are a letter and a number."""
    return re.fullmatch(r"[acmrt]\d+(?:a|g|i|b|n|gn|in|zn|en)?", family) is None
