"""The main job: playbooks/site.yml with the production inventory, both regions, against the embedded AWS."""

from typing import Any

from site_harness import FEW_SERVICES, NO_CHANGE, PRODUCTION_ACCOUNT, run_site
from trading_platform.emulator.testing import EmulatorServer


def group_named(emulator: EmulatorServer, name: str) -> dict[str, Any]:
    """Find a security group of the primary region."""
    groups = emulator.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
    return dict(groups["SecurityGroups"][0])


def test_a_second_run_repairs_what_was_changed_by_hand_and_nothing_else(production: EmulatorServer) -> None:
    """A rule opened to the world, and a tag removed. A dry run says so before, and writes nothing."""
    ec2 = production.client("ec2")
    before = group_named(production, "production-trading-engine-rds")
    anyone = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=before["GroupId"], IpPermissions=[anyone])
    subnet = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.0.11.0/24"]}])["Subnets"][0]
    ec2.delete_tags(Resources=[subnet["SubnetId"]], Tags=[{"Key": "Compliance"}])
    touched = ["vpc : Subnets | Make the subnets", "security_groups : Set the rules of the groups"]
    only_these = {"us-east-1": len(touched), "us-west-2": 0}

    production.forget_calls()
    check = run_site(production, "--check", "--diff")
    assert (check.exit_code, check.changed, check.failed) == (0, only_these, NO_CHANGE)
    assert check.changed_tasks() == touched
    assert any(line.startswith("-") and "0.0.0.0/0" in line for line in check.output.splitlines())
    # Of the rule; the collection's module of subnets shows no difference.
    assert check.output.count("+++") == 1, "it shows a difference where it reports no change"
    assert production.calls() == {}

    second = run_site(production)
    assert (second.exit_code, second.changed, second.failed) == (0, only_these, NO_CHANGE)
    assert second.changed_tasks() == touched
    assert group_named(production, "production-trading-engine-rds")["IpPermissions"] == before["IpPermissions"]
    tags = ec2.describe_subnets(SubnetIds=[subnet["SubnetId"]])["Subnets"][0]["Tags"]
    assert {"Key": "Compliance", "Value": "PCI-DSS"} in tags


def test_the_credentials_of_another_account_are_refused(production: EmulatorServer) -> None:
    """Staging's inventory with production's credentials: nothing is asked but who we are."""
    production.forget_calls()
    run = run_site(production, inventory="inventories/staging", **FEW_SERVICES)
    assert run.exit_code == 2
    text = " ".join(run.output.split())
    told = f"this inventory is for account 444455556666, but the credentials belong to {PRODUCTION_ACCOUNT} (arn:aws:"
    assert told in text
    assert "PLAY [Foundation" not in text
    assert production.calls() == {}
    assert set(production.reading_calls()) <= {"sts.GetCallerIdentity", "iam.ListAccountAliases"}
