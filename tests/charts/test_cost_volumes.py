"""The volumes that the cost estimate pays for are those that the chart asks for."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from inventory import role_figures
from quantities import amount
from rendering import CLUSTER_LIST, Cluster, Manifest, of_kind, pod_spec, rendered

GIB = 2**30
GROUPS = {"": "primary", "-standby": "dr"}


@pytest.fixture(params=CLUSTER_LIST, ids=lambda cluster: cluster.name)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.param  # type: ignore[no-any-return]  # one of the params above


def storage(claim: Manifest) -> float:
    """Bytes that a claim asks for."""
    return amount(claim["spec"]["resources"]["requests"]["storage"])


def claims(manifests: list[Manifest]) -> Iterator[float]:
    """Bytes of each volume: of every pod of a StatefulSet, claimed by name, and made for one pod."""
    for one in of_kind(manifests, "StatefulSet"):
        for template in one["spec"].get("volumeClaimTemplates", []):
            yield from [storage(template)] * one["spec"].get("replicas", 1)
    yield from map(storage, of_kind(manifests, "PersistentVolumeClaim"))
    for one in of_kind(manifests, "Deployment", "DaemonSet", "StatefulSet", "Job", "CronJob"):
        for volume in pod_spec(one).get("volumes", []):
            # They would come and go with pods, whose number nothing here knows.
            assert "ephemeral" not in volume, one["metadata"]["name"]


def paid(cluster: Cluster) -> Decimal:
    """GB that the estimate has at the least, of the group that the cluster's region is in."""
    environment = cluster.name.removesuffix("-standby")
    group = GROUPS[cluster.name.removeprefix(environment)]
    figure = role_figures(environment, "cost")["cost_usage"][group]["pod_volume_gb"]
    return Decimal(str(figure[0] if isinstance(figure, list) else figure))


def test_the_estimate_pays_for_the_volumes_that_the_chart_asks_for(cluster: Cluster) -> None:
    # AWS bills EBS by GiB, and calls it GB.
    assert sum(claims(rendered(cluster))) / GIB == paid(cluster)


def test_there_are_volumes_to_pay_for(cluster: Cluster) -> None:
    """So that the test above cannot come out right with nothing on both sides."""
    assert len(list(claims(rendered(cluster)))) == (1 if cluster.name.endswith("standby") else CLAIMS[cluster.name])


# Prometheus, and Elasticsearch of the traces: three of it in production.
CLAIMS = {"production": 4, "staging": 2}
