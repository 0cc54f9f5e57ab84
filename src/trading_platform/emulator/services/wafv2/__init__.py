"""WAF: ACLs that are replaced whole, associations, capacity units, logging, and WAF's refusals."""

from trading_platform.emulator.services.wafv2 import acls, logging_refusals, refusals

EXTENSIONS = (acls.extension, refusals.extension, logging_refusals.extension)
