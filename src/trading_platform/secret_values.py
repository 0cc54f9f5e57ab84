"""Secret values, generated: the kinds that the platform needs.

Random values come from the operating system's generator (``secrets``). Nothing here prints, logs or keeps a value.
"""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Mapping

ALPHANUMERIC = string.ascii_letters + string.digits
KINDS = ("alphanumeric", "base64", "hex", "placeholder")
SHORTEST = 8


class SecretSpecificationError(ValueError):
    """A value that cannot be generated as asked; the text says why."""


def check(specifications: Mapping[str, object]) -> None:
    """Refuse what cannot be generated, before anything is.

    Raises:
        SecretSpecificationError: not a dict of kind and length, an unknown kind, or a length below 8.
    """
    for name, one in specifications.items():
        if not isinstance(one, Mapping) or set(one) != {"kind", "length"}:
            raise SecretSpecificationError(f"{name}: needs kind and length")
        if one["kind"] not in KINDS:
            raise SecretSpecificationError(f"{name}: no kind {one['kind']!r}; there are {', '.join(KINDS)}")
        if not str(one["length"]).isdecimal() or int(str(one["length"])) < SHORTEST:
            raise SecretSpecificationError(f"{name}: length {one['length']!r} is no number from {SHORTEST} on")


def generate(specifications: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Generate every value: ``{"password": {"kind": "alphanumeric", "length": 40}}`` gives one key, password.

    Raises:
        SecretSpecificationError: as ``generate_one``.
    """
    return {name: generate_one(str(one["kind"]), int(str(one["length"]))) for name, one in specifications.items()}


def generate_one(kind: str, length: int) -> str:
    """Generate one value.

    Args:
        kind: ``alphanumeric`` (letters and digits, taken by PostgreSQL and Redis alike), ``base64`` (standard
            alphabet), ``hex``, or ``placeholder`` for a value that a person will put another in place of.
        length: characters; for ``base64`` and ``hex`` the random bytes that are encoded.

    Raises:
        SecretSpecificationError: an unknown kind, or less than 8.
    """
    if length < SHORTEST:
        raise SecretSpecificationError(f"a value of {length} is too short to be secret; {SHORTEST} at least")
    if kind == "alphanumeric":
        return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))
    if kind == "base64":
        return base64.b64encode(secrets.token_bytes(length)).decode("ascii")
    if kind == "hex":
        return secrets.token_hex(length)
    if kind == "placeholder":
        return f"placeholder-{secrets.token_hex(length)}"
    raise SecretSpecificationError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
