"""Access entries: who of IAM may use the Kubernetes API, and with which access policies."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult, EmptyResult
from moto.eks.responses import EKSResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.services.eks.store import arn, backend_of, known_cluster, page

extension = Extension("eks")

POLICY_ARN = "arn:aws:eks::aws:cluster-access-policy/"
POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSSecretReaderPolicy",
    "AmazonEKSViewPolicy",
)
type Entries = dict[str, dict[str, Any]]


def entries_of(source: Call | EKSResponse, cluster: str) -> Entries:
    """The entries of a cluster by principal. ``_policies`` of an entry are those associated with it."""
    held: Entries = state_of(backend_of(source), "access-entries").setdefault(_identity(source, cluster), {})
    return held


def _identity(source: Call | EKSResponse, cluster: str) -> tuple[str, datetime]:
    """A cluster that is made anew under the same name has none of the entries of the old one."""
    return cluster, known_cluster(source, cluster).data["createdAt"]


def _entry(response: EKSResponse) -> dict[str, Any]:
    principal = response.params["principalArn"]
    entry = entries_of(response, response.params["clusterName"]).get(principal)
    if entry is None:
        raise AwsError("ResourceNotFoundException", "The specified principalArn could not be found.", 404)
    return entry


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if not key.startswith("_")}


@extension.adds(EKSResponse)
def create_access_entry(self: EKSResponse) -> ActionResult:
    """API CreateAccessEntry."""
    params, now = self.params, datetime.now(UTC)
    cluster, principal = params["clusterName"], params["principalArn"]
    entry = {
        "clusterName": cluster,
        "principalArn": principal,
        "kubernetesGroups": list(params.get("kubernetesGroups") or []),
        "accessEntryArn": arn(self, f"access-entry/{cluster}/{principal.replace(':', '/')}/{uuid4()}"),
        "createdAt": now,
        "modifiedAt": now,
        "tags": dict(params.get("tags") or {}),
        "username": params.get("username") or principal,
        "type": params.get("type", "STANDARD"),
        "_policies": {},
    }
    entries_of(self, cluster)[principal] = entry
    return ActionResult({"accessEntry": _shown(entry)})


@extension.adds(EKSResponse)
def describe_access_entry(self: EKSResponse) -> ActionResult:
    """API DescribeAccessEntry."""
    return ActionResult({"accessEntry": _shown(_entry(self))})


@extension.adds(EKSResponse)
def list_access_entries(self: EKSResponse) -> ActionResult:
    """API ListAccessEntries."""
    wanted = self.params.get("associatedPolicyArn")
    held = entries_of(self, self.params["clusterName"])
    names = sorted(name for name, entry in held.items() if wanted is None or wanted in entry["_policies"])
    found, token = page(names, self.params)
    return ActionResult({"accessEntries": found, "nextToken": token})


@extension.adds(EKSResponse)
def update_access_entry(self: EKSResponse) -> ActionResult:
    """API UpdateAccessEntry: groups and user name; what is not given stays."""
    entry = _entry(self)
    if self.params.get("kubernetesGroups") is not None:
        entry["kubernetesGroups"] = list(self.params["kubernetesGroups"])
    if self.params.get("username"):
        entry["username"] = self.params["username"]
    entry["modifiedAt"] = datetime.now(UTC)
    return ActionResult({"accessEntry": _shown(entry)})


@extension.adds(EKSResponse)
def delete_access_entry(self: EKSResponse) -> ActionResult:
    """API DeleteAccessEntry."""
    del entries_of(self, self.params["clusterName"])[_entry(self)["principalArn"]]
    return EmptyResult()


@extension.adds(EKSResponse)
def associate_access_policy(self: EKSResponse) -> ActionResult:
    """API AssociateAccessPolicy; associating it again changes its scope."""
    entry, policy, now = _entry(self), self.params["policyArn"], datetime.now(UTC)
    scope = self.params["accessScope"]
    before = entry["_policies"].get(policy)
    associated = {
        "policyArn": policy,
        "accessScope": {"type": scope["type"], "namespaces": list(scope.get("namespaces") or [])},
        "associatedAt": before["associatedAt"] if before else now,
        "modifiedAt": now,
    }
    entry["_policies"][policy] = associated
    names = {key: self.params[key] for key in ("clusterName", "principalArn")}
    return ActionResult({**names, "associatedAccessPolicy": associated})


@extension.adds(EKSResponse)
def disassociate_access_policy(self: EKSResponse) -> ActionResult:
    """API DisassociateAccessPolicy."""
    if _entry(self)["_policies"].pop(self.params["policyArn"], None) is None:
        raise AwsError("ResourceNotFoundException", "The specified policyArn could not be found.", 404)
    return EmptyResult()


@extension.adds(EKSResponse)
def list_associated_access_policies(self: EKSResponse) -> ActionResult:
    """API ListAssociatedAccessPolicies."""
    policies = _entry(self)["_policies"]
    found, token = page(sorted(policies), self.params)
    names = {key: self.params[key] for key in ("clusterName", "principalArn")}
    return ActionResult({**names, "associatedAccessPolicies": [policies[one] for one in found], "nextToken": token})


@extension.adds(EKSResponse)
def list_access_policies(self: EKSResponse) -> ActionResult:
    """API ListAccessPolicies."""
    return ActionResult({"accessPolicies": [{"name": name, "arn": POLICY_ARN + name} for name in POLICIES]})
