"""Access entries, Pod Identity associations and the OpenID Connect provider: what is kept, and what AWS refuses."""

from __future__ import annotations

from typing import Any

import pytest
from eks_ground import CLUSTER, Ground, make_ground, make_role
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

INVALID = "InvalidParameterException"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


@pytest.fixture
def ground(emulator: EmulatorServer) -> Ground:
    ground = make_ground(emulator)
    ground.create()
    return ground


@pytest.fixture
def person(ground: Ground) -> dict[str, str]:
    """The arguments that name an entry, which is made."""
    role = make_role(ground.emulator, "developers", "ec2.amazonaws.com")
    names = {"clusterName": CLUSTER, "principalArn": role}
    ground.eks.create_access_entry(**names, kubernetesGroups=["viewers"])
    return names


@pytest.fixture
def pods(ground: Ground) -> dict[str, Any]:
    """Arguments of an association."""
    role = make_role(ground.emulator, "api", "pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
    return {"clusterName": CLUSTER, "namespace": "trading", "serviceAccount": "api", "roleArn": role}


def test_entries_with_groups_and_policies(ground: Ground, person: dict[str, str]) -> None:
    entry = ground.eks.describe_access_entry(**person)["accessEntry"]
    assert (entry["type"], entry["kubernetesGroups"]) == ("STANDARD", ["viewers"])
    ground.eks.associate_access_policy(**person, policyArn=VIEW, accessScope={"type": "namespace", "namespaces": ["a"]})
    ground.eks.associate_access_policy(**person, policyArn=VIEW, accessScope={"type": "cluster"})
    (policy,) = ground.eks.list_associated_access_policies(**person)["associatedAccessPolicies"]
    assert policy["accessScope"] == {"type": "cluster", "namespaces": []}
    assert ground.eks.list_access_entries(clusterName=CLUSTER, associatedPolicyArn=VIEW)["accessEntries"]
    ground.eks.disassociate_access_policy(**person, policyArn=VIEW)
    assert ground.eks.list_access_entries(clusterName=CLUSTER, associatedPolicyArn=VIEW)["accessEntries"] == []
    ground.eks.update_access_entry(**person, kubernetesGroups=[])
    assert ground.eks.describe_access_entry(**person)["accessEntry"]["kubernetesGroups"] == []
    ground.eks.delete_access_entry(**person)
    with refused("ResourceNotFoundException", "The specified principalArn could not be found."):
        ground.eks.describe_access_entry(**person)


def test_a_cluster_made_anew_has_no_entries_of_the_old_one(ground: Ground, person: dict[str, str]) -> None:
    ground.eks.delete_cluster(name=CLUSTER)
    ground.create()
    assert ground.eks.list_access_entries(clusterName=CLUSTER)["accessEntries"] == []


def test_entries_need_a_cluster_that_reads_them(emulator: EmulatorServer) -> None:
    ground = make_ground(emulator)
    ground.create(accessConfig={})
    text = (
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
    )
    with refused("InvalidRequestException", text):
        ground.eks.create_access_entry(clusterName=CLUSTER, principalArn=ground.node_role)
    ground.eks.update_cluster_config(name=CLUSTER, accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    ground.eks.create_access_entry(clusterName=CLUSTER, principalArn=ground.node_role)


def test_principals(ground: Ground, person: dict[str, str]) -> None:
    with refused("ResourceInUseException", "The specified access entry resource is already in use on this cluster."):
        ground.eks.create_access_entry(**person)
    with refused(INVALID, "The specified principalArn is invalid: invalid principal."):
        ground.eks.create_access_entry(clusterName=CLUSTER, principalArn=person["principalArn"] + "-none")
    linked = ground.emulator.client("iam").create_service_linked_role(AWSServiceName="elasticache.amazonaws.com")
    with refused(INVALID, "service-linked roles are not supported"):
        ground.eks.create_access_entry(clusterName=CLUSTER, principalArn=linked["Role"]["Arn"])


@pytest.mark.parametrize("group", ["system:masters", "eks:admins", "aws:x"])
def test_groups_of_kubernetes_itself(ground: Ground, person: dict[str, str], group: str) -> None:
    with refused(INVALID, f"The kubernetes group name {group} is invalid, it cannot start with"):
        ground.eks.update_access_entry(**person, kubernetesGroups=[group])


def test_entries_of_nodes_have_no_groups(ground: Ground) -> None:
    with refused(INVALID, "not supported for entries of type EC2_LINUX"):
        ground.eks.create_access_entry(
            clusterName=CLUSTER, principalArn=ground.node_role, type="EC2_LINUX", kubernetesGroups=["x"]
        )


def test_policies_and_scopes(ground: Ground, person: dict[str, str]) -> None:
    names = [policy["arn"] for policy in ground.eks.list_access_policies()["accessPolicies"]]
    assert VIEW in names
    for policy, scope, text in (
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", {"type": "cluster"}, "The policyArn parameter format is not valid"),
        (VIEW, {"type": "namespace"}, "must have at least one namespace"),
        (VIEW, {"type": "cluster", "namespaces": ["a"]}, "must be empty for the access scope type cluster"),
    ):
        with refused(INVALID, text):
            ground.eks.associate_access_policy(**person, policyArn=policy, accessScope=scope)


def test_associations(ground: Ground, pods: dict[str, Any]) -> None:
    made = ground.eks.create_pod_identity_association(**pods, tags={"a": "b"})["association"]
    (listed,) = ground.eks.list_pod_identity_associations(clusterName=CLUSTER, namespace="trading")["associations"]
    assert listed["associationId"] == made["associationId"] and "roleArn" not in listed
    assert ground.eks.list_pod_identity_associations(clusterName=CLUSTER, namespace="other")["associations"] == []
    names = {"clusterName": CLUSTER, "associationId": made["associationId"]}
    found = ground.eks.describe_pod_identity_association(**names)["association"]
    assert (found["roleArn"], found["tags"]) == (pods["roleArn"], {"a": "b"})
    with refused("ResourceInUseException", f"Association already exists: {made['associationId']}"):
        ground.eks.create_pod_identity_association(**pods)
    ground.eks.delete_pod_identity_association(**names)
    with refused("ResourceNotFoundException", "Association not found"):
        ground.eks.describe_pod_identity_association(**names)


def test_roles_of_pods(ground: Ground, pods: dict[str, Any]) -> None:
    half = make_role(ground.emulator, "half", "pods.eks.amazonaws.com", "sts:AssumeRole")
    with refused(INVALID, "must allow pods.eks.amazonaws.com the actions sts:AssumeRole and sts:TagSession"):
        ground.eks.create_pod_identity_association(**{**pods, "roleArn": half})
    with refused(INVALID, "does not exist"):
        ground.eks.create_pod_identity_association(**{**pods, "roleArn": half + "-none"})
    made = ground.eks.create_pod_identity_association(**pods)["association"]
    with refused(INVALID, "must allow"):
        ground.eks.update_pod_identity_association(
            clusterName=CLUSTER, associationId=made["associationId"], roleArn=half
        )


def test_the_provider_of_the_issuer(ground: Ground) -> None:
    iam, issuer = ground.emulator.client("iam"), ground.cluster()["identity"]["oidc"]["issuer"]
    arn = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["a"])["OpenIDConnectProviderArn"]
    names = {"OpenIDConnectProviderArn": arn}
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(**names, ClientID="b")
        iam.remove_client_id_from_open_id_connect_provider(**names, ClientID="a")
    assert iam.get_open_id_connect_provider(**names)["ClientIDList"] == ["b"]
    with refused("EntityAlreadyExists", "already exists"):
        iam.create_open_id_connect_provider(Url=issuer)
    with refused("InvalidInput", "Invalid Open ID Connect Provider URL"):
        iam.create_open_id_connect_provider(Url="http://plain.example.com")
    iam.delete_open_id_connect_provider(**names)
    with refused("NoSuchEntity", "not found"):
        iam.delete_open_id_connect_provider(**names)
