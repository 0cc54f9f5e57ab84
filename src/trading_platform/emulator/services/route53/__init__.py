"""Route 53: one file per kind of resource."""

from trading_platform.emulator.services.route53 import health_checks, records, zones

EXTENSIONS = tuple(module.extension for module in (zones, records, health_checks))
