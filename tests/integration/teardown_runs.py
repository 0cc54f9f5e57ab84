"""What the tests that remove an estate have in common."""

import json

from site_harness import Run, run_playbook
from trading_platform.emulator.testing import EmulatorServer

UNPROTECTED = {f"{role}_deletion_protection": False for role in ("rds", "alb", "eks")}


def arguments(environment: str, **more: object) -> list[str]:
    """What a user gives on the command line who has turned the protections off."""
    return ["-e", f"confirm={environment}", "-e", json.dumps({**UNPROTECTED, **more})]


def back_up_a_volume(aws: EmulatorServer, name: str) -> str:
    """Make a recovery point in the vault of the primary region, as the plan does every night, and give its ARN."""
    volume = aws.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    job = aws.client("backup").start_backup_job(
        BackupVaultName=name,
        ResourceArn=f"arn:aws:ec2:us-east-1:{aws.account_id}:volume/{volume}",
        IamRoleArn=f"arn:aws:iam::{aws.account_id}:role/{name}-backup",
    )
    arn: str = job["RecoveryPointArn"]
    return arn


def run_teardown(emulator: EmulatorServer, *given: str, environment: str = "production") -> Run:
    """Run playbooks/teardown.yml to its end."""
    return run_playbook(emulator, "playbooks/teardown.yml", *given, inventory=f"inventories/{environment}")
