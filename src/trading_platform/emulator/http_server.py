"""An HTTP/1.1 server that keeps connections open.

Werkzeug's development server closes the connection after each response, because it cannot know whether the
application has read the request to its end. Here the request is read to its end first, so the connection can stay:
a client that makes thousands of calls opens one connection instead of thousands.
"""

import io
import socket
import sys
import traceback
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from trading_platform.emulator.settings import HOST

IDLE_SECONDS = 300  # after which an unused connection and its thread are given up


class KeepAliveHandler(MotoRequestHandler):  # type: ignore[misc]  # moto ships no types we can check
    """Reads a request whole, answers it whole, and waits for the next one on the same connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: head and body leave in one packet
    timeout = IDLE_SECONDS

    def handle_expect_100(self) -> bool:
        """Let the client send its body at once; ``s3.put_object`` waits for this."""
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        status, headers, body = self._answer()
        code = int(status.split()[0])
        self.send_response(code)
        has_length = False
        for name, value in headers:
            if name.lower() == "content-length":
                has_length = True
                value = value if self.command == "HEAD" else str(len(body))
            self.send_header(name, value)
        if not has_length and code not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and code not in (204, 304):
            self.wfile.write(body)
        self.wfile.flush()

    def _answer(self) -> tuple[str, list[tuple[str, str]], bytes]:
        answer: list[Any] = []
        try:
            environ = self._whole_request()
            body = b"".join(self.server.app(environ, lambda status, headers: answer.extend((status, headers))))
        except Exception:  # a defect of the emulator: say so and stay up
            traceback.print_exc(file=sys.stderr)
            self.close_connection = True
            return "500 Error", [("Content-Type", "text/plain"), ("Connection", "close")], b"see the emulator's log\n"
        return answer[0], answer[1], body

    def _whole_request(self) -> dict[str, Any]:
        environ: dict[str, Any] = self.make_environ()
        stream = environ["wsgi.input"]
        if environ.get("wsgi.input_terminated"):  # chunked
            body = stream.read()
        else:
            body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return environ

    def log_request(self, *_: object, **__: object) -> None:
        """Nothing: a line per call would be most of the log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  (the name is werkzeug's)
        sys.stderr.write(f"{type}: {message % args if args else message}\n")


def listen(port: int, application: Any) -> BaseWSGIServer:
    """A server bound to the loopback address; port 0 takes any free one. Raises OSError if it cannot bind."""
    # Werkzeug ends the process when a port is taken; a socket bound here lets the caller say it its own way.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
        bound.listen(128)
        taken = bound.getsockname()[1]
        return make_server(HOST, taken, application, threaded=True, request_handler=KeepAliveHandler, fd=bound.fileno())
