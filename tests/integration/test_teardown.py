"""playbooks/teardown.yml against estates that site.yml built: what it refuses, what goes, what stays."""

import json
from pathlib import Path

import pytest
import yaml
from tagged import tagged_as_ours
from teardown_runs import UNPROTECTED, arguments, back_up_a_volume, run_teardown

from site_harness import NO_CHANGE, PRODUCTION_ACCOUNT, ROOT, run_playbook_until, run_site
from trading_platform.emulator.testing import BUILD_DIRECTORY, EmulatorServer, emulator_server

NAME = "production-trading-engine"
pytestmark = pytest.mark.slow
KEPT_KEYS = {"rds", "elasticache", "s3", "logs"}
VAULT_KEYS = {"backup", "ebs"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "add -e confirm=production"),
        (["-e", "confirm=staging", "-e", json.dumps(UNPROTECTED)], "add -e confirm=production (and not staging)"),
        ([*arguments("production"), "--limit", "us-west-2"], "leave --limit out"),
    ],
)
def test_it_refuses_before_aws_is_asked_anything(empty: EmulatorServer, given: list[str], told: str) -> None:
    before = empty.reading_calls()
    run = run_teardown(empty, *given)
    assert run.exit_code != 0
    assert run.output.count(told) == 1, run.output[-2000:]
    assert (empty.calls(), empty.reading_calls()) == ({}, before)


def test_every_protection_is_named_with_a_file_that_has_it(empty: EmulatorServer) -> None:
    before = empty.reading_calls()
    run = run_teardown(empty, "-e", "confirm=production")
    assert run.exit_code != 0
    assert (empty.calls(), empty.reading_calls()) == ({}, before)
    lines = [line.strip() for line in run.output.splitlines() if "protected by" in line]
    told = "rds_deletion_protection: set it to false in inventories/production/group_vars/all/rds.yml"
    assert lines.count(f"protected by {told}") == 1
    assert len(lines) >= 3
    for line in lines:
        variable, file = line.removeprefix("protected by ").split(": set it to false in ")
        assert yaml.safe_load((ROOT / file).read_text())[variable] is True


def test_every_role_that_site_runs_is_removed() -> None:
    """A role that is added to site.yml without tasks/remove.yml would leave what it makes behind."""
    site, teardown = (yaml.safe_load(Path(ROOT / f"playbooks/{name}.yml").read_text()) for name in ("site", "teardown"))
    made = {role["role"] for play in site for role in play.get("roles", [])} - {"preflight"}
    removed = {
        task["ansible.builtin.include_role"]["name"]
        for play in teardown
        for task in play["tasks"]
        if task.get("ansible.builtin.include_role", {}).get("tasks_from") == "remove"
    }
    assert made <= removed


@pytest.mark.e2e
def test_a_killed_removal_is_finished_by_the_next_and_keeps_what_it_should() -> None:
    with emulator_server(PRODUCTION_ACCOUNT) as aws:
        run = run_site(aws)
        assert run.exit_code == 0, run.output[-3000:]
        backups = f"{NAME}-backups"
        point = back_up_a_volume(aws, NAME)
        aws.client("s3").put_object(Bucket=backups, Key="dump", Body=b"kept")
        # As ECR does when a node pulls it for the first time.
        aws.client("ecr", "us-west-2").create_repository(repositoryName="docker-hub/grafana/grafana")
        aws.client("s3").put_object(Bucket="production-trading-engine-assets", Key="index.html", Body=b"gone")

        outputs = Path(aws.env[BUILD_DIRECTORY]) / "production" / "outputs.json"
        aws.forget_calls()
        check = run_teardown(aws, *arguments("production"), "--check")
        assert (check.exit_code, check.failed) == (0, NO_CHANGE), check.output[-3000:]
        assert all(changed > 20 for changed in check.changed.values()), check.changed
        assert aws.calls() == {}, "the dry run removed something"
        assert outputs.exists()

        given = arguments("production")
        killed_after = 150
        assert run_playbook_until(
            aws, "playbooks/teardown.yml", lambda: sum(aws.calls().values()) >= killed_after, *given
        )
        finished = run_teardown(aws, *given)
        assert (finished.exit_code, finished.failed) == (0, NO_CHANGE), finished.output[-3000:]

        assert not outputs.exists()
        left = tagged_as_ours(aws)
        assert {kind for _, kind, _ in left} == {"bucket", "key", "database snapshot", "vault"}, left
        assert {name for _, kind, name in left if kind == "bucket"} == {
            backups,
            f"{backups}-us-west-2",
            f"{NAME}-audit",
        }
        # The vault of us-west-2 is empty, and so goes with its key.
        for region, purposes in (("us-east-1", KEPT_KEYS | VAULT_KEYS), ("us-west-2", KEPT_KEYS)):
            keys = {name for where, kind, name in left if (where, kind) == (region, "key")}
            assert keys == {f"{NAME}-{purpose}" for purpose in purposes}
        assert [(where, name) for where, kind, name in left if kind == "vault"] == [("us-east-1", NAME)]
        (kept,) = aws.client("backup").list_recovery_points_by_backup_vault(BackupVaultName=NAME)["RecoveryPoints"]
        assert (kept["RecoveryPointArn"], kept["Status"]) == (point, "COMPLETED")
        (snapshot,) = [name for _, kind, name in left if kind == "database snapshot"]
        assert snapshot.startswith(f"{NAME}-final-")
        assert aws.client("s3").get_object(Bucket=backups, Key="dump")["Body"].read() == b"kept"
        assert f"bucket {NAME}-audit, with all it holds" in finished.output
        told = " ".join(finished.output.split())
        assert f"us-east-1: vault {NAME} with 1 recovery point, each until its days are over" in told
        assert f"us-east-1: key alias/{NAME}-backup" in told
        assert f"us-west-2: vault {NAME}" not in told

        aws.forget_calls()
        again = run_teardown(aws, *given)
        assert (again.exit_code, again.changed) == (0, NO_CHANGE), again.changed_tasks()
        # The stock module asks for the end of a subnet group without looking, and takes "not found" for no change.
        assert aws.calls().keys() <= {"rds.DeleteDBSubnetGroup"}
