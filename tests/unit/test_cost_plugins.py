"""The filters and the module of the cost estimate, called in process and from the playbook."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError, AnsibleUndefinedVariable
from ansible.module_utils.testing import patch_module_args
from cost_outputs import outputs

from plugin_loading import load_plugin
from site_harness import FEW_SERVICES
from trading_platform.cost.estimate import estimate_of, places_of
from trading_platform.cost.facts import day_of, facts_of, rounded_up
from trading_platform.cost.model import Scenario
from trading_platform.cost.place import VARIABLES
from trading_platform.cost.report import FORMATS
from trading_platform.inventory import load_estate

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-27"
EAST, WEST = "us-east-1", "us-west-2"
GROUPS = {"all": [EAST, WEST], "primary": [EAST], "dr": [WEST], "ungrouped": []}


@cache
def filters() -> dict[str, Any]:
    found: dict[str, Any] = load_plugin("plugins/filter/cost_estimate.py").FilterModule().filters()
    return found


@cache
def variables() -> Mapping[str, Mapping[str, Any]]:
    return load_estate("inventories/production").regions


@cache
def regions() -> dict[str, Any]:
    found: dict[str, Any] = filters()["cost_regions"](variables(), GROUPS)
    return found


def run_module(capsys: pytest.CaptureFixture[str], check: bool = False, **arguments: Any) -> dict[str, Any]:
    module = load_plugin("plugins/modules/cost_estimate.py")
    given = {
        "regions": regions(),
        "today": TODAY,
        **arguments,
        "_ansible_check_mode": check,
        "_ansible_remote_tmp": "/tmp",  # noqa: S108  # as Ansible passes it
    }
    with patch_module_args(given), pytest.raises(SystemExit):
        module.main()
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_filter_gives_the_totals_as_plain_data() -> None:
    found = filters()["cost_estimate"](variables(), GROUPS, TODAY)
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {
        "environment", "low_usd", "typical_usd", "high_usd", "unknown", "by_region", "by_service", "by_tier",
    }  # fmt: skip
    assert found["environment"] == "production"
    assert set(found["by_region"]) == {EAST, WEST, "global"}
    for by in ("by_region", "by_service", "by_tier"):
        for usd in ("low_usd", "typical_usd", "high_usd"):
            parts = sum(Decimal(one[usd]) for one in found[by].values())
            # Each part is rounded by itself.
            assert abs(parts - Decimal(found[usd])) <= Decimal("0.005") * (len(found[by]) + 1)


def test_the_totals_are_those_of_the_estimator_to_the_cent() -> None:
    found = load_estate("inventories/production")
    estimate = estimate_of(places_of(found.regions, found.groups), day_of(TODAY))
    told = filters()["cost_estimate"](variables(), GROUPS, TODAY)
    assert told == facts_of(estimate)
    for scenario in Scenario:
        exact = estimate.total(scenario).usd
        assert abs(Decimal(told[f"{scenario}_usd"]) - exact) <= Decimal("0.005")
        assert told[f"{scenario}_usd"].partition(".")[2].isdecimal()


def test_what_is_unknown_is_named() -> None:
    usage = copy.deepcopy(variables()[EAST]["cost_usage"])
    del usage["primary"]["asset_gb"]
    hosts = {name: {**held, "cost_usage": usage} for name, held in variables().items()}
    found = filters()["cost_estimate"](hosts, GROUPS, TODAY)
    assert found["unknown"] == [f"{EAST} / storage / S3 / bucket assets / Standard"]
    assert filters()["cost_estimate"](variables(), GROUPS, TODAY)["unknown"] == []


def test_the_filter_fails_with_what_the_estimator_says() -> None:
    hosts = {**variables(), WEST: {**variables()[WEST], "rds_replica_count": -1}}
    with pytest.raises(AnsibleFilterError, match=r"cannot be told:\nus-west-2: rds_replica_count: -1 is not a number"):
        filters()["cost_estimate"](hosts, GROUPS, TODAY)
    with pytest.raises(AnsibleFilterError, match="'tomorrow' is not a day such as 2026-11-27"):
        filters()["cost_estimate"](variables(), GROUPS, "tomorrow")
    with pytest.raises(AnsibleFilterError, match="has no region that could cost anything"):
        filters()["cost_estimate"](variables(), {"all": [EAST]}, TODAY)
    with pytest.raises(AnsibleFilterError, match="both are mappings"):
        filters()["cost_estimate"]("hostvars", GROUPS, TODAY)


def test_a_variable_that_cannot_be_templated_is_named() -> None:
    class Broken(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            if key == "rds_instance_class":
                raise AnsibleUndefinedVariable("'db_class' is undefined")
            return super().__getitem__(key)

    with pytest.raises(AnsibleFilterError, match=r"us-west-2: rds_instance_class: cannot be templated: .*db_class"):
        filters()["cost_estimate"]({**variables(), WEST: Broken(variables()[WEST])}, GROUPS, TODAY)


def test_regions_have_what_decides_about_the_cost_and_nothing_else() -> None:
    """A secret that somebody put into the inventory must not go through the arguments of a task."""
    hosts = {**variables(), EAST: {**variables()[EAST], "sns_pagerduty_endpoint": "https://secret"}}
    found = filters()["cost_regions"](hosts, GROUPS)
    assert {name: held["group"] for name, held in found.items()} == {EAST: "primary", WEST: "dr"}
    assert set(found[EAST]["variables"]) <= VARIABLES
    assert "https://secret" not in json.dumps(found)
    given = {name: held["variables"] for name, held in found.items()}
    groups = {name: held["group"] for name, held in found.items()}
    day = day_of(TODAY)
    assert estimate_of(places_of(given, groups), day) == estimate_of(places_of(variables(), groups), day)


@pytest.mark.parametrize(
    ("usd", "step", "expected"),
    [
        ("6195.00", 100, 6200),
        ("6200.00", 100, 6200),
        ("6200.01", 100, 6300),
        ("0.00", 100, 0),
        (6195.5, 1, 6196),
        ("1.01", "0.5", "1.5"),
    ],
)
def test_amounts_are_rounded_up(usd: Any, step: Any, expected: Any) -> None:
    found = filters()["round_up_usd"](usd, step)
    assert (found, type(found)) == (expected, type(expected))
    assert rounded_up(str(usd), str(step)) >= Decimal(str(usd))


@pytest.mark.parametrize(("usd", "step"), [("much", 100), ("1", 0), ("1", -100), ("1", "some"), (None, 100)])
def test_what_cannot_be_rounded_is_refused(usd: Any, step: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="round_up_usd: "):
        filters()["round_up_usd"](usd, step)


@pytest.mark.parametrize("check", [False, True])
def test_the_module_gives_what_the_filter_gives_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], check: bool
) -> None:
    found = run_module(capsys, check)
    assert found["changed"] is False
    assert found["totals"] == filters()["cost_estimate"](variables(), GROUPS, TODAY)
    assert (found["verdict"], found["differences"]) == ("within", [])
    assert found["messages"] == ["a typical month costs 6,357.29 USD, within 6,500 USD"]
    assert found["text"].startswith("Cost of production, a typical month of 730 hours, in USD\n")
    assert "diff" not in found


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("text", "Cost of production"),
        ("markdown", "### Cost of production"),
        ("json", "{"),
        ("html", "<!doctype html>"),
    ],
)
def test_every_format_is_written_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str, begins: str
) -> None:
    dest = tmp_path / "build" / "production" / f"cost.{form}"
    planned = run_module(capsys, True, format=form, dest=str(dest))
    assert (planned["changed"], dest.exists()) == (True, False)
    first = run_module(capsys, format=form, dest=str(dest))
    assert first["changed"] is True
    assert dest.read_text(encoding="utf-8") == first["text"] == planned["text"]
    assert first["text"].lower().startswith(begins.lower())
    assert (first["diff"]["before"], first["diff"]["after"]) == ("", first["text"])
    assert [path.name for path in dest.parent.iterdir()] == [dest.name]
    assert run_module(capsys, format=form, dest=str(dest))["changed"] is False
    dest.write_text("something else", encoding="utf-8")
    again = run_module(capsys, format=form, dest=str(dest))
    assert (again["changed"], again["diff"]["before"]) == (True, "something else")
    assert dest.read_text(encoding="utf-8") == first["text"]


def test_a_file_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file", encoding="utf-8")
    found = run_module(capsys, dest=str(tmp_path / "build" / "cost.txt"))
    assert found["failed"] is True
    assert str(tmp_path / "build" / "cost.txt") in found["msg"]


THRESHOLDS = {"warn_usd": 100, "refuse_usd": 200, "warn_increase_percent": 10, "refuse_increase_percent": 30}


def test_the_budget_refuses_after_the_report_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    dest = tmp_path / "cost.txt"
    found = run_module(capsys, thresholds=THRESHOLDS, dest=str(dest))
    said = "a typical month costs 6,357.29 USD, more than the 200 USD that are refused"
    assert (found["failed"], found["verdict"], found["msg"]) == (True, "refuse", f"the budget refuses it: {said}")
    assert said[1:] in dest.read_text(encoding="utf-8")


@pytest.mark.parametrize(("refuse", "verdict"), [(200, "refuse"), (9000, "warn")])
def test_the_verdict_is_told_where_it_must_not_fail(
    capsys: pytest.CaptureFixture[str], refuse: int, verdict: str
) -> None:
    found = run_module(capsys, thresholds={**THRESHOLDS, "refuse_usd": refuse}, fail_on_budget=False)
    assert ("failed" in found, found["verdict"]) == (False, verdict)


def test_the_budget_of_the_inventory_counts_unless_another_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    poor = copy.deepcopy(regions())
    poor[EAST]["variables"]["cost_budget"] = THRESHOLDS
    assert run_module(capsys, regions=poor)["verdict"] == "refuse"
    assert (
        run_module(capsys, regions=poor, thresholds={**THRESHOLDS, "warn_usd": 9000, "refuse_usd": 9000})["verdict"]
        == "within"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"regions": {EAST: "variables"}}, "regions.us-east-1.variables: must be a mapping"),
        ({"regions": {EAST: {"group": "primary"}}}, "regions.us-east-1.variables: must be a mapping"),
        ({"regions": {EAST: {"group": "primary", "variables": {}}}}, "us-east-1: cost_usage: is missing"),
        ({"regions": {}}, "the inventory has no region"),
        ({"today": "soon"}, "today: 'soon' is not a day such as 2026-11-27"),
        ({"thresholds": {"warn_usd": 1}}, "cost_budget.refuse_usd: must be a number of 0 or more"),
        ({"format": "pdf"}, "value of format must be one of: text, markdown, json, html, got: pdf"),
    ],
)
def test_wrong_arguments_are_refused_by_name(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], message: str
) -> None:
    found = run_module(capsys, **arguments)
    assert found["failed"] is True
    assert message in found["msg"]


def built(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_the_module_prices_what_was_built(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = outputs()
    document["regions"][EAST]["sizes"]["database"]["instance_class"] = "db.r6i.large"
    said = "us-east-1: rds_instance_class: built db.r6i.large, inventory db.r6i.xlarge"
    for form in FORMATS:
        found = run_module(capsys, outputs=built(tmp_path, document), format=form)
        assert said in found["differences"]
        # The JSON is read back by the estimator, and has the lines alone.
        assert (said in found["text"]) == (form != "json")
    assert Decimal(found["totals"]["low_usd"]) < Decimal(run_module(capsys)["totals"]["low_usd"])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "is not there; playbooks/site.yml writes it at its end"),
        ({"environment": "production"}, "is not as its schema says; playbooks/site.yml writes it anew"),
        ({**outputs(), "environment": "staging"}, "environment: is staging, and the inventory is that of production"),
    ],
)
def test_outputs_that_cannot_be_read_are_refused_with_their_path(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, document: Any, message: str
) -> None:
    path = built(tmp_path, document) if document else str(tmp_path / "outputs.json")
    found = run_module(capsys, outputs=path)
    assert found["failed"] is True
    assert f"{path}: {message}" in found["msg"]


def test_the_module_is_documented_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    module = load_plugin("plugins/modules/cost_estimate.py")
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert options.keys() == module.ARGUMENT_SPEC.keys()
    for name, spec in module.ARGUMENT_SPEC.items():
        stated = {key: options[name].get(key) for key in ("type", "required", "default", "choices")}
        assert stated == {key: spec.get(key) for key in stated}, name
    assert options["format"]["choices"] == list(FORMATS)
    returned = yaml.safe_load(module.RETURN)
    found = run_module(capsys)
    assert set(returned) == found.keys() - {"changed", "invocation"}
    totals = filters()["cost_estimate"](variables(), GROUPS, TODAY)
    assert set(returned["totals"]["contains"]) == set(totals)
    plugin = load_plugin("plugins/filter/cost_estimate.py")
    assert set(yaml.safe_load(plugin.RETURN)["_value"]["contains"]) == set(totals)
    assert all("cost_estimate" in task for task in yaml.safe_load(module.EXAMPLES))


def play(tmp_path: Path, *arguments: str, playbook: str = "playbooks/estimate_cost.yml") -> tuple[int, str]:
    """Run the playbook with no way to AWS; what it builds is in tmp_path."""
    ansible = Path(sys.executable).parent / "ansible-playbook"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    own = {
        "TRADING_PLATFORM_BUILD_DIR": str(tmp_path / "build"),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        **FEW_SERVICES,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    command = [str(ansible), playbook, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=inherited | own)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Production, with a class that is a template: the command line cannot read it, and the playbook can."""
    copied = tmp_path / "inventories" / "production"
    shutil.copytree(ROOT / "inventories/production", copied)
    database = copied / "group_vars/all/rds.yml"
    text = database.read_text(encoding="utf-8")
    assert "rds_instance_class: db.r6i.xlarge" in text
    templated = (
        "rds_instance_class: \"{{ 'db.r6i.' ~ ('xlarge' if platform_environment == 'production' else 'large') }}\""
    )
    database.write_text(text.replace("rds_instance_class: db.r6i.xlarge", templated), encoding="utf-8")
    return copied


@pytest.mark.slow
def test_the_playbook_reads_templates_and_is_quiet_the_second_time(tmp_path: Path, inventory: Path) -> None:
    asked = ("-i", str(inventory), "-e", f"cost_estimate_today={TODAY}", "--limit", WEST)
    status, said = play(tmp_path, *asked)
    assert status == 0, said
    assert "a typical month costs 6,357.29 USD, within 6,500 USD" in said
    folder = tmp_path / "build/production"
    assert sorted(path.name for path in folder.iterdir()) == ["cost.html", "cost.json", "cost.txt"]
    assert "db.r6i.xlarge, two machines" in (folder / "cost.txt").read_text(encoding="utf-8")
    status, said = play(tmp_path, *asked)
    assert (status, "changed=0" in said) == (0, True), said


@pytest.mark.slow
def test_the_playbook_prices_what_was_built(tmp_path: Path) -> None:
    asked = ("-i", "inventories/production", "-e", "cost_estimate_source=live", "-e", f"cost_estimate_today={TODAY}")
    status, said = play(tmp_path, *asked)
    assert status != 0
    assert "outputs.json: is not there; playbooks/site.yml writes it at its end" in said
    # Ansible says twice why a task failed; a loop would say it for each format.
    assert said.count("is not there") == 2
    folder = tmp_path / "build/production"
    folder.mkdir(parents=True)
    document = outputs()
    document["regions"][EAST]["sizes"]["network"]["nat_gateways"] = 1
    (folder / "outputs.json").write_text(json.dumps(document), encoding="utf-8")
    status, said = play(tmp_path, *asked)
    assert status == 0, said
    assert "us-east-1: nat_gateways: built 1, inventory 3" in said
    names = {"cost-live.html", "cost-live.json", "cost-live.txt", "outputs.json"}
    assert {path.name for path in folder.iterdir()} == names


@pytest.mark.slow
def test_the_playbook_fails_after_its_report_where_the_budget_refuses(tmp_path: Path, inventory: Path) -> None:
    budget = inventory / "group_vars/all/cost.yml"
    budget.write_text(budget.read_text(encoding="utf-8").replace("refuse_usd: 8000", "refuse_usd: 6000")
                      .replace("warn_usd: 6500", "warn_usd: 5000"), encoding="utf-8")  # fmt: skip
    status, said = play(tmp_path, "-i", str(inventory), "-e", f"cost_estimate_today={TODAY}")
    assert status != 0
    assert "more than the 6,000 USD that are refused" in said
    assert (tmp_path / "build/production/cost.html").exists()
    status, said = play(tmp_path, "-i", str(inventory), "-e", "cost_estimate_source=both")
    assert (status != 0, "cost_estimate_source: is both; it must be inventory or live" in said) == (True, True)


BUDGET_PLAY = [
    {
        "hosts": "primary",
        "gather_facts": False,
        "vars": {"platform_warm_connection": False},
        "vars_files": [str(ROOT / "playbooks/arguments/budgets.yml")],
        "tasks": [{"ansible.builtin.debug": {"msg": "the budget is {{ budgets_monthly_usd }}"}}],
    }
]


@pytest.mark.slow
def test_the_budget_is_the_estimate_unless_the_inventory_has_a_figure(tmp_path: Path, inventory: Path) -> None:
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump(BUDGET_PLAY), encoding="utf-8")
    today = ("-e", f"preflight_today={TODAY}")
    status, said = play(tmp_path, "-i", str(inventory), *today, playbook=str(playbook))
    assert (status, "the budget is 6400" in said) == (0, True), said
    with (inventory / "group_vars/all/budgets.yml").open("a", encoding="utf-8") as stream:
        stream.write("budgets_monthly_usd: 1234.5\n")
    status, said = play(tmp_path, "-i", str(inventory), *today, playbook=str(playbook))
    assert (status, "the budget is 1234.5" in said) == (0, True), said
