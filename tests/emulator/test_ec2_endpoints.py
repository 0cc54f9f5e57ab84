"""VPC endpoints and flow logs, EBS settings and launch templates: what is kept, and what is refused as AWS does."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator import quotas
from trading_platform.emulator.testing import EmulatorServer

STS = "com.amazonaws.us-east-1.sts"
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]})


@pytest.fixture
def ec2(emulator: EmulatorServer) -> Any:
    return emulator.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    """A VPC with both DNS attributes on."""
    created: str = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=created, EnableDnsHostnames={"Value": True})
    return created


def make_subnet(ec2: Any, vpc: str, number: int, zone: str) -> str:
    arguments = {"VpcId": vpc, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": zone}
    created: str = ec2.create_subnet(**arguments)["Subnet"]["SubnetId"]
    return created


def make_group(ec2: Any, vpc: str, name: str) -> str:
    created: str = ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
    return created


def make_endpoint(ec2: Any, vpc: str, subnets: list[str], service: str = STS, **more: Any) -> dict[str, Any]:
    arguments = {"VpcId": vpc, "ServiceName": service, "VpcEndpointType": "Interface", "SubnetIds": subnets, **more}
    endpoint: dict[str, Any] = ec2.create_vpc_endpoint(**arguments)["VpcEndpoint"]
    return endpoint


def described(ec2: Any, endpoint: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])["VpcEndpoints"][0]
    return held


def test_interface_endpoint_is_changed_in_every_way(ec2: Any, vpc: str) -> None:
    first, second = make_subnet(ec2, vpc, 1, "us-east-1a"), make_subnet(ec2, vpc, 2, "us-east-1b")
    one, two = make_group(ec2, vpc, "one"), make_group(ec2, vpc, "two")
    made = make_endpoint(ec2, vpc, [first], SecurityGroupIds=[one], DnsOptions={"DnsRecordIpType": "ipv4"})
    assert made["PrivateDnsEnabled"] is True
    assert made["DnsEntries"][-1]["DnsName"] == "sts.us-east-1.amazonaws.com"
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"],
        AddSubnetIds=[second],
        RemoveSubnetIds=[first],
        AddSecurityGroupIds=[two],
        RemoveSecurityGroupIds=[one],
        PolicyDocument=POLICY,
        PrivateDnsEnabled=False,
    )
    held = described(ec2, made)
    assert held["SubnetIds"] == [second]
    assert [group["GroupId"] for group in held["Groups"]] == [two]
    assert json.loads(held["PolicyDocument"]) == json.loads(POLICY)
    assert held["PrivateDnsEnabled"] is False
    assert len(held["DnsEntries"]) == 1
    interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=held["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert [(eni["SubnetId"], eni["PrivateIpAddress"]) for eni in interfaces] == [(second, "10.0.2.4")]
    assert [group["GroupId"] for group in interfaces[0]["Groups"]] == [two]
    assert [interfaces[0]["InterfaceType"], interfaces[0]["Status"]] == ["vpc_endpoint", "in-use"]


def test_endpoint_without_groups_has_the_default_one(ec2: Any, vpc: str) -> None:
    made = make_endpoint(ec2, vpc, [make_subnet(ec2, vpc, 1, "us-east-1a")])
    assert [group["GroupName"] for group in made["Groups"]] == ["default"]


def test_policy_is_reset(ec2: Any, vpc: str) -> None:
    made = make_endpoint(ec2, vpc, [make_subnet(ec2, vpc, 1, "us-east-1a")], PolicyDocument=POLICY)
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], ResetPolicy=True)
    assert json.loads(described(ec2, made)["PolicyDocument"])["Statement"][0]["Action"] == "*"


def test_gateway_endpoint_follows_its_route_tables(ec2: Any, vpc: str) -> None:
    tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway", RouteTableIds=tables[:1]
    )["VpcEndpoint"]
    assert (made["PrivateDnsEnabled"], made["DnsEntries"]) == (False, [])
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"], AddRouteTableIds=tables[1:], RemoveRouteTableIds=tables[:1]
    )
    routed = {
        table["RouteTableId"]
        for table in ec2.describe_route_tables(RouteTableIds=tables)["RouteTables"]
        if any(route.get("GatewayId") == made["VpcEndpointId"] for route in table["Routes"])
    }
    assert routed == set(tables[1:])


def test_deleted_endpoint_is_not_found(ec2: Any, vpc: str) -> None:
    subnet, group = make_subnet(ec2, vpc, 1, "us-east-1a"), make_group(ec2, vpc, "one")
    made = make_endpoint(ec2, vpc, [subnet], SecurityGroupIds=[group])
    with refused("DependencyViolation", f"The subnet '{subnet}' has dependencies"):
        ec2.delete_subnet(SubnetId=subnet)
    with refused("DependencyViolation", f"resource {group} has a dependent object"):
        ec2.delete_security_group(GroupId=group)
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["Unsuccessful"] == []
    with refused("InvalidVpcEndpointId.NotFound", made["VpcEndpointId"]):
        described(ec2, made)
    again = ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["Unsuccessful"]
    assert again[0]["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
    ec2.delete_subnet(SubnetId=subnet)


def test_one_client_token_makes_one_endpoint(ec2: Any, vpc: str) -> None:
    subnet = make_subnet(ec2, vpc, 1, "us-east-1a")
    made = {make_endpoint(ec2, vpc, [subnet], ClientToken="once")["VpcEndpointId"] for _ in range(2)}
    assert len(made) == 1


@pytest.mark.parametrize("attribute", ["EnableDnsHostnames", "EnableDnsSupport"])
def test_private_dns_without_dns_in_the_vpc(ec2: Any, vpc: str, attribute: str) -> None:
    subnet = make_subnet(ec2, vpc, 1, "us-east-1a")
    ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": False}})
    text = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for"
    with refused("InvalidParameter", f"{text} {vpc}"):
        make_endpoint(ec2, vpc, [subnet])
    made = make_endpoint(ec2, vpc, [subnet], PrivateDnsEnabled=False)
    with refused("InvalidParameter", text):
        ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], PrivateDnsEnabled=True)


def test_private_dns_that_another_endpoint_has(ec2: Any, vpc: str) -> None:
    subnet = make_subnet(ec2, vpc, 1, "us-east-1a")
    make_endpoint(ec2, vpc, [subnet], "com.amazonaws.us-east-1.ecr.api")
    text = "because there is already a conflicting DNS domain for api.ecr.us-east-1.amazonaws.com in the VPC"
    with refused("InvalidParameter", f"private-dns-enabled cannot be set {text} {vpc}"):
        make_endpoint(ec2, vpc, [subnet], "com.amazonaws.us-east-1.ecr.api")
    make_endpoint(ec2, vpc, [subnet], "com.amazonaws.us-east-1.ecr.api", PrivateDnsEnabled=False)


def test_private_dns_that_a_hosted_zone_has(ec2: Any, vpc: str, emulator: EmulatorServer) -> None:
    emulator.client("route53").create_hosted_zone(
        Name="sts.us-east-1.amazonaws.com",
        CallerReference="1",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
    )
    with refused("InvalidParameter", "conflicting DNS domain for sts.us-east-1.amazonaws.com"):
        make_endpoint(ec2, vpc, [make_subnet(ec2, vpc, 1, "us-east-1a")])


def test_two_subnets_of_one_zone(ec2: Any, vpc: str) -> None:
    first, second = make_subnet(ec2, vpc, 1, "us-east-1a"), make_subnet(ec2, vpc, 2, "us-east-1a")
    text = f"Found another VPC endpoint subnet in the availability zone of {second}. VPC endpoint subnets should be in"
    with refused("DuplicateSubnetsInSameZone", text):
        make_endpoint(ec2, vpc, [first, second])
    made = make_endpoint(ec2, vpc, [first])
    with refused("DuplicateSubnetsInSameZone", text):
        ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], AddSubnetIds=[second])
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], AddSubnetIds=[second], RemoveSubnetIds=[first])


def test_second_gateway_endpoint_on_a_route_table(ec2: Any, vpc: str) -> None:
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    arguments = {"VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.dynamodb", "RouteTableIds": [table]}
    ec2.create_vpc_endpoint(**arguments)
    with refused("RouteAlreadyExists", f"route table {table} already has a route with destination-prefix-list-id pl-"):
        ec2.create_vpc_endpoint(**arguments)


def test_service_of_another_region(ec2: Any, vpc: str) -> None:
    with refused("InvalidServiceName", "The Vpc Endpoint Service 'com.amazonaws.us-west-2.sts' does not exist"):
        make_endpoint(ec2, vpc, [make_subnet(ec2, vpc, 1, "us-east-1a")], "com.amazonaws.us-west-2.sts")


def test_route_tables_for_an_interface_endpoint(ec2: Any, vpc: str) -> None:
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    with refused("InvalidParameter", "Route table IDs are only supported for Gateway type VPC Endpoint."):
        make_endpoint(ec2, vpc, [], RouteTableIds=[table])


def test_endpoint_quotas(ec2: Any, vpc: str, emulator: EmulatorServer) -> None:
    subnet = make_subnet(ec2, vpc, 1, "us-east-1a")
    groups = [make_group(ec2, vpc, f"group-{number}") for number in range(6)]
    text = "The maximum number of security groups per interface has been reached."
    with refused("SecurityGroupsPerInterfaceLimitExceeded", text):
        make_endpoint(ec2, vpc, [subnet], SecurityGroupIds=groups)
    emulator.set_quotas({quotas.INTERFACE_ENDPOINTS_PER_VPC: 1})
    make_endpoint(ec2, vpc, [subnet])
    with refused("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached."):
        make_endpoint(ec2, vpc, [subnet], "com.amazonaws.us-east-1.kms")


@pytest.fixture
def flow(emulator: EmulatorServer, vpc: str) -> dict[str, Any]:
    """The arguments of a flow log to a bucket that exists."""
    emulator.client("s3").create_bucket(Bucket="flow-logs")
    return {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::flow-logs/vpc/",
    }


def test_flow_log_keeps_what_it_was_made_with(ec2: Any, flow: dict[str, Any]) -> None:
    more = {
        "LogFormat": "${version} ${vpc-id} ${pkt-srcaddr}",
        "MaxAggregationInterval": 60,
        "DestinationOptions": {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": True},
    }
    tags = [{"Key": "Name", "Value": "flow"}]
    ec2.create_flow_logs(**flow, **more, TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": tags}])
    held = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": flow["ResourceIds"]}])["FlowLogs"]
    assert len(held) == 1
    kept = {"TrafficType": "ALL", "LogDestination": flow["LogDestination"], "Tags": tags, "FlowLogStatus": "ACTIVE"}
    assert {**more, **kept}.items() <= held[0].items()


def test_flow_log_defaults(ec2: Any, flow: dict[str, Any]) -> None:
    ec2.create_flow_logs(**flow)
    held = ec2.describe_flow_logs()["FlowLogs"][0]
    assert held["MaxAggregationInterval"] == 600
    assert held["DestinationOptions"]["FileFormat"] == "plain-text"


def test_flow_log_that_exists(ec2: Any, flow: dict[str, Any]) -> None:
    ec2.create_flow_logs(**flow)
    with refused(
        "FlowLogAlreadyExists", "There is an existing Flow Log with the same configuration and log destination"
    ):
        ec2.create_flow_logs(**flow)
    ec2.create_flow_logs(**{**flow, "LogDestination": "arn:aws:s3:::flow-logs"})
    ec2.create_flow_logs(**{**flow, "LogDestination": "arn:aws:s3:::flow-logs/other"})
    assert len(ec2.describe_flow_logs()["FlowLogs"]) == 3


def test_flow_log_to_a_bucket_that_does_not_exist(ec2: Any, flow: dict[str, Any]) -> None:
    answer = ec2.create_flow_logs(**{**flow, "LogDestination": "arn:aws:s3:::no-such-bucket"})
    assert answer["FlowLogIds"] == []
    assert answer["Unsuccessful"][0]["Error"]["Message"] == "LogDestination: no-such-bucket does not exist."


def test_flow_log_adds_what_the_bucket_policy_lacks(ec2: Any, flow: dict[str, Any], emulator: EmulatorServer) -> None:
    s3 = emulator.client("s3")
    mine = {"Sid": "Mine", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:DeleteObject"}
    statement = {**mine, "Resource": "arn:aws:s3:::flow-logs/*"}
    s3.put_bucket_policy(Bucket="flow-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    ec2.create_flow_logs(**flow)
    policy = json.loads(s3.get_bucket_policy(Bucket="flow-logs")["Policy"])["Statement"]
    assert [one["Sid"] for one in policy] == ["Mine", "AWSLogDeliveryWrite", "AWSLogDeliveryAclCheck"]
    ec2.create_flow_logs(**{**flow, "TrafficType": "REJECT", "LogDestination": "arn:aws:s3:::flow-logs/vpc/AWSLogs2"})
    ec2.delete_flow_logs(FlowLogIds=[one["FlowLogId"] for one in ec2.describe_flow_logs()["FlowLogs"]])
    ec2.create_flow_logs(**flow)
    again = json.loads(s3.get_bucket_policy(Bucket="flow-logs")["Policy"])["Statement"]
    assert len([one for one in again if one["Resource"].startswith("arn:aws:s3:::flow-logs/vpc/AWSLogs/")]) == 1


@pytest.mark.parametrize(("hive", "folder"), [(False, "123456789012"), (True, "aws-account-id=123456789012")])
def test_flow_log_is_allowed_to_write_where_it_writes(
    ec2: Any, flow: dict[str, Any], emulator: EmulatorServer, hive: bool, folder: str
) -> None:
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": hive, "PerHourPartition": True}
    ec2.create_flow_logs(**{**flow, "DestinationOptions": options})
    policy = json.loads(emulator.client("s3").get_bucket_policy(Bucket="flow-logs")["Policy"])["Statement"]
    assert policy[0]["Resource"] == f"arn:aws:s3:::flow-logs/vpc/AWSLogs/{folder}/*"


def encrypt(emulator: EmulatorServer, key_id: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_id}}
    emulator.client("s3").put_bucket_encryption(Bucket="flow-logs", ServerSideEncryptionConfiguration={"Rules": [rule]})


def test_flow_log_to_an_encrypted_bucket(ec2: Any, flow: dict[str, Any], emulator: EmulatorServer) -> None:
    kms = emulator.client("kms")
    key = kms.create_key()["KeyMetadata"]
    encrypt(emulator, key["KeyId"])
    error = ec2.create_flow_logs(**flow)["Unsuccessful"][0]["Error"]["Message"]
    assert error == "LogDestination flow-logs is undeliverable"
    encrypt(emulator, key["Arn"])
    error = ec2.create_flow_logs(**flow)["Unsuccessful"][0]["Error"]["Message"]
    assert error == "Access Denied for LogDestination: flow-logs. Please check LogDestination permission."
    policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    delivery = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Resource": "*"}
    policy["Statement"].append({**delivery, "Action": ["kms:GenerateDataKey*", "kms:Decrypt"]})
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(policy))
    assert ec2.create_flow_logs(**flow)["Unsuccessful"] == []


def test_flow_log_role_for_s3(ec2: Any, flow: dict[str, Any]) -> None:
    with refused("InvalidParameter", "DeliverLogsPermissionArn is not applicable for s3 delivery"):
        ec2.create_flow_logs(**flow, DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow")


def test_flow_log_interval(ec2: Any, flow: dict[str, Any]) -> None:
    with refused("InvalidParameter", "Invalid Flow Log Max Aggregation Interval"):
        ec2.create_flow_logs(**flow, MaxAggregationInterval=300)


def test_ebs_default_key_is_kept_per_region(ec2: Any, emulator: EmulatorServer) -> None:
    ec2.enable_ebs_encryption_by_default()
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    kms = emulator.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/ebs", TargetKeyId=key["KeyId"])
    assert ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/ebs")["KmsKeyId"] == key["Arn"]
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == key["Arn"]
    west = emulator.client("ec2", "us-west-2")
    assert west.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    with refused("InvalidKmsKeyId.NotFound", f"The KMS key '{key['Arn']}' does not exist"):
        west.modify_ebs_default_kms_key_id(KmsKeyId=key["Arn"])
    ec2.reset_ebs_default_kms_key_id()
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"


def test_launch_template_tags_are_not_its_data(ec2: Any) -> None:
    own = {"ResourceType": "launch-template", "Tags": [{"Key": "Name", "Value": "nodes"}]}
    data = {
        "InstanceType": "t3.large",
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
    }
    ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data, TagSpecifications=[own])
    held = ec2.describe_launch_template_versions(LaunchTemplateName="nodes")["LaunchTemplateVersions"]
    assert [one["LaunchTemplateData"] for one in held] == [data]
    assert ec2.describe_launch_templates()["LaunchTemplates"][0]["Tags"] == own["Tags"]


def test_launch_template_version_builds_on_its_source(ec2: Any) -> None:
    data = {"InstanceType": "t3.large", "EbsOptimized": True}
    ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    change = {"LaunchTemplateData": {"InstanceType": "m5.large"}, "LaunchTemplateName": "nodes"}
    built = ec2.create_launch_template_version(SourceVersion="1", **change)["LaunchTemplateVersion"]
    assert built["LaunchTemplateData"] == {"InstanceType": "m5.large", "EbsOptimized": True}
    bare = ec2.create_launch_template_version(**change)["LaunchTemplateVersion"]
    assert bare["LaunchTemplateData"] == {"InstanceType": "m5.large"}
