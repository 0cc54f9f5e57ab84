"""The address plan and the cluster's capacity of all regions, and references between variables of the network."""

from collections.abc import Iterator, Mapping, Sequence

from trading_platform import capacity, cidr
from trading_platform.cidr_model import CidrPlanError, CidrProblem, VpcPlan
from trading_platform.preflight.problem import Finding, Host, did_you_mean, shown

# A plan without subnets: with it, `capacity` still says what is wrong with the node groups themselves.
_NO_PLAN = VpcPlan(cidrs=(), tiers=(), subnets=(), reserved=(), gaps=(), slots=0)


def find_address_problems(hosts: Sequence[Host]) -> list[Finding]:
    """What is wrong with the CIDR blocks, subnets and pods of every region, alone and against each other."""
    findings = list(_regions_twice(hosts))
    by_region = {host.region: host for host in hosts}
    for problem in cidr.find_estate_problems({region: host.values for region, host in by_region.items()}):
        findings.append(_finding(by_region[problem.region], problem))
    for host in hosts:
        findings += [_finding(host, problem) for problem in _capacity(host)]
        findings += [Finding(host.name, key, message) for key, message in _references(host)]
        findings += _one_nat(host)
    return findings


def _finding(host: Host, problem: CidrProblem) -> Finding:
    return Finding(host.name, problem.key, problem.message)


def _capacity(host: Host) -> list[CidrProblem]:
    try:
        return capacity.find_problems(host.values, cidr.plan_vpc(host.values))
    except CidrPlanError:
        problems = capacity.find_problems(host.values, _NO_PLAN)
        return [problem for problem in problems if problem.key.startswith("eks_node_groups.")]


def _regions_twice(hosts: Sequence[Host]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for host in hosts:
        other = first.setdefault(host.region, host.name)
        if other != host.name:
            yield Finding(
                host.name, "platform_region", f"{host.region} is also the region of {other}; a host is a region"
            )


def _references(host: Host) -> Iterator[tuple[str, str]]:
    """Variables that name an entry of another one which is not there."""
    tiers = {
        str(name): tier
        for name, tier in host.mapping("vpc_subnet_tiers").items()
        if isinstance(tier, Mapping) and tier.get("retired") is not True
    }
    for key in ("vpc_endpoint_tier", "vpc_database_tier"):
        if host.text(key) and host.text(key) not in tiers:
            yield key, _no_entry(host.text(key), "vpc_subnet_tiers", list(tiers))
    yield from _bucket_references(host)
    routes = {tier.get("route") for tier in tiers.values()}
    if "nat" in routes and "internet" not in routes:
        message = "a tier has `route: nat`, but no tier has `route: internet`, where the NAT gateways stand; add one"
        yield "vpc_subnet_tiers", message


def _bucket_references(host: Host) -> Iterator[tuple[str, str]]:
    known = [*host.mapping("s3_buckets"), *host.mapping("s3_regional_buckets")]
    for variable in ("s3_buckets", "s3_regional_buckets"):
        for name, bucket in host.mapping(variable).items():
            target = bucket.get("access_logs_to") if isinstance(bucket, Mapping) else None
            if isinstance(target, str) and target not in known:
                yield f"{variable}.{name}.access_logs_to", _no_entry(target, "s3_buckets", known)


def _no_entry(name: str, of: str, known: list[str]) -> str:
    return f"{shown(name)} is not in {of} (it has {', '.join(known) or 'none'}){did_you_mean(name, known)}"


def _one_nat(host: Host) -> Iterator[Finding]:
    if host.text("vpc_nat_gateway_mode") == "single" and host.text("platform_environment") == "production":
        message = (
            "single: an outage of one zone cuts the egress of all zones in production; per_az has one in each zone"
        )
        yield Finding(host.name, "vpc_nat_gateway_mode", message, "warning")
