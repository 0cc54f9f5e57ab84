"""ElastiCache: one file per kind of resource, and one each for what creating and changing a group refuses."""

from trading_platform.emulator.services.elasticache import (
    change_refusals,
    create_refusals,
    groups,
    members,
    parameter_groups,
    snapshots,
    subnet_groups,
    tags,
)

EXTENSIONS = tuple(
    module.extension
    for module in (
        parameter_groups,
        subnet_groups,
        tags,
        snapshots,
        members,
        groups,
        change_refusals,
        create_refusals,
    )
)
