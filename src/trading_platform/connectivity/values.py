"""Read single values of manifests: each function returns the value of the right type or says what is wrong where."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Network, ip_network
from typing import Any

from trading_platform.connectivity.addresses import Network
from trading_platform.connectivity.model import LAST_PORT, PROTOCOLS

_PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_IPV4_IN_IPV6 = IPv6Network("::ffff:0:0/96")


class ValueProblem(Exception):  # noqa: N818 - caught where the object is read; ConnectivityError is what users see
    """What is wrong at one place of a manifest, as `path: what`."""


def read_mapping(value: object, path: str) -> Mapping[str, Any]:
    if value is None:
        raise ValueProblem(f"{path}: is missing")
    if not isinstance(value, Mapping):
        raise ValueProblem(f"{path}: must be a mapping, not {value!r}")
    return value


def read_list(value: object, path: str) -> Sequence[Any]:
    """The list at this place; null is an empty one, as it is to the API server."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise ValueProblem(f"{path}: must be a list, not {value!r}")
    return value


def refuse_unknown(mapping: Mapping[str, Any], allowed: Sequence[str], path: str) -> None:
    for key in mapping:
        if key not in allowed:
            raise ValueProblem(f"{path}.{key}: is unknown; there are {', '.join(allowed)}")


def read_labels(value: object, path: str) -> dict[str, str]:
    labels = read_mapping({} if value is None else value, path)
    for key, label in labels.items():
        if not isinstance(key, str) or not isinstance(label, str):
            raise ValueProblem(f"{path}.{key}: must be a string, not {label!r}; put numbers and booleans in quotes")
    return dict(labels)


def read_protocol(value: object, path: str) -> str:
    protocol = "TCP" if value is None else value
    if protocol not in PROTOCOLS:
        raise ValueProblem(f"{path}: must be TCP, UDP or SCTP, not {protocol!r}")
    return str(protocol)


def read_port(value: object, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LAST_PORT:
        raise ValueProblem(f"{path}: must be a number from 1 to {LAST_PORT}, not {value!r}")
    return value


def read_port_name(value: object, path: str) -> str:
    if isinstance(value, str) and _PORT_NAME.fullmatch(value):
        return value
    advice = "a-z, 0-9 and single dashes between them, with a letter, at most 15 characters"
    if isinstance(value, str) and value.isdecimal():
        advice = "write a number without quotes"
    raise ValueProblem(f"{path}: {value!r} is not the name of a port: {advice}")


def read_cidr(value: object, path: str) -> Network:
    if not isinstance(value, str) or not value.rpartition("/")[2].isdecimal() or "/" not in value:
        raise ValueProblem(f"{path}: must be a CIDR block such as 10.0.0.0/16, not {value!r}")
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise ValueProblem(f"{path}: {value!r} is not a CIDR block such as 10.0.0.0/16") from None
    if network.version == 6 and network.subnet_of(_IPV4_IN_IPV6):
        raise ValueProblem(f"{path}: {value} is an IPv4 block written as IPv6; write it as IPv4")
    try:
        return ip_network(value)
    except ValueError:
        raise ValueProblem(f"{path}: {value} has bits beyond its prefix; the block is {network}") from None
