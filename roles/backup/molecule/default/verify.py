"""Both regions have a vault with a key of their own; the primary fills its own every day and copies into the other."""

import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
NAME = "production-trading-engine"
backup, kms = boto3.client("backup"), boto3.client("kms")
(vault,) = backup.list_backup_vaults()["BackupVaultList"]
assert vault["BackupVaultName"] == NAME, vault
assert vault["EncryptionKeyArn"] == kms.describe_key(KeyId=f"alias/{NAME}-backup")["KeyMetadata"]["Arn"], vault
opted = backup.describe_region_settings()["ResourceTypeOptInPreference"]
assert opted["EBS"] and opted["EFS"], opted
assert backup.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"]["Compliance"] == "PCI-DSS"

plans = backup.list_backup_plans()["BackupPlansList"]
if region != "us-east-1":
    assert plans == [], plans
else:
    (plan,) = plans
    (rule,) = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
    assert rule["ScheduleExpression"] == "cron(0 5 ? * * *)", rule
    assert rule["Lifecycle"] == {"DeleteAfterDays": 30}, rule
    assert rule["EnableContinuousBackup"] is False, rule
    west = f"arn:aws:backup:us-west-2:{account}:backup-vault:{NAME}"
    assert [one["DestinationBackupVaultArn"] for one in rule["CopyActions"]] == [west], rule
    listed = backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
    (selection,) = [
        backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=one["SelectionId"])[
            "BackupSelection"
        ]
        for one in listed
    ]
    assert not any(":rds:" in arn for arn in selection["Resources"]), selection
    conditions = {one["ConditionKey"]: one["ConditionValue"] for one in selection["Conditions"]["StringEquals"]}
    assert conditions["aws:ResourceTag/Project"] == "trading-engine", conditions
    assert "ListOfTags" not in selection, selection
