"""An emulator for tests: one server process per ``EmulatorServer``, emptied between tests.

Starting takes about a second, emptying a few milliseconds, so a test session keeps one server (each pytest-xdist
worker its own, on its own free port) and every test begins with an empty account. The server ends with the process
that started it, however that one ends.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from trading_platform.aws.s3_account_public_access_block import without_account_in_address
from trading_platform.emulator import process
from trading_platform.emulator.environment import process_environment
from trading_platform.emulator.settings import ACCESS_KEY_ID, DEFAULT_ACCOUNT_ID, SECRET_ACCESS_KEY

_START_SECONDS = 60.0
BUILD_DIRECTORY = "TRADING_PLATFORM_BUILD_DIR"
"""Where playbooks write what they found; one for each account, or runs side by side would overwrite each other's."""


class EmulatorServer:
    """A running emulator, seen from a test."""

    def __init__(self, state: process.Running, build_directory: Path | None = None) -> None:
        self.endpoint = state.endpoint
        self.account_id = state.account_id
        self.pid = state.pid
        self._own = {BUILD_DIRECTORY: str(build_directory)} if build_directory else {}
        self._session = boto3.Session(aws_access_key_id=ACCESS_KEY_ID, aws_secret_access_key=SECRET_ACCESS_KEY)
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def env(self) -> dict[str, str]:
        """A whole environment for a subprocess (``subprocess.run(..., env=emulator.env)``) that talks to it."""
        return {**process_environment(self.endpoint, os.environ), **self._own}

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client; one per service and region, without retries, so that an error shows at once."""
        if (service, region) not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"})
            client = self._session.client(service, region_name=region, endpoint_url=self.endpoint, config=config)
            if service == "s3control":
                without_account_in_address(client)
            self._clients[service, region] = client
        return self._clients[service, region]

    def calls(self) -> dict[str, int]:
        """Changing calls since the start, the last reset or ``forget_calls``: ``{"ec2.CreateVpc": 1}``."""
        return self._counts("mutating")

    def reading_calls(self) -> dict[str, int]:
        """The same for calls that only read."""
        return self._counts("reading")

    def _counts(self, kind: str) -> dict[str, int]:
        counts = process.get(self.endpoint, "/_emulator/calls")[kind]
        assert isinstance(counts, dict)  # noqa: S101  (for the type checker: our own answer)
        return counts

    def forget_calls(self) -> None:
        """Start counting again; resources stay."""
        process.post(self.endpoint, "/_emulator/calls/reset")

    def record_calls(self) -> None:
        """Start counting again, and keep what is asked with its parameters, until the next ``forget_calls``."""
        process.post(self.endpoint, "/_emulator/calls/record")

    def recorded_calls(self) -> list[dict[str, Any]]:
        """Calls since ``record_calls``, in order: service, region, action and parameters as in the API reference."""
        calls = process.get(self.endpoint, "/_emulator/calls/recorded")["calls"]
        assert isinstance(calls, list)  # noqa: S101  (for the type checker: our own answer)
        return calls

    def set_quotas(self, values: dict[str, int]) -> None:
        """Other quotas than AWS's defaults, until the next reset; codes as in ``trading_platform.emulator.quotas``."""
        process.post(self.endpoint, "/_emulator/quotas", values)

    def delay(self, **seconds: float) -> None:
        """Let slow resources made from now on take their time: ``delay(rds=3.0)`` (kinds: ``emulator/delays.py``)."""
        process.post(self.endpoint, "/_emulator/delays", seconds)

    def reset(self) -> None:
        """Forget every resource and every count."""
        process.post(self.endpoint, "/_emulator/reset")


@contextmanager
def emulator_server(account_id: str = DEFAULT_ACCOUNT_ID) -> Iterator[EmulatorServer]:
    """Start a server on a free port in a run directory of its own; always stopped at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="emulator-") as directory:
        run_dir = Path(directory)
        command = [sys.executable, "-m", "trading_platform.emulator", "start", "--until-stdin-closes"]
        command += ["--account-id", account_id, "--run-dir", directory]
        with process.log_file(run_dir).open("w", encoding="utf-8") as log:
            # Output goes to a file: nobody reads a pipe while the tests run.
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)  # noqa: S603
        try:
            yield EmulatorServer(_started(child, run_dir), run_dir / "build")
        finally:
            child.terminate()
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdin:
                child.stdin.close()


def _started(child: subprocess.Popen[bytes], run_dir: Path) -> process.Running:
    deadline = time.monotonic() + _START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        state = process.read(run_dir)
        if state:
            return state
        time.sleep(0.02)
    raise process.ProcessError(f"the emulator did not start: {process.log_file(run_dir).read_text(encoding='utf-8')}")
