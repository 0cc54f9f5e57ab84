"""Pods of the chart as folders and processes of this machine: what kubelet and drivers of volumes do in a cluster."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jmespath
import yaml
from loopback import Loopback
from processes import Process
from rendering import Manifest, of_kind, one, pod_spec
from substitution import Facts, apply
from substitutions import LOOPBACK

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
NODE = "ip-10-0-1-17.ec2.internal"

# Files of ConfigMaps that are documents of the list of substitutions: ConfigMap and file to the document's name.
FILES = {
    ("prometheus", "prometheus.yml"): "prometheus.yml",
    ("alertmanager", "alertmanager.yml"): "alertmanager.yml",
    ("jaeger-collector", "config.yaml"): "jaeger-collector.yaml",
    ("jaeger-query", "config.yaml"): "jaeger-query.yaml",
}


@dataclass(frozen=True)
class Pod:
    """A pod of a rendered workload, with an address on this machine and a folder for the root of its container.

    `host`: whose address it has, its own or its node's.
    """

    name: str
    owner: Manifest
    host: str
    address: str
    root: Path

    @property
    def workload(self) -> str:
        """Name of the workload."""
        return str(self.owner["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return str(self.owner["metadata"]["namespace"])

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.owner["spec"]["template"]["metadata"]["labels"])

    @property
    def container(self) -> dict[str, Any]:
        """Its container, as rendered."""
        (container,) = pod_spec(self.owner)["containers"]
        return dict(container)

    def api_object(self, loopback: Loopback) -> Manifest:
        """The pod as the API server gives it, with its ports as they are on this machine."""
        template = self.owner["spec"]["template"]
        spec = json.loads(json.dumps(template["spec"]))
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            for port in container.get("ports", []):
                port["containerPort"] = loopback.port(port["containerPort"])
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**template["metadata"], "name": self.name, "namespace": self.namespace, "uid": self.name},
            "spec": {**spec, "nodeName": NODE},
            "status": {
                "phase": "Running",
                "podIP": self.address,
                "podIPs": [{"ip": self.address}],
                "hostIP": loopback.address(NODE),
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }

    def port(self, name: str) -> int:
        """Number of a port of its container, as in the chart."""
        (number,) = [port["containerPort"] for port in self.container["ports"] if port["name"] == name]
        return int(number)


def pods(manifests: Sequence[Manifest], loopback: Loopback, folder: Path, replicas: Mapping[str, int]) -> list[Pod]:
    """Pods of all rendered workloads that run all the time; one of each where `replicas` has no other number."""
    found = []
    for owner in of_kind(manifests, "Deployment", "StatefulSet", "DaemonSet"):
        workload = owner["metadata"]["name"]
        for number in range(replicas.get(workload, 1)):
            name = f"{workload}-{number}" if owner["kind"] == "StatefulSet" else f"{workload}-7c9d8f6b5-{number}"
            host = NODE if pod_spec(owner).get("hostNetwork") else name
            found.append(Pod(name, owner, host, loopback.address(host), folder / name))
    return found


@dataclass(frozen=True)
class Kubelet:
    """Prepares pods' folders and gives their processes.

    `secrets`: what Secrets Manager has, by name. `token` and `authority`: what a service account's volume has.
    """

    manifests: Sequence[Manifest]
    loopback: Loopback
    played: Mapping[str, str]
    secrets: Mapping[str, Mapping[str, str]]
    token: str
    authority: Path

    def facts(self, pod: Pod) -> Facts:
        """What substitutions need to know of a pod."""
        mounts = tuple(mount["mountPath"] for mount in pod.container.get("volumeMounts", []))
        return Facts(self.loopback, pod.address, pod.root, mounts, self.played)

    def process(self, pod: Pod, program: str | Path, logs: Path) -> Process:
        """The process of a pod's container, with its volumes filled.

        `program` is what the image would start; a command of the chart's own names it in itself.
        """
        self._volumes(pod)
        container = self.container(pod)
        command = [*(container["command"] or [str(program)]), *container["args"]]
        environment = {"PATH": os.environ["PATH"], **container["env"]}
        return Process(pod.name, command, pod.root, environment, logs / f"{pod.name}.log")

    def container(self, pod: Pod) -> dict[str, Any]:
        """Command, arguments and environment of a pod's container, as they run here."""
        rendered = pod.container
        variables = {one["name"]: self._value(one, pod) for one in rendered.get("env") or []}

        def expanded(text: str) -> str:
            return re.sub(r"\$\(([A-Za-z_]\w*)\)", lambda match: variables.get(match[1], match[0]), text)

        document = {
            "command": [expanded(text) for text in rendered.get("command") or []],
            "args": [expanded(text) for text in rendered.get("args") or []],
            "env": variables,
        }
        return dict(apply(pod.workload, document, self.facts(pod), LOOPBACK))

    def _value(self, variable: Mapping[str, Any], pod: Pod) -> str:
        if "value" in variable:
            return str(variable["value"])
        fields = {"status.podIP": pod.address, "status.hostIP": self.loopback.address(NODE)}
        return fields[variable["valueFrom"]["fieldRef"]["fieldPath"]]

    def _volumes(self, pod: Pod) -> None:
        spec = pod_spec(pod.owner)
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        for mount in pod.container.get("volumeMounts", []):
            folder = Path(f"{pod.root}{mount['mountPath']}")
            folder.mkdir(parents=True, exist_ok=True)
            volume = volumes.get(mount["name"], {})
            for name, text in self._files(volume, pod).items():
                (folder / name).write_text(text, encoding="utf-8")
        pod.root.mkdir(parents=True, exist_ok=True)
        if spec.get("automountServiceAccountToken"):
            folder = Path(f"{pod.root}{SERVICE_ACCOUNT}")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "token").write_text(self.token)
            (folder / "ca.crt").write_text(self.authority.read_text())

    def _files(self, volume: Mapping[str, Any], pod: Pod) -> dict[str, str]:
        """Files of a volume: of a ConfigMap, or of secrets; volumes of other kinds begin empty."""
        if "configMap" in volume:
            return self.config_map(volume["configMap"]["name"], pod)
        if "csi" in volume:
            return self.secret_files(volume["csi"]["volumeAttributes"]["secretProviderClass"], pod)
        return {}

    def config_map(self, name: str, pod: Pod) -> dict[str, str]:
        """Files of a ConfigMap, as they run here."""
        data = one(self.manifests, "ConfigMap", name, pod.namespace)["data"]
        facts = self.facts(pod)
        if name == "rds-ca":
            return dict(apply(name, data, facts, LOOPBACK))
        if name == "prometheus-rules":
            trees = apply("rules", {key: yaml.safe_load(text) for key, text in data.items()}, facts, LOOPBACK)
            return {key: yaml.safe_dump(tree, sort_keys=False) for key, tree in trees.items()}
        return {key: self._file(FILES.get((name, key)), text, facts) for key, text in data.items()}

    def _file(self, document: str | None, text: str, facts: Facts) -> str:
        if document is None:
            return text
        return yaml.safe_dump(apply(document, yaml.safe_load(text), facts, LOOPBACK), sort_keys=False)

    def secret_files(self, name: str, pod: Pod) -> dict[str, str]:
        """Files that the Secrets Store driver writes for a SecretProviderClass: what each path finds in the secret."""
        parameters = one(self.manifests, "SecretProviderClass", name, pod.namespace)["spec"]["parameters"]
        if name == "redis-exporter":
            parameters = apply("redis-exporter secrets", parameters, self.facts(pod), LOOPBACK)
        files = {}
        for secret in yaml.safe_load(parameters["objects"]):
            for entry in secret["jmesPath"]:
                found = jmespath.search(entry["path"], self.secrets[secret["objectName"]])
                assert isinstance(found, str), f"{name}: {entry['path']} finds nothing in {secret['objectName']}"
                files[entry["objectAlias"]] = found
        return files
