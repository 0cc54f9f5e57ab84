"""Envoy with the rendered configuration, in front of a service without TLS.

It serves TLS 1.3, takes a renewed certificate while connections stand, and lets WebSockets through.
"""

import http.client
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import util
from pathlib import Path

import pytest
from loopback_tls import Authority
from processes import Process, running
from rendering import BY_NAME, one, rendered
from waiting import until

pytestmark = pytest.mark.e2e

HOST = "127.0.0.1"


class Service(BaseHTTPRequestHandler):
    """The service behind Envoy: answers requests, and after an upgrade sends back what it gets."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, or become an echo."""
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            while data := self.rfile.read1(100):
                self.wfile.write(data)
                self.wfile.flush()
            return
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"right")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class KubeletVolume:
    """Files as kubelet mounts a Secret: links through `..data`, which is swapped when the Secret changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        folder.mkdir()

    def write(self, files: dict[str, bytes]) -> None:
        """Put other files in place of those that are there, at once."""
        self.number += 1
        version = self.folder / f"..version-{self.number}"
        version.mkdir()
        for name, content in files.items():
            (version / name).write_bytes(content)
        link = self.folder / "..data_tmp"
        link.symlink_to(version.name)
        link.rename(self.folder / "..data")
        for name in files:
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")


@dataclass
class Sidecar:
    """Envoy in front of the service."""

    port: int
    authority: Authority
    certificates: KubeletVolume

    def renew(self) -> bytes:
        """Give the pod a new certificate, and return that in DER."""
        pem = self.authority.certificate("api").read_bytes()
        certificate, _, key = pem.partition(b"-----BEGIN PRIVATE KEY")
        self.certificates.write({"tls.crt": certificate, "tls.key": b"-----BEGIN PRIVATE KEY" + key})
        return ssl.PEM_cert_to_DER_cert(certificate.decode())

    def context(self) -> ssl.SSLContext:
        """What a client trusts. The load balancer verifies nothing; other services do."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        context.check_hostname = False
        return context

    def connect(self) -> http.client.HTTPSConnection:
        """A connection that stays open."""
        connection = http.client.HTTPSConnection(HOST, self.port, timeout=10, context=self.context())
        connection.connect()
        return connection


def ask(connection: http.client.HTTPSConnection) -> tuple[int, bytes]:
    """A request over a connection."""
    connection.request("GET", "/orders", headers={"Host": "api"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def shown(connection: http.client.HTTPSConnection) -> bytes:
    """The certificate that a connection was opened with."""
    assert isinstance(connection.sock, ssl.SSLSocket)
    return connection.sock.getpeercert(binary_form=True) or b""


def _free_port() -> int:
    with ThreadingHTTPServer((HOST, 0), Service) as server:
        return int(server.server_address[1])


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """The rendered configuration of `api`, with other ports and folders."""
    package = util.find_spec("envoy")
    if package is None or not package.submodule_search_locations:
        pytest.skip(f"there is no wheel with Envoy for {sys.platform} on this machine's processor")
    program = Path(package.submodule_search_locations[0]) / "_bin" / "envoy"
    folder = tmp_path_factory.mktemp("side car")
    data = one(rendered(BY_NAME["sidecar"]), "ConfigMap", "api-envoy")["data"]
    service = ThreadingHTTPServer((HOST, 0), Service)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    port = _free_port()
    changes = {
        "address: 0.0.0.0, port_value: 7999": f"address: {HOST}, port_value: {port}",
        "port_value: 18000": f"port_value: {service.server_address[1]}",
        "port_value: 19000": f"port_value: {_free_port()}",
        "/etc/envoy": str(folder),
        "/etc/tls": str(folder / "tls"),
    }
    texts = dict(data)
    for old, new in changes.items():
        assert any(old in text for text in texts.values()), f"{old} is not in what is rendered"
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = Sidecar(port, Authority(folder), KubeletVolume(folder / "tls"))
    found.renew()
    command = [program, "--config-path", folder / "envoy.yaml", "--log-level", "warning", "--use-dynamic-base-id"]
    with running(Process("envoy", command, folder, {}, folder / "envoy.log")):
        until(lambda: ask(found.connect()) == (200, b"right"), "Envoy serves")
        yield found
    service.shutdown()


def test_a_renewed_certificate_is_served_and_no_connection_ends(sidecar: Sidecar) -> None:
    before = sidecar.connect()
    first = shown(before)
    second = sidecar.renew()
    assert second != first
    until(lambda: shown(sidecar.connect()) == second, "new connections get the new certificate")
    assert ask(before) == (200, b"right")
    assert shown(before) == first


@pytest.mark.parametrize(("version", "served"), [(ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)])
def test_only_tls_13_is_served(sidecar: Sidecar, version: ssl.TLSVersion, served: bool) -> None:
    context = sidecar.context()
    context.minimum_version = context.maximum_version = version
    connection = http.client.HTTPSConnection(HOST, sidecar.port, timeout=10, context=context)
    if served:
        assert ask(connection) == (200, b"right")
    else:
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
            connection.connect()


def test_websockets_go_through(sidecar: Sidecar) -> None:
    connection = sidecar.connect()
    connection.putrequest("GET", "/stream")
    for name, value in {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert isinstance(connection.sock, ssl.SSLSocket)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.sock.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101 ")
    connection.sock.sendall(b"tick")
    assert connection.sock.recv(100) == b"tick"
