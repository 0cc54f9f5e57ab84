"""The estate as the AWS API describes it, and the readers of its figures, by name.

A reader is a small function of the estate and a region that asks AWS (never Ansible) and gives a value as YAML would
write it: numbers, strings, lists and mappings of such. ``design.yml`` names readers and says what they must find.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from trading_platform.emulator.testing import BUILD_DIRECTORY, EmulatorServer

ROOT = Path(__file__).resolve().parents[2]
NAME = "production-trading-engine"
PRIMARY, STANDBY = "us-east-1", "us-west-2"
REGIONS = (PRIMARY, STANDBY)


class Estate:
    """What was built in one account, in all its regions. Answers of readers are kept: nothing changes meanwhile."""

    def __init__(self, server: EmulatorServer) -> None:
        self.client = server.client
        self.account_id = server.account_id
        self.build_directory = Path(server.env.get(BUILD_DIRECTORY, ROOT / "build"))
        self._answers: dict[tuple[str, str], Any] = {}

    def pages(self, service: str, region: str, operation: str, result: str, **arguments: Any) -> list[Any]:
        """All items of a listing: ``result`` is the key that holds them on each page."""
        client = self.client(service, region)
        if not client.can_paginate(operation):
            return list(getattr(client, operation)(**arguments)[result])
        return [one for page in client.get_paginator(operation).paginate(**arguments) for one in page[result]]

    def key_arn(self, region: str, purpose: str) -> str:
        """ARN of the key that the alias of a purpose (rds, s3, ...) leads to."""
        alias = f"alias/{NAME}-{purpose}"
        return str(self.client("kms", region).describe_key(KeyId=alias)["KeyMetadata"]["Arn"])

    def purpose(self, region: str, key: str | None) -> str:
        """Purpose of the key with this ARN or id; ``none`` without a key, the ARN itself if it is none of ours."""
        if not key:
            return "none"
        for alias in self.pages("kms", region, "list_aliases", "Aliases"):
            if alias["AliasName"].startswith(f"alias/{NAME}-") and key.rpartition("/")[2] == alias.get("TargetKeyId"):
                return str(alias["AliasName"].removeprefix(f"alias/{NAME}-"))
        return key

    def read(self, reader_name: str, region: str) -> Any:
        """What the reader of this name finds in a region."""
        if (reader_name, region) not in self._answers:
            self._answers[reader_name, region] = READERS[reader_name](self, region)
        return self._answers[reader_name, region]


type Reader = Callable[[Estate, str], Any]
READERS: dict[str, Reader] = {}


def reader(function: Reader) -> Reader:
    """Register a reader under the name of its function."""
    assert function.__name__ not in READERS, function.__name__
    READERS[function.__name__] = function
    return function


def by_key(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """A mapping of AWS's list of tags; services spell the keys in three ways."""
    plain = ({name.lower().removeprefix("tag"): value for name, value in tag.items()} for tag in tags)
    return {tag["key"]: tag["value"] for tag in plain}


def short(name: str) -> str:
    """A name without the platform's prefix."""
    return name.removeprefix(f"{NAME}-")


def document(policy: str | dict[str, Any]) -> list[dict[str, Any]]:
    """Statements of a policy, each with its actions and resources as lists."""
    statements = (json.loads(policy) if isinstance(policy, str) else policy)["Statement"]
    listed = {
        field: lambda one, field=field: [one[field]] if isinstance(one[field], str) else list(one[field])
        for field in ("Action", "Resource")
    }
    return [{**one, **{field: value(one) for field, value in listed.items() if field in one}} for one in statements]
