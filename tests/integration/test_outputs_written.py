"""build/<environment>/outputs.json: never by a dry run, once by a run, of all regions, and no secret in it or told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from site_harness import NO_CHANGE, PRODUCTION_ACCOUNT, ROOT, run_site
from trading_platform.emulator.testing import BUILD_DIRECTORY, EmulatorServer, emulator_server

WRITE = "Write it down for those who come after"
GENERATED = {
    secret["name"].replace("{{ platform_name }}", "production-trading-engine"): set(secret["generate"])
    for secret in yaml.safe_load((ROOT / "inventories/production/group_vars/all/secrets_manager.yml").read_text())[
        "secrets_manager_secrets"
    ].values()
}


def written(aws: EmulatorServer) -> Path:
    """The file that runs against this account write."""
    return Path(aws.env[BUILD_DIRECTORY]) / "production" / "outputs.json"


def secret_values(aws: EmulatorServer) -> Iterator[tuple[str, str]]:
    """Everything that was generated: secret and value."""
    client = aws.client("secretsmanager")
    for secret in client.list_secrets()["SecretList"]:
        held: dict[str, Any] = json.loads(client.get_secret_value(SecretId=secret["Name"])["SecretString"])
        yield from ((secret["Name"], held[field]) for field in GENERATED[secret["Name"]])


@pytest.mark.e2e
def test_outputs_over_the_life_of_an_estate() -> None:
    with emulator_server(PRODUCTION_ACCOUNT) as aws:
        dry = run_site(aws, "--check", "--diff")
        assert dry.exit_code == 0, dry.output[-3000:]
        assert WRITE in dry.changed_tasks()
        assert not written(aws).exists()

        # As much as Ansible tells at -vv, with diffs.
        run = run_site(aws, "-vv", "--diff")
        assert run.exit_code == 0, run.output[-3000:]
        text = written(aws).read_text()
        values = list(secret_values(aws))
        assert len(values) > 8
        for name, value in values:
            assert value not in text, name
            assert value not in run.output, name
            assert value not in dry.output, name
        east, west = (json.loads(text)["regions"][region] for region in NO_CHANGE)
        for endpoint in (
            f"https://{east['hosts']['api']}",
            f"wss://{east['hosts']['websocket']}",
            f"https://{east['hosts']['assets']}",
            f"{east['cluster']['endpoint']}\n",
            f"{west['cluster']['endpoint']}\n",
            f"{east['database']['host']}:5432/{east['database']['name']}, read replicas: 2",
            f"{west['database']['host']}:5432/{west['database']['name']}\n",
            f"{east['redis']['host']}:6379\n",
            "none until this region takes over\n",
        ):
            assert endpoint in run.output, endpoint

        one_region = run_site(aws, "--limit", "us-west-2")
        assert (one_region.exit_code, one_region.changed["us-west-2"]) == (0, 0), one_region.changed_tasks()
        assert written(aws).read_text() == text
        check = run_site(aws, "--check", "--diff")
        assert (check.changed, "+++" in check.output) == (NO_CHANGE, False), check.changed_tasks()
