"""The document's security groups rule by rule, and the rules that EKS needs besides; nothing more."""

import os

import boto3

vpc_cidr = "10.0.0.0/16" if os.environ["AWS_REGION"] == "us-east-1" else "10.1.0.0/16"
PREFIX = "production-trading-engine-"
ec2 = boto3.client("ec2")
groups = {
    g["GroupName"].removeprefix(PREFIX): g
    for g in ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [PREFIX + "*"]}])["SecurityGroups"]
}
names = {g["GroupId"]: name for name, g in groups.items()}


def rules(permissions: list[dict]) -> set[tuple]:
    """Flatten permissions to (peer, protocol, from, to)."""
    found = set()
    for p in permissions:
        ports = (p["IpProtocol"], p.get("FromPort"), p.get("ToPort"))
        found |= {(r["CidrIp"], *ports) for r in p["IpRanges"]}
        found |= {(names[r["GroupId"]], *ports) for r in p["UserIdGroupPairs"]}
    return found


def tcp(peer: str, *ports: int) -> set[tuple]:
    """Name TCP rules shortly."""
    return {(peer, "tcp", port, port) for port in ports}


everything = ("eks-nodes", "-1", None, None)
webhooks = (4443, 8443, 9443, 10251)
wanted = {
    "alb": (tcp("0.0.0.0/0", 80, 443), tcp("eks-nodes", 7999, 8080)),
    "eks-nodes": (
        tcp("alb", 7999, 8080) | tcp(vpc_cidr, 443) | {everything} | tcp("eks-control-plane", 10250, *webhooks),
        tcp("rds", 5432) | tcp("redis", 6379) | tcp("0.0.0.0/0", 443) | {everything},
    ),
    "eks-control-plane": (tcp("eks-nodes", 443), tcp("eks-nodes", 443, 10250, *webhooks)),
    "rds": (tcp("eks-nodes", 5432) | tcp("secret-rotation", 5432), set()),
    "redis": (tcp("eks-nodes", 6379), set()),
    "secret-rotation": (set(), tcp("rds", 5432) | tcp("0.0.0.0/0", 443)),
}
assert groups.keys() == wanted.keys(), groups.keys()
for name, (ingress, egress) in wanted.items():
    assert rules(groups[name]["IpPermissions"]) == ingress, (name, rules(groups[name]["IpPermissions"]))
    assert rules(groups[name]["IpPermissionsEgress"]) == egress, (name, rules(groups[name]["IpPermissionsEgress"]))
