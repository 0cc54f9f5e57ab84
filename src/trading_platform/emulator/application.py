"""The emulator as one WSGI application: refusals, then moto, then counting; and its own few addresses.

* ``GET /_emulator/status``: account, process id, refusals in force.
* ``GET /_emulator/calls``: counts by ``service.Action``, mutating and reading apart.
* ``POST /_emulator/calls/reset``: counts back to nothing.
* ``POST /_emulator/calls/record``: the same, and from then on calls are kept with their parameters;
  ``GET /_emulator/calls/recorded`` gives them.
* ``POST /_emulator/delays`` with ``{"<kind>": seconds}``: how long slow resources take (``delays.py``).
* ``POST /_emulator/quotas`` with ``{"<quota code>": n}``: other quotas than AWS's defaults (``quotas.py``).
* ``POST /_emulator/reset``: everything back to nothing, as ``POST /moto-api/reset`` does.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from trading_platform.emulator import delays, quotas
from trading_platform.emulator.call import CALL_KEY, Call, Environ, identify
from trading_platform.emulator.errors import Answer, AwsError, error_answer, failed, not_implemented
from trading_platform.emulator.extension import Refuser
from trading_platform.emulator.ledger import Ledger

type StartResponse = Callable[[str, list[tuple[str, str]]], Any]

# These wait inside the request for something another request brings.
UNSERIALISED = {"sqs:ReceiveMessage"}


class Application:
    """WSGI application. One lock serialises the calls: moto's backends are plain dictionaries without locks."""

    def __init__(self, account_id: str, refusers: Mapping[tuple[str, str], list[Refuser]]) -> None:
        self.account_id = account_id
        self.refusers = refusers
        self.ledger = Ledger()
        self._moto = DomainDispatcherApplication(create_backend_app)
        # moto lists its own directories for every host it looks up, which is most of the time of a small call.
        self._backend_of_host: Callable[[str], str | None] = cache(self._moto.get_backend_for_host)
        self._lock = threading.RLock()
        self._actions: dict[str, Callable[[], None]] = {
            "/_emulator/calls/reset": self.ledger.reset,
            "/_emulator/calls/record": self.ledger.record_in_full,
            "/_emulator/reset": self.reset,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_emulator/"):
            answer = self._control(environ["REQUEST_METHOD"], path, environ["wsgi.input"].read())
        elif path.startswith("/moto-api"):
            answer = self._moto_control(environ)
        else:
            answer = self._call(environ)
        start_response(f"{answer.status} {'OK' if answer.status < 400 else 'Error'}", answer.headers)
        return [answer.body]

    def _call(self, environ: Environ) -> Answer:
        host = self._moto.infer_service_region_host(environ, environ.get("PATH_INFO", ""))
        backend = self._backend_of_host(host or "s3.us-east-1.amazonaws.com")
        call = environ[CALL_KEY] = identify(environ, backend, self.account_id)
        self.ledger.record(call)
        if call.name in UNSERIALISED:
            return self._guarded(call, backend)
        with self._lock:
            return self._guarded(call, backend)

    def _guarded(self, call: Call, backend: str | None) -> Answer:
        try:
            for refuser in self.refusers.get((call.service, call.action or ""), ()):
                refuser(call)
            answer = _run(self._moto_application(backend), call.environ) if backend else None
        except AwsError as error:
            return error_answer(call, error)
        except NotImplementedError:
            answer = None
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            return error_answer(call, failed(call, error))
        if answer is None or _is_unknown_address(call, answer):
            return error_answer(call, not_implemented(call))
        return answer

    def _moto_application(self, backend: str) -> Any:
        if backend not in self._moto.app_instances:
            self._moto.app_instances[backend] = create_backend_app(backend)
        return self._moto.app_instances[backend]

    def _moto_control(self, environ: Environ) -> Answer:
        with self._lock:
            if environ["PATH_INFO"] == "/moto-api/reset":
                self._forget()
            return _run(self._moto, environ)

    def _control(self, method: str, path: str, body: bytes) -> Answer:
        if (method, path) == ("GET", "/_emulator/status"):
            rules = sorted(f"{service}:{action}" for service, action in self.refusers)
            return _json({"account_id": self.account_id, "pid": os.getpid(), "checked_actions": rules})
        if (method, path) == ("GET", "/_emulator/calls"):
            return _json(self.ledger.as_dict())
        if (method, path) == ("GET", "/_emulator/calls/recorded"):
            return _json({"calls": self.ledger.in_full or []})
        if (method, path) in _SETTINGS:
            return _change(_SETTINGS[method, path], body)
        if method == "POST" and path in self._actions:
            self._actions[path]()
            return _json({"status": "ok"})
        return _json({"error": f"no {method} {path} here"}, 404)

    def reset(self) -> None:
        """Forget every resource and every count."""
        from moto.moto_api._internal.models import moto_api_backend

        with self._lock:
            moto_api_backend.reset()
            self._forget()

    def _forget(self) -> None:
        self.ledger.reset()
        delays.reset()
        quotas.reset()


_SETTINGS: dict[tuple[str, str], Callable[[Any], Mapping[str, object]]] = {
    ("POST", "/_emulator/delays"): delays.change,
    ("POST", "/_emulator/quotas"): quotas.change,
}


def _change(setting: Callable[[Any], Mapping[str, object]], body: bytes) -> Answer:
    try:
        return _json(setting(json.loads(body)))
    except (ValueError, KeyError) as error:
        return _json({"error": f"not a setting here: {error}"}, 400)


def _run(application: Any, environ: Environ) -> Answer:
    body, status, headers = run_wsgi_app(application, environ, buffered=True)
    return Answer(int(status.split()[0]), list(headers), b"".join(body))


def _is_unknown_address(call: Call, answer: Answer) -> bool:
    """Whether moto has no handler: Flask's own HTML page, or an empty 404. S3 answers an empty 404 to HEAD itself."""
    if answer.status not in (404, 405) or call.service == "s3":
        return False
    return not answer.body or answer.body.lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _json(content: Mapping[str, object], status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(content, default=str).encode())
