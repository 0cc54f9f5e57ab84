"""Preflight as a user meets it: every problem is printed before the first AWS call; then the account is checked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from trading_platform.emulator.testing import emulator_server

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION_ACCOUNT = "111122223333"
# Nobody listens there: an AWS call would fail, and take long to do so.
NOWHERE = "http://127.0.0.1:9"

pytestmark = pytest.mark.slow

BREAKS = (
    ("group_vars/primary/vpc.yml", "vpc_cidr: 10.0.0.0/16", "vpc_cdir: 10.0.0.0/16"),
    ("group_vars/dr/vpc.yml", "us-west-2c]", "us-east-1c]"),
    ("group_vars/all/vpc.yml", "prefix_length: 18", "prefix_length: 30"),
    ("group_vars/all/eks.yml", 'eks_version: "1.35"', 'eks_version: "1.28"'),
    ("group_vars/all/rds.yml", "mon:04:00-mon:05:00", "mon:03:30-mon:05:00"),
    ("group_vars/all/elasticache.yml", '"{{ platform_name }}"', '"{{ platform_nome }}"'),
)
LINES = (
    "group_vars/all/eks.yml: eks_version: EKS 1.28 can no longer be created: standard support ended on 2024-11-26 and "
    "extended support on 2025-11-26 (source: endoflife-date/endoflife.date @a70eca337, checked 2026-08-22); use 1.35",
    "group_vars/all/elasticache.yml: elasticache_replication_group_id: "
    "cannot be templated: 'platform_nome' is undefined",
    "group_vars/all/rds.yml: rds_maintenance_window: mon:03:30-mon:05:00 overlaps rds_backup_window 03:00-04:00 from "
    "mon 03:30 to mon 04:00 UTC; the two may touch but not overlap (RDS API, CreateDBInstance): move one",
    "group_vars/all/vpc.yml: vpc_subnet_tiers.pod.prefix_length: found 30; must be from 16 to 28",
    "group_vars/dr/vpc.yml: vpc_availability_zones: us-east-1c is in us-east-1, not in us-west-2",
    "group_vars/primary/vpc.yml: vpc_cdir: unknown key; did you mean vpc_cidr? Known keys of this file: ",
)


def run(playbook: str, *arguments: str, cwd: Path = ROOT, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "ansible-playbook", ROOT / "playbooks" / playbook, *arguments]
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    return subprocess.run(
        command, cwd=cwd, env={**env, **settings}, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def no_aws(tmp_path: Path) -> dict[str, str]:
    """An environment without credentials, in which AWS does not answer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    return {**kept, **files, "AWS_ENDPOINT_URL": NOWHERE, "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A directory with inventories/production, broken in six places."""
    copy = tmp_path.resolve() / "inventories" / "production"
    shutil.copytree(ROOT / "inventories" / "production", copy)
    for file, good, bad in BREAKS:
        text = (copy / file).read_text(encoding="utf-8")
        assert good in text, (file, good)
        (copy / file).write_text(text.replace(good, bad, 1), encoding="utf-8")
    return tmp_path.resolve()


@pytest.mark.parametrize("inventory", ["inventories/production", "inventories/staging"])
def test_validate_needs_no_aws(no_aws: dict[str, str], inventory: str) -> None:
    result = run("validate.yml", "-i", inventory, env=no_aws)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Look at:" not in result.stdout
    assert result.stderr.strip() == ""


def test_every_problem_is_printed_and_nothing_is_called(no_aws: dict[str, str], broken: Path) -> None:
    """site.yml itself, of one region: the other one is checked too, and the first stage is never reached."""
    result = run("site.yml", "-i", "inventories/production", "--limit", "us-east-1", cwd=broken, env=no_aws)
    assert result.returncode == 2
    printed = [line.strip() for line in result.stdout.splitlines() if line.strip().startswith("inventories/")]
    assert len(printed) == len(LINES), result.stdout
    for line, expected in zip(printed, LINES, strict=True):
        assert line.startswith(f"inventories/production/{expected}")
    assert "Correct the inventory (6 to do):" in result.stdout
    assert "Ask whose credentials" not in result.stdout
    assert "PLAY [Foundation" not in result.stdout


def test_no_credentials(no_aws: dict[str, str]) -> None:
    result = run("site.yml", "-i", "inventories/production", env=no_aws)
    assert result.returncode == 2
    text = " ".join(result.stdout.split())
    assert "inventories/production: platform_account_id: there are no AWS credentials that work (" in text
    assert f"set AWS_PROFILE or the keys of account {PRODUCTION_ACCOUNT}" in text
    assert "PLAY [Foundation" not in text


def test_credentials_of_another_account() -> None:
    with emulator_server("999988887777") as other:
        result = run("site.yml", "-i", "inventories/production", env=other.env)
        assert other.calls() == {}
    assert result.returncode == 2
    text = " ".join(result.stdout.split())
    assert (
        f"this inventory is for account {PRODUCTION_ACCOUNT}, but the credentials belong to 999988887777 (arn:aws:"
        in text
    )
    assert "PLAY [Foundation" not in text


def test_warnings_are_printed_and_do_not_stop(no_aws: dict[str, str]) -> None:
    result = run("validate.yml", "-i", "inventories/production", "-e", "vpc_nat_gateway_mode=single", env=no_aws)
    assert result.returncode == 0, result.stdout
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert (
        "command line (-e): vpc_nat_gateway_mode: single: an outage of one zone cuts the egress of all zones in "
        "production; per_az has one in each zone" in lines
    )


@pytest.fixture
def aws_with_one_version() -> Iterator[str]:
    """An endpoint that knows the production account, and of RDS only that it offers PostgreSQL 16.14 in us-east-1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneVersion)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class OneVersion(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        offered = "EngineVersion=16.14" in body and "/us-east-1/" in self.headers["Authorization"]
        version = "<DBEngineVersion><Engine>postgres</Engine><EngineVersion>16.14</EngineVersion></DBEngineVersion>"
        answers = {
            "GetCallerIdentity": f"<Account>{PRODUCTION_ACCOUNT}</Account><Arn>arn:aws:iam::x</Arn><UserId>x</UserId>",
            "ListAccountAliases": "<AccountAliases/><IsTruncated>false</IsTruncated>",
            "DescribeDBEngineVersions": f"<DBEngineVersions>{version if offered else ''}</DBEngineVersions>",
        }
        action = next((name for name in answers if f"Action={name}" in body), "")
        self.send_response(200 if action else 404)
        self.end_headers()
        self.wfile.write(
            f"<{action}Response><{action}Result>{answers.get(action)}</{action}Result></{action}Response>".encode()
        )

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_rds_is_asked_in_every_region_when_wanted(
    no_aws: dict[str, str], aws_with_one_version: str, tmp_path: Path
) -> None:
    playbook = tmp_path / "preflight.yml"
    playbook.write_text("- hosts: all\n  roles: [preflight]\n", encoding="utf-8")
    env = {**no_aws, "AWS_ENDPOINT_URL": aws_with_one_version, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    wanted = ["-e", '{"preflight_ask_aws_for_versions": true}']
    arguments = ["-i", "inventories/production", *wanted]
    result = run(str(playbook), *arguments, env=env)
    text = " ".join(result.stdout.split())
    assert result.returncode == 2, result.stdout
    assert "inventories/production: rds_engine_version: RDS offers no PostgreSQL 16.14 in us-west-2;" in text, (
        result.stdout
    )
    assert "16.14 in us-east-1" not in text
    assert run(str(playbook), "--limit", "us-east-1", *arguments, env=env).returncode == 0
