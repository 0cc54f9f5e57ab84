"""The filters and the module of the address plan, called in process and from a playbook."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.module_utils.testing import patch_module_args

from plugin_loading import load_plugin

ROOT = Path(__file__).parents[2]

SPEC: dict[str, Any] = {
    "vpc_cidr": "10.0.0.0/16",
    "vpc_availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "vpc_subnet_tiers": {"private": {"prefix_length": 24, "offset": 1}},
    "ansible_connection": "local",
}
WEST = SPEC | {"vpc_cidr": "10.1.0.0/16", "vpc_availability_zones": ["us-west-2a"]}
GROUPS = {"general": {"instance_types": ["t3.xlarge"], "min_size": 3, "max_size": 35}}


def filters() -> dict[str, Any]:
    return load_plugin("plugins/filter/cidr_plan.py").FilterModule().filters()


def run_module(capsys: pytest.CaptureFixture[str], check: bool = False, **arguments: Any) -> dict[str, Any]:
    module = load_plugin("plugins/modules/cidr_plan.py")
    with patch_module_args(arguments | {"_ansible_check_mode": check}), pytest.raises(SystemExit):
        module.main()
    return json.loads(capsys.readouterr().out)


def test_the_filter_returns_plain_data() -> None:
    plan = filters()["cidr_plan"](SPEC)
    assert json.loads(json.dumps(plan)) == plan
    assert [subnet["cidr"] for subnet in plan["subnets"]] == ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
    assert set(plan) == {"cidrs", "subnets", "reserved", "free"}


def test_the_filter_fails_with_every_problem() -> None:
    wrong = SPEC | {"vpc_cidr": "10.0.0.1/16", "vpc_availability_zones": ["a", "a"]}
    with pytest.raises(AnsibleFilterError) as caught:
        filters()["cidr_plan"](wrong)
    assert "vpc_cidr: 10.0.0.1/16 has host bits set; write 10.0.0.0/16" in str(caught.value)
    assert "vpc_availability_zones: a is listed twice" in str(caught.value)


def test_the_filter_wants_a_mapping() -> None:
    with pytest.raises(AnsibleFilterError, match="must be a mapping, not str"):
        filters()["cidr_plan"]("10.0.0.0/16")


def test_the_capacity_filter_says_where_addresses_run_out() -> None:
    found = filters()["eks_capacity_plan"](SPEC, node_groups=GROUPS)
    assert json.loads(json.dumps(found)) == found
    assert (found["fits"], found["nodes_that_fit"], found["max_nodes"]) == (False, 12, 35)
    assert found["message"].startswith("the private subnets hold 753 addresses, full scale needs 2,100")


def test_the_capacity_filter_with_a_pod_tier() -> None:
    tiers = SPEC["vpc_subnet_tiers"] | {"pod": {"prefix_length": 18, "offset": 0, "cidr": "pods"}}
    spec = SPEC | {"vpc_secondary_cidrs": {"pods": "100.64.0.0/16"}, "vpc_subnet_tiers": tiers}
    networking = {"custom_networking": True, "prefix_delegation": True, "tier": "pod"}
    found = filters()["eks_capacity_plan"](spec, node_groups=GROUPS, pod_networking=networking)
    assert (found["fits"], found["message"], found["max_pods"]) == (True, "", 3850)
    assert found["tiers"][1] == {"name": "pod", "zones": 3, "holds": 49137, "needs": 4515}


@pytest.mark.parametrize(
    ("spec", "groups", "message"),
    [
        (SPEC, {"general": {"instance_types": ["t9.huge"], "min_size": 1, "max_size": 1}}, "t9.huge has no known"),
        (SPEC | {"vpc_cidr": "ten"}, GROUPS, "the address plan is not valid"),
    ],
)
def test_the_capacity_filter_fails_with_the_reason(spec: Any, groups: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        filters()["eks_capacity_plan"](spec, node_groups=groups)


@pytest.mark.parametrize("check", [False, True])
def test_the_module_plans_and_changes_nothing(capsys: pytest.CaptureFixture[str], check: bool) -> None:
    found = run_module(capsys, check, regions={"us-east-1": SPEC, "us-west-2": WEST})
    assert found["changed"] is False
    assert [subnet["cidr"] for subnet in found["plans"]["us-west-2"]["subnets"]] == ["10.1.1.0/24"]
    assert found["plans"]["us-east-1"] == filters()["cidr_plan"](SPEC)


def test_the_module_fails_with_every_problem_of_every_region(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = WEST | {"vpc_cidr": "10.0.0.0/16", "eks_service_cidr": "10.9.0.0/25"}
    found = run_module(capsys, regions={"us-east-1": SPEC, "us-west-2": wrong})
    assert found["failed"] is True
    assert [(problem["region"], problem["key"]) for problem in found["problems"]] == [
        ("us-west-2", "eks_service_cidr"),
        ("us-west-2", "vpc_cidr"),
    ]
    assert all(problem["message"] in found["msg"] for problem in found["problems"])


def test_the_module_wants_mappings(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run_module(capsys, regions={"us-east-1": "10.0.0.0/16"})["msg"]
        == "the variables of us-east-1 must be a mapping"
    )


def test_the_module_is_documented_as_it_is() -> None:
    module = load_plugin("plugins/modules/cidr_plan.py")
    documentation = yaml.safe_load(module.DOCUMENTATION)
    assert documentation["options"]["regions"]["required"] is True
    returned = yaml.safe_load(module.RETURN)
    assert set(returned["plans"]["contains"]) == set(filters()["cidr_plan"](SPEC))
    assert {"cidr_plan"} == {
        next(iter(task.keys() - {"name", "register"})) for task in yaml.safe_load(module.EXAMPLES)[:1]
    }


@pytest.mark.slow
def test_filter_and_module_in_a_playbook(tmp_path: Path) -> None:
    tasks = [
        {"cidr_plan": {"regions": {"us-east-1": "{{ address }}"}}, "register": "addresses"},
        {
            "ansible.builtin.assert": {
                "that": [
                    "addresses is not changed",
                    "addresses.plans['us-east-1'] == address | cidr_plan",
                    "(address | eks_capacity_plan(node_groups=node_groups)).nodes_that_fit == 12",
                ]
            }
        },
    ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"address": SPEC, "node_groups": GROUPS},
        "tasks": tasks,
    }
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump([play]))
    (tmp_path / "ansible.cfg").write_text(
        f"[defaults]\nlibrary = {ROOT}/plugins/modules\nfilter_plugins = {ROOT}/plugins/filter\n"
    )
    ansible = Path(sys.executable).parent / "ansible-playbook"
    # As JSON, since key=value ends at a space.
    interpreter = json.dumps({"ansible_python_interpreter": sys.executable})
    command = [str(ansible), "-i", "localhost,", "-c", "local", "-e", interpreter]
    done = subprocess.run([*command, str(playbook)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok=2" in done.stdout
