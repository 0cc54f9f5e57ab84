"""The network of one region, as the EC2 API describes it."""

import os

import boto3

region = os.environ["AWS_REGION"]
second = 0 if region == "us-east-1" else 1
ec2 = boto3.client("ec2")


def named(values: list) -> list[dict]:
    """Give EC2 filters for what this role made, by Name tag."""
    return [{"Name": "tag:Name", "Values": values}]


(vpc,) = ec2.describe_vpcs(Filters=named(["production-trading-engine"]))["Vpcs"]
inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
cidrs = {block["CidrBlock"] for block in vpc["CidrBlockAssociationSet"]}
assert cidrs == {f"10.{second}.0.0/16", f"100.{64 + second}.0.0/16"}, cidrs
for attribute in ("enableDnsSupport", "enableDnsHostnames"):
    answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
    assert answer[attribute[0].upper() + attribute[1:]]["Value"], attribute

# The document's nine subnets, zone by zone, and the three of the pods.
subnets = ec2.describe_subnets(Filters=inside)["Subnets"]
placed = {subnet["CidrBlock"]: subnet["AvailabilityZone"] for subnet in subnets}
wanted = {
    f"10.{second}.{base + slot}.0/24": region + zone for base in (1, 11, 101) for slot, zone in enumerate("abc")
} | {f"100.{64 + second}.{64 * slot}.0/18": region + zone for slot, zone in enumerate("abc")}
assert placed == wanted, placed
assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)
tier = {s["SubnetId"]: {t["Key"]: t["Value"] for t in s["Tags"]}["Tier"] for s in subnets}
zone = {s["SubnetId"]: s["AvailabilityZone"] for s in subnets}
roles = {s["SubnetId"]: {t["Key"]: t["Value"] for t in s["Tags"] if t["Key"].startswith("kubernetes")} for s in subnets}
for subnet_id, name in tier.items():
    expected = {"public": "elb", "private": "internal-elb", "pod": "cni"}.get(name)
    assert roles[subnet_id] == ({f"kubernetes.io/role/{expected}": "1"} if expected else {}), (name, roles[subnet_id])

# One NAT gateway in the public subnet of each zone; private and pod subnets use that of their own zone.
gateways = [g for g in ec2.describe_nat_gateways(Filters=inside)["NatGateways"] if g["State"] == "available"]
assert sorted((tier[g["SubnetId"]], zone[g["SubnetId"]]) for g in gateways) == [("public", region + z) for z in "abc"]
nat_zone = {g["NatGatewayId"]: zone[g["SubnetId"]] for g in gateways}
(internet,) = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}])[
    "InternetGateways"
]
default_route = {}
endpoints_of = {}
for table in ec2.describe_route_tables(Filters=inside)["RouteTables"]:
    for association in table["Associations"]:
        if "SubnetId" in association:
            out = [r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"]
            default_route[association["SubnetId"]] = out[0] if out else None
            endpoints_of[association["SubnetId"]] = table["RouteTableId"]
assert default_route.keys() == tier.keys(), "a subnet has no route table of ours"
for subnet_id, route in default_route.items():
    if tier[subnet_id] == "public":
        assert route["GatewayId"] == internet["InternetGatewayId"], route
    elif tier[subnet_id] == "database":
        assert route is None, route
    else:
        assert nat_zone[route["NatGatewayId"]] == zone[subnet_id], route

# Endpoints: S3 and DynamoDB in the routes of all that has no internet gateway, the rest with private DNS.
endpoints = {
    e["ServiceName"].split(region + ".")[1]: e for e in ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
}
interface = [
    "ecr.api",
    "ecr.dkr",
    "sts",
    "logs",
    "secretsmanager",
    "kms",
    "ec2",
    "elasticloadbalancing",
    "autoscaling",
    "sqs",
]
assert endpoints.keys() == {"s3", "dynamodb", *interface}, endpoints.keys()
inner_tables = {endpoints_of[subnet_id] for subnet_id, name in tier.items() if name != "public"}
for name in ("s3", "dynamodb"):
    assert set(endpoints[name]["RouteTableIds"]) == inner_tables, name
for name in interface:
    assert endpoints[name]["PrivateDnsEnabled"], name
    assert {tier[s] for s in endpoints[name]["SubnetIds"]} == {"private"}, name
    assert len(endpoints[name]["SubnetIds"]) == 3, name
groups = {g["GroupName"]: g for g in ec2.describe_security_groups(Filters=inside)["SecurityGroups"]}
(rule,) = groups["production-trading-engine-vpc-endpoints"]["IpPermissions"]
assert (rule["FromPort"], rule["ToPort"], len(rule["IpRanges"])) == (443, 443, 6), rule
assert groups["default"]["IpPermissions"] == groups["default"]["IpPermissionsEgress"] == [], groups["default"]

# Flow logs of everything to the bucket.
(flow_log,) = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc["VpcId"]]}])["FlowLogs"]
assert (flow_log["TrafficType"], flow_log["LogDestinationType"]) == ("ALL", "s3"), flow_log
assert "production-trading-engine-flow-logs" in flow_log["LogDestination"], flow_log

# The database tier: PostgreSQL and Redis from nodes and pods, answers to them, its own traffic, nothing else.
(acl,) = ec2.describe_network_acls(Filters=inside + named(["production-trading-engine-database"]))["NetworkAcls"]
assert {tier[a["SubnetId"]] for a in acl["Associations"]} == {"database"} and len(acl["Associations"]) == 3
entries = [e for e in acl["Entries"] if e["RuleNumber"] != 32767]
clients = {s["CidrBlock"] for s in subnets if tier[s["SubnetId"]] in ("private", "pod")}
own = {s["CidrBlock"] for s in subnets if tier[s["SubnetId"]] == "database"}
for egress, ports in ((False, {(5432, 5432), (6379, 6379)}), (True, {(1024, 65535)})):
    side = [e for e in entries if e["Egress"] is egress]
    tcp = {(e["CidrBlock"], e["PortRange"]["From"], e["PortRange"]["To"]) for e in side if e["Protocol"] == "6"}
    assert tcp == {(cidr, *pair) for cidr in clients for pair in ports}, tcp
    assert {e["CidrBlock"] for e in side if e["Protocol"] == "-1"} == own, side
