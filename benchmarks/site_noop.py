"""How long ``site.yml`` takes when there is nothing to do: both regions, the production inventory.

Builds the estate in an emulator, then measures in turn

* ``warm_local``: the run as users start it;
* ``boto3``: the very calls that run makes, made by plain boto3 in one process: ``raw_boto3.py``;
* ``local``: the run over Ansible's stock connection, in the first round and every third (it takes minutes).

    python benchmarks/site_noop.py [rounds]

CPU is that of the command and all it starts; the emulator's, which is the same for all three, is not in it.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

from measure import PRODUCTION_ACCOUNT, ROOT, Measured, medians, site, timed

from trading_platform.emulator.testing import EmulatorServer, emulator_server

BENCHMARKS = ROOT / "benchmarks"
OVER = {"warm_local": [], "local": ["-e", "platform_warm_connection=false"]}


def quiet_site(emulator: EmulatorServer, connection: str) -> Measured:
    """Run it once and see that it changed nothing."""
    run = site(emulator.env, *OVER[connection])
    assert set(re.findall(r"changed=(\d+)", run.output)) == {"0"}, run.output[-1000:]
    return run


def calls_of_a_run(emulator: EmulatorServer, file: Path) -> int:
    """Write down what a run that changes nothing asks."""
    emulator.record_calls()
    quiet_site(emulator, "warm_local")
    calls = emulator.recorded_calls()
    assert emulator.calls() == {}
    file.write_text(json.dumps(calls), encoding="utf-8")
    return len(calls)


def main() -> None:
    """Print each round, the medians and their ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    measured: dict[str, list[Measured]] = {"warm_local": [], "boto3": [], "local": []}
    with emulator_server(PRODUCTION_ACCOUNT) as emulator, tempfile.TemporaryDirectory() as directory:
        first = site(emulator.env)
        print(f"first run: {first.wall:.1f} s ({first.cpu:.1f} s of CPU)", flush=True)
        file = Path(directory) / "calls.json"
        print(f"a run that changes nothing makes {calls_of_a_run(emulator, file)} calls", flush=True)
        raw = [sys.executable, str(BENCHMARKS / "raw_boto3.py"), str(file)]
        for number in range(rounds):
            done = {"boto3": timed(raw, ROOT, emulator.env), "warm_local": quiet_site(emulator, "warm_local")}
            if number % 3 == 0:
                done["local"] = quiet_site(emulator, "local")
            for kind, one in done.items():
                measured[kind].append(one)
                print(f"round {number + 1}  {kind:10}  {one.wall:6.1f} s  ({one.cpu:6.1f} s of CPU)", flush=True)
    warm = medians(measured["warm_local"])
    for yardstick in ("boto3", "local"):
        other = medians(measured[yardstick])
        for label, ours, theirs in zip(("wall", "CPU"), warm, other, strict=True):
            print(f"{label:4}  {ours:6.1f} s against {theirs:6.1f} s of {yardstick}: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
