"""Subscriptions of a topic in one form, without the secrets in their addresses.

An integration's address is a password (whoever knows it can raise an alarm), so that of ``https`` is shown as its host
and eight digits of a hash: enough to see that it is another one.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

PENDING = "PendingConfirmation"
WITH_RAW_DELIVERY = ("http", "https", "sqs", "firehose")
Key = tuple[str, str]
"""Protocol and endpoint: what SNS itself tells subscriptions apart by."""


def shown(protocol: str, endpoint: str) -> str:
    """Give the endpoint as it may be printed: ``https://events.pagerduty.com/#1a2b3c4d``."""
    if protocol not in ("http", "https"):
        return endpoint
    digest = hashlib.sha256(endpoint.encode()).hexdigest()[:8]
    return f"{protocol}://{urlsplit(endpoint).hostname}/#{digest}"


def describe(subscriptions: dict[Key, bool | None]) -> list[dict[str, Any]]:
    """Give the state of subscriptions, sorted; raw delivery is left out where a protocol has none."""
    result = []
    for (protocol, endpoint), raw in subscriptions.items():
        one: dict[str, Any] = {"protocol": protocol, "endpoint": shown(protocol, endpoint)}
        result.append({**one, "raw_message_delivery": bool(raw)} if protocol in WITH_RAW_DELIVERY else one)
    return sorted(result, key=lambda one: (one["protocol"], one["endpoint"]))


def asked_for(subscriptions: list[dict[str, Any]] | None) -> dict[Key, bool]:
    """Give what the module's argument asks for, each once."""
    return {(one["protocol"], one["endpoint"]): bool(one["raw_message_delivery"]) for one in subscriptions or []}


def problems(subscriptions: list[dict[str, Any]] | None) -> list[str]:
    """Say what SNS would refuse, without repeating an address."""
    found = []
    for one in subscriptions or []:
        protocol, endpoint = one["protocol"], one["endpoint"]
        starts = {"https": "https://", "http": "http://", "sqs": "arn:", "lambda": "arn:", "firehose": "arn:"}
        if not endpoint.startswith(starts.get(protocol, "")) or (protocol.startswith("email") and "@" not in endpoint):
            found.append(f"a subscription with protocol {protocol} has an endpoint of another kind")
        if one["raw_message_delivery"] and protocol not in WITH_RAW_DELIVERY:
            found.append(f"protocol {protocol} has no raw_message_delivery")
    return found
