"""How long a playbook that changes nothing takes over ``local`` and over ``warm_local``.

Starts an emulator, builds a small network in it, then runs the same 32 AWS tasks over both connections in turn.

    python benchmarks/connection.py [rounds]
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from measure import Measured, medians, timed

from trading_platform.emulator.testing import emulator_server

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS = ("local", "warm_local")


def tasks() -> list[dict[str, Any]]:
    """Four VPCs with subnets and security groups, and what a play asks about an account: 32 calls of 8 modules."""
    listed: list[dict[str, Any]] = []
    for number in range(4):
        made = f"{{{{ vpc{number}.vpc.id }}}}"
        listed += [
            {
                "amazon.aws.ec2_vpc_net": {"name": f"net-{number}", "cidr_block": f"10.{number}.0.0/16"},
                "register": f"vpc{number}",
            },
            *(
                {"amazon.aws.ec2_vpc_subnet": {"vpc_id": made, "cidr": f"10.{number}.{i}.0/24", "az": f"us-east-1{az}"}}
                for i, az in enumerate("ab")
            ),
            {
                "amazon.aws.ec2_security_group": {
                    "vpc_id": made,
                    "name": f"group-{number}",
                    "description": "benchmark",
                    "rules": [{"proto": "tcp", "ports": [443], "cidr_ip": "10.0.0.0/8"}],
                }
            },
            {"amazon.aws.kms_key_info": {"alias": "none"}},
            {"amazon.aws.aws_caller_info": {}},
            {"amazon.aws.iam_role_info": {"path_prefix": "/none/"}},
            {"amazon.aws.s3_bucket_info": {"name": "none"}},
        ]
    return [{"name": f"Task {number}", **task} for number, task in enumerate(listed, 1)]


def run(directory: Path, connection: str, env: dict[str, str]) -> tuple[Measured, int]:
    """Run the playbook once; return what it took and the number of changed tasks."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.yml", "play.yml"]
    done = timed([*command, "-e", f"ansible_connection={connection}"], directory, env)
    changed = re.search(r"changed=(\d+)", done.output)
    assert changed, done.output
    return done, int(changed[1])


def main() -> None:
    """Print each round and the ratio of the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    measured: dict[str, list[Measured]] = {connection: [] for connection in CONNECTIONS}
    with tempfile.TemporaryDirectory() as name, emulator_server() as emulator:
        directory = Path(name)
        play = {"hosts": "all", "gather_facts": False, "tasks": tasks()}
        (directory / "play.yml").write_text(yaml.safe_dump([play]))
        host = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        (directory / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"us-east-1": host}}}))
        # Both with Python's bytecode cache, which is on unless switched off.
        env = {**emulator.env, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "PYTHONDONTWRITEBYTECODE": ""}
        run(directory, "local", env)  # builds the network and fills the caches
        for number in range(1, rounds + 1):
            for connection in CONNECTIONS:
                one, changed = run(directory, connection, env)
                assert changed == 0
                measured[connection].append(one)
                print(f"round {number}  {connection:10}  {one.wall:6.1f} s  ({one.cpu:5.1f} s of CPU)", flush=True)
    both = zip(*(medians(measured[connection]) for connection in CONNECTIONS), strict=True)
    for label, (stock, ours) in zip(("wall", "CPU"), both, strict=True):
        print(f"{label:4}  local {stock:.1f} s  warm_local {ours:.1f} s  ratio {ours / stock:.2f}")


if __name__ == "__main__":
    main()
