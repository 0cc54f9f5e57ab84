"""plugins/modules/rds_automated_backups_replication.py and rds_event_subscription.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes
from rds_world import NAME, TAGS, described, kms_key, world

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer

instance = load("rds_instance").main
replication = load("rds_automated_backups_replication").main
subscription = load("rds_event_subscription").main
WEST = "us-west-2"


@pytest.fixture
def asked(aws: EmulatorServer) -> dict[str, Any]:
    run_module(instance, world(aws))
    return {
        "source_arn": described(aws)["DBInstanceArn"],
        "kms_key_id": kms_key(aws, WEST),
        "retention_days": 30,
        "region": WEST,
        "tags": TAGS,
    }


def replicated(aws: EmulatorServer) -> list[dict[str, Any]]:
    found = aws.client("rds", WEST).describe_db_instance_automated_backups(DBInstanceIdentifier=NAME)
    backups: list[dict[str, Any]] = found["DBInstanceAutomatedBackups"]
    return backups


def test_backups_on_an_empty_account(aws: EmulatorServer) -> None:
    arguments = {
        "source_arn": "arn:aws:rds:us-east-1:000000000000:db:orders-planned",
        "kms_key_id": "arn:aws:kms:us-west-2:000000000000:key/mrk-planned",
        "region": WEST,
    }
    result = run_module(replication, arguments, check=True)
    assert (result["changed"], result["api_calls"]) == (True, [])


def test_backups_are_replicated_once(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    planned = run_module(replication, asked, check=True)
    assert (planned["changed"], writes(planned)) == (True, [])
    result = run_module(replication, asked)
    assert writes(result) == ["rds.StartDBInstanceAutomatedBackupsReplication"]
    backup = replicated(aws)[0]
    assert (backup["BackupRetentionPeriod"], backup["KmsKeyId"]) == (30, asked["kms_key_id"])
    assert (backup["Region"], backup["Status"]) == ("us-east-1", "replicating")
    for check in (False, True):
        again = run_module(replication, asked, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 1)


def test_another_retention_begins_anew_and_tags_do_not(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(replication, asked)
    assert writes(run_module(replication, {**asked, "retention_days": 20}, check=True)) == []
    result = run_module(replication, {**asked, "retention_days": 20})
    assert writes(result) == [
        "rds.StopDBInstanceAutomatedBackupsReplication",
        "rds.StartDBInstanceAutomatedBackupsReplication",
    ]
    result = run_module(replication, {**asked, "retention_days": 20, "tags": {"Team": "data"}})
    assert writes(result) == ["rds.RemoveTagsFromResource", "rds.AddTagsToResource"]
    assert replicated(aws)[0]["TagList"] == [{"Key": "Team", "Value": "data"}]


def test_backups_end(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(replication, asked)
    absent = {"source_arn": asked["source_arn"], "state": "absent", "region": WEST}
    assert run_module(replication, absent)["changed"] is True
    assert run_module(replication, absent)["changed"] is False
    assert replicated(aws) == []


def test_backups_of_what_is_not_ready_or_is_here(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    failed = run_module(replication, {**asked, "region": "us-east-1"})
    assert "is in this region itself" in failed["msg"]
    process.post(aws.endpoint, "/_emulator/delays", {"rds": 600.0})
    assert "not currently in the available state" in run_module(replication, asked)["msg"]


def topic(aws: EmulatorServer, name: str = "critical") -> str:
    return str(aws.client("sns").create_topic(Name=name)["TopicArn"])


def test_events(aws: EmulatorServer) -> None:
    arguments = {"name": NAME, "sns_topic_arn": topic(aws), "event_categories": ["failover", "failure"], "tags": TAGS}
    assert writes(run_module(subscription, arguments, check=True)) == []
    assert writes(run_module(subscription, arguments)) == ["rds.CreateEventSubscription"]
    found = aws.client("rds").describe_event_subscriptions(SubscriptionName=NAME)["EventSubscriptionsList"][0]
    assert (found["SourceType"], found["Enabled"]) == ("db-instance", True)
    assert found["EventCategoriesList"] == ["failover", "failure"]
    for check in (False, True):
        assert (
            run_module(subscription, {**arguments, "event_categories": ["failure", "failover"]}, check=check)["changed"]
            is False
        )


def test_events_changed_and_removed(aws: EmulatorServer) -> None:
    arguments = {"name": NAME, "sns_topic_arn": topic(aws), "event_categories": ["failover"]}
    run_module(subscription, arguments)
    aws.client("rds").modify_event_subscription(SubscriptionName=NAME, Enabled=False)
    changed = {**arguments, "sns_topic_arn": topic(aws, "other"), "tags": TAGS}
    result = run_module(subscription, changed)
    assert result["actions"] == ["update: enabled, sns_topic_arn, tags"]
    assert writes(result) == ["rds.ModifyEventSubscription", "rds.AddTagsToResource"]
    assert run_module(subscription, changed)["changed"] is False
    absent = {"name": NAME, "state": "absent"}
    assert run_module(subscription, absent)["changed"] is True
    assert run_module(subscription, absent)["changed"] is False


def test_events_without_their_topic(aws: EmulatorServer) -> None:
    failed = run_module(subscription, {"name": NAME, "sns_topic_arn": "arn:aws:sns:us-east-1:123456789012:none"})
    assert "The SNS topic ARN does not exist." in failed["msg"]
