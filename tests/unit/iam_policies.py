"""The policies of role iam as Ansible renders them, for the tests that read them."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "iam"
NAME = "production-trading-engine"
ACCOUNT = "111122223333"
PROVIDERS = [f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.{region}.amazonaws.com/id/{'A' * 32}" for region in "ab"]
ARGUMENTS: dict[str, Any] = {
    "platform_name": NAME,
    "platform_account_id": ACCOUNT,
    "iam_name": NAME,
    "iam_account_id": ACCOUNT,
    "iam_regions": ["us-east-1", "us-west-2"],
    "iam_tags": {"Project": "trading-engine", "Environment": "production"},
    "iam_cluster_name": NAME,
    "iam_database_identifier": NAME,
    "iam_queue_names": [f"{NAME}-orders", f"{NAME}-orders-dead"],
    "iam_image_cache_prefixes": ["docker-hub", "quay"],
    "iam_topic_names": {purpose: f"{NAME}-{purpose}" for purpose in ("critical", "warning", "info", "heartbeat")},
    "iam_bucket_names": {
        purpose: [f"{NAME}-{purpose}", f"{NAME}-{purpose}-us-west-2"] for purpose in ("backups", "assets", "logs")
    },
    "iam_secret_names": {
        purpose: f"{NAME}-{purpose}"
        for purpose in (
            *("database", "redis", "oanda", "binance", "jwt", "encryption"),
            *("alerting", "grafana", "elasticsearch"),
        )
    },
}
SERVICES, PODS, PEOPLE = "service", "pod", "human"


@dataclass(frozen=True)
class Role:
    """One role: its key in the variables, who takes it, and everything it gets, rendered."""

    key: str
    kind: str
    trust: list[dict[str, Any]]
    managed: list[str]
    inline: dict[str, dict[str, Any]]
    boundary: str
    session: int


@cache
def from_files() -> dict[str, Any]:
    """The variables of production's inventory and of the role."""
    with warnings.catch_warnings(action="ignore"):  # another test of this process may have set it up already
        init_plugin_loader([])
    loader = DataLoader()
    files = [
        ROLE / "defaults/main.yml",
        ROOT / "inventories/production/group_vars/all/iam.yml",
        *sorted((ROLE / "vars/main").glob("*.yml")),
    ]
    found: dict[str, Any] = {}
    for file in files:
        found |= loader.load_from_file(str(file), trusted_as_template=True)
    return found


def variables(**more: Any) -> dict[str, Any]:
    """Everything the role's tasks see, with production's figures."""
    return {**from_files(), **ARGUMENTS, **more}


def render(value: Any, known: dict[str, Any]) -> Any:
    """Template a variable, or all that is inside it, into plain data."""
    templar = Templar(loader=DataLoader(), variables=known)
    return json.loads(json.dumps(templar.template(known[value] if isinstance(value, str) else value)))


def roles(**more: Any) -> list[Role]:
    """Every role, as the module iam_roles is told to make it."""
    return _roles(**more) if more else _production_roles()


@cache
def _production_roles() -> list[Role]:
    return _roles()


def _roles(**more: Any) -> list[Role]:
    known = variables(**more)
    made = [_role(kind, one) for kind in (SERVICES, PODS, PEOPLE) for one in render(f"iam_wanted_{kind}_roles", known)]
    assert len(made) == len(render("iam_wanted_roles", known))
    return made


def _role(kind: str, asked: dict[str, Any]) -> Role:
    assert asked["tags"] == {"Name": asked["name"]}
    return Role(
        asked["name"].removeprefix(f"{NAME}-").replace("-", "_"),
        kind,
        asked["trust_policy"]["Statement"],
        [arn.removeprefix("arn:aws:iam::aws:policy/") for arn in asked["managed_policies"]],
        asked["inline_policies"],
        asked["permissions_boundary"],
        asked.get("max_session_seconds", 3600),
    )


@cache
def boundary() -> dict[str, Any]:
    """The permissions boundary."""
    document: dict[str, Any] = render("iam_boundary_policy", variables())
    return document


def documents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(role, policy name, policy) of everything that is ours to write."""
    yield "boundary", "boundary", boundary()
    for role in roles():
        for name, policy in role.inline.items():
            yield role.key, name, policy


def as_list(value: Any) -> list[Any]:
    """Policies write one value where a list of one is meant."""
    return value if isinstance(value, list) else [value]


def size(document: object) -> int:
    """Characters that count for IAM's quotas: all but white space between them."""
    return len(json.dumps(document, separators=(",", ":")).replace(" ", ""))


def reasons() -> dict[str, str]:
    """roles/iam/wildcards.yml."""
    content: dict[str, str] = yaml.safe_load((ROLE / "wildcards.yml").read_text())
    return content
