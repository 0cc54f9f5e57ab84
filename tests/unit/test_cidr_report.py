"""The table and the picture of an address plan, and the command that makes them from an inventory."""

import copy
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from trading_platform import inventory as inventories
from trading_platform.cidr import VpcPlan, plan_estate, plan_vpc
from trading_platform.cidr_report import build_report, main, plan_capacities
from trading_platform.cidr_svg import COLOURS, FREE, draw_estate
from trading_platform.inventory import InventoryError, load_estate, load_inventory
from trading_platform.tables import render_markdown, render_text

ROOT = Path(__file__).parents[2]

TIERS: dict[str, Any] = {
    "private": {"prefix_length": 24, "offset": 1},
    "database": {"prefix_length": 24, "offset": 11},
    "public": {"prefix_length": 24, "offset": 101},
    "pod": {"prefix_length": 18, "offset": 0, "cidr": "pods"},
}
NODE_GROUPS: dict[str, Any] = {
    "general": {"instance_types": ["t3.xlarge"], "min_size": 3, "max_size": 10},
    "compute": {"instance_types": ["c6i.2xlarge"], "min_size": 2, "max_size": 20},
    "memory": {"instance_types": ["r6i.xlarge"], "min_size": 1, "max_size": 5},
}
SHARED: dict[str, Any] = {
    "vpc_subnet_tiers": TIERS,
    "eks_service_cidr": "172.20.0.0/16",
    "eks_node_groups": NODE_GROUPS,
    "eks_pod_networking": {"custom_networking": True, "prefix_delegation": True, "tier": "pod"},
}


def region(number: int, name: str, **changes: Any) -> dict[str, Any]:
    own = {
        "vpc_cidr": f"10.{number}.0.0/16",
        "vpc_secondary_cidrs": {"pods": f"100.{64 + number}.0.0/16"},
        "vpc_availability_zones": [f"{name}a", f"{name}b", f"{name}c"],
    }
    return copy.deepcopy(SHARED) | own | changes


def estate(**changes: Any) -> dict[str, dict[str, Any]]:
    return {"us-east-1": region(0, "us-east-1", **changes), "us-west-2": region(1, "us-west-2", **changes)}


def write_inventory(directory: Path, specs: dict[str, dict[str, Any]]) -> Path:
    hosts = {"all": {"children": {"primary": {"hosts": {}}, "dr": {"hosts": {}}}}}
    for group, (name, variables) in zip(("primary", "dr"), specs.items(), strict=False):
        hosts["all"]["children"][group]["hosts"][name] = {}
        folder = directory / "group_vars" / group
        folder.mkdir(parents=True)
        (folder / "vpc.yml").write_text(yaml.safe_dump(variables))
    (directory / "hosts.yml").write_text(yaml.safe_dump(hosts))
    return directory


def report(specs: dict[str, dict[str, Any]]) -> str:
    plans = plan_estate(specs)
    capacities, problems = plan_capacities(specs, plans)
    assert problems == []
    return render_text(build_report(plans, capacities))


def test_the_table_shows_every_subnet_slot_and_gap_in_the_order_of_addresses() -> None:
    table = report(estate()).split("\n\n")[1].splitlines()
    assert table[0].split() == ["Network", "Tier", "Zone", "Addresses", "Usable"]
    networks = [re.split(r" {2,}", line)[0] for line in table[2:]]
    assert networks[:6] == [
        "10.0.0.0 - 10.0.0.255",
        "10.0.1.0/24",
        "10.0.2.0/24",
        "10.0.3.0/24",
        "10.0.4.0/24",
        "10.0.5.0 - 10.0.10.255",
    ]
    assert len(networks) == 9 + 3 + 4  # subnets, kept slots, gaps
    assert table[3].split() == ["10.0.1.0/24", "private", "us-east-1a", "256", "251"]
    assert "(for another zone)" in table[6]


def test_the_columns_are_aligned() -> None:
    table = report(estate()).split("\n\n")[1].splitlines()
    # The last column is a number aligned to the right, so rows that have it end where the ruler ends.
    full = [line for line in table[2:] if line.endswith("251")]
    assert len(full) == 9
    assert {len(line) for line in full} == {len(table[1])}


def test_use_and_next_offsets() -> None:
    text = report(estate())
    assert "65,536 addresses: 2,304 in subnets (3.5%), 768 kept (1.2%), 62,464 free (95.3%)." in text
    assert "Next free place of a tier of 4 slots: /24 offset 5, /18 no room." in text


def test_the_capacity_says_that_all_fits_and_what_it_would_be_without_the_pod_tier() -> None:
    text = report(estate())
    assert "us-west-2: EKS at full scale (custom networking, prefix delegation)" in text
    assert "All 35 nodes and 3,850 pods find an address." in text
    assert "With the pods in the nodes' subnets, the private subnets hold 753 addresses" in text
    assert "they run out at node 13 of 35, in us-east-1a." in text


def test_the_capacity_says_where_addresses_run_out() -> None:
    text = report(estate(eks_pod_networking={}))
    assert "us-east-1: EKS at full scale (pods in the nodes' subnets, secondary addresses)" in text
    assert "Addresses run out: the private subnets hold 753 addresses, full scale needs 2,100" in text


def test_a_region_without_node_groups_has_no_capacity() -> None:
    specs = estate(eks_node_groups={})
    assert plan_capacities(specs, plan_estate(specs)) == ({}, [])
    assert "full scale" not in report(specs)


def test_markdown_has_a_table_for_every_block() -> None:
    specs = estate()
    plans = plan_estate(specs)
    text = render_markdown(build_report(plans, plan_capacities(specs, plans)[0]))
    assert "### us-east-1: 10.0.0.0/16 (vpc_cidr)" in text
    assert "| --- | --- | --- | --: | --: |" in text
    assert "| 10.0.1.0/24 | private | us-east-1a | 256 | 251 |" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def draw(plans: dict[str, VpcPlan]) -> ET.Element:
    return ET.fromstring(draw_estate(plans))  # noqa: S314


def texts(picture: ET.Element) -> list[str]:
    return ["".join(node.itertext()) for node in picture.iter("{http://www.w3.org/2000/svg}text")]


def rects(picture: ET.Element) -> dict[str, list[dict[str, str]]]:
    """What a rectangle says when pointed at -> the rectangles."""
    found: dict[str, list[dict[str, str]]] = {}
    for rect in picture.iter("{http://www.w3.org/2000/svg}rect"):
        title = rect.find("{http://www.w3.org/2000/svg}title")
        if title is not None and title.text:
            found.setdefault(title.text, []).append(rect.attrib)
    return found


def test_the_picture_names_every_region_block_tier_and_subnet() -> None:
    plans = plan_estate(estate())
    words = " ".join(texts(draw(plans)))
    for name, plan in plans.items():
        assert name in words
        for block in plan.cidrs:
            assert str(block.network) in words
        for subnet in plan.subnets:
            assert subnet.cidr in words
            assert subnet.availability_zone in words
        assert all(tier.name in words for tier in plan.tiers)


def test_the_picture_can_be_read_aloud() -> None:
    picture = draw(plan_estate(estate()))
    assert picture.get("role") == "img"
    title, description = picture[0], picture[1]
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Address space of us-east-1 and us-west-2"
    assert "private-us-east-1a 10.0.1.0/24" in str(description.text)


def test_the_picture_is_self_contained() -> None:
    text = draw_estate(plan_estate(estate()))
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert "@import" not in text
    assert "<image" not in text


def test_a_subnet_fills_its_own_cell() -> None:
    found = rects(draw(plan_estate(estate())))
    first = found["private-us-east-1a 10.0.1.0/24, 251 usable addresses"][0]
    second = found["private-us-east-1b 10.0.2.0/24, 251 usable addresses"][0]
    public = found["public-us-east-1a 10.0.101.0/24, 251 usable addresses"][0]
    assert float(second["x"]) - float(first["x"]) == float(first["width"])
    # 10.0.101.0 is block 6 x 16 + 5: six rows down, four cells to the right of block 1.
    assert float(public["y"]) - float(first["y"]) == 6 * float(first["height"])
    assert float(public["x"]) - float(first["x"]) == 4 * float(first["width"])
    assert public["fill"] in COLOURS


def test_a_kept_slot_is_hatched_and_a_gap_is_empty() -> None:
    found = rects(draw(plan_estate(estate())))
    kept = found["10.0.4.0/24 kept for tier private: for another zone"][0]
    assert kept["fill"] == "url(#kept-private)"
    assert {rect["fill"] for rect in found["free"]} == {FREE}


def test_a_subnet_larger_than_a_row_is_cut_at_its_end() -> None:
    spec = region(0, "us-east-1", vpc_subnet_tiers={"wide": {"prefix_length": 19, "offset": 0}})
    found = rects(draw({"us-east-1": plan_vpc(spec)}))
    pieces = found["wide-us-east-1a 10.0.0.0/19, 8,187 usable addresses"]
    assert len(pieces) == 2
    assert {piece["width"] for piece in pieces} == {"448"}


@pytest.mark.parametrize("cidr", ["10.0.0.0/28", "10.0.0.0/25", "10.0.0.0/22"])
def test_small_blocks_are_drawn_inside_their_grid(cidr: str) -> None:
    spec = {
        "vpc_cidr": cidr,
        "vpc_availability_zones": ["a"],
        "vpc_availability_zone_slots": 1,
        "vpc_subnet_tiers": {"one<&>": {"prefix_length": 28, "offset": 0, "retired": True}},
    }
    found = rects(draw({"here": plan_vpc(spec)}))
    grid = found["free"][0]
    cell = found["10.0.0.0/28 kept for tier one<&>: retired tier"][0]
    assert float(cell["width"]) <= float(grid["width"])
    assert float(cell["height"]) <= float(grid["height"])


def test_the_command_prints_the_plan_of_an_inventory(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path / "an inventory", estate())
    picture = tmp_path / "build" / "addresses.svg"
    command = [sys.executable, "-m", "trading_platform.cidr_report", str(inventory), "--svg", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "10.0.13.0/24" in done.stdout
    assert "All 35 nodes" in done.stdout
    assert picture.read_text().startswith("<svg")


def test_the_production_inventory_has_the_subnets_of_the_design_document() -> None:
    specs = load_inventory(ROOT / "inventories" / "production")
    plans = plan_estate(specs)
    expected = {
        f"{tier}-{{0}}{letter}": f"{{1}}.{first + index}.0/24"
        for tier, first in (("public", 101), ("private", 1), ("database", 11))
        for index, letter in enumerate("abc")
    }
    for name, network in (("us-east-1", "10.0"), ("us-west-2", "10.1")):
        found = {subnet.name: subnet.cidr for subnet in plans[name].subnets if subnet.cidr_name == "primary"}
        assert found == {key.format(name): cidr.format(name, network) for key, cidr in expected.items()}
    capacities, problems = plan_capacities(specs, plans)
    assert problems == []
    assert {name: cluster.plan.exhaustion for name, cluster in capacities.items()} == dict.fromkeys(plans)


def test_the_command_prints_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs = estate(eks_service_cidr="10.0.0.0/8")
    specs["us-west-2"]["vpc_cidr"] = "10.0.0.0/16"
    assert main([str(write_inventory(tmp_path / "inventory", specs))]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "- us-east-1: eks_service_cidr: 10.0.0.0/8 is a /8" in printed.err
    assert "- us-west-2: vpc_cidr: 10.0.0.0/16 overlaps 10.0.0.0/16 (vpc_cidr of us-east-1)" in printed.err


def test_the_command_prints_problems_of_node_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {"general": {"instance_types": ["t3.xlrge"], "min_size": 1, "max_size": 2}}
    assert main([str(write_inventory(tmp_path / "inventory", estate(eks_node_groups=wrong)))]) == 1
    assert "us-west-2: eks_node_groups.general.instance_types: t3.xlrge" in capsys.readouterr().err


def test_an_inventory_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "there is no inventory at" in capsys.readouterr().err


def test_an_inventory_that_is_not_yaml(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path / "inventory", estate())
    (inventory / "hosts.yml").write_text("all: [")
    with pytest.raises(InventoryError, match="ansible-inventory cannot read"):
        load_inventory(inventory)


def test_an_inventory_without_a_vpc(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path / "inventory", {"us-east-1": {"s3_buckets": []}})
    with pytest.raises(InventoryError, match=r"has a vpc_cidr \(hosts: us-east-1\)"):
        load_inventory(inventory)


def test_without_ansible_the_command_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventories.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(InventoryError, match="make setup"):
        load_inventory(tmp_path)


def test_a_region_knows_its_group(tmp_path: Path) -> None:
    estate_read = load_estate(write_inventory(tmp_path / "inventory", estate()))
    assert estate_read.groups == {"us-east-1": "primary", "us-west-2": "dr"}
    assert estate_read.regions["us-west-2"]["vpc_cidr"] == "10.1.0.0/16"
