"""What the files of an inventory say by themselves: YAML, places, precedence, and the command that checks only that."""

from pathlib import Path

import pytest
from preflight_inventory import ROOT, Copy

from trading_platform.preflight import load_schema, read_inventory
from trading_platform.preflight.__main__ import main
from trading_platform.preflight.yaml_file import YamlFileError, read_yaml

SCHEMA = load_schema(ROOT / "inventories/schema/inventory.schema.json")
GROUP_VARS = "inventories/production/group_vars"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    monkeypatch.chdir(tmp_path)
    return Copy(tmp_path.resolve())


def checked(copy: Copy, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of `python -m trading_platform.preflight`."""
    status = main(["inventories/production"])
    lines = capsys.readouterr().out.splitlines()
    assert status == (1 if lines else 0)
    return lines


def test_files_that_are_right(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(copy, capsys) == []


def test_broken_yaml_is_named_with_its_line(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("group_vars/dr/vpc.yml", " vpc_reserved_cidrs: [\n")
    (line,) = checked(copy, capsys)
    # What follows is libyaml's word for it, or PyYAML's own where there is none.
    assert line.startswith(f"{GROUP_VARS}/dr/vpc.yml: is not valid YAML: line 7: ")


def test_a_broken_inventory_file(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("hosts.yml", "\tx: 1\n")
    (line,) = checked(copy, capsys)
    assert line.startswith("inventories/production/hosts.yml: is not valid YAML: line 12: ")


def test_a_key_written_twice(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.edit("group_vars/all/vpc.yml", "    offset: 11\n", "    offset: 11\n    offset: 12\n")
    expected = (
        f"{GROUP_VARS}/all/vpc.yml: vpc_subnet_tiers.database.offset: line 16: is written twice, first on line 15; "
        "the later one counts: delete one"
    )
    assert checked(copy, capsys) == [expected]
    assert copy.lines() == [expected]


def test_a_figure_that_stands_in_two_files(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("group_vars/all/eks/eks.yml", 'eks_version: "1.36"\n')
    assert checked(copy, capsys) == [
        f"{GROUP_VARS}/all/eks.yml: eks_version: line 4: stands a second time; {GROUP_VARS}/all/eks/eks.yml line 1 "
        "has it too: delete one"
    ]


def test_an_empty_file(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    (copy.path / "group_vars/dr/eks.yml").write_text("---\n# nothing\n", encoding="utf-8")
    expected = f"{GROUP_VARS}/dr/eks.yml: is empty, so that nothing in it applies; write its variables or delete it"
    assert checked(copy, capsys) == [expected]
    assert copy.lines() == [expected]


def test_a_file_that_is_no_mapping(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    (copy.path / "group_vars/dr/eks.yml").write_text("- eks_version\n", encoding="utf-8")
    assert checked(copy, capsys) == [f"{GROUP_VARS}/dr/eks.yml: must be a mapping of variables, not a list"]


def test_a_key_in_the_file_of_another_role(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.edit("group_vars/dr/vpc.yml", "vpc_cidr:", 'rds_engine_version: "16.14"\nvpc_cidr:')
    assert checked(copy, capsys) == [
        f"{GROUP_VARS}/dr/vpc.yml: rds_engine_version: belongs in {GROUP_VARS}/dr/rds.yml: there is one file per role"
    ]


def test_a_key_in_the_inventory_file(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.edit("hosts.yml", "us-west-2: {}", "us-west-2: {vpc_nat_gateway_mode: single, ansible_connection: local}")
    assert checked(copy, capsys) == [
        "inventories/production/hosts.yml: vpc_nat_gateway_mode: belongs in "
        "inventories/production/host_vars/us-west-2/vpc.yml: there is one file per role"
    ]


def test_a_group_that_does_not_exist(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("group_vars/primry/eks.yml", "eks_version: '1.36'\n")
    assert checked(copy, capsys) == [
        f"{GROUP_VARS}/primry: applies to nothing: the inventory has no group primry; did you mean primary?"
    ]


def test_a_host_that_does_not_exist(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("host_vars/us-east-2/eks.yml", "eks_version: '1.36'\n")
    (line,) = checked(copy, capsys)
    assert line.startswith("inventories/production/host_vars/us-east-2: applies to nothing: the inventory has no host")


def test_a_file_that_ansible_passes_over(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("group_vars/dr.yml", "rds_backup_window: 01:00-02:00\n")
    assert checked(copy, capsys) == [
        f"{GROUP_VARS}/dr.yml: is not read by Ansible, because {GROUP_VARS}/dr exists beside it; "
        "move its variables there"
    ]


def test_a_misspelled_part_of_a_group(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.edit("hosts.yml", "      hosts:\n        us-west-2", "      host:\n        us-west-2")
    assert checked(copy, capsys) == [
        "inventories/production/hosts.yml: all.children.dr.host: unknown key; did you mean hosts?; "
        "a group has children, hosts, vars"
    ]


def test_a_variable_whose_name_is_no_string(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("group_vars/dr/vpc.yml", "443: x\n")
    (line,) = checked(copy, capsys)
    assert line == f"{GROUP_VARS}/dr/vpc.yml: 443: line 7: is not a string, so it names no variable; write it in quotes"


def test_an_unknown_connection_variable(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("group_vars/dr/platform.yml", "ansible_conection: local\n")
    (line,) = checked(copy, capsys)
    assert line.startswith(
        f"{GROUP_VARS}/dr/platform.yml: ansible_conection: unknown key; did you mean ansible_connection?"
    )


def test_encrypted_files_and_values_are_left_to_ansible(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    copy.add("host_vars/us-west-2/rds.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    value = "elasticache_engine: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n"
    copy.add("host_vars/us-west-2/elasticache.yml", value)
    assert checked(copy, capsys) == []


def test_several_inventories_are_checked_one_by_one(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    Copy(copy.root / "second", "staging")
    assert main(["inventories/production", "second/inventories/staging"]) == 0


def test_an_inventory_that_is_not_there(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["inventories/prod"])
    assert "no such inventory: inventories/prod" in capsys.readouterr().err


def test_the_last_definition_is_the_one_that_ansible_takes(copy: Copy) -> None:
    copy.edit("hosts.yml", "us-west-2: {}", "us-west-2: {rds_backup_window: 05:00-06:00}")
    copy.add("group_vars/dr/rds.yml", "rds_backup_window: 01:00-02:00\n")
    copy.add("host_vars/us-west-2/rds.yml", "rds_backup_window: 02:00-03:00\n")
    inventory = read_inventory([copy.path], [copy.root])
    files = [each.file for each in inventory.of_host("us-west-2", ()) if each.name == "rds_backup_window"]
    assert files == [
        f"{GROUP_VARS}/all/rds.yml",
        f"{GROUP_VARS}/dr/rds.yml",
        "inventories/production/hosts.yml",
        "inventories/production/host_vars/us-west-2/rds.yml",
    ]
    # Ansible agrees: the value that preflight blames on this file is the one in it.
    (copy.path / "host_vars/us-west-2/rds.yml").write_text("rds_backup_window: 12:00\n", encoding="utf-8")
    assert any(
        line.startswith(
            "inventories/production/host_vars/us-west-2/rds.yml: rds_backup_window: found 720; must be a string"
        )
        for line in copy.lines()
    )


def test_depth_and_priority_of_groups(copy: Copy) -> None:
    (copy.path / "hosts.yml").write_text(
        """
all:
  children:
    primary:
      children:
        inner:
          hosts: {us-east-1: {}}
    zeta: {hosts: {us-east-1: {}}}
    alpha: {hosts: {us-east-1: {}}, vars: {ansible_group_priority: 10}}
    dr: {hosts: {us-west-2: {}}}
""",
        encoding="utf-8",
    )
    inventory = read_inventory([copy.path], [copy.root])
    assert inventory.groups.of_host("us-east-1") == ["all", "primary", "zeta", "alpha", "inner"]


@pytest.mark.parametrize("text", ["a: [1\nb: 2", "a: 1\n---\nb: 2\n", "a: *nothing\n", "? [1, 2]\n: x\n"])
def test_text_that_is_no_single_document(text: str) -> None:
    with pytest.raises(YamlFileError, match=r"^line \d+: "):
        read_yaml(text)


def test_lines_of_keys() -> None:
    document = read_yaml("# first\na: 1\nb:\n  - c: 1\n    c: 2\n")
    assert document.lines == {"a": 2, "b": 3}
    assert [(each.key, each.line, each.first_line) for each in document.repeated] == [("b[0].c", 5, 4)]
