"""How long slow resources stay in their first state: nothing by default, seconds when a test or benchmark asks for it.

AWS takes minutes for what moto has at once. ``POST /_emulator/delays {"rds": 3.0}`` makes every database created from
then on report ``creating`` for three seconds. The service files ask ``ready(kind, created)`` when they describe one.
"""

import time

KINDS = (
    "cloudfront",
    "eks_addon",
    "eks_cluster",
    "eks_nodegroup",
    "elasticache",
    "nat_gateway",
    "rds",
    "rds_replica",
    "recovery_point",  # its deletion
)

_seconds: dict[str, float] = {}


def change(seconds: dict[str, float]) -> dict[str, float]:
    """Set delays, in seconds by kind, and give all that are set. Raises ValueError for an unknown kind."""
    unknown = sorted(set(seconds) - set(KINDS))
    if unknown:
        raise ValueError(f"no delay for {', '.join(unknown)}; there is one for {', '.join(KINDS)}")
    _seconds.update({kind: float(value) for kind, value in seconds.items()})
    return dict(_seconds)


def reset() -> None:
    """Everything is ready at once again."""
    _seconds.clear()


def now() -> float:
    """The clock that ``ready`` compares with; keep its value with the resource when it is created."""
    return time.monotonic()


def ready(kind: str, created: float) -> bool:
    """Say whether a resource that was created at ``created`` has left its first state."""
    return time.monotonic() - created >= _seconds.get(kind, 0.0)
