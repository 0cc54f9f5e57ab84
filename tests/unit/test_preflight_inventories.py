"""The inventories of the repository are right, and one thing wrong in them is one line with its file and its key."""

from pathlib import Path

import pytest
from preflight_inventory import Copy


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path.resolve())


@pytest.mark.parametrize("name", ["production", "staging"])
def test_the_inventories_of_the_repository_are_right(tmp_path: Path, name: str) -> None:
    inventory = Copy(tmp_path.resolve(), name)
    assert inventory.lines() == []
    assert inventory.lines("warning") == []


pytestmark = pytest.mark.slow
PRODUCTION = "inventories/production"
ALL = f"{PRODUCTION}/group_vars/all"

# What to edit, and the one line that comes of it. A line that ends in "..." is compared up to there.
ONE_FAULT = {
    "a value out of range": (
        "group_vars/all/kms.yml",
        "kms_deletion_window_days: 30",
        "kms_deletion_window_days: 31",
        f"{ALL}/kms.yml: kms_deletion_window_days: found 31; must be from 7 to 30",
    ),
    "a choice that is none": (
        "group_vars/all/vpc.yml",
        "vpc_nat_gateway_mode: per_az",
        "vpc_nat_gateway_mode: per-az",
        f'{ALL}/vpc.yml: vpc_nat_gateway_mode: found "per-az"; must be one of per_az, single; did you mean per_az?',
    ),
    "a number that should be text": (
        "group_vars/all/eks.yml",
        'eks_version: "1.35"',
        "eks_version: 1.35",
        f"{ALL}/eks.yml: eks_version: found 1.35; must be a string: write it in quotes",
    ),
    "text that should be a number": (
        "group_vars/all/kms.yml",
        "kms_rotation_period_days: 365",
        'kms_rotation_period_days: "365"',
        f'{ALL}/kms.yml: kms_rotation_period_days: found "365"; must be a whole number',
    ),
    "an empty list": (
        "group_vars/all/eks.yml",
        "instance_types: [t3.xlarge]",
        "instance_types: []",
        f"{ALL}/eks.yml: eks_node_groups.general.instance_types: has 0 entries; must have at least 1",
    ),
    "an entry twice": (
        "group_vars/all/iam.yml",
        "  - spot.amazonaws.com",
        "  - rds.amazonaws.com",
        f'{ALL}/iam.yml: iam_service_linked_roles: lists "rds.amazonaws.com" more than once',
    ),
    "another tool in the tag": (
        "group_vars/all/platform.yml",
        "ManagedBy: ansible",
        "ManagedBy: terraform",
        f'{ALL}/platform.yml: platform_tags.ManagedBy: found "terraform"; must be "ansible"',
    ),
    "a required tag missing": (
        "group_vars/all/platform.yml",
        "  Compliance: PCI-DSS",
        "  Complience: PCI-DSS",
        f"{ALL}/platform.yml: platform_tags.Compliance: is missing; add it "
        "(Tagging Strategy > Compliance: the standard it is held to.); is Complience a misspelling of it?",
    ),
    "a name of an entry": (
        "group_vars/all/kms.yml",
        "  messaging:",
        "  Messaging:",
        f"{ALL}/kms.yml: kms_keys.Messaging: "
        "the name must be lower-case letters, digits, - and _, beginning with a letter",
    ),
    "a nested key missing": (
        "group_vars/all/kms.yml",
        "    description: SNS topics and SQS queues",
        "    multi_region: false",
        f"{ALL}/kms.yml: kms_keys.messaging.description: is missing; add it "
        "(Encryption > At Rest: what the key encrypts.)",
    ),
    "an unknown key": (
        "group_vars/primary/vpc.yml",
        "vpc_cidr:",
        "vpc_cdir:",
        f"{PRODUCTION}/group_vars/primary/vpc.yml: vpc_cdir: unknown key; did you mean vpc_cidr? "
        "Known keys of this file: vpc_cidr, vpc_secondary_cidrs, ...",
    ),
    "an unknown nested key": (
        "group_vars/all/vpc.yml",
        "    route: local",
        "    rout: local",
        f"{ALL}/vpc.yml: vpc_subnet_tiers.database.rout: unknown key; did you mean route? "
        "Known keys: prefix_length, offset, first_network, cidr, route, retired, tags",
    ),
    "a key of another role": (
        "group_vars/all/eks.yml",
        "eks_cluster_name:",
        "elasticache_engine_log: x\neks_cluster_name:",
        f"{ALL}/eks.yml: elasticache_engine_log: unknown key; did you mean elasticache_engine? "
        "Known keys of this file: eks_cluster_name, ...",
    ),
    "a variable missing in one region": (
        "group_vars/dr/vpc.yml",
        "vpc_cidr: 10.1.0.0/16\n",
        "",
        f'{PRODUCTION}/group_vars/dr/vpc.yml: vpc_cidr: is missing; add it, for example "10.0.0.0/16" '
        "(Network Architecture > VPC Configuration: the CIDR block of the VPC, /16 to /28.)",
    ),
    "a variable missing everywhere": (
        "group_vars/all/rds.yml",
        'rds_engine_version: "16.14"\n',
        "",
        f'{ALL}/rds.yml: rds_engine_version: is missing; add it, for example "16.14" '
        "(RDS PostgreSQL > Engine: version, in quotes.)",
    ),
    "a template that fails": (
        "group_vars/all/elasticache.yml",
        'elasticache_replication_group_id: "{{ platform_name }}"',
        'elasticache_replication_group_id: "{{ platform_nome }}"',
        f"{ALL}/elasticache.yml: elasticache_replication_group_id: cannot be templated: 'platform_nome' is undefined",
    ),
    "an address with host bits": (
        "group_vars/primary/vpc.yml",
        "vpc_cidr: 10.0.0.0/16",
        "vpc_cidr: 10.0.0.1/16",
        f"{PRODUCTION}/group_vars/primary/vpc.yml: vpc_cidr: 10.0.0.1/16 has host bits set; write 10.0.0.0/16",
    ),
    "regions that overlap": (
        "group_vars/dr/vpc.yml",
        "100.65.0.0/16",
        "100.64.0.0/16",
        f"{PRODUCTION}/group_vars/dr/vpc.yml: vpc_secondary_cidrs.pods: "
        "100.64.0.0/16 overlaps 100.64.0.0/16 (vpc_secondary_cidrs.pods of us-east-1)",
    ),
    "tiers that overlap, in a file of both regions": (
        "group_vars/all/vpc.yml",
        "offset: 11",
        "offset: 3",
        f"{ALL}/vpc.yml: vpc_subnet_tiers.database: 10.0.3.0 - 10.0.6.255 (4 slots of /24) overlaps what is kept ...",
    ),
    "a zone of another region": (
        "group_vars/dr/vpc.yml",
        "us-west-2c]",
        "us-east-1c]",
        f"{PRODUCTION}/group_vars/dr/vpc.yml: vpc_availability_zones: us-east-1c is in us-east-1, not in us-west-2",
    ),
    "no tier for the pods": (
        "group_vars/all/eks.yml",
        "tier: pod",
        "tier: pods",
        f"{ALL}/eks.yml: eks_pod_networking.tier: 'pods' is not a tier with subnets (known: ...",
    ),
    "more nodes at least than at most": (
        "group_vars/dr/eks.yml",
        "min_size: 3",
        "min_size: 12",
        f"{PRODUCTION}/group_vars/dr/eks.yml: eks_node_groups.general: needs 0 <= min_size <= max_size, not 12, 10",
    ),
    "a NAT route and no public subnets": (
        "group_vars/all/vpc.yml",
        "route: internet",
        "route: local",
        f"{ALL}/vpc.yml: vpc_subnet_tiers: a tier has `route: nat`, but no tier has `route: internet`, "
        "where the NAT gateways stand; add one",
    ),
    "windows that overlap": (
        "group_vars/all/rds.yml",
        "mon:04:00-mon:05:00",
        "mon:03:30-mon:05:00",
        f"{ALL}/rds.yml: rds_maintenance_window: mon:03:30-mon:05:00 overlaps rds_backup_window 03:00-04:00 "
        "from mon 03:30 to mon 04:00 UTC; the two may touch but not overlap (RDS API, CreateDBInstance): move one",
    ),
    "a window that is too short": (
        "group_vars/all/elasticache.yml",
        "sun:04:30-sun:05:30",
        "sun:04:30-sun:05:15",
        f"{ALL}/elasticache.yml: elasticache_maintenance_window: sun:04:30-sun:05:15 is 45 minutes long; "
        "ElastiCache wants at least 60 (ElastiCache API, CreateReplicationGroup)",
    ),
    "a name that is too long": (
        "group_vars/all/elasticache.yml",
        'elasticache_replication_group_id: "{{ platform_name }}"',
        'elasticache_replication_group_id: "{{ platform_name }}-and-its-replicas"',
        f"{ALL}/elasticache.yml: elasticache_replication_group_id: the ElastiCache replication group name "
        '"production-trading-engine-and-its-replicas" has 42 characters; AWS allows 40 (...',
    ),
    "a name with two hyphens": (
        "group_vars/all/rds.yml",
        'rds_identifier: "{{ platform_name }}"',
        'rds_identifier: "{{ platform_name }}--db"',
        f"{ALL}/rds.yml: rds_identifier: "
        'the RDS instance name "production-trading-engine--db" may not have -- in it (...',
    ),
    "bucket names of two regions": (
        "group_vars/all/s3.yml",
        'name: "{{ platform_name }}-logs{{ s3_region_suffix }}',
        'name: "{{ platform_name }}-logs',
        f'{ALL}/s3.yml: s3_buckets.logs.name: "production-trading-engine-logs" '
        "is also the name of s3_buckets.logs.name of us-east-1; bucket names are unique "
        "in all of S3; give each region its own s3_region_suffix [us-west-2]",
    ),
    "a tag that AWS keeps": (
        "group_vars/all/vpc.yml",
        "      kubernetes.io/role/elb:",
        "      aws:role/elb:",
        f"{ALL}/vpc.yml: vpc_subnet_tiers.public.tags.aws:role/elb: the tag key begins with aws:, ...",
    ),
    "EKS 1.28": (
        "group_vars/all/eks.yml",
        'eks_version: "1.35"',
        'eks_version: "1.28"',
        f"{ALL}/eks.yml: eks_version: EKS 1.28 can no longer be created: "
        "standard support ended on 2024-11-26 and extended support on 2025-11-26 "
        "(source: endoflife-date/endoflife.date @a70eca337, checked 2026-08-22); use 1.35",
    ),
    "EKS in extended support": (
        "group_vars/all/eks.yml",
        'eks_version: "1.35"',
        'eks_version: "1.33"',
        f"{ALL}/eks.yml: eks_version: EKS 1.33 left standard support on 2026-07-29; "
        "extended support until 2027-07-29 costs extra and is not used here (...",
    ),
    "PostgreSQL 16.1": (
        "group_vars/all/rds.yml",
        '"16.14"',
        '"16.1"',
        f"{ALL}/rds.yml: rds_engine_version: RDS PostgreSQL 16.1 can no longer be created since 2024-12-09: "
        "standard support ended on 2025-03-31 "
        "(source: AWS notice quoted in aws/aws-cdk#33663, checked 2026-11-22); use 16.14",
    ),
    "a version that is not known": (
        "group_vars/all/elasticache.yml",
        '"7.1"',
        '"7.4"',
        f"{ALL}/elasticache.yml: elasticache_engine_version: ElastiCache Redis OSS 7.4 is not known; "
        "the calendar has 7, 7.1, 7.0, 6, 5, 4; ...",
    ),
}


@pytest.mark.parametrize(("file", "good", "bad", "line"), ONE_FAULT.values(), ids=ONE_FAULT)
def test_one_fault_is_one_line(copy: Copy, file: str, good: str, bad: str, line: str) -> None:
    copy.edit(file, good, bad)
    copy.assert_one_line(line)


def test_a_figure_that_others_repeat_is_told_where_it_stands_and_where_it_is_used(copy: Copy) -> None:
    copy.edit("group_vars/all/platform.yml", '"111122223333"', '"1111-2222-3333"')
    assert (
        f'{ALL}/platform.yml: platform_account_id: found "1111-2222-3333"; '
        'must be 12 digits in quotes, such as "111122223333"'
    ) in copy.lines()


def test_a_bucket_that_is_not_there_is_told_for_each_region_with_what_it_has(copy: Copy) -> None:
    copy.edit("group_vars/all/s3.yml", "access_logs_to: logs", "access_logs_to: log")
    found = copy.lines()
    assert [line.rpartition(" ")[2] for line in found] == ["[us-east-1]", "[us-west-2]"]
    for line in found:
        assert 's3_buckets.backups.access_logs_to: "log" is not in s3_buckets (it has backups, logs, flow_logs' in line
        assert "did you mean logs?" in line


def test_every_fault_is_told_at_once(copy: Copy) -> None:
    names = ["an unknown key", "a zone of another region", "EKS 1.28", "windows that overlap", "a value out of range"]
    for name in [*names, "a name that is too long"]:
        copy.edit(*ONE_FAULT[name][:3])
    found = copy.lines()
    assert len(found) == 6, "\n".join(found)
    for name in [*names, "a name that is too long"]:
        line = ONE_FAULT[name][3]
        assert any(each.startswith(line.removesuffix("...")) for each in found), line


def test_a_region_that_differs_from_the_others_is_named(copy: Copy) -> None:
    copy.edit(
        "group_vars/all/s3.yml",
        "-flow-logs{{ s3_region_suffix }}",
        "-the-logs-of-the-flows-to-s3-of{{ s3_region_suffix }}",
    )
    found = copy.lines()
    assert len(found) == 1
    assert found[0].endswith(" [us-west-2]")
    assert "has 66 characters; AWS allows 63" in found[0]


def test_pods_without_addresses_are_told_in_both_regions(copy: Copy) -> None:
    copy.edit("group_vars/all/eks.yml", "custom_networking: true", "custom_networking: false")
    files = [line.split(": eks_node_groups: the private subnets hold")[0] for line in copy.lines()]
    assert files == [f"{ALL}/eks.yml", f"{PRODUCTION}/group_vars/dr/eks.yml"]


def test_a_version_that_ends_soon_warns(copy: Copy) -> None:
    copy.edit("group_vars/all/eks.yml", '"1.35"', '"1.34"')
    assert copy.lines() == []
    assert copy.lines("warning") == [
        f"{ALL}/eks.yml: eks_version: EKS 1.34 leaves standard support on 2026-12-02, in 9 days "
        "(source: endoflife-date/endoflife.date @a70eca337, checked 2026-08-22); use 1.35"
    ]


def test_the_day_can_be_chosen(copy: Copy) -> None:
    assert copy.lines(today="2027-03-27")[0].startswith(f"{ALL}/eks.yml: eks_version: EKS 1.35 left standard support")


def test_old_dates_warn(copy: Copy) -> None:
    warnings = copy.lines("warning", today="2027-02-19")
    assert any(
        "support_calendar.csv: checked_on: the dates of EKS 1.35" in line and "181 days ago" in line
        for line in warnings
    )
    assert not any("support_calendar.csv" in line for line in copy.lines("warning", today="2027-02-18"))


def test_one_nat_gateway_warns_in_production_only(copy: Copy) -> None:
    copy.edit("group_vars/all/vpc.yml", "mode: per_az", "mode: single")
    assert copy.lines() == []
    assert copy.lines("warning") == [
        f"{ALL}/vpc.yml: vpc_nat_gateway_mode: single: "
        "an outage of one zone cuts the egress of all zones in production; per_az has one in each zone"
    ]


def test_a_wrong_value_hides_no_other_problem_of_its_tier(copy: Copy) -> None:
    copy.edit("group_vars/all/vpc.yml", "    offset: 11", "    offset: 3\n    colour: red")
    found = copy.lines()
    assert len(found) == 2
    assert any("vpc_subnet_tiers.database.colour: unknown key" in line for line in found)
    assert any("vpc_subnet_tiers.database: 10.0.3.0" in line for line in found)


def test_a_region_twice(copy: Copy) -> None:
    copy.edit("hosts.yml", "us-west-2: {}", "us-west-2: {}\n        west: {platform_region: us-west-2}")
    assert any(
        line.startswith(f"{PRODUCTION}/hosts.yml: platform_region: us-west-2 is also the region of us-west-2")
        for line in copy.lines()
    )


def test_values_of_the_command_line(copy: Copy) -> None:
    assert copy.lines(kms_deletion_window_days="7", platform_warm_connection="false", eks_version="1.36") == []
    assert copy.lines(kms_deletion_window_days="5") == [
        "command line (-e): kms_deletion_window_days: found 5; must be from 7 to 30"
    ]
    assert "command line (-e): vpc_cidr: 10.7.0.1/16 has host bits set; write 10.7.0.0/16" in copy.lines(
        vpc_cidr="10.7.0.1/16"
    )
    found = copy.lines(rds_engine_verison="16.1", something_of_a_playbook="x")
    assert len(found) == 1
    assert found[0].startswith("command line (-e): rds_engine_verison: unknown key; did you mean rds_engine_version?")
