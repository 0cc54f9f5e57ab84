"""Least privilege, held against the policies as they are rendered."""

import json
import re
from functools import cache
from typing import Any

import pytest
from botocore.session import Session
from iam_policies import (
    ACCOUNT,
    NAME,
    PEOPLE,
    PODS,
    PROVIDERS,
    ROLE,
    SERVICES,
    Role,
    as_list,
    boundary,
    documents,
    reasons,
    render,
    roles,
    size,
    variables,
)

MANAGED_CHARACTERS = 6144
INLINE_CHARACTERS_OF_A_ROLE = 10_240
TRUST_CHARACTERS = 2048
MANAGED_POLICIES_OF_A_ROLE = 10


# All of it is made when it is first asked for: rendering takes seconds, which tests of other files need not wait for.
@cache
def by_key() -> dict[str, Role]:
    return {role.key: role for role in roles()}


@cache
def statements() -> list[tuple[str, dict[str, Any]]]:
    """Every statement with where it stands."""
    return [
        (f"{role}/{name}/{statement['Sid']}", statement)
        for role, name, document in documents()
        for statement in document["Statement"]
    ]


def allowing() -> list[tuple[str, dict[str, Any]]]:
    return [(where, statement) for where, statement in statements() if statement["Effect"] == "Allow"]


def allowed(role: str, *policies: str) -> list[dict[str, Any]]:
    """What a role's own policies allow."""
    return [
        statement
        for name, document in by_key()[role].inline.items()
        if not policies or name in policies
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]


def actions(role: str, *policies: str) -> set[str]:
    return {action for statement in allowed(role, *policies) for action in as_list(statement["Action"])}


def resources(role: str, action: str) -> set[str]:
    """Where a role may do an action."""
    return {
        resource
        for statement in allowed(role)
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def test_all_policies_are_whole() -> None:
    for where, statement in statements():
        assert set(statement) <= {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}, where
        assert re.fullmatch("[A-Za-z0-9]+", statement["Sid"]), where
        assert as_list(statement.get("Resource", statement.get("NotResource"))), where
        assert "{{" not in json.dumps(statement), where
    for role, name, document in documents():
        ids = [statement["Sid"] for statement in document["Statement"]]
        assert len(ids) == len(set(ids)), f"{role}/{name}"
        assert document["Version"] == "2012-10-17"


def test_nothing_allows_every_action() -> None:
    for where, statement in allowing():
        assert "NotAction" not in statement, where
        assert "NotResource" not in statement, where
        if not where.startswith("boundary/"):
            assert "*" not in as_list(statement["Action"]), where
    admins = [role.key for role in by_key().values() if "AdministratorAccess" in role.managed]
    assert admins == ["devops"]


def test_a_service_wildcard_is_for_the_databases_of_the_dbas_only() -> None:
    whole = {(where, action) for where, one in allowing() for action in as_list(one["Action"]) if action.endswith(":*")}
    assert whole == {
        ("dbas/AdministerDatabases/AdministerDatabases", "rds:*"),
        ("dbas/AdministerDatabases/AdministerCaches", "elasticache:*"),
    }


def test_roles_are_passed_by_name_and_to_one_service() -> None:
    passing = [
        (where, one)
        for where, one in allowing()
        if any(a.lower() in ("iam:passrole", "iam:*") for a in as_list(one["Action"]))
    ]
    assert [where for where, _ in passing] == ["dbas/AdministerDatabases/PassTheMonitoringRole"]
    for where, statement in passing:
        assert not any("*" in resource for resource in as_list(statement["Resource"])), where
        assert statement["Condition"]["StringEquals"]["iam:PassedToService"], where


def test_every_wildcard_resource_has_its_reason() -> None:
    found = {where for where, statement in allowing() if "*" in as_list(statement["Resource"])}
    assert found == set(reasons())
    assert all(len(reason) > 15 for reason in reasons().values())


def test_resources_are_of_the_account_and_of_the_platform() -> None:
    for where, statement in allowing():
        for resource in as_list(statement["Resource"]):
            if resource == "*":
                continue
            service = resource.split(":")[2]
            # Buckets have no account in their ARN, snapshots none in older ones: name or tag tells them.
            assert ACCOUNT in resource or service == "s3" or ":snapshot/" in resource, where
            if service in ("s3", "secretsmanager", "sns", "sqs", "iam", "eks"):
                assert NAME in resource, where


def test_what_many_things_share_is_narrowed_by_a_condition() -> None:
    for where, statement in allowing():
        shared = [
            one
            for one in as_list(statement["Resource"])
            if re.search(r":(key|volume|snapshot|targetgroup)/\*$|autoScalingGroup:\*$", one)
        ]
        if shared:
            assert statement.get("Condition"), where
        if any(one.startswith("kms:") and one != "kms:ListAliases" for one in as_list(statement["Action"])):
            assert "kms:ResourceAliases" in statement["Condition"]["ForAnyValue:StringEquals"], where


def test_sizes_are_within_the_quotas() -> None:
    for role, name, document in documents():
        assert size(document) <= MANAGED_CHARACTERS, (role, name, size(document))
    for made in roles(iam_oidc_provider_arns=PROVIDERS):
        assert sum(size(document) for document in made.inline.values()) <= INLINE_CHARACTERS_OF_A_ROLE, made.key
        assert size({"Version": "2012-10-17", "Statement": made.trust}) <= TRUST_CHARACTERS, made.key
        assert len(made.managed) <= MANAGED_POLICIES_OF_A_ROLE, made.key
        assert len(f"{NAME}-{made.key}") <= 64, made.key


@cache
def operations(service: str) -> set[str]:
    """The API's operations, which most of IAM's actions are named after."""
    return set(Session().get_service_model(service).operation_names)


# IAM's prefix where it is not botocore's name of the service.
SERVICE_NAMES = {
    "elasticloadbalancing": "elbv2",
    "tag": "resourcegroupstaggingapi",
    "access-analyzer": "accessanalyzer",
}
# Actions that are no operation: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
# and .../list_amazonelasticcontainerregistry.html
NO_OPERATIONS = {
    "ecr:BatchImportUpstreamImage",
    "iam:PassRole",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:ListMultipartUploadParts",
    "s3:DeleteObjectVersion",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
}


def test_every_action_exists() -> None:
    """A misspelt action is silently never allowed, or never denied."""
    named = {action for _, one in statements() for action in as_list(one.get("Action", one.get("NotAction")))}
    for action in sorted(named - NO_OPERATIONS):
        service, _, operation = action.partition(":")
        if "*" in operation or action == "*" or action == "rds:DownloadCompleteDBLogFile":
            continue
        assert operation in operations(SERVICE_NAMES.get(service, service)), action


# --- what the design document says of each ---


def test_nodes_have_the_policies_of_the_document() -> None:
    node = by_key()["eks_node"]
    assert {"AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"} <= set(
        node.managed
    )
    assert set(node.inline) == {"RDSAccess", "S3BackupAccess", "ImportImages"}
    assert actions("eks_node", "RDSAccess") == {"rds:DescribeDBInstances", "rds:ListTagsForResource"}


def test_nodes_write_backups_and_never_read_them() -> None:
    assert {one for one in actions("eks_node", "S3BackupAccess") if one.startswith("s3:")} == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
    }
    denied = [one for one in by_key()["eks_node"].inline["S3BackupAccess"]["Statement"] if one["Effect"] == "Deny"]
    assert set(denied[0]["Action"]) == {"s3:GetObject*", "s3:ListBucket*", "s3:DeleteObject*"}
    assert f"arn:aws:s3:::{NAME}-backups/*" in denied[0]["Resource"]


def test_nodes_import_images_of_others_and_push_none() -> None:
    assert actions("eks_node", "ImportImages") == {"ecr:BatchImportUpstreamImage", "ecr:CreateRepository"}
    below = {f"arn:aws:ecr:*:{ACCOUNT}:repository/{prefix}/*" for prefix in ("docker-hub", "quay")}
    for action in ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository"):
        assert resources("eks_node", action) == below
    assert {one for one in actions("eks_node") if one.startswith("ecr:")} == actions("eks_node", "ImportImages")


def test_the_api_reads_its_secrets_and_reads_and_writes_backups() -> None:
    secrets = resources("api", "secretsmanager:GetSecretValue")
    assert f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:{NAME}-database-??????" in secrets
    assert len(secrets) == 6
    assert {"s3:GetObject", "s3:PutObject"} <= actions("api")
    assert not {one for one in actions("api") if "Delete" in one}


def test_workers_use_queues_and_read_assets() -> None:
    assert resources("worker", "sqs:ReceiveMessage") == {
        f"arn:aws:sqs:*:{ACCOUNT}:{NAME}-orders",
        f"arn:aws:sqs:*:{ACCOUNT}:{NAME}-orders-dead",
    }
    assert {one for one in actions("worker") if one.startswith("s3:")} == {"s3:GetObject", "s3:ListBucket"}
    assert resources("worker", "s3:GetObject") == {
        f"arn:aws:s3:::{NAME}-assets/*",
        f"arn:aws:s3:::{NAME}-assets-us-west-2/*",
    }


def test_workers_read_the_databases_secret_alone() -> None:
    """The document's network policies let workers to the database, and not to Redis."""
    assert resources("worker", "secretsmanager:GetSecretValue") == {
        f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:{NAME}-database-??????"
    }


def test_no_writer_of_the_backups_bucket_reads_anothers() -> None:
    prefixes = [resources(role, "s3:PutObject") for role in ("eks_node", "api", "velero")]
    assert all(prefixes)
    for index, one in enumerate(prefixes):
        for other in prefixes[index + 1 :]:
            assert not one & other


def test_the_autoscaler_scales_the_groups_of_its_cluster_only() -> None:
    scaling = [
        one for one in allowed("cluster_autoscaler") if "autoscaling:SetDesiredCapacity" in as_list(one["Action"])
    ]
    assert [one["Condition"] for one in scaling] == [
        {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{NAME}": "owned"}}
    ]


def test_the_rotation_of_nodes_ends_instances_of_its_cluster_only() -> None:
    assert actions("node_rotation") == {
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
    }
    ending = [one for one in allowed("node_rotation") if "Condition" in one]
    assert [(as_list(one["Action"]), one["Condition"]) for one in ending] == [
        (
            ["autoscaling:TerminateInstanceInAutoScalingGroup"],
            {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{NAME}": "owned"}},
        )
    ]


@pytest.mark.parametrize(
    ("role", "namespace", "service_account", "secret"),
    [
        ("alertmanager", "monitoring", "alertmanager", "alerting"),
        ("grafana", "monitoring", "grafana", "grafana"),
        ("postgres_exporter", "monitoring", "postgres-exporter", "database"),
        ("redis_exporter", "monitoring", "redis-exporter", "redis"),
        ("jaeger", "tracing", "jaeger", "elasticsearch"),
        ("elasticsearch", "tracing", "tracing-elasticsearch", "elasticsearch"),
        ("logging_elasticsearch", "logging", "logging-elasticsearch", "elasticsearch"),
        ("logstash", "logging", "logstash", "elasticsearch"),
        ("kibana", "logging", "kibana", "elasticsearch"),
    ],
)
def test_what_watches_reads_one_secret_and_no_more(
    role: str, namespace: str, service_account: str, secret: str
) -> None:
    tags = by_key()[role].trust[0]["Condition"]["StringEquals"]
    assert tags == {
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": service_account,
    }
    assert actions(role, "ReadSecrets") == {
        "kms:Decrypt",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
    }
    for action in ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"):
        assert resources(role, action) == {f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:{NAME}-{secret}-??????"}
    more = {"alertmanager": {"PublishToTopics"}, "grafana": {"ReadCloudWatch"}}.get(role, set())
    assert set(by_key()[role].inline) == {"ReadSecrets", *more}


def test_alertmanager_publishes_to_two_topics_and_uses_their_key_through_sns() -> None:
    assert resources("alertmanager", "sns:Publish") == {
        f"arn:aws:sns:*:{ACCOUNT}:{NAME}-{topic}" for topic in ("info", "heartbeat")
    }
    assert actions("alertmanager", "PublishToTopics") == {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey*"}
    (key,) = (one for one in allowed("alertmanager", "PublishToTopics") if "kms:Decrypt" in as_list(one["Action"]))
    assert key["Condition"] == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{NAME}-messaging"},
        "StringLike": {"kms:ViaService": "sns.*.amazonaws.com"},
    }


def test_nobody_else_publishes() -> None:
    publishing = {role for role in by_key() if any(action.startswith("sns:") for action in actions(role))}
    assert publishing == {"alertmanager"}


def test_people_without_admin_rights_see_no_secrets() -> None:
    for role in ("developers", "security"):
        assert not {one for one in actions(role) if "secretsmanager" in one}
        denied = {
            action
            for document in by_key()[role].inline.values()
            for one in document["Statement"]
            if one["Effect"] == "Deny"
            for action in as_list(one["Action"])
        }
        assert {
            "secretsmanager:GetSecretValue",
            "secretsmanager:BatchGetSecretValue",
            "kms:Decrypt",
            "s3:GetObject*",
        } <= denied
    assert resources("dbas", "secretsmanager:GetSecretValue") == {
        f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:{NAME}-database-??????"
    }


def test_dbas_delete_nothing_without_a_second_factor() -> None:
    denied = [one for one in by_key()["dbas"].inline["AdministerDatabases"]["Statement"] if one["Effect"] == "Deny"]
    assert [(one["Action"], one["Condition"]) for one in denied] == [
        (["rds:Delete*", "elasticache:Delete*"], {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    ]


# --- who may take which role ---


def test_a_pod_role_is_for_one_service_account_of_our_cluster() -> None:
    pods = [one for one in by_key().values() if one.kind == PODS]
    assert pods
    for role in pods:
        statement = role.trust[0]
        assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}, role.key
        assert sorted(statement["Action"]) == ["sts:AssumeRole", "sts:TagSession"], role.key
        tags = statement["Condition"]["StringEquals"]
        assert tags["aws:RequestTag/kubernetes-namespace"], role.key
        assert tags["aws:RequestTag/kubernetes-service-account"], role.key
        cluster = statement["Condition"]["ArnLike"]["aws:RequestTag/eks-cluster-arn"]
        assert cluster == f"arn:aws:eks:*:{ACCOUNT}:cluster/{NAME}", role.key
        assert len(role.trust) == 1, role.key


def test_with_openid_connect_subject_and_audience_are_both_asked_for() -> None:
    api = next(role for role in roles(iam_oidc_provider_arns=PROVIDERS) if role.key == "api")
    assert len(api.trust) == 3
    for statement, provider in zip(api.trust[1:], PROVIDERS, strict=True):
        issuer = provider.split("oidc-provider/")[1]
        assert statement["Principal"] == {"Federated": provider}
        assert statement["Condition"]["StringEquals"] == {
            f"{issuer}:sub": "system:serviceaccount:trading-engine:api",
            f"{issuer}:aud": "sts.amazonaws.com",
        }


def test_a_service_role_is_for_one_service() -> None:
    for role in by_key().values():
        if role.kind == SERVICES:
            assert len(role.trust) == 1
            assert re.fullmatch(r"[a-z.0-9]+\.amazonaws\.com", role.trust[0]["Principal"]["Service"])
            assert role.trust[0]["Action"] == "sts:AssumeRole"


def test_people_come_from_the_account_with_a_fresh_second_factor() -> None:
    people = {role.key: role for role in by_key().values() if role.kind == PEOPLE}
    assert set(people) == {"developers", "devops", "dbas", "security"}
    for role in people.values():
        assert role.trust[0]["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}
        assert role.trust[0]["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert people["devops"].trust[0]["Condition"]["NumericLessThanEquals"] == {"aws:MultiFactorAuthAge": "3600"}


def test_sessions_last_as_long_as_the_inventory_says() -> None:
    longer = {role.key: role.session for role in by_key().values() if role.session != 3600}
    assert longer == {"developers": 14400, "security": 14400}


def test_the_condition_of_a_service_is_kept() -> None:
    monitoring = by_key()["rds_monitoring"].trust[0]["Condition"]
    assert monitoring["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert "Condition" not in by_key()["eks_node"].trust[0]


def test_nobody_is_trusted_at_large() -> None:
    for role in by_key().values():
        for statement in role.trust:
            assert statement["Principal"] not in ("*", {"AWS": "*"}, {"AWS": ["*"]}), role.key


def test_a_role_without_a_second_factor_has_no_condition() -> None:
    people = roles(iam_human_roles={"developers": {"max_session_seconds": 3600}})
    assert "Condition" not in next(role for role in people if role.key == "developers").trust[0]


# --- the boundary ---


def denied_by_the_boundary() -> set[str]:
    return {
        action
        for one in boundary()["Statement"]
        if one["Effect"] == "Deny"
        for action in as_list(one.get("Action", []))
    }


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:DeleteRolePermissionsBoundary",
        "iam:CreatePolicyVersion",
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "guardduty:DeleteDetector",
        "config:StopConfigurationRecorder",
        "backup:DeleteRecoveryPoint",
        "rds:DeleteDBSnapshot",
        "s3:DeleteObjectVersion",
        "kms:ScheduleKeyDeletion",
    ],
)
def test_what_no_role_may_ever_do(action: str) -> None:
    assert action in denied_by_the_boundary()


def test_the_boundary_keeps_roles_in_our_regions() -> None:
    statement = next(one for one in boundary()["Statement"] if one["Sid"] == "StayInOurRegions")
    assert statement["Condition"] == {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}
    assert {"iam:*", "sts:*", "route53:*", "cloudfront:*"} <= set(statement["NotAction"])


def test_no_role_needs_what_its_boundary_denies() -> None:
    """Whoever deletes snapshots by its work is an exception of the boundary."""
    excepted = next(one for one in boundary()["Statement"] if one["Sid"] == "KeepTheSnapshots")["Condition"]
    names = {arn.rpartition("/")[2] for arn in excepted["StringNotEquals"]["aws:PrincipalArn"]}
    assert names == {f"{NAME}-backup", f"{NAME}-ebs-csi", f"{NAME}-velero"}
    for key, role in by_key().items():
        if role.kind != PEOPLE and f"{NAME}-{key.replace('_', '-')}" not in names:
            assert not actions(key) & denied_by_the_boundary(), key


def test_every_role_has_the_boundary() -> None:
    assert {role.boundary for role in by_key().values()} == {f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-boundary"}
    tasks = (ROLE / "tasks" / "roles.yml").read_text()
    assert re.findall(r"^  (\S*iam_role\S*):$", tasks, re.MULTILINE) == ["iam_roles"]
    assert 'roles: "{{ iam_wanted_roles }}"' in tasks


# --- what role eks is told ---


def test_associations_and_entries_name_the_roles_that_are_made() -> None:
    known = variables()
    for key, one in render("iam_pod_roles", known).items():
        assert one["identity"]["role_arn"] == f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{key.replace('_', '-')}"
    entries = {key: one.get("eks_access") for key, one in render("iam_human_permissions", known).items()}
    assert entries["dbas"] is None
    policies = {key: one["access_policies"] for key, one in entries.items() if one}
    assert policies == {
        "devops": [{"policy": "AmazonEKSClusterAdminPolicy", "namespaces": []}],
        "developers": [{"policy": "AmazonEKSViewPolicy", "namespaces": []}],
        "security": [{"policy": "AmazonEKSViewPolicy", "namespaces": []}],
    }
    for key, one in entries.items():
        assert one is None or one["principal_arn"] == f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{key}"


def test_pods_are_told_apart() -> None:
    accounts = [
        json.dumps(role.trust[0]["Condition"], sort_keys=True) for role in by_key().values() if role.kind == PODS
    ]
    assert len(accounts) == len(set(accounts))
