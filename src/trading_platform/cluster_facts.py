"""What the chart has to know of a cluster (``global.cluster``), from what site.yml writes down of the estate.

    python -m trading_platform.cluster_facts build/production/outputs.json us-east-1 > facts.yaml
    helm template trading-engine charts/trading-engine -f gitops/environments/production/values.yaml ... -f facts.yaml

One direction of the contract between Ansible, which owns AWS, and Argo CD, which owns Kubernetes. Exit code 0: the
facts are on standard output; 2: there are none, and standard error says why.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from trading_platform.outputs import Document, load_schema, problems

SCHEMA = Path(__file__).resolve().parents[2] / "inventories" / "schema" / "outputs.schema.json"
TIERS = ("public", "private", "database")
TOPICS = ("heartbeat", "info")
BUCKETS = ("assets", "backups")
# Secrets of AWS's own services, which no pod reads.
NOT_OF_PODS = {"docker_hub"}

type Facts = dict[str, Any]


class FactsError(ValueError):
    """The outputs don't have what is asked for; the message says what is wrong, one line each."""


def cluster_facts(outputs: Mapping[str, Any], region: str) -> Facts:
    """Give the values ``{"global": {"cluster": {...}}}`` of one region.

    Args:
        outputs: as ``inventories/schema/outputs.schema.json`` says.
        region: one of its regions.

    Raises:
        FactsError: there is no such region, or it lacks what the chart needs.
    """
    regions = outputs["regions"]
    if region not in regions:
        raise FactsError(f"regions: has no {region}; it has {', '.join(sorted(regions))}")
    here = regions[region]
    # The assets are in the primary region alone: CloudFront serves them to the world.
    buckets = {purpose: name for one in (*regions.values(), here) for purpose, name in one["buckets"].items()}
    cluster = {
        "name": here["cluster"]["name"],
        "environment": outputs["environment"],
        # Not the region's role in AWS: standby.yaml says standby over these facts, and taking over is leaving it out.
        "role": "primary",
        "accountId": outputs["account_id"],
        "region": region,
        "serviceCidr": here["vpc"]["service_cidr"],
        "subnets": _chosen(here["vpc"]["subnets"], TIERS, f"regions.{region}.vpc.subnets"),
        "database": _chosen(here["database"], ("host", "name"), f"regions.{region}.database"),
        # A standby has no Redis until it takes over.
        "redis": {"host": here["redis"]["host"] if here["redis"] else ""},
        "targetGroups": dict(here["target_groups"]),
        "queues": dict(here["queues"]),
        "buckets": _chosen(buckets, BUCKETS, "regions.*.buckets"),
        "secrets": {purpose: name for purpose, name in here["secrets"].items() if purpose not in NOT_OF_PODS},
        "topics": _chosen(here["topics"], TOPICS, f"regions.{region}.topics"),
        "volumeKeyArn": here["kms_key_arns"]["ebs"],
        "tags": dict(here["tags"]),
    }
    return {"global": {"cluster": cluster}}


def _chosen(found: Mapping[str, Any], names: Sequence[str], where: str) -> dict[str, Any]:
    missing = [name for name in names if name not in found]
    if missing:
        raise FactsError(f"{where}: has no {', '.join(missing)}; it has {', '.join(sorted(found))}")
    return {name: found[name] for name in names}


def read_outputs(path: Path) -> Document:
    """Read the outputs, and hold them to their schema: an older run wrote less than is asked for today.

    Raises:
        FactsError: the file cannot be read, is not JSON, or is not as the schema says.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FactsError("is not there; playbooks/site.yml writes it at its end") from None
    except OSError as error:
        raise FactsError(f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise FactsError(f"is not JSON: {error}; playbooks/site.yml writes it anew") from None
    found = problems(document, load_schema(SCHEMA))
    if found:
        lines = [each.removeprefix(": ") for each in found]
        raise FactsError("\n".join([*lines, "is not as its schema says; playbooks/site.yml writes it anew"]))
    return dict(document)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Print what the chart has to know of a cluster, as Helm values.")
    parser.add_argument("outputs", type=Path, help="what site.yml wrote: build/<environment>/outputs.json")
    parser.add_argument("region", help="region of the cluster, such as us-east-1")
    options = parser.parse_args(arguments)
    try:
        facts = cluster_facts(read_outputs(options.outputs), options.region)
    except FactsError as problem:
        for line in str(problem).splitlines():
            print(f"{options.outputs}: {line}", file=sys.stderr)
        return 2
    yaml.safe_dump(facts, sys.stdout, sort_keys=False, width=160)
    return 0


if __name__ == "__main__":
    sys.exit(main())
