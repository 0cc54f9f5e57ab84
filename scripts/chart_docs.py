"""Write what the chart's documentation shows of what it renders; with --check only say what is out of date.

- docs/connectivity/<cluster>.md and .svg: who may connect to whom, computed from the rendered policies;
- charts/trading-engine/images.yaml: every image, where it comes from and where the account's registry keeps it;
- the README of the chart and of each subchart, from the comments of its values (helm-docs).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from trading_platform import toolbox
from trading_platform.chart import CHART, ROOT, TARGETS, Target, all_values, render
from trading_platform.chart_flows import read_cluster
from trading_platform.chart_images import listed_images
from trading_platform.connectivity import connections, matrix_markdown, matrix_svg

CONNECTIVITY = ROOT / "docs" / "connectivity"
PAGE = """# Who may connect to whom: {name}

Computed from the NetworkPolicies that the chart renders for {name}: rows connect to columns, at these ports. Everything
else is denied. The policies come from `networkPolicy.flows` of
[values.yaml](../../charts/trading-engine/values.yaml), where each flow has its reason.

![The same as a picture]({name}.svg)

{matrix}
*Written by `make docs`.*
"""
IMAGES_HEAD = """---
# Every image of the chart: where it comes from, and the repository of the account's registry that keeps it
# (global.imageMirror). Our own have no source: a pipeline pushes them. Written by `make docs` from values.yaml.
"""

SUBCHART = """# {{ template "chart.name" . }}

{{ template "chart.description" . }}. Part of the umbrella [trading-engine](../../README.md).

{{ template "chart.valuesTable" . }}

*Written by `make docs` from values.yaml.*
"""
HELM_DOCS = ("--ignore-non-descriptions", "--sort-values-order", "file", "--log-level", "error")


def readmes() -> Iterator[tuple[Path, str]]:
    """READMEs that helm-docs writes, in a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for chart in (CHART, *(file.parent for file in sorted(CHART.glob("charts/*/values.yaml")))):
            target = copy / chart.relative_to(CHART)
            target.mkdir(parents=True, exist_ok=True)
            for name in ("Chart.yaml", "values.yaml"):
                shutil.copy(chart / name, target)
            own = chart / "README.md.gotmpl"
            text = own.read_text(encoding="utf-8") if own.exists() else SUBCHART
            (target / "README.md.gotmpl").write_text(text, encoding="utf-8")
        command = [str(toolbox.path("helm-docs")), "--chart-search-root", folder, *HELM_DOCS]
        subprocess.run(command, check=True)  # noqa: S603  (our own build with fixed arguments)
        for readme in sorted(copy.rglob("README.md")):
            yield CHART / readme.relative_to(copy), readme.read_text(encoding="utf-8")


def connectivity_pages(target: Target) -> Iterator[tuple[Path, str]]:
    """The page and the picture of a cluster."""
    values = all_values(target)
    manifests = render(*target.values)
    namespaces = [one["metadata"]["name"] for one in manifests if one["kind"] == "Namespace"]
    found = connections(read_cluster(manifests, values), namespaces)
    page = PAGE.format(name=target.name, matrix=matrix_markdown(found))
    yield CONNECTIVITY / f"{target.name}.md", page
    yield CONNECTIVITY / f"{target.name}.svg", matrix_svg(found, f"Who may connect to whom: {target.name}")


def written() -> Iterator[tuple[Path, str]]:
    """Every file, with what it should hold."""
    for target in TARGETS:
        yield from connectivity_pages(target)
    images = yaml.safe_dump(listed_images(all_values(TARGETS[0])), sort_keys=False, width=120)
    yield CHART / "images.yaml", IMAGES_HEAD + images
    yield from readmes()


def main() -> int:
    """Write or check; exit code 1 when a file is out of date."""
    check = "--check" in sys.argv[1:]
    stale = [(path, text) for path, text in written() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path, text in stale:
        print(f"{path.relative_to(ROOT)}: {'out of date; run make docs' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
