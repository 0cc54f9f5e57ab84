"""The command line: read manifests, and show or compare who may connect to whom.

Exit codes of the command: 0 done; 1 the flows of --flows differ from what is allowed; 2 the input is wrong.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from trading_platform.connectivity import (
    ConnectivityError,
    compare,
    connections,
    dangling,
    list_text,
    load,
    matrix_markdown,
    matrix_svg,
    read_flows,
    vpc_cni_gaps,
)

FORMATS = {"md": matrix_markdown, "svg": matrix_svg, "list": list_text}


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m trading_platform.connectivity",
        description="Compute from manifests who may connect to whom.",
    )
    parser.add_argument("manifests", nargs="+", help="YAML files of rendered manifests; - reads standard input")
    parser.add_argument(
        "--endpoints",
        metavar="FILE",
        help="YAML: name of addresses outside the cluster -> list of CIDR blocks, or of {cidr: ..., except: [...]}",
    )
    parser.add_argument("--flows", metavar="FILE", help="YAML: list of wanted flows (from, to, ports) to compare with")
    parser.add_argument("--format", choices=FORMATS, default="list", help="a list (default), or a matrix as md or svg")
    parser.add_argument("--namespace", default="default", help="namespace of objects that name none (default: default)")
    parser.add_argument(
        "--only",
        metavar="NAMESPACE",
        action="append",
        help="leave out connections that neither start nor end in this namespace; may be repeated",
    )
    parser.add_argument(
        "--pod-cidr",
        metavar="CIDR",
        action="append",
        default=[],
        help="where pods get their addresses, so that an ipBlock can hold them; may be repeated",
    )
    return parser.parse_args(arguments)


def _read_yaml(name: str) -> Iterator[Any]:
    """The documents of a file, or of standard input for `-`."""
    where = "standard input" if name == "-" else name
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ConnectivityError([f"{where}: cannot be read: {reason}"]) from None
    try:
        yield from yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ConnectivityError([f"{where}: is not YAML: {error}"]) from None


def _read_one(name: str | None, kind: type, what: str) -> Any:
    """The only document of a file, of the given type; an empty one of that type without a file."""
    if name is None:
        return kind()
    documents = [document for document in _read_yaml(name) if document is not None]
    if len(documents) != 1 or not isinstance(documents[0], kind):
        raise ConnectivityError([f"{name}: must be one {what}"])
    return documents[0]


def _run(options: argparse.Namespace) -> int:
    manifests = [document for name in options.manifests for document in _read_yaml(name)]
    endpoints = _read_one(options.endpoints, dict, "mapping of endpoint to CIDR blocks")
    cluster = load(manifests, endpoints, options.pod_cidr, options.namespace)
    if not cluster.workloads:
        raise ConnectivityError(["there is no workload in the manifests, such as a Deployment or a Pod"])
    for warning in (*dangling(cluster), *vpc_cni_gaps(cluster)):
        print(f"warning: {warning}", file=sys.stderr)
    if not options.flows:
        print(FORMATS[options.format](connections(cluster, options.only)), end="")
        return 0
    wanted = read_flows(cluster, _read_one(options.flows, list, "list of flows"))
    differences = compare(cluster, wanted, options.only)
    for difference in differences:
        print(difference)
    return 1 if differences else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    try:
        return _run(options)
    except ConnectivityError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
