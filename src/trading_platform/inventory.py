"""Read an inventory through `ansible-inventory`, so that groups and host variables mean what they mean to a playbook.

Templates are left as they are written: what has to be templated first is what a playbook reads.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INVENTORY_TIMEOUT = 120  # seconds
GROUPS = ("primary", "dr")  # what a region may be


class InventoryError(Exception):
    """The inventory cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Estate:
    """The regions of an inventory.

    `regions`: region to the variables of its host; `groups`: region to its group, primary or dr, "" where it is in
    neither.
    """

    regions: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, str]


def load_inventory(directory: str | Path) -> dict[str, dict[str, Any]]:
    """Host -> variables, of the hosts that have a vpc_cidr. Raises InventoryError."""
    return _regions(_listed(directory), directory)


def load_estate(directory: str | Path) -> Estate:
    """The same hosts, and the group that each is in. Raises InventoryError."""
    listed = _listed(directory)
    regions = _regions(listed, directory)
    return Estate(regions, {region: _group(listed, region) for region in regions})


def _regions(listed: Mapping[str, Any], directory: str | Path) -> dict[str, dict[str, Any]]:
    hosts: dict[str, dict[str, Any]] = listed.get("_meta", {}).get("hostvars", {})
    regions = {host: variables for host, variables in hosts.items() if "vpc_cidr" in variables}
    if not regions:
        raise InventoryError(f"no host of {directory} has a vpc_cidr (hosts: {', '.join(hosts) or 'none'})")
    return regions


def _group(listed: Mapping[str, Any], region: str) -> str:
    return next((name for name in GROUPS if region in listed.get(name, {}).get("hosts", [])), "")


def _listed(directory: str | Path) -> dict[str, Any]:
    """What `ansible-inventory --list` says."""
    if not Path(directory).exists():
        raise InventoryError(f"there is no inventory at {directory}")
    # Not resolved: the interpreter of a virtual environment is a link, and its programs lie beside the link.
    program = Path(sys.executable).parent / "ansible-inventory"
    if not program.exists():
        raise InventoryError(f"{program} does not exist; run `make setup`, then use the Python of .venv")
    environment = os.environ | {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    command = [str(program), "-i", str(directory), "--list"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            command, capture_output=True, text=True, timeout=INVENTORY_TIMEOUT, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise InventoryError(f"ansible-inventory did not end within {INVENTORY_TIMEOUT} s") from None
    if done.returncode:
        raise InventoryError(f"ansible-inventory cannot read {directory}:\n{done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
