"""RDS for PostgreSQL: one file per kind of resource."""

from trading_platform.emulator.services.rds import (
    backups,
    deletion,
    instance_refusals,
    instances,
    modification,
    parameters,
    replicas,
    subnet_groups,
    subscriptions,
    versions,
    windows,
)

EXTENSIONS = tuple(
    module.extension
    for module in (
        windows,
        instance_refusals,
        instances,
        modification,
        deletion,
        replicas,
        parameters,
        subnet_groups,
        backups,
        subscriptions,
        versions,
    )
)
