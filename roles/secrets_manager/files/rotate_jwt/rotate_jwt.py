"""Rotates the key that signs JSON web tokens.

There is nothing to set anywhere: services read the secret. They sign with AWSCURRENT and accept what AWSCURRENT or
AWSPREVIOUS signed (a token's header names the key: ``kid``), so tokens that are out stay valid until the next rotation.

Environment variables:
    KEY_BYTES: random bytes of a new key.
"""

from __future__ import annotations

import base64
import os
import secrets

from rotation import RotationError, Rotator, Secret, handle

SHORTEST_BYTES = 32  # RFC 7518, 3.2: an HS256 key has the size of the hash at least


def handler(event: dict[str, str], context: object) -> None:
    """What Lambda calls."""
    import boto3  # part of the runtime; the functions below are tested without it

    handle(event, boto3.client("secretsmanager"), ROTATOR)


def renew(current: Secret) -> Secret:
    """A new key with a name of its own; all else in the secret stays."""
    size = int(os.environ.get("KEY_BYTES", "64"))
    key = base64.b64encode(secrets.token_bytes(size)).decode("ascii")
    return {**current, "kid": secrets.token_hex(8), "signing_key": key}


def nothing_to_set(pending: Secret, current: Secret, previous: Secret | None) -> None:
    """Refuse a pending key that is no new one.

    Raises:
        RotationError: key or name are those of the current version.
    """
    if pending.get("signing_key") == current.get("signing_key") or pending.get("kid") == current.get("kid"):
        raise RotationError("the pending version has the key or the kid of the current one")


def test_key(pending: Secret) -> None:
    """Check that the pending key can sign.

    Raises:
        RotationError: no kid, or a key that is no base64 or too short.
    """
    try:
        key = base64.b64decode(str(pending.get("signing_key", "")), validate=True)
    except ValueError:
        raise RotationError("the pending signing_key is no base64") from None
    if len(key) < SHORTEST_BYTES or not pending.get("kid"):
        raise RotationError(f"the pending version has no kid, or a signing_key of less than {SHORTEST_BYTES} bytes")


ROTATOR = Rotator(renew=renew, set=nothing_to_set, test=test_key)
