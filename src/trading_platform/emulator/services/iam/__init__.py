"""IAM roles, policies and service-linked roles, and the STS calls that assume roles."""

from trading_platform.emulator.services.iam import policies, roles, service_linked_roles

EXTENSIONS = tuple(module.extension for module in (roles, policies, service_linked_roles))
