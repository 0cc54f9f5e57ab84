"""Rotates the password of a PostgreSQL user: the user changes its own password.

Secrets Manager calls this the single-user strategy: from the moment the password is set until clients read the secret
again, new connections with the old password are refused; connections that are open stay.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets_strategies.html

Environment variables:
    DATABASE_CA_FILE: file of the authorities that the server's certificate may come from (PEM). Connections are made
        with TLS only, and the name in the certificate is checked.
    PASSWORD_LENGTH: characters of a new password.
    CONNECT_SECONDS: how long one attempt to connect may take.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import ssl
import string
from pathlib import Path
from typing import Any

import pg8000.native
from rotation import RotationError, Rotator, Secret, handle

NEEDED = ("engine", "host", "port", "username", "password", "dbname")
ALPHABET = string.ascii_letters + string.digits
SCRAM_ITERATIONS = 4096  # PostgreSQL's own: scram_iterations
LOGIN_REFUSED = frozenset({"28P01", "28000"})  # invalid_password, invalid_authorization_specification


def handler(event: dict[str, str], context: object) -> None:
    """What Lambda calls."""
    import boto3  # part of the runtime; the functions below are tested without it

    handle(event, boto3.client("secretsmanager"), ROTATOR)


def renew(current: Secret) -> Secret:
    """The same connection with another password."""
    length = int(os.environ.get("PASSWORD_LENGTH", "40"))
    return {**_checked(current), "password": "".join(secrets.choice(ALPHABET) for _ in range(length))}


def set_password(pending: Secret, current: Secret, previous: Secret | None) -> None:
    """Give the user the pending password, logged in with whichever password is valid.

    A first try that was cut off after the change is done already. A secret whose change reached the database but not
    the label (or the other way round) is opened with the previous password.

    Raises:
        RotationError: no password is valid, or the pending version is for another user or server.
    """
    for key in ("username", "host"):
        if _checked(pending)[key] != _checked(current)[key]:
            raise RotationError(f"the pending version has another {key} than the current one")
    already = _login(pending)
    if already is not None:
        already.close()
        return
    connection = _login(current) or _login_previous(current, previous)
    if connection is None:
        raise RotationError("the database refuses the current and the previous password")
    try:
        # A hash of the password, made here: a statement may be logged, and its text must not give the password away.
        user = pg8000.native.identifier(pending["username"])
        connection.run(f"ALTER ROLE {user} PASSWORD {pg8000.native.literal(scram_verifier(pending['password']))}")
    finally:
        connection.close()


def test_password(pending: Secret) -> None:
    """Log in with the pending password and ask something.

    Raises:
        RotationError: the database refuses it.
    """
    connection = _login(_checked(pending))
    if connection is None:
        raise RotationError("the database refuses the pending password")
    try:
        connection.run("SELECT 1")
    finally:
        connection.close()


def scram_verifier(password: str) -> str:
    """Give what PostgreSQL stores of an ASCII password: RFC 5803 and 7677, PostgreSQL 16 documentation, 55.3.1."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _checked(secret: Secret) -> Secret:
    missing = [key for key in NEEDED if not secret.get(key)]
    if missing:
        raise RotationError(f"the secret lacks {', '.join(missing)}")
    if secret["engine"] != "postgres":
        raise RotationError(f"the secret is for engine {secret['engine']}, and this function for postgres")
    return secret


def _login(secret: Secret) -> Any | None:
    """Connect with TLS; None when the database refuses the password.

    Raises:
        RotationError: the server cannot be reached, or shows a certificate that is not its own.
    """
    try:
        return pg8000.native.Connection(
            user=secret["username"],
            host=secret["host"],
            port=int(secret["port"]),
            database=secret["dbname"],
            password=secret["password"],
            timeout=float(os.environ.get("CONNECT_SECONDS", "5")),
            ssl_context=_tls(),
        )
    except pg8000.native.DatabaseError as error:
        details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        if details.get("C") in LOGIN_REFUSED:
            return None
        raise RotationError(f"{secret['host']} answers {details.get('C')}: {details.get('M')}") from None
    except (pg8000.native.InterfaceError, OSError) as error:
        raise RotationError(f"no connection to {secret['host']}: {error}") from None


def _login_previous(current: Secret, previous: Secret | None) -> Any | None:
    if previous is None:
        return None
    if any(previous.get(key) != current[key] for key in ("username", "host")):
        raise RotationError("the previous version is for another user or host than the current one")
    return _login(previous)


def _tls() -> ssl.SSLContext:
    """Certificates of RDS's authorities only, with the host's name in them."""
    path = os.environ.get("DATABASE_CA_FILE", str(Path(__file__).with_name("rds-ca.pem")))
    context = ssl.create_default_context(cafile=path)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


ROTATOR = Rotator(renew=renew, set=set_password, test=test_password)
