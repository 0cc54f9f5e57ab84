"""Elastic Load Balancing: one file per kind of resource."""

from trading_platform.emulator.services.elbv2 import listeners, load_balancers, logs, target_groups

EXTENSIONS = tuple(module.extension for module in (load_balancers, logs, target_groups, listeners))
