"""Windows, names and tags by themselves, at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.preflight import Host
from trading_platform.preflight.names import RULES, NameRule, find_name_problems, names, wrong_with
from trading_platform.preflight.tags import find_tag_problems
from trading_platform.preflight.windows import (
    DAY,
    DAYS,
    WEEK,
    find_window_problems,
    overlap,
    parse_daily,
    parse_weekly,
)


@pytest.mark.parametrize(
    ("backup", "maintenance", "common"),
    [
        ("03:00-04:00", "mon:04:00-mon:05:00", None),  # they touch
        ("03:00-04:00", "mon:02:00-mon:03:00", None),
        ("03:00-04:00", "mon:03:59-mon:05:00", (3 * 60 + 59, 4 * 60)),
        ("23:30-00:30", "tue:00:00-tue:01:00", (DAY, DAY + 30)),  # over midnight
        ("23:30-00:30", "mon:00:00-mon:01:00", (0, 30)),  # over midnight and the end of the week
        ("00:00-01:00", "sun:23:30-mon:00:30", (WEEK, WEEK + 30)),
        ("12:00-13:00", "sun:23:00-mon:01:30", None),
        ("03:00-04:00", "sat:00:00-fri:00:00", (3 * 60, 4 * 60)),  # nearly a week
    ],
)
def test_overlap_in_a_week_that_repeats(backup: str, maintenance: str, common: tuple[int, int] | None) -> None:
    found = overlap(parse_daily(backup), parse_weekly(maintenance))
    assert (found is None) == (common is None)
    if found and common:
        assert (found[0] % WEEK, found[1] - found[0]) == (common[0] % WEEK, common[1] - common[0])


minutes = st.integers(0, DAY - 1)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(minutes, st.integers(1, DAY - 1), st.integers(0, WEEK - 1), st.integers(1, 3 * DAY))
def test_overlap_is_what_counting_minutes_says(begin: int, length: int, start: int, duration: int) -> None:
    daily = {(day * DAY + begin + minute) % WEEK for day in range(7) for minute in range(length)}
    weekly = {(start + minute) % WEEK for minute in range(duration)}
    end = (start + duration) % WEEK
    text = f"{DAYS[start // DAY]}:{clock(start % DAY)}-{DAYS[end // DAY]}:{clock(end % DAY)}"
    found = overlap(parse_daily(f"{clock(begin)}-{clock((begin + length) % DAY)}"), parse_weekly(text))
    assert (found is not None) == bool(daily & weekly)
    if found:
        assert {minute % WEEK for minute in range(*found)} <= daily & weekly


def windows_of(**values: str) -> list[str]:
    return [f"{each.key}: {each.message}" for each in find_window_problems([Host("us-east-1", values)])]


def test_least_lengths() -> None:
    assert windows_of(rds_backup_window="03:00-03:30", rds_maintenance_window="mon:04:00-mon:04:30") == []
    found = windows_of(rds_backup_window="03:00-03:29", rds_maintenance_window="mon:04:00-mon:04:00")
    assert found == [
        "rds_backup_window: 03:00-03:29 is 29 minutes long; RDS wants at least 30 (RDS API, CreateDBInstance)",
        "rds_maintenance_window: mon:04:00-mon:04:00 is 0 minutes long; "
        "RDS wants at least 30 (RDS API, CreateDBInstance)",
    ]
    assert windows_of(elasticache_snapshot_window="23:30-00:29")[0].startswith(
        "elasticache_snapshot_window: 23:30-00:29 is 59"
    )
    assert (
        windows_of(elasticache_snapshot_window="23:30-00:30", elasticache_maintenance_window="sun:04:30-sun:05:30")
        == []
    )


def test_windows_of_different_services_may_overlap() -> None:
    assert (
        windows_of(
            rds_backup_window="03:00-04:00",
            rds_maintenance_window="mon:04:00-mon:05:00",
            elasticache_snapshot_window="04:00-05:00",
            elasticache_maintenance_window="mon:03:00-mon:04:00",
        )
        == []
    )


@pytest.mark.parametrize("text", ["3:00-04:00", "03:00", "", "mon:03:00-04:00"])
def test_windows_in_another_form(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_daily(text)
    with pytest.raises(ValueError, match="is not"):
        parse_weekly(text)


def rule(of: str) -> NameRule:
    return next(each for each in RULES if each.of == of)


@pytest.mark.parametrize(
    ("of", "longest"),
    [
        ("EKS cluster", 100),
        ("EKS node group", 63),
        ("RDS instance", 63),
        ("ElastiCache replication group", 40),
        ("S3 bucket", 63),
        ("KMS alias", 256),
        ("subnet", 256),
    ],
)
def test_longest_names(of: str, longest: int) -> None:
    prefix = "alias/" if of == "KMS alias" else ""
    assert wrong_with(prefix + "a" * (longest - len(prefix)), rule(of)) == []
    (message,) = wrong_with(prefix + "a" * (longest - len(prefix) + 1), rule(of))
    assert f"has {longest + 1} characters; AWS allows {longest} (https://docs.aws.amazon.com/" in message


@pytest.mark.parametrize(
    ("of", "name", "why"),
    [
        ("EKS cluster", "-engine", "beginning with a letter or digit"),
        ("EKS cluster", "engine.one", "characters that AWS does not allow"),
        ("RDS instance", "Engine", "lower-case letters"),
        ("RDS instance", "1engine", "beginning with a letter"),
        ("RDS instance", "engine-", "may not end with -"),
        ("RDS instance", "en--gine", "may not have -- in it"),
        ("ElastiCache replication group", "en--gine", "may not have -- in it"),
        ("ElastiCache replication group", "engine_1", "characters that AWS does not allow"),
        ("S3 bucket", "ab", "AWS wants at least 3"),
        ("S3 bucket", "engine_logs", "characters that AWS does not allow"),
        ("S3 bucket", "Engine-logs", "characters that AWS does not allow"),
        ("S3 bucket", "engine-logs-", "ending with a letter or digit"),
        ("S3 bucket", "engine..logs", "may not have .. in it"),
        ("S3 bucket", "192.168.5.4", "may not look like an IP address"),
        ("S3 bucket", "xn--logs", "may not begin with xn--"),
        ("S3 bucket", "logs-s3alias", "suffix that S3 keeps"),
        ("KMS alias", "alias/engine.rds", "characters that AWS does not allow"),
    ],
)
def test_names_that_aws_refuses(of: str, name: str, why: str) -> None:
    (message,) = wrong_with(name, rule(of))
    assert why in message


def test_derived_names_are_checked_too() -> None:
    values = {"platform_name": "x" * 250, "kms_keys": {"logs_of": {"description": "x"}}, "platform_region": "us-east-1"}
    found = {problem.key: problem.message for problem in find_name_problems([Host("us-east-1", values)])}
    assert "has 264 characters; AWS allows 256" in found["kms_keys.logs_of"]


def test_an_alias_is_named_as_the_role_names_it() -> None:
    host = Host("us-east-1", {"platform_name": "engine", "kms_keys": {"logs_of": {"description": "x"}}})
    assert list(names(host, rule("KMS alias"))) == [("kms_keys.logs_of", "alias/engine-logs-of")]


def test_two_buckets_of_one_region_with_one_name() -> None:
    buckets = {"logs": {"name": "the-logs"}, "more": {"name": "the-logs"}}
    (found,) = find_name_problems([Host("us-east-1", {"s3_buckets": buckets})])
    assert (found.key, found.message) == (
        "s3_buckets.more.name",
        '"the-logs" is also the name of s3_buckets.logs.name; bucket names are unique in all of S3',
    )


def tags_of(tags: dict[str, str], tier_tags: dict[str, str] | None = None) -> list[str]:
    values = {"platform_tags": tags, "vpc_subnet_tiers": {"public": {"tags": tier_tags or {}}}}
    return [f"{each.key}: {each.message}" for each in find_tag_problems([Host("us-east-1", values)])]


def test_tags_at_their_limits() -> None:
    forty_eight = {f"tag{number}": "x" for number in range(48)}
    assert tags_of(forty_eight) == []
    assert tags_of({**forty_eight, "one": "more"})[0].startswith("platform_tags: a resource would have 51 tags")
    assert tags_of(forty_eight, {"tag1": "y"}) == []
    assert tags_of(forty_eight, {"role": "y"}) == [
        "vpc_subnet_tiers.public.tags: a resource would have 51 tags, Name and Tier included; AWS allows 50"
    ]
    assert tags_of({"k" * 128: "v" * 256}) == []
    assert len(tags_of({"k" * 129: "v" * 257})) == 2


def test_tags_that_aws_refuses() -> None:
    (reserved,) = tags_of({"AWS:x": "y"})
    assert "begins with aws:, which AWS keeps for itself" in reserved
    (key,) = tags_of({"a|b": "y"})
    assert "tag key has characters that AWS does not allow" in key
    (value,) = tags_of({"a": "x;y"})
    assert 'tag value "x;y" has characters' in value
    assert tags_of({"Größe": "5 µm = klein/fein @ Werk+1"}) == []
