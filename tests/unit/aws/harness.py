"""Run a module of ``plugins/modules`` in this process, and see which API calls it makes.

subnet = load("ec2_subnet").main
result = run_module(subnet, {"name": "a", "cidr": "10.0.0.0/24"}, check=True)
assert writes(result) == []
"""

import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import botocore.client
import botocore.hooks
import botocore.session
import pytest
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args
from ansible_collections.amazon.aws.plugins.module_utils import botocore as connections
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from plugin_loading import load_plugin
from trading_platform.warm import aws

MODULES = Path(__file__).resolve().parents[3] / "plugins" / "modules"
WARM = aws.preload(())
REPLACED = (
    (botocore.session, "create_loader"),
    (botocore.session, "EventAliaser"),
    (botocore.hooks, "accepts_kwargs"),
    (botocore.client.ClientCreator, "_create_methods"),
    (botocore.client.ClientCreator, "_create_name_mapping"),
)
CONNECT = connections._boto3_conn
KEPT: dict[str, Any] = {}
# A module of ours adds something to its client of these.
ONCE = ("s3control",)
READING = re.compile(r"^[\w-]+\.(Describe|Get|List|Head)")


def load(name: str) -> ModuleType:
    """Import ``plugins/modules/<name>.py``."""
    return load_plugin(f"plugins/modules/{name}.py")


@contextmanager
def warm_clients() -> Iterator[None]:
    """Clients as the forks of warm_local make them, in a fifth of the time; models are read when first asked for.

    One that was made for the same service, place and credentials is taken again.
    """
    assert WARM
    with ExitStack() as stack:
        for owner, name in REPLACED:  # by itself, so that it is back at the end
            stack.enter_context(mock.patch.object(owner, name, getattr(owner, name)))
        WARM.share()
        stack.enter_context(WARM.methods.recorded())
        stack.enter_context(mock.patch.object(connections, "_boto3_conn", _kept_connection))
        yield


def _kept_connection(conn_type: str, resource: str, **params: Any) -> Any:
    """A client of an earlier call with the same arguments."""
    if resource in ONCE:
        return CONNECT(conn_type, resource, **params)
    environment = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
    key = repr((conn_type, resource, sorted(params.items(), key=str), environment))
    if key not in KEPT:
        KEPT[key] = CONNECT(conn_type, resource, **params)
    return KEPT[key]


def run_module(
    main: Callable[[], None], args: dict[str, Any], check: bool = False, fail: dict[str, str] | None = None
) -> dict[str, Any]:
    """Run a module's ``main`` with these arguments and give its result.

    The result has one key more than the module returned: ``api_calls``, in order, as ``kms.CreateAlias``. ``fail``
    maps such a call to the error code that it answers instead of being sent, as when a run is cut off in the middle.
    """
    calls: list[str] = []
    send = BaseClient._make_api_call

    def recorded(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        call = f"{client.meta.service_model.service_name}.{operation}"
        calls.append(call)
        if call in (fail or {}):
            raise ClientError({"Error": {"Code": fail[call], "Message": "asked for by the test"}}, operation)
        return send(client, operation, parameters)

    internal = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp"}  # noqa: S108
    warnings._global_warnings.clear()  # kept per process, and a module is used to having one of its own
    printed = io.StringIO()
    sleep = time.sleep
    with (
        mock.patch.object(BaseClient, "_make_api_call", recorded),
        # A call that fails on purpose is tried again; the pauses between the tries prove nothing.
        mock.patch("time.sleep", lambda seconds: sleep(min(seconds, 0.01) if fail else seconds)),
        warm_clients(),
        patch_module_args({**args, **internal}),
        redirect_stdout(printed),
        pytest.raises(SystemExit),
    ):
        main()
    return {**json.loads(printed.getvalue()), "api_calls": calls}


def writes(result: dict[str, Any]) -> list[str]:
    """Give the API calls of a result that change something, in order."""
    return [call for call in result["api_calls"] if not READING.match(call)]
