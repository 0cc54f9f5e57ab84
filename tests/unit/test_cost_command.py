"""The command line: its formats, what it compares with, its exit codes, and what it says of what cannot be read."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from trading_platform.cost import __main__, as_json, at_ref, diff_json
from trading_platform.cost.__main__ import main
from trading_platform.cost.as_json import estimate_from_json
from trading_platform.inventory import Estate, load_estate

ROOT = Path(__file__).parents[2]
PRODUCTION = "inventories/production"
TODAY = ("--today", "2026-11-27")
TOTAL = "6,357.29"


READ: dict[tuple[tuple[str, bytes], ...], Estate] = {}


def loaded(inventory: Path) -> Estate:
    """`load_estate`, which asks ansible-inventory once for files that say the same."""
    files = sorted(path for path in inventory.rglob("*") if path.is_file())
    content = tuple((path.relative_to(inventory).as_posix(), path.read_bytes()) for path in files)
    if content not in READ:
        READ[content] = load_estate(inventory)
    return READ[content]


class Repository:
    """A git repository with production's inventory, committed as the tag `before`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inventory = root / PRODUCTION
        shutil.copytree(ROOT / PRODUCTION, self.inventory)
        self.git("init", "--quiet")
        self.commit("before")

    def git(self, *arguments: str) -> None:
        """Run git here, as nobody in particular, and without what the machine has set up."""
        settings = ("user.name=A", "user.email=a@example.com", "commit.gpgsign=false", "core.hooksPath=/dev/null")
        options = [part for setting in settings for part in ("-c", setting)]
        subprocess.run(["git", "-C", str(self.root), *options, *arguments], check=True, capture_output=True)

    def commit(self, tag: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)

    def edit(self, file: str, good: str, bad: str) -> None:
        path = self.inventory / file
        text = path.read_text(encoding="utf-8")
        assert good in text
        path.write_text(text.replace(good, bad, 1), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command; exit code, what it printed, and what it complained of."""
    # Reading an inventory takes seconds: each is read once, wherever its copy lies.
    monkeypatch.setattr(__main__, "load_estate", loaded)
    monkeypatch.setattr(at_ref, "load_estate", loaded)

    def call(inventory: Path | str, *arguments: str) -> tuple[int, str, str]:
        code = main([str(inventory), *TODAY, *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_the_text_ends_with_the_table_the_savings_and_the_budget(run: Any) -> None:
    code, out, err = run(PRODUCTION)
    assert (code, err) == (0, "")
    assert out.startswith("Cost of production, a typical month of 730 hours, in USD\n")
    for title in ("The document's table", "What could be saved", "What is saved already", "Budget"):
        assert f"\n{title}" in out
    assert out.endswith("A typical month costs 6,357.29 USD, within 6,500 USD.\n")


def test_the_lines_are_those_of_the_scenario(run: Any) -> None:
    out = run(PRODUCTION, "--scenario", "high")[1]
    assert out.startswith("Cost of production, a high month")
    tree_total = next(line for line in out.splitlines() if line.startswith("Total"))
    assert tree_total.split()[-1] == "21,419.23"


def test_markdown_has_the_lines_and_what_is_told_beside_them(run: Any) -> None:
    code, out, _ = run(PRODUCTION, "--format", "markdown")
    assert code == 0
    assert f"**{TOTAL}**" in out
    assert "| Valkey | us-east-1: Redis, Valkey on the same nodes | 451.14 | 360.91 | 90.23 |" in out


def test_json_is_as_its_schema_says_with_the_table_and_the_savings(run: Any) -> None:
    code, out, _ = run(PRODUCTION, "--format", "json")
    assert code == 0
    document = json.loads(out)
    Draft202012Validator(json.loads(as_json.SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["totals"]["all"]["typical"]["usd"].startswith("6357.286")
    assert document["document_table"][3]["row"] == "RDS PostgreSQL"
    assert document["document_table"][3]["document_usd"] == "450"
    assert document["document_table"][3]["typical"] == {"usd": "1561.5", "unknown": 0}
    valkey = next(one for one in document["savings"] if one["strategy"] == "Valkey")
    assert (valkey["without_usd"], valkey["with_usd"], valkey["saved_usd"]) == ("451.14", "360.912", "90.228")
    assert len(estimate_from_json(out).lines) == len(document["lines"])


def test_the_page_is_written_and_holds_what_is_told_beside_the_lines(run: Any, tmp_path: Path) -> None:
    page = tmp_path / "new" / "cost.html"
    code, out, _ = run(PRODUCTION, "--html", str(page))
    assert code == 0
    assert out.startswith("Cost of production")
    text = page.read_text(encoding="utf-8")
    assert text == run(PRODUCTION, "--format", "html")[1]
    for said in ("The document&#x27;s table", "<td>RDS PostgreSQL</td>", "<td>Valkey</td>", TOTAL, "within 6,500 USD."):
        assert said in text


def test_a_page_that_cannot_be_written_is_named(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run(PRODUCTION, "--html", str(tmp_path / "file" / "cost.html"))
    assert code == 2
    assert err.startswith(f"{tmp_path}/file/cost.html: cannot be written: ")


def test_a_larger_class_is_a_change_from_one_amount_to_another(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/rds.yml", "rds_instance_class: db.r6i.xlarge", "rds_instance_class: db.r6i.2xlarge")
    code, out, err = run(repository.inventory, "--diff", "before")
    assert "~ us-east-1 / database / PostgreSQL primary\n  +730.00 (776.00 -> 1,506.00, +94.1 %)\n" in out
    assert "    + db.r6i.2xlarge, two machines (Multi-AZ) (RDS)\n      +1,460.00 (0.00 -> 1,460.00)\n" in out
    assert "    - db.r6i.xlarge, two machines (Multi-AZ) (RDS)\n      -730.00 (730.00 -> 0.00, -100.0 %)\n" in out
    # 365 more for each of five machines, one of them in the standby region; and four more vCPUs of four instances for
    # GuardDuty.
    assert "Total: +1,841.00 (6,357.29 -> 8,198.29, +29.0 %)" in out
    assert code == 1
    assert err == (
        "refuse: cost_budget.refuse_usd: a typical month costs 8,198.29 USD, more than the 8,000 USD that are refused\n"
        "warn: cost_budget.warn_increase_percent: a typical month costs 29.0 % more than before, "
        "more than the 10 % that are warned of\n"
    )


def test_more_of_the_same_is_told_from_old_to_new(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/cost.yml", "    nat_gb: [100, 500, 5000]", "    nat_gb: [100, 600, 5000]")
    code, out, err = run(repository.inventory, "--diff", "HEAD")
    assert (code, err) == (0, "")
    assert "    ~ data through them (VPC)\n      +4.50 (22.50 -> 27.00, +20.0 %)\n" in out
    assert "      quantity: 500 GB -> 600 GB\n" in out
    assert "Lines: 0 added, 1 changed, 0 removed" in out
    low = run(repository.inventory, "--diff", "HEAD", "--scenario", "low")[1]
    assert "Lines: 0 added, 0 changed, 0 removed" in low


def test_a_difference_in_json_and_in_markdown(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/cost.yml", "    nat_gb: [100, 500, 5000]", "    nat_gb: [100, 600, 5000]")
    document = json.loads(run(repository.inventory, "--diff", "before", "--format", "json")[1])
    Draft202012Validator(json.loads(diff_json.SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert (document["change_usd"], document["change_percent"]) == ("4.5", "0.07")
    (resource,) = document["resources"]
    assert (resource["sign"], resource["resource"], resource["old"]["usd"]) == ("~", "NAT gateways", "132")
    markdown = run(repository.inventory, "--diff", "before", "--format", "markdown")[1]
    assert "| `~` | us-east-1 / network / NAT gateways / data through them (VPC)" in markdown


def test_a_ref_without_a_usage_file_was_used_as_much(run: Any, repository: Repository) -> None:
    usage = repository.inventory / "group_vars" / "all" / "cost.yml"
    held = usage.read_text(encoding="utf-8")
    usage.unlink()
    repository.edit("group_vars/all/vpc.yml", "vpc_nat_gateway_mode: per_az", "vpc_nat_gateway_mode: single")
    repository.commit("without")
    usage.write_text(held, encoding="utf-8")
    repository.edit("group_vars/all/vpc.yml", "vpc_nat_gateway_mode: single", "vpc_nat_gateway_mode: per_az")
    code, out, err = run(repository.inventory, "--diff", "without")
    assert (code, err) == (0, "")
    # Two gateways and their addresses more in each region: 4 x 730 x (0.045 + 0.005).
    assert "      quantity: 730 hour -> 2,190 hour\n" in out
    assert "Total: +146.00 (6,211.29 -> 6,357.29, +2.4 %)" in out


def test_a_ref_that_is_none_is_named(run: Any, repository: Repository) -> None:
    for ref in ("nowhere", "", "--output=file", "-x", "before:inventories"):
        code, out, err = run(repository.inventory, f"--diff={ref}")
        assert (code, out) == (2, "")
        assert err == f"{ref!r} is no branch, tag or commit of the repository of {repository.inventory}\n"
    assert not (repository.root / "file").exists()


def test_an_inventory_that_was_not_there_is_named(run: Any, repository: Repository) -> None:
    staging = repository.root / "inventories" / "staging"
    shutil.copytree(ROOT / "inventories" / "staging", staging)
    code, out, err = run(staging, "--diff", "before")
    assert (code, out) == (2, "")
    assert err.startswith(f"{staging} cannot be read at before: fatal: pathspec")


def test_an_inventory_that_could_not_be_read_then_is_told_with_its_ref(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/vpc.yml", "vpc_nat_gateway_mode: per_az", "vpc_nat_gateway_mode: [")
    repository.commit("broken")
    repository.edit("group_vars/all/vpc.yml", "vpc_nat_gateway_mode: [", "vpc_nat_gateway_mode: per_az")
    code, _, err = run(repository.inventory, "--diff", "broken")
    assert code == 2
    assert err.startswith("at broken: ansible-inventory cannot read inventories/production:\n")


def test_what_could_not_be_priced_then_is_told_with_its_ref(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/cost.yml", "    nat_gb:", "    net_gb:")
    repository.commit("misspelled")
    repository.edit("group_vars/all/cost.yml", "    net_gb:", "    nat_gb:")
    code, _, err = run(repository.inventory, "--diff", "misspelled")
    assert code == 2
    assert err == (
        f"{repository.inventory} at misspelled: cost_usage.primary.net_gb: is billed nowhere; did you mean nat_gb?\n"
    )


def test_an_inventory_of_no_repository_has_no_earlier_state(run: Any, tmp_path: Path) -> None:
    inventory = tmp_path / "production"
    shutil.copytree(ROOT / PRODUCTION, inventory)
    code, _, err = run(inventory, "--diff", "main")
    assert code == 2
    assert err.startswith(f"{inventory} is in no git repository: fatal: ")


def test_a_stored_estimate_is_compared_with(run: Any, tmp_path: Path) -> None:
    stored = tmp_path / "old.json"
    stored.write_text(run(PRODUCTION, "--format", "json")[1], encoding="utf-8")
    code, out, err = run(PRODUCTION, "--against", str(stored))
    assert (code, err) == (0, "")
    assert out == (
        "What changes in the cost of production, a typical month, in USD\n\n"
        "Total: 0.00 (6,357.29 -> 6,357.29, +0.0 %)\nLines: 0 added, 0 changed, 0 removed\n"
    )
    assert "Total: -" in run("inventories/staging", "--against", str(stored))[1]


def test_a_stored_estimate_that_cannot_be_read_is_named(run: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    for content, said in (
        (b'{"version": 1,', f"{broken}: line 1: is no JSON: "),
        (b"{}", f"{broken}: version: found None; must be 1: estimate again"),
        (b"\xff", f"{broken}: is no text in UTF-8"),
    ):
        broken.write_bytes(content)
        code, out, err = run(PRODUCTION, "--against", str(broken))
        assert (code, out) == (2, "")
        assert err.startswith(said)
    code, _, err = run(PRODUCTION, "--against", str(tmp_path / "none.json"))
    assert (code, err) == (2, f"{tmp_path}/none.json: cannot be read: No such file or directory\n")


def test_a_warning_does_not_fail(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/cost.yml", "warn_usd: 6500", "warn_usd: 6000")
    code, _, err = run(repository.inventory)
    assert code == 0
    assert err == (
        "warn: cost_budget.warn_usd: a typical month costs 6,357.29 USD, more than the 6,000 USD that are warned of\n"
    )


def test_what_is_wrong_in_the_inventory_is_named_with_it(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/cost.yml", "    nat_gb:", "    net_gb:")
    repository.edit("group_vars/all/cost.yml", "    cdn_gb:", "    cnd_gb:")
    code, out, err = run(repository.inventory)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"{repository.inventory}: cost_usage.primary.cnd_gb: is billed nowhere; did you mean cdn_gb?",
        f"{repository.inventory}: cost_usage.primary.net_gb: is billed nowhere; did you mean nat_gb?",
    ]


def test_a_budget_that_is_wrong_is_named_with_its_inventory(run: Any, repository: Repository) -> None:
    repository.edit("group_vars/all/cost.yml", "warn_usd: 6500", "warn_usd: .nan")
    code, _, err = run(repository.inventory)
    assert (code, err) == (
        2,
        f"{repository.inventory}: cost_budget.warn_usd: must be a number of 0 or more, not nan\n",
    )


def test_an_inventory_that_is_not_there_is_named(run: Any, tmp_path: Path) -> None:
    assert run(tmp_path / "none") == (2, "", f"there is no inventory at {tmp_path}/none\n")


@pytest.mark.parametrize(
    "arguments", [["--scenario", "middling"], ["--diff", "a", "--against", "b"], ["--format", "x"]]
)
def test_options_that_mean_nothing_are_refused(run: Any, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(PRODUCTION, *arguments)
    assert stopped.value.code == 2
