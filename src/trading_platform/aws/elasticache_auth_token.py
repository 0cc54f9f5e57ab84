"""The AUTH token of a replication group: what tells whether it is the right one, without ever being it.

AWS never gives a token back. What we set is remembered in the tag ``AuthTokenFingerprint``: 64 bits of a slow hash with
the group's name in it, from which a generated token cannot be found. While a group takes two tokens (after ROTATE,
until SET) the tag has both, the new one first: ``new+old``.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""

from __future__ import annotations

import hashlib

from trading_platform.aws.engine import RefusedError

TAG = "AuthTokenFingerprint"
UNKNOWN = "unknown"
"""For a token that somebody else set."""
BETWEEN = "+"
SPECIALS = "!&#$^<>-"
"""The characters CreateReplicationGroup takes besides letters and digits."""


COST = 2**14
"""Of scrypt: a twentieth of a second."""


def fingerprint(group: str, token: str) -> str:
    """Give 16 hexadecimal digits for a token."""
    digest = hashlib.scrypt(token.encode(), salt=group.encode(), n=COST, r=8, p=1, dklen=8)
    return digest.hex()


def token_problems(token: str) -> list[str]:
    """Say why ElastiCache would refuse a token, without repeating it."""
    problems = []
    if not 16 <= len(token) <= 128:
        problems.append(f"auth_token has {len(token)} characters; ElastiCache takes 16 to 128")
    if any(not (one.isascii() and one.isalnum()) and one not in SPECIALS for one in token):
        problems.append(f"auth_token has characters that ElastiCache does not take; letters, digits and {SPECIALS} do")
    return problems


def wanted_fingerprint(current: str | None, asked: str, strategy: str | None, group: str) -> str:
    """Give the tag's value as it should be.

    Args:
        current: the tag's value; None for a group that has no token, or does not exist yet.
        asked: the fingerprint of the token that was given.
        strategy: ``rotate``, ``set``, or None to leave a group that exists as it is.
        group: its name, for the message.

    Raises:
        RefusedError: SET without ROTATE before it.
    """
    if current is None:
        return asked
    tokens = current.split(BETWEEN)
    if strategy is None or (strategy == "rotate" and tokens[0] == asked) or current == asked:
        return current
    if strategy == "rotate":
        return f"{asked}{BETWEEN}{tokens[0]}"
    if tokens[0] != asked:
        raise RefusedError(
            f"replication group {group}: it does not know this AUTH token yet, and SET would lock out every client. "
            "Run with the strategy rotate first, restart the clients, then run with set."
        )
    return asked
