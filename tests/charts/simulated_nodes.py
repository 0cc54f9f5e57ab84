"""An API server with nodes and pods, as far as ``kubectl drain`` asks for them, and an Auto Scaling group behind it.

The real kubectl talks to it, so that what is tested is what kubectl does, and which rights it needs for that.
"""

import json
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

KUBECTL = Path(sys.executable).parent / "kubectl"
SCRIPT = Path(__file__).resolve().parents[2] / "charts/trading-engine/charts/node-rotation/files/rotate-nodes.sh"

Json = dict[str, Any]

GROUPS = {"": "v1", "apps": "apps/v1", "policy": "policy/v1"}
RESOURCES = {
    "v1": [("nodes", "Node", False), ("pods", "Pod", True), ("pods/eviction", "Eviction", True)],
    "apps/v1": [("daemonsets", "DaemonSet", True)],
    "policy/v1": [("poddisruptionbudgets", "PodDisruptionBudget", True)],
}


@dataclass
class Pod:
    """A pod: of a DaemonSet, or of a ReplicaSet, and then perhaps one that its budget does not let go."""

    name: str
    node: str
    daemon: bool = False
    blocked: bool = False

    def json(self) -> Json:
        """The pod as the API gives it."""
        owner = {"kind": "DaemonSet" if self.daemon else "ReplicaSet", "name": "owner", "uid": "1", "controller": True}
        owner["apiVersion"] = "apps/v1"
        metadata = {"name": self.name, "namespace": "trading-engine", "uid": self.name, "ownerReferences": [owner]}
        spec = {"nodeName": self.node, "containers": [], "volumes": [{"name": "tmp", "emptyDir": {}}]}
        return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec, "status": {"phase": "Running"}}


def node(name: str, hours: float, group: str = "general", **more: Any) -> Json:
    """A node of an age; `more`: ready, cordoned, taint, provider_id."""
    created = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    spec: Json = {"providerID": more.get("provider_id", f"aws:///us-east-1a/i-{name.encode().hex()}")}
    if more.get("cordoned"):
        spec["unschedulable"] = True
    if "taint" in more:
        spec["taints"] = [{"key": more["taint"], "effect": "NoSchedule"}]
    conditions = [
        {"type": "MemoryPressure", "status": "False"},
        {"type": "Ready", "status": "True" if more.get("ready", True) else "Unknown"},
    ]
    metadata = {"name": name, "creationTimestamp": created, "labels": {"workload": group}}
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": metadata,
        "spec": spec,
        "status": {"conditions": conditions},
    }


@dataclass
class Simulation:
    """The cluster.

    `replaces`: whether the group starts another instance, and `ready` whether that becomes ready. `lingers`: whether a
    node still counts as ready when its instance is being terminated. `terminates`: whether AWS lets one go.
    """

    nodes: dict[str, Json]
    pods: list[Pod] = field(default_factory=list)
    replaces: bool = True
    ready: bool = True
    lingers: bool = False
    terminates: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)
    terminated: list[str] = field(default_factory=list)

    def terminate(self, instance: str) -> int:
        """End an instance, as the group does, which then starts another."""
        if not self.terminates:
            return 403
        name = next(one for one, found in self.nodes.items() if found["spec"]["providerID"].endswith(f"/{instance}"))
        self.terminated.append(name)
        group = self.nodes[name]["metadata"]["labels"]["workload"]
        if not self.lingers:
            del self.nodes[name]
        if self.replaces:
            self.nodes[f"{name}-new"] = node(f"{name}-new", 0, group, ready=self.ready)
        return 200

    def answer(self, verb: str, url: str, body: Json) -> tuple[int, Json]:
        """Answer a request with status and object."""
        path, query = urlsplit(url).path, parse_qs(urlsplit(url).query)
        if verb == "POST" and (found := re.fullmatch(r"/terminate/(.+)", path)):
            return self.terminate(found[1]), {}
        if discovery := _discovery(path):
            return 200, discovery
        self.requests.append((verb, path))
        match verb, path.split("/")[3:]:
            case "GET", ["nodes"]:
                return 200, {"kind": "NodeList", "apiVersion": "v1", "items": list(self.nodes.values())}
            case "GET" | "PATCH", ["nodes", name] if name in self.nodes:
                _merge(self.nodes[name], body)
                return 200, self.nodes[name]
            case "GET", ["pods"]:
                wanted = query["fieldSelector"][0].removeprefix("spec.nodeName=")
                items = [pod.json() for pod in self.pods if pod.node == wanted]
                return 200, {"kind": "PodList", "apiVersion": "v1", "items": items}
            case "GET", ["namespaces", _, "pods", name]:
                found_pods = [pod.json() for pod in self.pods if pod.name == name]
                return (200, found_pods[0]) if found_pods else (404, _status(404, "NotFound"))
            case "POST", ["namespaces", _, "pods", name, "eviction"]:
                return self._evict(name)
            case "GET", ["v1", "namespaces", _, "daemonsets", name]:
                return 200, {"kind": "DaemonSet", "apiVersion": "apps/v1", "metadata": {"name": name}}
        return 404, _status(404, "NotFound")

    def _evict(self, name: str) -> tuple[int, Json]:
        pod = next(one for one in self.pods if one.name == name)
        if pod.blocked:
            said = "Cannot evict pod as it would violate the pod's disruption budget."
            return 429, _status(429, "TooManyRequests", said)
        self.pods.remove(pod)
        return 201, {"kind": "Status", "apiVersion": "v1", "status": "Success"}


def _status(code: int, reason: str, message: str = "") -> Json:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "code": code,
        "message": message,
    }


def _merge(target: Json, patch: Json) -> None:
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            _merge(target.setdefault(key, {}), value)
        elif not key.startswith("$"):
            target[key] = value


def _discovery(path: str) -> Json | None:
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        found = [{"groupVersion": version, "version": "v1"} for group, version in GROUPS.items() if group]
        groups = [
            {"name": one["groupVersion"].split("/")[0], "versions": [one], "preferredVersion": one} for one in found
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version not in RESOURCES:
        return None
    verbs = ["get", "list", "patch", "create"]
    resources = [
        {"name": name, "kind": kind, "namespaced": namespaced, "singularName": "", "verbs": verbs}
        | ({"group": "policy", "version": "v1"} if name == "pods/eviction" else {})
        for name, kind, namespaced in RESOURCES[version]
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


@contextmanager
def served(simulation: Simulation) -> Any:
    """Serve a simulation on loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            body = json.loads(content) if content and self.command == "PATCH" else {}
            status, answer = simulation.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _do  # noqa: N815  (names that http.server asks for)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Run:
    """How a run of the script ended, what it said, and the commands it gave."""

    status: int
    output: str
    commands: list[str]


# A command as one line.
NOTE = """printf '%s %s\\n' "${0##*/}" "${*//$'\\n'/ }\""""


def _program(file: Path, text: str) -> None:
    file.write_text(f"#!/usr/bin/env bash\nset -euo pipefail\n{text}", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


SETTINGS = {
    "NODE_NAME": "own",
    "MAXIMUM_AGE_SECONDS": "604800",
    "NEXT_WINDOW_SECONDS": "590400",
    "RUN_SECONDS": "6480",
    "DRAIN_TIMEOUT_SECONDS": "60",
    "REPLACEMENT_TIMEOUT_SECONDS": "60",
    "POLL_SECONDS": "0.1",
}


def environment(folder: Path, server: str, settings: Mapping[str, str], tools: tuple[str, ...]) -> dict[str, str]:
    """Environment of a run: tools that write down how they are called, kubectl's own program, and AWS played."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("bash", "sort", "sleep", "curl", "env"):
        real = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        (programs / name).symlink_to(real)
    calls = {
        "kubectl": f'{NOTE} >> "{folder}/commands"\nexec "{KUBECTL}" --server={server} "$@"\n',
        "aws": f"{NOTE} >> '{folder}/commands'\ncurl --silent --fail --request POST '{server}/terminate/'\"$4\"\n",
    }
    for name in tools:
        _program(programs / name, calls[name])
    return {"PATH": str(programs), "HOME": str(folder), "KUBECONFIG": str(folder / "none"), **settings}


def run(
    simulation: Simulation,
    folder: Path,
    *,
    tools: tuple[str, ...] = ("kubectl", "aws"),
    interrupt: Callable[[], bool] | None = None,
    **settings: str | None,
) -> Run:
    """Run the script against a simulation; settings given as None are left out.

    `interrupt` says when the script is told to end, as kubelet does it.
    """
    wanted = {name: value for name, value in {**SETTINGS, **settings}.items() if value is not None}
    with served(simulation) as server:
        variables = environment(folder, server, wanted, tools)
        with subprocess.Popen(
            ["bash", str(SCRIPT)], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            while interrupt and process.poll() is None:
                if interrupt():
                    process.terminate()
                    break
                time.sleep(0.05)
            output, _ = process.communicate()
    written = folder / "commands"
    commands = written.read_text(encoding="utf-8").splitlines() if written.exists() else []
    return Run(process.returncode, output, [one for one in commands if not one.startswith("kubectl get ")])
