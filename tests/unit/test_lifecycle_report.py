"""The lifecycle report: versions in use, their next steps, what lies ahead, and the exit codes."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from trading_platform import chart
from trading_platform.lifecycle import EKS, LAMBDA, POSTGRESQL, REDIS, VALKEY, State, find, load_calendar
from trading_platform.lifecycle_plan import Version, VersionError, endings, hosts_of, next_steps, versions_in_use
from trading_platform.lifecycle_report import main, next_step, state_of
from trading_platform.lifecycle_uses import ADDONS, NODES, PRODUCTS, program_version
from trading_platform.preflight.problem import Host

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 27)
GOOD = {"eks_version": "1.35", "rds_engine_version": "16.14", "elasticache_engine_version": "7.1"}


def used(today: date = TODAY, **changes: Any) -> dict[str, Version]:
    """Variable to version of one region."""
    versions = versions_in_use([Host("us-east-1", GOOD | changes, group_names=("primary",))], today, load_calendar())
    return {one.use.key: one for one in versions}


def write(directory: Path, **changes: Any) -> Path:
    variables = {"vpc_cidr": "10.0.0.0/16", **GOOD, **changes}
    directory.mkdir()
    inventory = {"all": {"children": {"primary": {"hosts": {"us-east-1": variables}}}}}
    (directory / "hosts.yml").write_text(yaml.safe_dump(inventory))
    return directory


@pytest.mark.parametrize(
    ("service", "version", "steps"),
    [
        (EKS, "1.35", ("1.36",)),
        (EKS, "1.36", ()),
        (EKS, "1.33", ("1.34", "1.35")),
        (EKS, "1.28", ("1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35")),
        (POSTGRESQL, "16.9", ("16.14",)),
        (POSTGRESQL, "16.11", ("16.14",)),
        (POSTGRESQL, "16.14", ("17",)),
        (POSTGRESQL, "13.20", ("16.14",)),
        (POSTGRESQL, "18.1", ()),
        (REDIS, "6.2", ("7.1",)),
        (REDIS, "7.0", ("7.1",)),
        (REDIS, "7.1", ()),
        (VALKEY, "7.2", ("8.2",)),
        ("Elasticsearch", "8.19.22", ("9.5",)),
        ("Prometheus", "3.14.0", ("3.16",)),
        # Newer ones end before the one with long-term support does.
        ("Prometheus", "3.13.4", ()),
    ],
)
def test_the_next_steps(service: str, version: str, steps: tuple[str, ...]) -> None:
    """EKS minor by minor; a database within its major, then to what replaces it or the next major."""
    assert next_steps(service, version, TODAY, load_calendar()) == steps


def test_days_are_counted_to_the_end_of_standard_support() -> None:
    # 1.35 leaves it on 2027-03-27: 3 days of November, 31, 31 and 28 days, then 27 of March.
    assert used()["eks_version"].status.days_left == 3 + 31 + 31 + 28 + 27


def test_a_version_of_two_regions_stands_once() -> None:
    hosts = [Host("us-east-1", GOOD), Host("us-west-2", GOOD | {"eks_version": "1.34"})]
    found = {(one.service, one.version): one.regions for one in versions_in_use(hosts, TODAY, load_calendar())}
    assert found[EKS, "1.35"] == ("us-east-1",)
    assert found[EKS, "1.34"] == ("us-west-2",)
    assert found[POSTGRESQL, "16.14"] == ("us-east-1", "us-west-2")


def test_what_ends_first_stands_first() -> None:
    assert [one.service for one in used().values()] == [EKS, POSTGRESQL, LAMBDA, REDIS]


def test_functions_run_what_the_module_gives_them() -> None:
    module = (ROOT / "plugins/modules/lambda_function.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'"runtime": \{"type": "str", "default": "python(.*?)"\}', module)
    assert [one.version for one in used().values() if one.service == LAMBDA] == [version]
    # No role gives another one.
    assert not [file for file in ROOT.glob("roles/*/tasks/*.yml") if re.search(r"^ +runtime:", file.read_text(), re.M)]


def test_three_years_ahead_end_with_their_last_day() -> None:
    versions = list(used().values())
    assert [(one.day, one.what) for one in endings(versions, date(2026, 2, 28))] == [
        (date(2027, 3, 27), "leaves standard support"),
        (date(2028, 3, 27), "leaves extended support"),
        (date(2029, 2, 28), "leaves standard support"),
    ]
    assert [one.day.year for one in endings(versions, date(2026, 2, 27))] == [2027, 2028]
    # From a 29th of February on, to the 28th.
    assert [one.day for one in endings(versions, date(2024, 2, 29))] == []


def test_a_date_in_the_past_is_not_ahead() -> None:
    today = date(2027, 4, 1)
    versions = list(used(today).values())
    assert [(one.day.year, one.what) for one in endings(versions, today)] == [
        (2028, "leaves extended support"),
        (2029, "leaves standard support"),
        (2029, "leaves standard support"),
    ]
    assert versions[0].status.days_left == -5
    assert next_step(versions[0]) == "now: 1.36"


def test_a_version_that_the_calendar_does_not_know() -> None:
    found = used(eks_version="1.99")["eks_version"]
    assert found.status.state == State.UNKNOWN
    assert not found.good
    assert "support_calendar.csv" in next_step(found)


def test_valkey_is_looked_up_as_valkey() -> None:
    assert used(elasticache_engine="valkey", elasticache_engine_version="8.2")["elasticache_engine_version"].good


@pytest.mark.parametrize("value", [1.35, "{{ somewhere }}"])
def test_a_version_that_is_no_text_is_refused_by_name(value: object) -> None:
    with pytest.raises(VersionError, match=r"us-east-1: eks_version: must be a version in quotes"):
        hosts_of({"us-east-1": GOOD | {"eks_version": value}}, {})


@pytest.mark.parametrize(
    ("addons", "message"),
    [
        ("all", r"us-east-1: eks_addons: must be a mapping of names to add-ons, not 'all'"),
        ({"coredns": None}, r"us-east-1: eks_addons\.coredns: must be a mapping such as .*, not None"),
        (
            {"coredns": {"version": 1.2}},
            r"us-east-1: eks_addons\.coredns\.version: must be null or a version .*, not 1\.2",
        ),
    ],
)
def test_an_addon_that_cannot_be_read_is_refused_by_name(addons: object, message: str) -> None:
    with pytest.raises(VersionError, match=message):
        hosts_of({"us-east-1": GOOD | {"eks_addons": addons}}, {})


def test_an_inventory_without_versions_is_refused() -> None:
    with pytest.raises(VersionError, match="no region has a version"):
        hosts_of({"us-east-1": {}}, {})


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_versions_of_the_inventories_are_supported(environment: str, capsys: pytest.CaptureFixture[str]) -> None:
    inventory = str(ROOT / "inventories" / environment)
    assert main([inventory, "--today", "2026-11-27", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["supported"] is True
    assert report["warnings"] == []
    services = {one["service"] for one in report["versions"]}
    assert services == {EKS, ADDONS, POSTGRESQL, LAMBDA, REDIS, NODES[1], *PRODUCTS.values()}
    for one in report["versions"]:
        # Passwords are rotated by functions of the primary region.
        assert one["regions"] == (["us-east-1"] if one["service"] == LAMBDA else ["us-east-1", "us-west-2"])
    assert report["ahead"] == sorted(report["ahead"], key=lambda one: one["date"])


def test_every_program_of_the_chart_is_in_the_calendar() -> None:
    listed = chart.read(chart.CHART / "images.yaml")
    upstream = {one["name"]: one["source"].partition("@")[0].rpartition(":")[2] for one in listed if "source" in one}
    assert set(PRODUCTS) == set(upstream)
    assert not [name for name, tag in upstream.items() if find(PRODUCTS[name], program_version(tag)) is None]


def test_an_environments_own_version_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    over = tmp_path / "values.yaml"
    over.write_text("global: {images: {envoy: {tag: distroless-v1.40.1}, prometheus: {tag: v3.14.0}}}")
    monkeypatch.setattr(chart, "target_of", lambda environment, region: chart.Target(environment, (over,)))
    found = used(platform_environment="production")
    assert found["global.images.envoy.tag of the chart"].version == "1.40.1"
    assert found["global.images.prometheus.tag of the chart"].status.state == State.ENDED


def test_an_image_that_nobody_has_looked_up_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    over = tmp_path / "values.yaml"
    over.write_text("global: {images: {loki: {registry: docker.io, repository: grafana/loki, tag: 3.7.8}}}")
    monkeypatch.setattr(chart, "target_of", lambda environment, region: chart.Target(environment, (over,)))
    loki = used(platform_environment="production")["global.images.loki.tag of the chart"]
    assert (loki.service, loki.version, loki.status.state) == ("loki", "3.7.8", State.UNKNOWN)


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v3.13.4", "3.13.4"), ("distroless-v1.39.2", "1.39.2"), ("v1.93.0-alpine", "1.93.0"), ("latest", "latest")],
)
def test_the_version_in_a_tag(tag: str, version: str) -> None:
    assert program_version(tag) == version


def test_addons_follow_the_cluster() -> None:
    addons = {"coredns": {"when": "after_nodes", "version": "v1.13.1-eksbuild.1"}, "vpc-cni": {"when": "before_nodes"}}
    found = used(eks_addons=addons)
    default, pinned = found["eks_addons"], found["eks_addons.coredns.version"]
    assert (default.service, default.version) == (ADDONS, "AWS's default for 1.35")
    assert (pinned.service, pinned.version) == ("EKS add-on coredns", "v1.13.1-eksbuild.1")
    for one in (default, pinned):
        assert one.status == found["eks_version"].status
        assert next_step(one) == "with EKS 1.36"
    # The cluster's end is told once.
    assert [one.version.service for one in endings(list(found.values()), TODAY) if one.day.year == 2027] == [EKS]


def test_nodes_run_what_the_role_gives_them() -> None:
    role = (ROOT / "roles/eks/tasks/node_group_loop.yml").read_text(encoding="utf-8")
    assert re.findall(r"ami_type: (AL\d+)", role) == [f"AL{NODES[2]}"]
    assert NODES[0] not in used()
    assert used(eks_node_groups={"general": {}})[NODES[0]].status.days_left == 215


def test_a_version_without_an_end_is_not_called_supported_for_ever() -> None:
    assert state_of(used()["elasticache_engine_version"]) == "no end announced"
    assert state_of(used()["eks_version"]) == "supported"


def test_extended_support_and_a_stale_calendar_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inventory = str(write(tmp_path / "inventory"))
    assert main([inventory, "--today", "2027-03-27"]) == 1
    text = capsys.readouterr().out
    assert "extended support" in text
    assert "Warning: support_calendar.csv: checked_on: the dates of EKS 1.35" in text
    assert main([inventory, "--today", "2027-02-18"]) == 0
    assert "Warning" not in capsys.readouterr().out


def test_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path / "inventory")), "--today", "2026-11-27", "--markdown"]) == 0
    text = capsys.readouterr().out
    assert "| EKS | 1.35 | us-east-1 | supported | 2027-03-27 | 2028-03-27 | 120 | 1.36 |" in text
    assert "| 2029-02-28 | RDS PostgreSQL | 16.14 | leaves standard support | 17 |" in text


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "there is no inventory at" in capsys.readouterr().err
    inventory = write(tmp_path / "inventory", eks_version=1.35)
    assert main([str(inventory)]) == 2
    assert f"{inventory}: us-east-1: eks_version: must be a version in quotes" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        main([str(inventory), "--today", "tomorrow"])
    assert wrong.value.code == 2
    assert "tomorrow is no date" in capsys.readouterr().err
