"""The public access block of a whole account: it holds for every bucket, whatever the bucket's own says."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore.exceptions import ClientError

from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.s3_bucket_read import flags_from_aws, flags_to_aws


class S3AccountPublicAccessBlock(BaseResource):
    """The block of one account.

    Args:
        s3control: a client of ``AnsibleAWSModule.client``.
        account_id: the account, 12 digits.
        flags: the four flags of :data:`trading_platform.aws.s3_bucket_read.FLAGS`.
    """

    kind = "S3 public access block of account"

    def __init__(self, s3control: Any, account_id: str, flags: dict[str, bool]) -> None:
        self.s3control = s3control
        self.name = account_id
        self.flags = flags

    def find(self) -> State | None:
        """Read the four flags; None when the account has no block."""
        try:
            answer = self.s3control.get_public_access_block(AccountId=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) == "NoSuchPublicAccessBlockConfiguration":
                return None
            raise
        return {"account_id": self.name, **flags_from_aws(answer["PublicAccessBlockConfiguration"])}

    def wanted(self, current: State | None) -> State:
        """Give the four flags."""
        return {"account_id": self.name, **self.flags}

    def create(self, wanted: State) -> None:
        """Write all four flags; S3 knows no other call."""
        self.s3control.put_public_access_block(
            AccountId=self.name, PublicAccessBlockConfiguration=flags_to_aws(wanted), aws_retry=True
        )

    def update(self, current: State, changes: State) -> None:
        """Write all four flags."""
        self.create({**current, **changes})

    def delete(self, current: State) -> None:
        """Remove the block; that may open buckets, which only their own blocks then keep closed."""
        self.s3control.delete_public_access_block(AccountId=self.name, aws_retry=True)


def without_account_in_address(s3control: Any) -> Any:
    """Let a client reach an endpoint that is given as an IP address.

    botocore puts the account id in front of the host name (``123456789012.s3-control.us-east-1.amazonaws.com``). In
    front of an IP address that makes no address at all; the account id is in a header of the request as well.
    """
    given = urlsplit(s3control.meta.endpoint_url)
    if _is_ip_address(given.hostname or ""):

        def restore(request: Any, **_: Any) -> None:
            request.url = urlunsplit(urlsplit(request.url)._replace(netloc=given.netloc))

        s3control.meta.events.register("before-sign.s3-control", restore)
    return s3control


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
