"""What the chart has to know of a cluster, from the outputs of the estate."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_outputs_file import document

from trading_platform.chart import CHART
from trading_platform.cluster_facts import SCHEMA, FactsError, cluster_facts, main
from trading_platform.outputs import load_schema, problems

EAST, WEST = "us-east-1", "us-west-2"
EXAMPLES = sorted((CHART / "examples").glob("*.yaml"))
# Their keys are names of what was built, which are the inventory's.
NAMES = ("secrets", "tags")


def estate() -> dict[str, Any]:
    """Outputs of two regions, with the assets in the first alone."""
    found = document()
    found["regions"][EAST]["buckets"]["assets"] = "trading-assets"
    found["regions"][WEST]["buckets"]["backups"] = "backups-west"
    return found


def without(*path: str) -> dict[str, Any]:
    """The outputs without one key of the first region."""
    found = estate()
    inside = found["regions"][EAST]
    for key in path[:-1]:
        inside = inside[key]
    del inside[path[-1]]
    return found


def keys(values: Any) -> Any:
    """The keys of values, of all levels; what is no mapping has none."""
    return (
        {key: None if key in NAMES else keys(value) for key, value in values.items()}
        if isinstance(values, dict)
        else None
    )


def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, region: str = EAST
) -> tuple[int, str, str]:
    """The command on a file with this text: exit code, standard output, standard error without the file's name."""
    file = tmp_path / "outputs.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    code = main([str(file), region])
    printed = capsys.readouterr()
    return code, printed.out, printed.err.replace(f"{file}: ", "")


def test_the_outputs_of_these_tests_are_as_their_schema_says() -> None:
    assert problems(estate(), load_schema(SCHEMA)) == []


@pytest.mark.parametrize("region", [EAST, WEST])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_they_have_the_keys_of_the_examples(example: Path, region: str) -> None:
    assert keys(cluster_facts(estate(), region)) == keys(yaml.safe_load(example.read_text(encoding="utf-8")))


def test_facts_are_those_of_the_region() -> None:
    found = estate()
    west = found["regions"][WEST]
    west["database"]["host"] = "west.example.com"
    west["vpc"]["subnets"]["private"] = ["10.1.1.0/24", "10.1.2.0/24"]
    west["tags"] = {"Project": "west"}
    cluster = cluster_facts(found, WEST)["global"]["cluster"]
    assert (cluster["region"], cluster["accountId"], cluster["environment"]) == (WEST, "111122223333", "production")
    assert cluster["database"] == {"host": "west.example.com", "name": "trading"}
    assert cluster["subnets"]["private"] == ["10.1.1.0/24", "10.1.2.0/24"]
    assert cluster["tags"] == {"Project": "west"}
    assert cluster["volumeKeyArn"] == west["kms_key_arns"]["ebs"]
    assert cluster["topics"] == {name: west["topics"][name] for name in ("heartbeat", "info")}


def test_assets_are_the_primary_regions_and_backups_its_own() -> None:
    found = estate()
    assert cluster_facts(found, WEST)["global"]["cluster"]["buckets"] == {
        "assets": "trading-assets",
        "backups": "backups-west",
    }
    # In whichever order the file has the regions.
    found["regions"] = dict(reversed(found["regions"].items()))
    assert cluster_facts(found, EAST)["global"]["cluster"]["buckets"]["backups"] == "backups"


def test_a_standby_has_no_redis_and_takes_over_without_standby_yaml() -> None:
    """Its values say standby over the facts; when they are left out, nothing is to say so any more."""
    found = estate()
    assert (found["regions"][WEST]["role"], found["regions"][WEST]["redis"]) == ("standby", None)
    standby = cluster_facts(found, WEST)["global"]["cluster"]
    assert standby["redis"] == {"host": ""}
    assert standby["role"] == "primary"


def test_the_outputs_stay_as_they_are() -> None:
    found = estate()
    before = copy.deepcopy(found)
    cluster_facts(found, WEST)["global"]["cluster"]["secrets"]["more"] = "x"
    assert found == before


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            ("vpc", "subnets", "database"),
            r"regions\.us-east-1\.vpc\.subnets: has no database; it has pod, private, pub",
        ),
        (("topics", "heartbeat"), r"regions\.us-east-1\.topics: has no heartbeat; it has critical, info"),
        (("buckets", "assets"), r"regions\.\*\.buckets: has no assets; it has backups, logs"),
    ],
)
def test_what_is_missing_is_named_with_what_there_is(path: tuple[str, ...], message: str) -> None:
    with pytest.raises(FactsError, match=message):
        cluster_facts(without(*path), EAST)


def test_the_command_prints_values_that_yaml_reads_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The account's digits stay a text."""
    code, out, err = run(tmp_path, capsys, json.dumps(estate()))
    assert (code, err) == (0, "")
    assert yaml.safe_load(out) == cluster_facts(estate(), EAST)


@pytest.mark.parametrize(
    ("text", "region", "message"),
    [
        (None, EAST, "is not there; playbooks/site.yml writes it at its end"),
        ("{", EAST, "is not JSON: Expecting property name"),
        ("[]", EAST, "found []; must be a mapping of name to value"),
        ('{"regions": {}}', EAST, "environment: is missing; add it"),
        (json.dumps(without("vpc", "subnets", "private")), EAST, "regions.us-east-1.vpc.subnets.private: is missing"),
        (json.dumps(without("tags")), WEST, "regions.us-east-1.tags: is missing; add it"),
        (json.dumps(without("topics", "heartbeat")), EAST, "regions.us-east-1.topics.heartbeat: is missing; add it"),
        (json.dumps(estate()), "eu-west-1", "regions: has no eu-west-1; it has us-east-1, us-west-2"),
        (json.dumps(without("buckets", "assets")), WEST, "regions.*.buckets: has no assets; it has backups, logs"),
    ],
)
def test_the_command_says_what_is_wrong_and_prints_no_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, region: str, message: str
) -> None:
    code, out, err = run(tmp_path, capsys, text, region)
    assert (code, out) == (2, "")
    assert message in err


def test_what_is_no_text_or_no_file_is_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path, message in ((tmp_path / "binary", "is not JSON"), (tmp_path, "cannot be read: Is a directory")):
        assert main([str(path), EAST]) == 2
        assert f"{path}: {message}" in capsys.readouterr().err
