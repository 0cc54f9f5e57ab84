"""An Elasticsearch that a test plays: HTTPS on loopback, by an authority of its own, with basic authentication."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = 'q"\\ $x'  # with what shells and configuration files trip over


@dataclass
class Played:
    """Where it is, who signed its certificate, and what it was asked: method, path and body."""

    url: str
    authority: Path
    requests: list[tuple[str, str, Any]] = field(default_factory=list)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One certificate that is authority and server, as a PEM file, and one of it with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "played")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.crt").write_bytes(certificate)
    (folder / "server.pem").write_bytes(private + certificate)
    return folder / "ca.crt", folder / "server.pem"


@contextmanager
def played(folder: Path, answer: Callable[[str, str], tuple[int, Any]]) -> Iterator[Played]:
    """Serve answers by method and path; who has not the password of `elastic` gets 401."""
    authority, server_pem = _certificate(folder)
    expected = "Basic " + base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Authorization") == expected:
                one.requests.append((self.command, self.path, json.loads(content) if content else None))
                status, body = answer(self.command, self.path)
            else:
                status, body = 401, {"error": "unable to authenticate user"}
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_DELETE = do_POST = do_PUT = _do  # noqa: N815  (names that http.server asks for)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    one = Played(f"https://localhost:{server.server_port}", authority)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
