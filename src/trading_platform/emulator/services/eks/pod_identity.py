"""Pod Identity associations: which role the pods of a service account get."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.eks.responses import EKSResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.services.eks.store import arn, backend_of, known_cluster, page

extension = Extension("eks")

SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")
type Associations = dict[str, dict[str, Any]]


def associations_of(source: Call | EKSResponse, cluster: str) -> Associations:
    """The associations of a cluster by id."""
    identity = cluster, known_cluster(source, cluster).data["createdAt"]
    held: Associations = state_of(backend_of(source), "pod-identity").setdefault(identity, {})
    return held


def _association(response: EKSResponse) -> dict[str, Any]:
    wanted = response.params["associationId"]
    found = associations_of(response, response.params["clusterName"]).get(wanted)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Association not found: {wanted}", 404)
    return found


@extension.adds(EKSResponse)
def create_pod_identity_association(self: EKSResponse) -> ActionResult:
    """API CreatePodIdentityAssociation."""
    params, now = self.params, datetime.now(UTC)
    cluster, identity = params["clusterName"], f"a-{uuid4().hex[:17]}"
    association = {
        "clusterName": cluster,
        "namespace": params["namespace"],
        "serviceAccount": params["serviceAccount"],
        "roleArn": params["roleArn"],
        "associationArn": arn(self, f"podidentityassociation/{cluster}/{identity}"),
        "associationId": identity,
        "tags": dict(params.get("tags") or {}),
        "createdAt": now,
        "modifiedAt": now,
    }
    associations_of(self, cluster)[identity] = association
    return ActionResult({"association": association})


@extension.adds(EKSResponse)
def describe_pod_identity_association(self: EKSResponse) -> ActionResult:
    """API DescribePodIdentityAssociation."""
    return ActionResult({"association": _association(self)})


@extension.adds(EKSResponse)
def list_pod_identity_associations(self: EKSResponse) -> ActionResult:
    """API ListPodIdentityAssociations: summaries, without the role."""
    held = associations_of(self, self.params["clusterName"])
    chosen = [
        key
        for key, one in held.items()
        if all(self.params.get(name) in (None, one[name]) for name in ("namespace", "serviceAccount"))
    ]
    found, token = page(sorted(chosen), self.params)
    summaries = [{name: held[key][name] for name in SUMMARY} for key in found]
    return ActionResult({"associations": summaries, "nextToken": token})


@extension.adds(EKSResponse)
def update_pod_identity_association(self: EKSResponse) -> ActionResult:
    """API UpdatePodIdentityAssociation."""
    association = _association(self)
    if self.params.get("roleArn"):
        association["roleArn"] = self.params["roleArn"]
    association["modifiedAt"] = datetime.now(UTC)
    return ActionResult({"association": association})


@extension.adds(EKSResponse)
def delete_pod_identity_association(self: EKSResponse) -> ActionResult:
    """API DeletePodIdentityAssociation."""
    association = _association(self)
    del associations_of(self, self.params["clusterName"])[association["associationId"]]
    return ActionResult({"association": association})
