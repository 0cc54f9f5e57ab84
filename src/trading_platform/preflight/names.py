"""Names within the limits of AWS: those the inventory gives and those the roles derive from it.

A row of `RULES` is all that a new kind of name needs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from trading_platform.preflight.problem import Finding, Host, shown

_API = "https://docs.aws.amazon.com"


@dataclass(frozen=True, slots=True)
class NameRule:
    """What AWS takes as the name of something.

    `key`: the variable that gives it; `*` stands for every entry of a mapping. `shape`: the name, from {value},
    {entry} (the name of the entry), {purpose} (the same with dashes for underscores), {platform_name} and {region}.
    Lengths in characters.
    """

    of: str
    key: str
    shape: str
    shortest: int
    longest: int
    pattern: str
    allowed: str
    source: str
    refused: tuple[tuple[str, str], ...] = ()


_STORED_LOWER = "lower-case letters, digits and -, beginning with a letter (AWS stores it in lower case)"
_HYPHENS = ((r".*-", "may not end with -"), (r".*--.*", "may not have -- in it"))

_BUCKET = NameRule(
    of="S3 bucket",
    key="s3_buckets.*.name",
    shape="{value}",
    shortest=3,
    longest=63,
    pattern=r"[a-z0-9][a-z0-9.-]*[a-z0-9]",
    allowed="lower-case letters, digits, - and ., beginning and ending with a letter or digit",
    source=f"{_API}/AmazonS3/latest/userguide/bucketnamingrules.html",
    refused=(
        (r".*\.\..*", "may not have .. in it"),
        (r"\d+\.\d+\.\d+\.\d+", "may not look like an IP address"),
        (r"(xn--|sthree-|amzn-s3-demo-).*", "may not begin with xn--, sthree- or amzn-s3-demo-"),
        (r".*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)", "ends with a suffix that S3 keeps for itself"),
    ),
)

RULES = (
    NameRule(
        of="EKS cluster",
        key="eks_cluster_name",
        shape="{value}",
        shortest=1,
        longest=100,
        pattern=r"[0-9A-Za-z][0-9A-Za-z_-]*",
        allowed="letters, digits, - and _, beginning with a letter or digit",
        source=f"{_API}/eks/latest/APIReference/API_CreateCluster.html",
    ),
    NameRule(
        of="EKS node group",
        key="eks_node_groups.*",
        shape="{entry}",
        shortest=1,
        longest=63,
        pattern=r"[0-9A-Za-z][0-9A-Za-z_-]*",
        allowed="letters, digits, - and _, beginning with a letter or digit",
        source=f"{_API}/eks/latest/APIReference/API_CreateNodegroup.html",
    ),
    NameRule(
        of="launch template of nodes",
        key="eks_node_groups.*",
        shape="{platform_name}-{entry}",
        shortest=3,
        longest=128,
        pattern=r"[a-zA-Z0-9().\-/_]+",
        allowed="letters, digits and ( ) . - / _",
        source=f"{_API}/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html",
    ),
    NameRule(
        of="RDS instance",
        key="rds_identifier",
        shape="{value}",
        shortest=1,
        longest=63,
        pattern=r"[a-z][a-z0-9-]*",
        allowed=_STORED_LOWER,
        source=f"{_API}/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
        refused=_HYPHENS,
    ),
    NameRule(
        of="RDS read replica",
        key="rds_identifier",
        shape="{value}-replica-1",
        shortest=1,
        longest=63,
        pattern=r"[a-z][a-z0-9-]*",
        allowed=_STORED_LOWER,
        source=f"{_API}/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html",
    ),
    NameRule(
        of="secret",
        key="secrets_manager_secrets.*.name",
        shape="{value}",
        shortest=1,
        longest=512,
        pattern=r"[A-Za-z0-9/_+=.@-]+",
        allowed="letters, digits and / _ + = . @ -",
        source=f"{_API}/secretsmanager/latest/apireference/API_CreateSecret.html",
        refused=((r".*-[A-Za-z0-9]{6}", "may not end with - and six characters, as the ARNs of secrets do"),),
    ),
    NameRule(
        of="rotation function",
        key="platform_name",
        shape="{value}-rotate-database",
        shortest=1,
        longest=64,
        pattern=r"[a-zA-Z0-9_-]+",
        allowed="letters, digits, - and _",
        source=f"{_API}/lambda/latest/api/API_CreateFunction.html",
    ),
    NameRule(
        of="ElastiCache replication group",
        key="elasticache_replication_group_id",
        shape="{value}",
        shortest=1,
        longest=40,
        pattern=r"[a-z][a-z0-9-]*",
        allowed=_STORED_LOWER,
        source=f"{_API}/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
        refused=_HYPHENS,
    ),
    _BUCKET,
    replace(_BUCKET, key="s3_regional_buckets.*.name"),
    NameRule(
        of="KMS alias",
        key="kms_keys.*",
        shape="alias/{platform_name}-{purpose}",
        shortest=1,
        longest=256,
        pattern=r"alias/[a-zA-Z0-9/_-]+",
        allowed="letters, digits, /, _ and -",
        source=f"{_API}/kms/latest/APIReference/API_CreateAlias.html",
    ),
    NameRule(
        of="IAM role",
        key="iam_human_roles.*",
        shape="{platform_name}-{purpose}",
        shortest=1,
        longest=64,
        pattern=r"[\w+=,.@-]+",
        allowed="letters, digits and + = , . @ _ -",
        source=f"{_API}/IAM/latest/APIReference/API_CreateRole.html",
    ),
    NameRule(
        of="IAM role",  # the longest that role iam makes
        key="platform_name",
        shape="{value}-aws-load-balancer-controller",
        shortest=1,
        longest=64,
        pattern=r"[\w+=,.@-]+",
        allowed="letters, digits and + = , . @ _ -",
        source=f"{_API}/IAM/latest/APIReference/API_CreateRole.html",
    ),
    NameRule(
        of="SQS queue",
        key="sqs_queues.*",
        shape="{platform_name}-{entry}-dead-letter",
        shortest=1,
        longest=80,
        pattern=r"[a-zA-Z0-9_-]+",
        allowed="letters, digits, - and _",
        source=f"{_API}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    ),
    NameRule(
        of="SNS topic",
        key="sns_topics.*",
        shape="{platform_name}-{entry}",
        shortest=1,
        longest=256,
        pattern=r"[a-zA-Z0-9_-]+",
        allowed="letters, digits, - and _",
        source=f"{_API}/sns/latest/api/API_CreateTopic.html",
    ),
    NameRule(
        of="origin access control",
        key="platform_name",
        shape="{value}-assets",
        shortest=1,
        longest=64,
        pattern=r"[\w-]+",
        allowed="letters, digits, - and _",
        source=f"{_API}/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html",
    ),
    NameRule(
        of="backup vault",
        key="platform_name",
        shape="{value}",
        shortest=2,
        longest=50,
        pattern=r"[a-zA-Z0-9_-]+",
        allowed="letters, digits, - and _",
        source=f"{_API}/aws-backup/latest/devguide/API_CreateBackupVault.html",
    ),
    NameRule(
        of="subnet",
        key="vpc_subnet_tiers.*",
        shape="{platform_name}-{entry}-{region}a",
        shortest=1,
        longest=256,
        pattern=r"[\w .:/=+@-]+",
        allowed="the characters of a tag value: letters, digits, spaces and _ . : / = + - @",
        source=f"{_API}/AWSEC2/latest/UserGuide/Using_Tags.html",
    ),
    NameRule(
        of="load balancer",
        key="alb_name",
        shape="{value}",
        shortest=1,
        longest=32,
        pattern=r"[A-Za-z0-9-]+",
        allowed="letters, digits and -",
        source=f"{_API}/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
        refused=(
            (r"-.*|.*-", "may not begin or end with -"),
            (r"internal-.*", "may not begin with internal-"),
        ),
    ),
    NameRule(
        of="target group",
        key="alb_target_groups.*.name",
        shape="{value}",
        shortest=1,
        longest=32,
        pattern=r"[A-Za-z0-9-]+",
        allowed="letters, digits and -",
        source=f"{_API}/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
        refused=((r"-.*|.*-", "may not begin or end with -"),),
    ),
    NameRule(
        of="health check",
        key="route53_regional_hosts.*",
        shape="{platform_name}-{entry}",
        shortest=1,
        # Kept in the caller reference, which has 64 characters and a time behind the name.
        longest=44,
        pattern=r"[\w-]+",
        allowed="letters, digits, _ and -",
        source=f"{_API}/Route53/latest/APIReference/API_CreateHealthCheck.html",
    ),
)


def find_name_problems(hosts: Sequence[Host]) -> list[Finding]:
    """Names that AWS would refuse, and bucket names that stand twice."""
    findings = []
    for host in hosts:
        for rule in RULES:
            findings += [
                Finding(host.name, key, message)
                for key, name in names(host, rule)
                for message in wrong_with(name, rule)
            ]
    return findings + list(_buckets_twice(hosts))


def names(host: Host, rule: NameRule) -> Iterator[tuple[str, str]]:
    """Key and name of everything that a rule is about."""
    top, _, rest = rule.key.partition(".*")
    entries = {"": host.values.get(top)} if top == rule.key else host.mapping(top)
    for entry, content in entries.items():
        key = f"{top}.{entry}{rest}" if entry else top
        value = content.get(rest.removeprefix(".")) if rest and isinstance(content, dict) else content
        if "{value}" in rule.shape and not isinstance(value, str):
            continue  # the schema has said so
        yield (
            key,
            rule.shape.format(
                value=value,
                entry=entry,
                purpose=str(entry).replace("_", "-"),
                platform_name=host.text("platform_name"),
                region=host.region,
            ),
        )


def wrong_with(name: str, rule: NameRule) -> list[str]:
    """Everything AWS has against a name; [] when it is taken."""
    messages = []
    of = f"the {rule.of} name {shown(name)}"
    if len(name) > rule.longest:
        messages.append(f"{of} has {len(name)} characters; AWS allows {rule.longest} ({rule.source})")
    if len(name) < rule.shortest:
        messages.append(f"{of} has {len(name)} characters; AWS wants at least {rule.shortest} ({rule.source})")
    if name and not re.fullmatch(rule.pattern, name):
        messages.append(f"{of} has characters that AWS does not allow; write {rule.allowed} ({rule.source})")
    messages += [f"{of} {why} ({rule.source})" for refused, why in rule.refused if re.fullmatch(refused, name)]
    return messages


def _buckets_twice(hosts: Sequence[Host]) -> Iterator[Finding]:
    rules = [rule for rule in RULES if rule.of == _BUCKET.of]
    first: dict[str, tuple[str, str]] = {}
    for host in hosts:
        for key, name in chain.from_iterable(names(host, rule) for rule in rules):
            other = first.setdefault(name, (host.name, key))
            if other != (host.name, key):
                where = f"{other[1]} of {other[0]}" if other[0] != host.name else other[1]
                message = f"{shown(name)} is also the name of {where}; bucket names are unique in all of S3"
                hint = "; give each region its own s3_region_suffix" if other[0] != host.name else ""
                yield Finding(host.name, key, message + hint)
