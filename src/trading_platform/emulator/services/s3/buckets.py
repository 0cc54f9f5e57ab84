"""Buckets: their names, and what AWS gives a new one."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.s3.common import bucket_of

extension = Extension("s3")

NAME = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]")
RESERVED_ENDINGS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
SSE_S3 = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}


@extension.patches(FakeBucket, "__init__")
def new_bucket_as_aws_makes_it(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """Since January 2023 SSE-S3, since April 2023 no ACLs and all public access blocked (S3 user guide)."""
    original(self, *args, **kwargs)
    self.ownership_rule = "BucketOwnerEnforced"
    self.public_access_block = PublicAccessBlock(True, True, True, True)
    self.encryption = SSE_S3


@extension.patches(S3Backend, "delete_bucket_encryption")
def encryption_falls_back_to_sse_s3(original: Callable[..., Any], self: Any, bucket_name: str) -> None:
    """API DeleteBucketEncryption "resets the default encryption ... as server-side encryption with SSE-S3"."""
    original(self, bucket_name)
    self.get_bucket(bucket_name).encryption = SSE_S3


@extension.refuses("CreateBucket")
def name_that_is_no_bucket_name(call: Call) -> None:
    """S3 user guide, "General purpose bucket naming rules"."""
    name = str(call.params.get("Bucket"))
    if not NAME.fullmatch(name) or name.endswith(RESERVED_ENDINGS) or _is_address(name):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", 400)


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


@extension.refuses("PutBucketVersioning")
def suspending_what_replication_needs(call: Call) -> None:
    bucket = bucket_of(call)
    status = (call.params.get("VersioningConfiguration") or {}).get("Status")
    if bucket and status == "Suspended" and getattr(bucket, "replication", None):
        raise AwsError(
            "InvalidBucketState",
            "A replication configuration is present on this bucket, so you cannot change the versioning state. To "
            "change the versioning state, first delete the replication configuration.",
            409,
        )
