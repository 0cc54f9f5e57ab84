"""Render the umbrella chart for every cluster, with its checks of values and without.

    python benchmarks/chart.py

With: `helm template`, which holds the values of every chart against its values.schema.json, and whose templates refuse
values that make no sense. Without: the same chart without any values.schema.json and with every `fail` taken out. Both
render the same manifests (asserted), in turns. Beside it, what the library adds that tests and docs render with:
merging the values and reading the manifests.

Times are those of this machine; only their ratios say anything, and nothing depends on them.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from trading_platform.chart import CHART, HELM, RELEASE, TARGETS, Target, render

ROUNDS = 9


def template(chart: Path, target: Target) -> str:
    """What `helm template` prints."""
    files = [argument for file in target.files for argument in ("--values", str(file))]
    command = [str(HELM), "template", RELEASE, str(chart), *files]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def without_checks(folder: Path) -> Path:
    """A copy of the chart that takes any values."""
    copy = folder / CHART.name
    shutil.copytree(CHART, copy)
    for schema in copy.rglob("values.schema.json"):
        schema.unlink()
    for file in copy.rglob("templates/**/*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(r"\{\{-? *fail .*?-?\}\}", "", text), encoding="utf-8")
    return copy


def clusters(call: Callable[[Target], object]) -> float:
    """Seconds to do something for every cluster."""
    start = time.perf_counter()
    for target in TARGETS:
        call(target)
    return time.perf_counter() - start


def main() -> None:
    """Measure in turns and print medians."""
    with tempfile.TemporaryDirectory() as folder:
        copy = without_checks(Path(folder))
        for target in TARGETS:
            assert template(CHART, target) == template(copy, target), target.name
        rounds = [
            (
                clusters(lambda target: template(CHART, target)),
                clusters(lambda target: template(copy, target)),
                clusters(lambda target: render(*target.values)),
            )
            for _ in range(ROUNDS)
        ]
    checked, plain, library = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{len(TARGETS)} clusters, medians of {ROUNDS} rounds")
    print(f"helm template                   {checked:.2f} s")
    print(f"helm template, without checks   {plain:.2f} s   ratio {checked / plain:.2f}")
    print(f"library, manifests read         {library:.2f} s   ratio {library / plain:.2f}")


if __name__ == "__main__":
    main()
