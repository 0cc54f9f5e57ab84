"""Replicas, promotion, replicated backups and event subscriptions as RDS has and refuses them."""

from typing import Any

import pytest
from emulator_asserts import refused
from rds_estate import ARN, GROUP, NAME, PASSWORD, WEST, described, instance, key, subnet_group

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer

REPLICA = "orders-replica"


@pytest.fixture
def rds(emulator: EmulatorServer) -> Any:
    return emulator.client("rds")


@pytest.fixture
def source(emulator: EmulatorServer, rds: Any) -> str:
    """An encrypted source with backups; returns its key."""
    arn = key(emulator)
    rds.create_db_instance(**instance(StorageEncrypted=True, KmsKeyId=arn, Tags=[{"Key": "Team", "Value": "devops"}]))
    return arn


def replica(rds: Any, **changed: Any) -> None:
    arguments = {"DBInstanceIdentifier": REPLICA, "SourceDBInstanceIdentifier": NAME, **changed}
    rds.create_db_instance_read_replica(**arguments)


def test_replica_of_the_same_region(emulator: EmulatorServer, rds: Any, source: str) -> None:
    rds.create_db_parameter_group(DBParameterGroupName=GROUP, DBParameterGroupFamily="postgres16", Description="x")
    rds.modify_db_instance(DBInstanceIdentifier=NAME, DBParameterGroupName=GROUP)
    replica(rds, Tags=[{"Key": "Team", "Value": "reports"}])
    made = described(emulator, REPLICA)
    assert made["ReadReplicaSourceDBInstanceIdentifier"] == NAME
    assert made["KmsKeyId"] == source
    assert made["BackupRetentionPeriod"] == 0
    assert made["DBParameterGroups"][0] == {"DBParameterGroupName": GROUP, "ParameterApplyStatus": "in-sync"}
    assert made["TagList"] == [{"Key": "Team", "Value": "reports"}]
    assert made["StatusInfos"] == [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}]
    assert made["DbiResourceId"] != described(emulator)["DbiResourceId"]
    assert described(emulator)["ReadReplicaDBInstanceIdentifiers"] == [REPLICA]
    assert described(emulator)["TagList"] == [{"Key": "Team", "Value": "devops"}]


def test_replica_in_another_region(emulator: EmulatorServer, source: str) -> None:
    subnet_group(emulator, WEST)
    west_key = key(emulator, WEST)
    west = emulator.client("rds", WEST)
    replica(west, SourceDBInstanceIdentifier=ARN, KmsKeyId=west_key, DBSubnetGroupName=NAME)
    made = described(emulator, REPLICA, WEST)
    assert made["ReadReplicaSourceDBInstanceIdentifier"] == ARN
    assert made["KmsKeyId"] == west_key
    assert made["DBInstanceArn"].startswith("arn:aws:rds:us-west-2:")
    assert made["DBSubnetGroup"]["DBSubnetGroupName"] == NAME
    assert made["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"
    assert described(emulator)["ReadReplicaDBInstanceIdentifiers"] == [made["DBInstanceArn"]]
    assert [one["DBInstanceIdentifier"] for one in emulator.client("rds").describe_db_instances()["DBInstances"]] == [
        NAME
    ]


def test_subnet_group_of_a_replica_beside_its_source(emulator: EmulatorServer, rds: Any) -> None:
    """Its source's, and no other, not even the same one by name; a source given by ARN leaves the choice."""
    subnet_group(emulator)
    subnet_group(emulator, name="other")
    rds.create_db_instance(**instance(DBSubnetGroupName=NAME))
    for group in (NAME, "other"):
        with refused(
            "DBSubnetGroupNotAllowedFault", "DbSubnetGroupName should not be specified for read replicas that"
        ):
            replica(rds, DBSubnetGroupName=group)
    replica(rds)
    assert described(emulator, REPLICA)["DBSubnetGroup"]["DBSubnetGroupName"] == NAME
    replica(rds, DBInstanceIdentifier="second", SourceDBInstanceIdentifier=ARN, DBSubnetGroupName="other")
    assert described(emulator, "second")["DBSubnetGroup"]["DBSubnetGroupName"] == "other"


def test_security_group_of_a_replica_is_in_its_sources_vpc(emulator: EmulatorServer, rds: Any) -> None:
    subnet_group(emulator)
    rds.create_db_instance(**instance(DBSubnetGroupName=NAME))
    ec2 = emulator.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    elsewhere = ec2.create_security_group(GroupName="x", Description="x", VpcId=vpc_id)["GroupId"]
    with refused("InvalidParameterCombination", "are in different VPCs"):
        replica(rds, VpcSecurityGroupIds=[elsewhere])


def test_delay_of_replicas_is_their_own(emulator: EmulatorServer, rds: Any, source: str) -> None:
    process.post(emulator.endpoint, "/_emulator/delays", {"rds_replica": 60.0})
    replica(rds)
    assert described(emulator)["DBInstanceStatus"] == "available"
    assert described(emulator, REPLICA)["DBInstanceStatus"] == "creating"
    with refused("InvalidDBInstanceState", "not currently in the available state"):
        replica(rds, DBInstanceIdentifier="second", SourceDBInstanceIdentifier=REPLICA)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"DBParameterGroupName": GROUP}, "A parameter group can't be specified during Read Replica creation"),
        ({"DatabaseInsightsMode": "standard"}, "DatabaseInsightsMode is not supported"),
        ({"Iops": 3000}, "You can't specify IOPS or storage throughput for engine postgres"),
        ({"MaxAllocatedStorage": 101}, "Invalid max storage size"),
        ({"MonitoringInterval": 60}, "A MonitoringRoleARN value is required"),
    ],
)
def test_what_a_replica_does_not_take(rds: Any, source: str, changed: dict[str, Any], message: str) -> None:
    with refused("InvalidParameterCombination", message):
        replica(rds, **changed)


def test_key_of_a_replica_in_another_region(emulator: EmulatorServer, source: str) -> None:
    west = emulator.client("rds", WEST)
    with refused("InvalidParameterCombination", "Cannot create a cross region unencrypted read replica"):
        replica(west, SourceDBInstanceIdentifier=ARN)
    with refused("KMSKeyNotAccessibleFault", "KMS key"):
        replica(west, SourceDBInstanceIdentifier=ARN, KmsKeyId=source)


def test_source_without_backups_has_no_replicas(rds: Any) -> None:
    rds.create_db_instance(**instance(BackupRetentionPeriod=0))
    with refused("InvalidDBInstanceState", "Automated backups are not enabled for this database instance."):
        replica(rds)


def test_source_with_replicas_keeps_its_backups(rds: Any, source: str) -> None:
    replica(rds)
    with refused("InvalidParameterCombination", "Cannot set backup retention period to 0"):
        rds.modify_db_instance(DBInstanceIdentifier=NAME, BackupRetentionPeriod=0)


def test_managed_password_and_replicas_exclude_each_other(rds: Any) -> None:
    rds.create_db_instance(**instance(MasterUserPassword=None, ManageMasterUserPassword=True))
    with refused("InvalidParameterValue", "where ManageMasterUserPassword is enabled is not supported"):
        replica(rds)
    rds.modify_db_instance(
        DBInstanceIdentifier=NAME, ManageMasterUserPassword=False, MasterUserPassword=PASSWORD, ApplyImmediately=True
    )
    replica(rds)
    with refused("InvalidParameterValue", "ManageMasterUserPassword is not supported for source instance"):
        rds.modify_db_instance(DBInstanceIdentifier=NAME, ManageMasterUserPassword=True)


def test_password_of_a_replica(rds: Any, source: str) -> None:
    replica(rds)
    with refused("InvalidParameterCombination", "Cannot change master user password on an RDS postgres Read Replica"):
        rds.modify_db_instance(DBInstanceIdentifier=REPLICA, MasterUserPassword=PASSWORD)


def test_the_name_of_a_replica_is_taken_once(rds: Any, source: str) -> None:
    replica(rds)
    with refused("DBInstanceAlreadyExists", "already exists"):
        replica(rds)


def test_promotion(emulator: EmulatorServer, source: str) -> None:
    west = emulator.client("rds", WEST)
    replica(west, SourceDBInstanceIdentifier=ARN, KmsKeyId=key(emulator, WEST))
    west.promote_read_replica(DBInstanceIdentifier=REPLICA, BackupRetentionPeriod=30)
    made = described(emulator, REPLICA, WEST)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in made
    assert made["BackupRetentionPeriod"] == 30
    assert described(emulator)["ReadReplicaDBInstanceIdentifiers"] == []
    with refused("InvalidDBInstanceState", "is not a read replica"):
        west.promote_read_replica(DBInstanceIdentifier=REPLICA)


def test_deleting_a_replica_and_a_source(emulator: EmulatorServer, rds: Any, source: str) -> None:
    west = emulator.client("rds", WEST)
    replica(rds)
    replica(rds, DBInstanceIdentifier="second")
    replica(west, SourceDBInstanceIdentifier=ARN, KmsKeyId=key(emulator, WEST))
    with refused("InvalidParameterCombination", "can not be specified when deleting a replica instance"):
        rds.delete_db_instance(DBInstanceIdentifier=REPLICA, FinalDBSnapshotIdentifier="last")
    rds.delete_db_instance(DBInstanceIdentifier=REPLICA, SkipFinalSnapshot=True)
    assert len(described(emulator)["ReadReplicaDBInstanceIdentifiers"]) == 2
    rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in described(emulator, "second"), "promoted"
    assert described(emulator, REPLICA, WEST)["DBInstanceStatus"] == "terminated"


def test_replicated_backups(emulator: EmulatorServer, source: str) -> None:
    west, west_key = emulator.client("rds", WEST), key(emulator, WEST)
    start = west.start_db_instance_automated_backups_replication
    with refused("InvalidParameterCombination", "KmsKeyId is required"):
        start(SourceDBInstanceArn=ARN)
    with refused("KMSKeyNotAccessibleFault", "KMS key"):
        start(SourceDBInstanceArn=ARN, KmsKeyId=source)
    with refused("InvalidParameterValue", "Must be between 1 and 35"):
        start(SourceDBInstanceArn=ARN, KmsKeyId=west_key, BackupRetentionPeriod=36)
    with refused("DBInstanceNotFound", "not found"):
        start(SourceDBInstanceArn=ARN.replace(NAME, "nobody"), KmsKeyId=west_key)
    with refused("InvalidParameterCombination", "must be in another AWS Region"):
        emulator.client("rds").start_db_instance_automated_backups_replication(SourceDBInstanceArn=ARN)
    start(SourceDBInstanceArn=ARN, KmsKeyId=west_key, BackupRetentionPeriod=30)
    with refused("InvalidDBInstanceAutomatedBackupState", "already replicated"):
        start(SourceDBInstanceArn=ARN, KmsKeyId=west_key)
    found = west.describe_db_instance_automated_backups(DBInstanceIdentifier=NAME)["DBInstanceAutomatedBackups"]
    assert [(one["Region"], one["Status"], one["KmsKeyId"]) for one in found] == [
        ("us-east-1", "replicating", west_key)
    ]
    west.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=ARN)
    assert west.describe_db_instance_automated_backups(DBInstanceIdentifier=NAME)["DBInstanceAutomatedBackups"] == []


def test_event_subscriptions(emulator: EmulatorServer, rds: Any) -> None:
    with refused("SNSTopicArnNotFound", "The SNS topic ARN does not exist."):
        rds.create_event_subscription(SubscriptionName="x", SnsTopicArn="arn:aws:sns:us-east-1:123456789012:none")
    topic = emulator.client("sns").create_topic(Name="critical")["TopicArn"]
    with refused("InvalidParameterCombination", "without a SourceType"):
        rds.create_event_subscription(SubscriptionName="x", SnsTopicArn=topic, SourceIds=[NAME])
    rds.create_event_subscription(SubscriptionName="x", SnsTopicArn=topic, SourceType="db-instance")
    assert rds.describe_event_subscriptions()["EventSubscriptionsList"][0]["Enabled"] is True
    rds.modify_event_subscription(SubscriptionName="x", EventCategories=["failover"], Enabled=False)
    held = rds.describe_event_subscriptions(SubscriptionName="x")["EventSubscriptionsList"][0]
    assert (held["EventCategoriesList"], held["Enabled"]) == (["failover"], False)
    with refused("SubscriptionNotFound", ""):
        rds.modify_event_subscription(SubscriptionName="y")
