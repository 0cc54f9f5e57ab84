"""The callback prepares when a host uses the connection, and otherwise does nothing: what the processes then have.

All the ways to say which connection it is are in tests/unit/test_warm_preload.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from warm_local_playbook import ODD_MODULES, ROOT, host_vars, odd, run_playbook

pytestmark = pytest.mark.slow

# Says at the end of a run what the process that all workers are forks of has imported.
TELLS_PARENT = """
import json, os, pathlib, sys
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME, CALLBACK_NEEDS_ENABLED = 2.0, "aggregate", "tells_parent", True

    def v2_playbook_on_stats(self, stats):
        state = sys.modules.get("trading_platform.warm.state")
        told = {"boto3": "boto3" in sys.modules, "warm": bool(state and state.is_warm())}
        pathlib.Path(os.environ["TELL_TO"]).write_text(json.dumps(told))
"""


def _run(tmp: Path, play: dict[str, Any], variables: dict[str, Any], *arguments: str, **env: str) -> dict[str, Any]:
    """Run one task; return what the parent had imported and ``forked``, whether the task ran in a fork."""
    (tmp / "callbacks").mkdir(exist_ok=True)
    (tmp / "callbacks" / "tells_parent.py").write_text(TELLS_PARENT)
    task = {"name": "ask", "odd": {"how": "tells_command_line"}, **play.pop("task", {})}
    (tmp / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, **play, "tasks": [task]}]))
    (tmp / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"region": {}}, "vars": variables}}))
    settings = {
        "ANSIBLE_CALLBACK_PLUGINS": f"{ROOT / 'plugins/callback'}:{tmp / 'callbacks'}",
        "ANSIBLE_CALLBACKS_ENABLED": "warm_local_preload,tells_parent",
        "TELL_TO": str(tmp / "told.json"),
    }
    done = run_playbook(tmp, {**settings, **env}, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == "", "nothing may be printed"
    result = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["region"]
    return {**json.loads((tmp / "told.json").read_text()), "forked": result["forked"]}


PYTHON = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
TEMPLATED = {**PYTHON, "ansible_connection": "{{ 'warm_local' if fast | bool else 'local' }}", "fast": True}
READY = {"boto3": True, "warm": True, "forked": True}
NOTHING = {"boto3": False, "warm": False, "forked": False}


@pytest.mark.parametrize(
    ("play", "variables", "arguments", "expected"),
    [
        ({}, TEMPLATED, (), READY),
        ({}, PYTHON, ("-c", "warm_local"), READY),
        ({}, TEMPLATED, ("-e", "fast=false"), NOTHING),
        # Not foreseeable when the play starts: the connection then behaves as local.
        ({"task": {"connection": "warm_local"}}, host_vars("local") | PYTHON, (), NOTHING),
    ],
)
def test_prepares_when_and_only_when_needed(
    tmp_path: Path, play: dict[str, Any], variables: dict[str, Any], arguments: tuple[str, ...], expected: object
) -> None:
    assert _run(tmp_path, dict(play), variables, *arguments) == expected


def test_pipelining_off_is_stock(tmp_path: Path) -> None:
    variables = {**host_vars("warm_local"), "ansible_warm_local_pipelining": False}
    assert _run(tmp_path, {}, variables)["forked"] is False


@pytest.mark.parametrize("missing", ["boto3", "trading_platform"])
def test_a_missing_library_changes_nothing_but_speed(tmp_path: Path, missing: str) -> None:
    package = tmp_path / "broken" / missing
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"raise ImportError({missing!r})\n")
    result = _run(tmp_path, {}, host_vars("warm_local"), PYTHONPATH=str(package.parent))
    assert result == NOTHING


def test_two_hosts_side_by_side(tmp_path: Path) -> None:
    """As many workers fork at once as there are regions; each gets its own answer."""
    hosts = {f"region-{number}": {} for number in range(4)}
    tasks = [
        {
            "name": "own",
            "odd": {"how": "tells_its_process"},
            "environment": {"WARM_LOCAL_A": "{{ inventory_hostname }}"},
        },
        odd("much_output"),
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": host_vars("warm_local")}}))
    done = run_playbook(tmp_path, {"ANSIBLE_LIBRARY": str(ODD_MODULES)})
    assert done.returncode == 0, done.stdout + done.stderr
    own, much = json.loads(done.stdout)["plays"][0]["tasks"]
    assert {host: result["environment"]["WARM_LOCAL_A"] for host, result in own["hosts"].items()} == {
        host: host for host in hosts
    }
    assert {len(result["text"]) for result in much["hosts"].values()} == {300_000}


def test_options_of_local_are_all_there() -> None:
    """The stock plugin asks for its options by name; one that is missing here would end a task with become."""
    import ansible.plugins.connection.local as stock

    ours = yaml.safe_load(
        (ROOT / "plugins/connection/warm_local.py").read_text().split('DOCUMENTATION = """')[1].split('"""')[0]
    )
    assert set(yaml.safe_load(stock.DOCUMENTATION)["options"]) <= set(ours["options"])
