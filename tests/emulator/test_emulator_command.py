"""The command: start, stop, status, env, reset, as a shell sees them."""

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "trading_platform.emulator"]


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command with its output on pipes: it must close them, or this waits for ever."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=env, check=False)


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "run dir 'quoted'"
    yield directory
    run("stop", "--run-dir", str(directory))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run directory of a server for those that leave it as it is."""
    directory = tmp_path_factory.mktemp("running") / "run dir 'quoted'"
    assert run("start", "--background", "--run-dir", str(directory)).returncode == 0
    yield directory
    run("stop", "--run-dir", str(directory))


def state(run_dir: Path) -> dict[str, str | int]:
    content: dict[str, str | int] = json.loads((run_dir / "emulator.json").read_text())
    return content


def account_seen(environment: dict[str, str]) -> str:
    session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    client = session.client("sts", region_name="us-east-1", endpoint_url=environment["AWS_ENDPOINT_URL"])
    account: str = client.get_caller_identity()["Account"]
    return account


def exported(run_dir: Path, **extra: str) -> dict[str, str]:
    """The environment of a shell that has evaluated ``env``."""
    command = f'eval "$({shlex.join([*COMMAND, "env", "--run-dir", str(run_dir)])})" && env -0'
    result = subprocess.run(["bash", "-c", command], capture_output=True, env={**os.environ, **extra}, check=True)
    return dict(entry.split("=", 1) for entry in result.stdout.decode().split("\0") if entry)


def test_background_start_answers_and_stop_ends_it(run_dir: Path) -> None:
    started = run("start", "--background", "--run-dir", str(run_dir))
    assert started.returncode == 0, started.stderr
    endpoint = f"http://127.0.0.1:{state(run_dir)['port']}"
    assert endpoint in started.stdout
    assert endpoint in run("status", "--run-dir", str(run_dir)).stdout
    assert account_seen(exported(run_dir)) == "123456789012"
    assert run("stop", "--run-dir", str(run_dir)).returncode == 0
    assert not (run_dir / "emulator.json").exists()
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])))


def test_it_listens_on_the_loopback_address_only(running: Path) -> None:
    port = int(state(running)["port"])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if f":{port:04X} " in line]
    assert any(address.startswith("0100007F") for address in listening)
    assert not any(address.startswith("00000000") for address in listening)


def test_second_start_is_refused(running: Path) -> None:
    pid = state(running)["pid"]
    for arguments in (["--background"], []):
        again = run("start", *arguments, "--run-dir", str(running))
        assert again.returncode == 3
        assert f"already running at http://127.0.0.1:{state(running)['port']} (pid {pid}" in again.stderr
    assert state(running)["pid"] == pid


def test_the_file_of_a_killed_server_is_no_obstacle(run_dir: Path) -> None:
    run("start", "--background", "--run-dir", str(run_dir))
    os.kill(int(state(run_dir)["pid"]), 9)
    time.sleep(0.2)
    assert "no emulator is running" in run("status", "--run-dir", str(run_dir)).stderr
    assert run("start", "--background", "--run-dir", str(run_dir)).returncode == 0


def test_a_recycled_process_id_is_left_alone(run_dir: Path) -> None:
    run_dir.mkdir()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (run_dir / "emulator.json").write_text(json.dumps({"pid": stranger.pid, "port": 1, "account_id": "1" * 12}))
        assert "no emulator was running" in run("stop", "--run-dir", str(run_dir)).stdout
        assert run("start", "--background", "--run-dir", str(run_dir)).returncode == 0
        assert stranger.poll() is None
        stranger.kill()


def test_the_account_is_the_inventorys(run_dir: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "inventories" / "production"
    (inventory / "group_vars" / "all").mkdir(parents=True)
    (inventory / "group_vars" / "all" / "platform.yml").write_text('platform_account_id: "012345678901"\n')
    assert run("start", "--background", "--inventory", str(inventory), "--run-dir", str(run_dir)).returncode == 0
    assert account_seen(exported(run_dir)) == "012345678901"


@pytest.mark.parametrize(
    ("content", "message"),
    [("other: 1\n", "no platform_account_id"), ("platform_account_id: 12\n", ""), ("a: [\n", "cannot be read")],
)
def test_an_inventory_without_account_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "group_vars" / "all").mkdir(parents=True)
    (tmp_path / "group_vars" / "all" / "platform.yml").write_text(content.replace("12\n", "twelve\n"))
    result = run("start", "--inventory", str(tmp_path), "--run-dir", str(tmp_path / "run"))
    assert result.returncode == 1
    assert (message or "'twelve' is not an AWS account id (12 digits)") in result.stderr
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_named(run_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("start", "--background", "--port", str(port), "--run-dir", str(run_dir))
    assert result.returncode == 1
    assert f"cannot listen on port {port}: Address already in use" in result.stderr


def test_env_says_so_when_nothing_runs(run_dir: Path) -> None:
    result = run("env", "--run-dir", str(run_dir))
    assert result.returncode == 1
    assert result.stdout == ""
    assert "start --background" in result.stderr


def test_env_keeps_clients_away_from_profiles_proxies_and_other_endpoints(running: Path) -> None:
    environment = exported(
        running, AWS_PROFILE="work", AWS_URL="http://x", AWS_ENDPOINT_URL_STS="http://x", NO_PROXY="intra.example"
    )
    assert not {"AWS_PROFILE", "AWS_URL", "AWS_ENDPOINT_URL_STS"} & set(environment)
    assert environment["NO_PROXY"] == "intra.example,127.0.0.1,localhost"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"


def test_reset_forgets_every_resource(running: Path) -> None:
    environment = exported(running)
    session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    client = session.client("sqs", region_name="us-east-1", endpoint_url=environment["AWS_ENDPOINT_URL"])
    client.create_queue(QueueName="q")
    assert run("reset", "--run-dir", str(running)).returncode == 0
    assert "QueueUrls" not in client.list_queues()
