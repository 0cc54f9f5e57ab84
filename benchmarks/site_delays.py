"""How long the first run of ``site.yml`` takes when databases, clusters and gateways take their time, as in AWS.

What takes minutes is asked for first and waited for together, so the run should take as long as the longest chain of
things that need each other, and not their sum. The embedded AWS holds each resource in "creating" for so many seconds:
those below are of the order AWS takes, both regions and production's inventory as they are.

    python benchmarks/site_delays.py [scale]

``scale`` shortens all delays (0.1: a tenth). The run's own work then weighs more, which the ratio shows.
"""

import sys

from measure import PRODUCTION_ACCOUNT, site

from trading_platform.emulator.testing import emulator_server

SECONDS = {
    "nat_gateway": 100.0,
    "eks_cluster": 600.0,
    "eks_addon": 30.0,
    "eks_nodegroup": 180.0,
    "rds": 720.0,
    "rds_replica": 600.0,
    "elasticache": 720.0,
    "cloudfront": 300.0,
}
# What cannot begin before the one before it has ended: a replica copies an instance that is available; nodes join a
# cluster whose network add-on is there, through a NAT gateway; CoreDNS runs on nodes.
CHAINS = (
    ("rds", "rds_replica"),
    ("eks_cluster", "eks_addon", "eks_nodegroup", "eks_addon"),
    ("nat_gateway", "eks_nodegroup", "eks_addon"),
    ("elasticache",),
    ("cloudfront",),
)


def first_run(delays: dict[str, float]) -> float:
    """Seconds that the first run takes on an empty account."""
    with emulator_server(PRODUCTION_ACCOUNT) as emulator:
        emulator.delay(**delays)
        return site(emulator.env).wall


def main() -> None:
    """Print both runs, the longest chain, and the ratios."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    delays = {kind: seconds * scale for kind, seconds in SECONDS.items()}
    chain = max(CHAINS, key=lambda names: sum(delays[name] for name in names))
    longest = sum(delays[name] for name in chain)
    one_by_one = sum(delays[name] for name in {name for names in CHAINS for name in names})
    print(f"longest chain: {' -> '.join(chain)}, {longest:.0f} s; all kinds one by one: {one_by_one:.0f} s", flush=True)
    without = first_run({})
    print(f"first run without delays: {without:.1f} s", flush=True)
    with_delays = first_run(delays)
    print(f"first run with delays: {with_delays:.1f} s, {with_delays / longest:.2f} of the longest chain")
    print(f"the delays add {with_delays - without:.1f} s, {(with_delays - without) / longest:.2f} of the longest chain")


if __name__ == "__main__":
    main()
