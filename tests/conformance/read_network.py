"""Network figures: EC2 and the load balancer."""

from ipaddress import ip_network
from typing import Any

from estate import Estate, by_key, reader, short

DOCUMENTED = ("alb", "eks-nodes", "rds", "redis")


def _vpc(estate: Estate, region: str) -> dict[str, Any]:
    (found,) = (
        one
        for one in estate.pages("ec2", region, "describe_vpcs", "Vpcs")
        if by_key(one.get("Tags", [])).get("Project")
    )
    return dict(found)


@reader
def vpc(estate: Estate, region: str) -> dict[str, Any]:
    """``{cidr, addresses, other_cidrs}`` of the one VPC that is ours."""
    found = _vpc(estate, region)
    all_cidrs = [block["CidrBlock"] for block in found["CidrBlockAssociationSet"]]
    return {
        "cidr": found["CidrBlock"],
        "addresses": ip_network(found["CidrBlock"]).num_addresses,
        "other_cidrs": sorted(set(all_cidrs) - {found["CidrBlock"]}),
    }


@reader
def subnets(estate: Estate, region: str) -> dict[str, dict[str, list[Any]]]:
    """``{tier: {cidr: [zone, addresses]}}``."""
    found: dict[str, dict[str, list[Any]]] = {}
    for subnet in estate.pages("ec2", region, "describe_subnets", "Subnets"):
        tags = by_key(subnet.get("Tags", []))
        if "Tier" in tags:
            size = ip_network(subnet["CidrBlock"]).num_addresses
            found.setdefault(tags["Tier"], {})[subnet["CidrBlock"]] = [subnet["AvailabilityZone"], size]
    return found


@reader
def nat_gateways(estate: Estate, region: str) -> list[str]:
    """``tier zone`` of each NAT gateway that is available."""
    places = {
        one["SubnetId"]: f"{by_key(one.get('Tags', [])).get('Tier')} {one['AvailabilityZone']}"
        for one in estate.pages("ec2", region, "describe_subnets", "Subnets")
    }
    gateways = estate.pages("ec2", region, "describe_nat_gateways", "NatGateways")
    return sorted(places[one["SubnetId"]] for one in gateways if one["State"] == "available")


@reader
def vpc_endpoints(estate: Estate, region: str) -> dict[str, list[str]]:
    """``{Gateway: [service], Interface: [service]}`` of the VPC's endpoints."""
    found: dict[str, list[str]] = {}
    for one in estate.pages("ec2", region, "describe_vpc_endpoints", "VpcEndpoints"):
        found.setdefault(one["VpcEndpointType"], []).append(one["ServiceName"].partition(f"{region}.")[2])
    return {kind: sorted(services) for kind, services in found.items()}


@reader
def flow_logs(estate: Estate, region: str) -> list[list[str]]:
    """``[traffic, destination type, bucket]`` of each flow log of the VPC."""
    vpc_id = _vpc(estate, region)["VpcId"]
    return [
        [one["TrafficType"], one["LogDestinationType"], one["LogDestination"].rpartition(":")[2].partition("/")[0]]
        for one in estate.pages("ec2", region, "describe_flow_logs", "FlowLogs")
        if one["ResourceId"] == vpc_id
    ]


def _ports(permission: dict[str, Any]) -> str:
    if permission["IpProtocol"] == "-1":
        return "all"
    first, last = permission["FromPort"], permission["ToPort"]
    return f"{permission['IpProtocol']} {first}" + ("" if first == last else f"-{last}")


def _rules(permissions: list[dict[str, Any]], names: dict[str, str]) -> list[tuple[str, str]]:
    """(rule, description) of each; the rule as ``<ports> <peer>``."""
    found = []
    for permission in permissions:
        peers = [(one["CidrIp"], one.get("Description", "")) for one in permission["IpRanges"]]
        peers += [(one["CidrIpv6"], one.get("Description", "")) for one in permission["Ipv6Ranges"]]
        peers += [(names[one["GroupId"]], one.get("Description", "")) for one in permission["UserIdGroupPairs"]]
        peers += [(one["PrefixListId"], one.get("Description", "")) for one in permission["PrefixListIds"]]
        found += [(f"{_ports(permission)} {peer}", description) for peer, description in peers]
    return found


@reader
def security_groups(estate: Estate, region: str) -> dict[str, dict[str, list[str]]]:
    """``{group: {in, out, extra_in, extra_out}}``, rules as ``tcp 443 <peer>``; extra ones say so in AWS."""
    groups = estate.pages("ec2", region, "describe_security_groups", "SecurityGroups")
    names = {one["GroupId"]: short(one["GroupName"]) for one in groups}
    found = {}
    for group in groups:
        sides = {"in": group["IpPermissions"], "out": group["IpPermissionsEgress"]}
        rules = {side: _rules(permissions, names) for side, permissions in sides.items()}
        found[short(group["GroupName"])] = {
            f"{prefix}{side}": sorted(rule for rule, text in held if ("extra" in text.lower()) is extra)
            for side, held in rules.items()
            for prefix, extra in (("", False), ("extra_", True))
        }
    return found


@reader
def extra_rules(estate: Estate, region: str) -> dict[str, list[str]]:
    """``{group: [in|out rule]}`` of what the document does not list: extra rules, and those of other groups.

    The group of the VPC endpoints has addresses in its rules, other ones in each region, and is read by itself.
    """
    found = {}
    for name, sides in estate.read("security_groups", region).items():
        if name == "vpc-endpoints":
            continue
        kinds = ("extra_in", "extra_out") if name in DOCUMENTED else tuple(sides)
        rules = [f"{kind.removeprefix('extra_')} {rule}" for kind in kinds for rule in sides[kind]]
        # EKS names the group that it makes itself.
        found["eks-cluster-sg" if name.startswith("eks-cluster-sg") else name] = [
            rule.replace(name, "itself") for rule in rules
        ]
    return {name: rules for name, rules in sorted(found.items()) if rules}


@reader
def load_balancer(estate: Estate, region: str) -> dict[str, Any]:
    """``{scheme, zones, tiers, listeners: {port: [protocol, policy]}, redirect, targets: {port: protocol}, ...}``."""
    elbv2 = estate.client("elbv2", region)
    (balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    listeners = {one["Port"]: one for one in elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    redirect = listeners[80]["DefaultActions"][0]["RedirectConfig"]
    held = elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    attributes = {one["Key"]: one["Value"] for one in held}
    tiers = {one["SubnetId"]: by_key(one.get("Tags", [])).get("Tier") for one in _all_subnets(estate, region)}
    groups = elbv2.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    return {
        "scheme": balancer["Scheme"],
        "zones": sorted(zone["ZoneName"] for zone in balancer["AvailabilityZones"]),
        "tiers": sorted({tiers[zone["SubnetId"]] for zone in balancer["AvailabilityZones"]}),
        "listeners": {port: [one["Protocol"], one.get("SslPolicy", "")] for port, one in sorted(listeners.items())},
        "redirect": [redirect["Protocol"], redirect["Port"], redirect["StatusCode"]],
        "targets": {group["Port"]: group["Protocol"] for group in groups},
        "access_logs": [attributes["access_logs.s3.enabled"], attributes["access_logs.s3.bucket"]],
    }


def _all_subnets(estate: Estate, region: str) -> list[Any]:
    return estate.pages("ec2", region, "describe_subnets", "Subnets")
