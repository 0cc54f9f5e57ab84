"""Preflight as a user meets it: every problem is printed before the first AWS call; then the account is checked."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from site_harness import FEW_SERVICES, PRODUCTION_ACCOUNT
from trading_platform.emulator.testing import EmulatorServer, emulator_server

ROOT = Path(__file__).resolve().parents[2]
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
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", **FEW_SERVICES}
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


def test_validate_needs_no_aws(no_aws: dict[str, str]) -> None:
    result = run("validate.yml", "-i", "inventories/staging", env=no_aws)
    assert result.returncode == 0, result.stdout + result.stderr
    assert told(result.stdout) == []
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


def test_warnings_are_printed_and_do_not_stop(no_aws: dict[str, str]) -> None:
    """Of production, in which there is nothing else to say."""
    result = run("validate.yml", "-i", "inventories/production", "-e", "vpc_nat_gateway_mode=single", env=no_aws)
    assert (result.returncode, result.stderr.strip()) == (0, ""), result.stdout
    assert told(result.stdout) == [
        "Look at:",
        "command line (-e): vpc_nat_gateway_mode: single: an outage of one zone cuts the egress of all zones in "
        "production; per_az has one in each zone",
    ]


@pytest.fixture
def preflight_alone(tmp_path: Path) -> str:
    """A playbook of the role alone."""
    playbook = tmp_path / "preflight.yml"
    playbook.write_text("- hosts: all\n  any_errors_fatal: true\n  roles: [preflight]\n", encoding="utf-8")
    return str(playbook)


@pytest.fixture
def account() -> Iterator[EmulatorServer]:
    """The account of production, empty."""
    with emulator_server(PRODUCTION_ACCOUNT) as running:
        yield running


def told(output: str) -> list[str]:
    """The lines of preflight, with their heading."""
    lines = [line.strip() for line in output.splitlines()]
    said = re.compile(r"us-\w+-\d: |inventories/|command line|Change the account|Look at:")
    return [line for line in lines if said.match(line)]


def test_what_the_account_would_stop_is_told_of_both_regions_before_anything_is_made(account: EmulatorServer) -> None:
    """site.yml itself, in an account where others have taken VPCs and addresses, with few instances at full scale."""
    for region, vpcs, addresses in (("us-east-1", 4, 3), ("us-west-2", 0, 4)):
        ec2 = account.client("ec2", region)
        for number in range(vpcs):
            ec2.create_vpc(CidrBlock=f"192.168.{number}.0/24")
        for _ in range(addresses):
            ec2.allocate_address(Domain="vpc")
    account.set_quotas({"L-1216C47A": 40, "L-34B43A08": 8})
    account.forget_calls()
    asking = '{"preflight_ask_aws_for_versions": false}'
    result = run("site.yml", "-i", "inventories/production", "-e", asking, env=account.env)
    assert result.returncode == 2
    assert account.calls() == {}
    assert "rds.DescribeDBEngineVersions" not in account.reading_calls()
    assert "PLAY [Foundation" not in result.stdout

    def line(region: str, code: str, name: str, numbers: str, service: str, wanted: int) -> str:
        request = f"--region {region} --service-code {service} --quota-code {code} --desired-value {wanted}"
        return f"{region}: {code}: {name}: {numbers}; aws service-quotas request-service-quota-increase {request}"

    on_demand = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
    spot = "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"
    addresses = "EC2-VPC Elastic IPs"
    assert told(result.stdout) == [
        "Look at:",
        line(
            "us-east-1",
            "L-1216C47A",
            on_demand,
            "40 allowed, 0 in use by others, needed here: 24 when built, 60 at full scale",
            "ec2",
            60,
        ),
        # The standby region begins with two nodes, and has none of the spot group.
        line(
            "us-west-2",
            "L-1216C47A",
            on_demand,
            "40 allowed, 0 in use by others, needed here: 12 when built, 60 at full scale",
            "ec2",
            60,
        ),
        line(
            "us-west-2",
            "L-34B43A08",
            spot,
            "8 allowed, 0 in use by others, needed here: 0 when built, 160 at full scale",
            "ec2",
            160,
        ),
        "Change the account or the inventory (4 to do):",
        line("us-east-1", "L-F678F1CE", "VPCs per Region", "5 allowed, 5 in use by others, needed here: 1", "vpc", 6),
        line("us-east-1", "L-0263D0A3", addresses, "5 allowed, 3 in use by others, needed here: 3", "ec2", 6),
        line(
            "us-east-1",
            "L-34B43A08",
            spot,
            "8 allowed, 0 in use by others, needed here: 16 when built, 160 at full scale",
            "ec2",
            160,
        ),
        line("us-west-2", "L-0263D0A3", addresses, "5 allowed, 4 in use by others, needed here: 3", "ec2", 7),
    ]


@pytest.fixture
def aws_with_one_version() -> Iterator[str]:
    """An endpoint that knows the production account, and that RDS has PostgreSQL 16.14 in us-east-1 alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneVersion)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class OneVersion(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        minors = ("16.13", "16.14") if "/us-east-1/" in self.headers["Authorization"] else ("16.13", "16.15")
        offered = "".join(
            f"<DBEngineVersion><Engine>postgres</Engine><EngineVersion>{one}</EngineVersion></DBEngineVersion>"
            for one in (minors if "EngineVersion=16&" in f"{body}&" else ())
        )
        answers = {
            "GetCallerIdentity": f"<Account>{PRODUCTION_ACCOUNT}</Account><Arn>arn:aws:iam::x</Arn><UserId>x</UserId>",
            "ListAccountAliases": "<AccountAliases/><IsTruncated>false</IsTruncated>",
            "DescribeDBEngineVersions": f"<DBEngineVersions>{offered}</DBEngineVersions>",
        }
        action = next((name for name in answers if f"Action={name}" in body), "")
        self.send_response(200 if action else 400)
        self.end_headers()
        answer = f"<{action}Response><{action}Result>{answers.get(action)}</{action}Result></{action}Response>"
        self.wfile.write((answer if action else '{"__type": "AccessDeniedException"}').encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_rds_is_asked_in_every_region_and_a_silent_api_is_told(
    no_aws: dict[str, str], aws_with_one_version: str, preflight_alone: str
) -> None:
    env = {**no_aws, "AWS_ENDPOINT_URL": aws_with_one_version, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    arguments = ["-i", "inventories/production"]
    result = run(preflight_alone, *arguments, env=env)
    text = " ".join(result.stdout.split())
    assert result.returncode == 2, result.stdout
    assert (
        "inventories/production: rds_engine_version: RDS offers no PostgreSQL 16.14 in us-west-2; nearest: 16.13 and "
        "16.15;" in text
    ), result.stdout
    assert "16.14 in us-east-1" not in text
    for region in ("us-east-1", "us-west-2"):
        assert f"{region}: quotas: could not ask AWS in {region} for the quotas of the account (" in text
    asking = '{"preflight_ask_aws_for_quotas": false}'
    alone = run(preflight_alone, "--limit", "us-east-1", *arguments, "-e", asking, env=env)
    assert (alone.returncode, told(alone.stdout)) == (0, [])
