"""Figures of IAM, of the web ACLs and of secrets."""

from typing import Any

from estate import NAME, REGIONS, Estate, document, reader, short

AWS_MANAGED = "aws/secretsmanager"
"""Encrypts what has no key of ours; API DescribeSecret leaves it out."""


def _statements(estate: Estate, region: str, role: str) -> dict[str, list[dict[str, Any]]]:
    """Inline policies of a role: name to statements."""
    iam = estate.client("iam", region)
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {
        name: document(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in sorted(names)
    }


def _actions(statements: list[dict[str, Any]], services: tuple[str, ...]) -> list[str]:
    """Allowed actions of some services, keys left out: they come with whatever is encrypted."""
    allowed = {action for one in statements if one["Effect"] == "Allow" for action in one["Action"]}
    return sorted(action for action in allowed if action.partition(":")[0] in services)


@reader
def roles(estate: Estate, region: str) -> dict[str, dict[str, Any]]:
    """``{role: {managed, inline: {policy: [action]}, mfa, bounded}}`` of the platform's roles."""
    iam = estate.client("iam", region)
    found = {}
    for listed in estate.pages("iam", region, "list_roles", "Roles"):
        if not listed["RoleName"].startswith(f"{NAME}-"):
            continue
        role = iam.get_role(RoleName=listed["RoleName"])["Role"]
        attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        inline = _statements(estate, region, role["RoleName"])
        found[short(role["RoleName"])] = {
            "managed": sorted(one["PolicyName"] for one in attached),
            "inline": {
                name: _actions(held, ("rds", "s3", "secretsmanager", "sqs", "elasticache", "ecr"))
                for name, held in inline.items()
            },
            "denied": sorted(
                {
                    action
                    for held in inline.values()
                    for one in held
                    if one["Effect"] == "Deny" and "Condition" not in one
                    for action in one["Action"]
                }
            ),
            "mfa": _asks_for_mfa(role["AssumeRolePolicyDocument"]),
            "bounded": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "").rpartition("/")[2],
        }
    return found


def _asks_for_mfa(trust: dict[str, Any]) -> bool:
    return all("aws:MultiFactorAuthPresent" in str(one.get("Condition", {})) for one in document(trust))


@reader
def service_prefixes(estate: Estate, region: str) -> dict[str, list[str]]:
    """Role to the AWS services whose actions its inline policies allow, KMS left out."""
    found = {}
    for name in estate.read("roles", region):
        statements = _statements(estate, region, f"{NAME}-{name}").values()
        allowed = [
            action for held in statements for one in held if one["Effect"] == "Allow" for action in one["Action"]
        ]
        found[name] = sorted({action.partition(":")[0] for action in allowed} - {"kms"})
    return found


def _rule(statement: dict[str, Any]) -> str:
    if rate := statement.get("RateBasedStatement"):
        return f"rate {rate['Limit']} in {rate['EvaluationWindowSec']} s by {rate['AggregateKeyType']}"
    if geo := statement.get("GeoMatchStatement"):
        return f"geo {' '.join(geo['CountryCodes'])}" + (" forwarded" if "ForwardedIPConfig" in geo else "")
    return str(statement["ManagedRuleGroupStatement"]["Name"])


@reader
def web_acls(estate: Estate, region: str) -> dict[str, dict[str, Any]]:
    """``{scope: {rates, countries, groups, logged}}``; the scope CLOUDFRONT is asked in us-east-1 only."""
    waf = estate.client("wafv2", region)
    found = {}
    for scope in ("REGIONAL", "CLOUDFRONT") if region == "us-east-1" else ("REGIONAL",):
        (summary,) = waf.list_web_acls(Scope=scope)["WebACLs"]
        acl = waf.get_web_acl(Name=summary["Name"], Scope=scope, Id=summary["Id"])["WebACL"]
        rules = [(_rule(one["Statement"]), one) for one in acl["Rules"]]
        found[scope] = {
            "rates": [text for text, one in rules if text.startswith("rate ") and one["Action"] == {"Block": {}}],
            "countries": [text for text, one in rules if text.startswith("geo ") and one["Action"] == {"Block": {}}],
            "groups": sorted(text for text, one in rules if one.get("OverrideAction") == {"None": {}}),
        }
    return found


@reader
def load_balancer_acl(estate: Estate, region: str) -> str:
    """Name of the ACL that protects the load balancer."""
    (balancer,) = estate.client("elbv2", region).describe_load_balancers()["LoadBalancers"]
    waf = estate.client("wafv2", region)
    return str(waf.get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])["WebACL"]["Name"])


@reader
def secrets(estate: Estate, region: str) -> dict[str, dict[str, Any]]:
    """``{secret: {key, rotated_days, replicas}}``; 0 days where rotation is by hand."""
    client = estate.client("secretsmanager", region)
    found = {}
    for one in estate.pages("secretsmanager", region, "list_secrets", "SecretList"):
        held = client.describe_secret(SecretId=one["ARN"])
        rules = held.get("RotationRules", {}) if held.get("RotationEnabled") else {}
        found[one["Name"].removeprefix(f"{NAME}/")] = {
            "key": estate.purpose(region, held.get("KmsKeyId", AWS_MANAGED)),
            "rotated_days": rules.get("AutomaticallyAfterDays", 0),
            "replicas": sorted(replica["Region"] for replica in held.get("ReplicationStatus", [])),
        }
    return found


@reader
def failover_records(estate: Estate, region: str) -> dict[str, dict[str, str]]:
    """``{host: {PRIMARY: region, SECONDARY: region}}`` of failover records, hosts without the domain."""
    (zone,) = estate.client("route53", region).list_hosted_zones()["HostedZones"]
    found: dict[str, dict[str, str]] = {}
    for one in estate.pages(
        "route53", region, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]
    ):
        if "Failover" in one:
            host = one["Name"].removesuffix(f".{zone['Name']}")
            labels = one["AliasTarget"]["DNSName"].split(".")
            found.setdefault(host, {})[one["Failover"]] = next(label for label in labels if label in REGIONS)
    return found


@reader
def health_checks(estate: Estate, region: str) -> list[list[Any]]:
    """``[host, type, port, interval, failures]`` of Route 53's health checks."""
    checks = [one["HealthCheckConfig"] for one in estate.pages("route53", region, "list_health_checks", "HealthChecks")]
    return sorted(
        [one["FullyQualifiedDomainName"].partition(".")[0], one["Type"], one["Port"], one["RequestInterval"]]
        for one in checks
        if not one["Disabled"]
    )


@reader
def secret_names(estate: Estate, region: str) -> list[str]:
    """Names of the secrets."""
    return sorted(estate.read("secrets", region))


@reader
def unbounded_roles(estate: Estate, region: str) -> list[str]:
    """Roles without the boundary."""
    roles_found = estate.read("roles", region).items()
    return sorted(name for name, one in roles_found if one["bounded"] != f"{NAME}-boundary")
