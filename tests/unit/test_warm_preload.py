"""When the callback prepares: the connection is that of a host, the play or the command line, whichever way said."""

from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible import context
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.utils.context_objects import CLIArgs
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from plugin_loading import load_plugin

WARM = {"ansible_connection": "warm_local"}
TEMPLATED = {"ansible_connection": "{{ 'warm_local' if fast | bool else 'local' }}", "fast": True}
UNKNOWN = {"ansible_connection": "{{ what_a_task_registers }}"}


@pytest.fixture(scope="module")
def callback() -> ModuleType:
    return load_plugin("plugins/callback/warm_local_preload.py")


def play_of(tmp: Path, host: dict[str, Any], play: dict[str, Any], extra: dict[str, Any]) -> Play:
    """A play on two hosts, of which the second has the variables ``host``."""
    loader = DataLoader()
    hosts = {"first": {"ansible_connection": "local"}, "second": host}
    (tmp / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    inventory = InventoryManager(loader, sources=[str(tmp / "hosts.yml")])
    manager = VariableManager(loader, inventory)
    manager._extra_vars = extra
    HostVars(inventory, manager, loader)
    return Play.load({"hosts": "all", "gather_facts": False, **play}, variable_manager=manager, loader=loader)


@pytest.mark.parametrize(
    ("host", "play", "extra", "arguments", "prepares"),
    [
        (WARM, {}, {}, {}, True),
        (TEMPLATED, {}, {}, {}, True),
        ({}, {"connection": "warm_local"}, {}, {}, True),
        ({}, {"vars": WARM}, {}, {}, True),
        ({}, {}, {}, {"connection": "warm_local"}, True),
        (TEMPLATED, {}, {"fast": False}, {}, False),
        ({"ansible_connection": "local"}, {}, {}, {}, False),
        (UNKNOWN, {}, {}, {}, False),
        (WARM, {"hosts": "first"}, {}, {}, False),
    ],
)
def test_prepares_once_when_a_host_uses_it(
    tmp_path: Path,
    callback: ModuleType,
    host: dict[str, Any],
    play: dict[str, Any],
    extra: dict[str, Any],
    arguments: dict[str, str],
    prepares: bool,
) -> None:
    made, one = callback.CallbackModule(), play_of(tmp_path, host, play, extra)
    with (
        mock.patch.object(context, "CLIARGS", CLIArgs({"connection": "local", **arguments})),
        mock.patch.object(made, "_preload") as preload,
    ):
        made.v2_playbook_on_play_start(one)
        made.v2_playbook_on_play_start(one)
    assert preload.call_count == int(prepares)
