"""Makes the calls of a JSON file with plain boto3 in this one process: the yardstick of ``site_noop.py``.

    python benchmarks/raw_boto3.py calls.json

Each call has ``service``, ``region``, ``action`` and ``parameters`` as in AWS's API reference. An error is an
answer too: "there is no such policy" is how AWS describes a bucket without one.
"""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

from trading_platform.aws.s3_account_public_access_block import without_account_in_address


def client_of(service: str, region: str) -> Any:
    """A client as the modules make it; the emulator has one address for all accounts."""
    client = boto3.client(service, region_name=region)
    if service == "s3control":
        without_account_in_address(client)
    return client


def main() -> None:
    """Make all calls, one after the other, with one client for each service and region."""
    clients: dict[tuple[str, str], Any] = {}
    for call in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        where = call["service"], call["region"]
        if where not in clients:
            clients[where] = client_of(*where)
        try:
            getattr(clients[where], xform_name(call["action"]))(**call["parameters"])
        except ClientError as error:
            if "Emulator" in error.response["Error"]["Code"]:
                raise


if __name__ == "__main__":
    main()
