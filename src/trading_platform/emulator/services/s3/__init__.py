"""S3 buckets, and S3 Control's account-wide public access block."""

from trading_platform.emulator.services.s3 import access, buckets, documents, lifecycle, policies, replication

EXTENSIONS = tuple(module.extension for module in (buckets, access, policies, documents, lifecycle, replication))
