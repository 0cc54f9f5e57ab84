"""EKS: clusters, node groups, add-ons, access entries and Pod Identity associations, with their states and updates.

moto keeps a cluster and its node groups with some of their attributes and nothing else, so the whole of it is kept
here (``store.py``), on moto's backend: a reset of moto resets it too. Only Fargate profiles are moto's, and those of a
cluster kept here are unknown to it.
"""

from moto.eks import urls
from moto.eks.responses import EKSResponse

from trading_platform.emulator.services.eks import (
    access_entries,
    access_entry_refusals,
    addon_refusals,
    addons,
    cluster_refusals,
    clusters,
    launch_template_refusals,
    nodegroup_refusals,
    nodegroups,
    pod_identity,
    tags,
    updates,
    versions,
)

EXTENSIONS = tuple(
    module.extension
    for module in (
        cluster_refusals,
        clusters,
        updates,
        versions,
        nodegroup_refusals,
        launch_template_refusals,
        nodegroups,
        addon_refusals,
        addons,
        access_entry_refusals,
        access_entries,
        pod_identity,
        tags,
    )
)

# moto routes only the addresses of what it has; which action a request is, it finds in botocore's model.
for _path in ("clusters/(?P<rest>.+)", "addons/(?P<rest>.+)", "access-policies", "cluster-versions"):
    urls.url_paths[f"{{0}}/{_path}$"] = EKSResponse.dispatch
