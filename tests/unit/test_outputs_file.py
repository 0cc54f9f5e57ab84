"""What an environment has, written down: the document, its schema and the module that writes it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from plugin_loading import load_plugin
from trading_platform import outputs

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "inventories/schema/outputs.schema.json"
HOST = "host.example.com"
ARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/a/1"
REGION: dict[str, Any] = {
    "role": "primary",
    "cluster": {
        "name": "production",
        "arn": "arn:aws:eks:us-east-1:111122223333:cluster/production",
        "endpoint": "https://a.eks.amazonaws.com",
        "version": "1.35",
        "oidc_issuer": "https://oidc.eks.us-east-1.amazonaws.com/id/A",
        "certificate_authority": "LS0tLQ==",
    },
    "vpc": {
        "id": "vpc-1",
        "cidr": "10.0.0.0/16",
        "service_cidr": "172.20.0.0/16",
        "subnets": {tier: ["10.0.1.0/24"] for tier in ("public", "private", "database", "pod")},
    },
    "database": {"host": HOST, "port": 5432, "name": "trading", "secret": "production/database", "reader_hosts": []},
    "redis": {"host": HOST, "reader_host": HOST, "port": 6379, "secret": "production/redis"},
    "load_balancer": {"arn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/a", "dns_name": HOST},
    "target_groups": {"api": ARN, "websocket": ARN},
    "hosts": {"api": HOST, "websocket": HOST, "assets": HOST},
    "regional_hosts": {"api": HOST, "websocket": HOST},
    "queues": {"orders": "https://sqs.us-east-1.amazonaws.com/111122223333/orders"},
    "topics": {
        name: f"arn:aws:sns:us-east-1:111122223333:{name}" for name in ("critical", "warning", "info", "heartbeat")
    },
    "buckets": {"backups": "backups", "logs": "logs"},
    "secrets": {"database": "production/database", "redis": "production/redis"},
    "ecr": {"registry": HOST, "repositories": {name: f"trading/{name}" for name in ("api", "websocket", "worker")}},
    "kms_key_arns": {"ebs": "arn:aws:kms:us-east-1:111122223333:key/1", "s3": "arn:aws:kms:us-east-1:1:key/2"},
    "pod_role_arns": {name: f"arn:aws:iam::111122223333:role/{name}" for name in ("api", "worker")},
    "cloudfront": {"domain_name": "d111111abcdef8.cloudfront.net"},
    "tags": {"Project": "trading-engine", "Environment": "production"},
}


def document(**changed: Any) -> dict[str, Any]:
    """A document with both regions, of which the second has no Redis."""
    standby = {**copy.deepcopy(REGION), "role": "standby", "redis": None}
    regions = {"us-east-1": copy.deepcopy(REGION), "us-west-2": standby}
    return {"environment": "production", "account_id": "111122223333", "regions": regions, **changed}


def changed(path: str, value: Any) -> dict[str, Any]:
    """A document with another value at one place of the primary region; None takes the key away."""
    whole = document()
    *parents, last = path.split(".")
    inside = whole["regions"]["us-east-1"]
    for parent in parents:
        inside = inside[parent]
    if value is None:
        del inside[last]
    else:
        inside[last] = value
    return whole


def test_the_schema_takes_a_standby_without_redis() -> None:
    assert outputs.problems(document(), outputs.load_schema(SCHEMA)) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("vpc.id", "vpc-planned", 'found "vpc-planned"; has the wrong form'),
        ("database.port", "5432", 'found "5432"; must be a whole number'),
        ("database.password", "x", "unknown key. Known keys: host, port, name, secret, reader_hosts"),
        ("redis", "none", 'found "none"; must be a mapping of name to value or null'),
        ("role", "dr", 'found "dr"; must be one of primary, standby'),
        ("vpc.subnets.pod", [], "has 0 entries; must have at least 1"),
        ("kms_key_arns.ebs", None, "is missing; add it"),
        ("cluster", None, "is missing; add it"),
    ],
)
def test_the_schema_names_what_is_wrong(path: str, value: Any, message: str) -> None:
    (line,) = outputs.problems(changed(path, value), outputs.load_schema(SCHEMA))
    assert line.startswith(f"regions.us-east-1.{path}: {message}")


def test_a_run_without_the_primary_region_keeps_the_name_of_the_distribution() -> None:
    whole = document()
    unknown = {**whole["regions"]["us-west-2"], "cloudfront": {"domain_name": None}}
    alone = {**whole, "regions": {"us-west-2": unknown}}
    regions = ["us-east-1", "us-west-2"]
    assert outputs.merged(whole, alone, regions) == whole
    assert outputs.merged(None, alone, regions) == alone
    assert outputs.problems(alone, outputs.load_schema(SCHEMA)) == []


def test_regions_that_were_not_in_the_run_stay() -> None:
    whole = document()
    east = {**whole, "regions": {"us-east-1": {**REGION, "role": "standby"}}}
    assert outputs.merged(whole, east, ["us-east-1", "us-west-2"])["regions"] == {
        "us-east-1": {**REGION, "role": "standby"},
        "us-west-2": whole["regions"]["us-west-2"],
    }
    assert outputs.merged(whole, east, ["us-east-1"]) == east
    assert outputs.merged({**whole, "account_id": "999988887777"}, east, ["us-east-1", "us-west-2"]) == east
    assert outputs.merged(None, east, ["us-east-1", "us-west-2"]) == east


@pytest.mark.parametrize("text", ["", "{", "[]", '"a"', '{"regions": []}'])
def test_a_file_that_is_none_of_ours_is_written_anew(text: str) -> None:
    assert outputs.read(text) is None


def run_module(capsys: pytest.CaptureFixture[str], path: Path, check: bool = False, **more: Any) -> dict[str, Any]:
    """Run the module and give its result."""
    module = load_plugin("plugins/modules/outputs_file.py")
    own = {"path": str(path), "schema": str(SCHEMA), "document": document(), "regions": ["us-east-1", "us-west-2"]}
    with patch_module_args({**own, **more, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        module.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_check_write_and_write_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "build" / "production" / "outputs.json"
    predicted = run_module(capsys, path, check=True)
    assert (predicted["changed"], path.parent.exists()) == (True, False)
    assert run_module(capsys, path)["changed"] is True
    assert json.loads(path.read_text()) == document()
    assert [one.name for one in path.parent.iterdir()] == ["outputs.json"]
    for check in (True, False):
        assert run_module(capsys, path, check=check)["changed"] is False
    written = path.read_text()
    path.write_text(written.replace("vpc-1", "vpc-2"))
    shown = run_module(capsys, path, check=True)
    assert (shown["changed"], shown["diff"]["after"]) == (True, written)
    assert "vpc-2" in path.read_text()
    assert run_module(capsys, path)["changed"] is True
    assert path.read_text() == written


def test_a_document_that_breaks_the_schema_is_not_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    for check in (True, False):
        refused = run_module(capsys, path, check=check, document=changed("database.port", 0))
        assert refused["failed"] is True
        assert "regions.us-east-1.database.port: found 0; must be from 1 to 65535" in refused["msg"]
    assert not path.exists()


def test_a_dry_run_may_have_ids_that_only_aws_can_give(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    planned = changed("vpc.id", "vpc-planned")
    assert run_module(capsys, tmp_path / "outputs.json", check=True, document=planned)["changed"] is True
    assert "wrong form" in run_module(capsys, tmp_path / "outputs.json", document=planned)["msg"]


def test_a_file_that_cannot_be_read_or_written_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert f"{tmp_path} or its schema cannot be read" in run_module(capsys, tmp_path)["msg"]
    (tmp_path / "file").write_text("")
    assert "cannot be written" in run_module(capsys, tmp_path / "file" / "outputs.json")["msg"]
