"""The API server that Prometheus asks for pods and nodes: it gives what the rendered roles allow, and no more."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rendering import Manifest, of_kind

Right = tuple[str | None, str, str]
"""Namespace (None: the whole cluster), resource and verb."""


def rights(manifests: Sequence[Manifest], namespace: str, account: str) -> set[Right]:
    """What the rendered roles allow a service account in the core API group."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    found: set[Right] = set()
    for binding in of_kind(manifests, "RoleBinding", "ClusterRoleBinding"):
        if subject not in binding["subjects"]:
            continue
        where = binding["metadata"].get("namespace") if binding["kind"] == "RoleBinding" else None
        for role in of_kind(manifests, binding["roleRef"]["kind"]):
            same_place = role["kind"] == "ClusterRole" or role["metadata"]["namespace"] == where
            if role["metadata"]["name"] == binding["roleRef"]["name"] and same_place:
                found |= _of_rules(role["rules"], where)
    return found


def _of_rules(rules: Sequence[dict[str, Any]], where: str | None) -> set[Right]:
    return {
        (where, resource, verb)
        for rule in rules
        if "" in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@dataclass
class PlayedCluster:
    """Objects of the cluster, who may see them, and what was asked for: every right that was used, or missing."""

    objects: dict[str, list[Manifest]]
    """Resource (pods, nodes) to objects."""
    allowed: set[Right]
    used: set[Right] = field(default_factory=set)
    refused: set[Right] = field(default_factory=set)
    closing: threading.Event = field(default_factory=threading.Event)

    def allow(self, right: Right) -> bool:
        """Whether a request with this right is answered; noted."""
        granted = right in self.allowed or (None, *right[1:]) in self.allowed
        (self.used if granted else self.refused).add(right)
        return granted

    def items(self, namespace: str | None, resource: str, selector: str) -> list[Manifest]:
        """Objects of a namespace that a label selector of equalities picks."""
        wanted = dict(term.split("=", 1) for term in selector.split(",") if term)
        return [
            one
            for one in self.objects[resource]
            if namespace in (None, one["metadata"].get("namespace"))
            and wanted.items() <= one["metadata"].get("labels", {}).items()
        ]


@contextmanager
def served(cluster: PlayedCluster) -> Iterator[str]:
    """Serve a cluster over HTTP; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path).path.strip("/").split("/")[2:]
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            namespace = parts[1] if parts[0] == "namespaces" else None
            resource = parts[-1]
            watching = query.get("watch") in ("1", "true")
            if resource not in cluster.objects:
                return self._answer(404, _status(404, "NotFound"))
            if not cluster.allow((namespace, resource, "watch" if watching else "list")):
                return self._answer(403, _status(403, "Forbidden"))
            items = cluster.items(namespace, resource, query.get("labelSelector", ""))
            kind = {"pods": "Pod", "nodes": "Node"}[resource]
            if watching:
                return self._watch(kind, items if query.get("sendInitialEvents") == "true" else None)
            metadata = {"resourceVersion": "1"}
            return self._answer(200, {"kind": f"{kind}List", "apiVersion": "v1", "metadata": metadata, "items": items})

        def _answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _watch(self, kind: str, initial: list[Manifest] | None) -> None:
            """Give what there is, if that is asked for, and then nothing, as nothing changes."""
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if initial is not None:
                annotations = {"k8s.io/initial-events-end": "true"}
                end = {
                    "kind": kind,
                    "apiVersion": "v1",
                    "metadata": {"resourceVersion": "1", "annotations": annotations},
                }
                events = [{"type": "ADDED", "object": one} for one in initial]
                for event in [*events, {"type": "BOOKMARK", "object": end}]:
                    data = json.dumps(event).encode() + b"\n"
                    self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()
            cluster.closing.wait()
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        cluster.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _status(code: int, reason: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}


def node(name: str, address: str, kubelet_port: int) -> Manifest:
    """A node as the API server gives it."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": name, "labels": {"kubernetes.io/hostname": name}},
        "spec": {},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
