"""What the S3 files share."""

from typing import Any

from moto.s3.models import s3_backends
from moto.s3control.models import s3control_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError


def buckets(call: Call) -> dict[str, Any]:
    """Every bucket of the account, by name."""
    held: dict[str, Any] = s3_backends[call.account_id]["aws"].buckets
    return held


def bucket_of(call: Call) -> Any | None:
    return buckets(call).get(str(call.params.get("Bucket")))


def owner_enforced(bucket: Any) -> bool:
    return bool(bucket.ownership_rule == "BucketOwnerEnforced")


def blocks(call: Call, bucket: Any, setting: str) -> bool:
    """Whether a public access block setting (``block_public_policy``) is on, for the bucket or the whole account."""
    account = s3control_backends[call.account_id]["aws"].public_access_block
    settings = (bucket.public_access_block, account)
    return any(bool(getattr(one, setting)) for one in settings if one is not None)


def invalid_request(message: str) -> AwsError:
    return AwsError("InvalidRequest", message, 400)


def invalid_argument(message: str) -> AwsError:
    return AwsError("InvalidArgument", message, 400)
