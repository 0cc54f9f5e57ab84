"""The list, the matrix and the picture of connections, and the command that makes them."""

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml
from connectivity_cluster import Manifest, block, deployment, pods, policy, spaces

from trading_platform import connectivity
from trading_platform.connectivity import connections, list_text, load, matrix_markdown, matrix_svg
from trading_platform.connectivity.__main__ import main
from trading_platform.connectivity.svg import FAR, NEAR, OPEN, OUTSIDE

SVG = "{http://www.w3.org/2000/svg}"
ENDPOINTS = {
    "database": ["10.0.11.0/24", "10.0.12.0/24"],
    "internet": [{"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}],
}
FLOWS = [
    {"from": "web", "to": "api", "ports": ["http", "udp/53"]},
    {"from": "web", "to": "database", "ports": [5432]},
    {"from": "prometheus", "to": "api", "ports": ["8000-8100"]},
]


def shop() -> list[Manifest]:
    both = ["Ingress", "Egress"]
    egress = [
        {"to": [pods(app="api")], "ports": [{"port": "http"}, {"port": 53, "protocol": "UDP"}]},
        {"to": [block("10.0.11.0/24"), block("10.0.12.0/24")], "ports": [{"port": 5432}]},
    ]
    ingress = [
        {"from": [pods(app="web")], "ports": [{"port": 7999}, {"port": 53, "protocol": "UDP"}]},
        {"from": [spaces(**{"kubernetes.io/metadata.name": "monitoring"})], "ports": [{"port": 8000, "endPort": 8100}]},
    ]
    return [
        deployment("api", "shop", ports=[("http", 7999), ("dns", 53, "UDP"), ("metrics", 8000)]),
        deployment("web", "shop"),
        deployment("prometheus", "monitoring"),
        policy("api", {"app": "api"}, "shop", policyTypes=both, ingress=ingress),
        policy("web", {"app": "web"}, "shop", policyTypes=both, egress=egress),
    ]


def found(*more: Manifest) -> set[connectivity.Connection]:
    return connections(load([*shop(), *more], ENDPOINTS), ["shop"])


def test_the_list() -> None:
    assert list_text(found()) == (
        "prometheus -> api tcp/8000-8100\nweb -> api tcp/7999, udp/53\nweb -> database tcp/5432\n"
    )
    assert list_text(set()) == ""


def test_the_matrix_in_markdown() -> None:
    assert matrix_markdown(found()).splitlines() == [
        "| from \\ to | api | database |",
        "| --- | --- | --- |",
        "| **prometheus** | tcp/8000-8100 |  |",
        "| **web** | tcp/7999<br>udp/53 | tcp/5432 |",
    ]
    assert matrix_markdown(set()) == "Nothing may connect to anything.\n"


def test_long_addresses_are_notes_under_the_matrix() -> None:
    holes = [f"10.{number}.0.0/16" for number in (3, 5, 9)]
    wide = policy(
        "wide",
        {"app": "web"},
        "shop",
        policyTypes=["Egress"],
        egress=[{"to": [block("10.0.0.0/8", *holes)], "ports": [{"port": 443}]}],
    )
    lines = matrix_markdown(found(wide)).splitlines()
    assert lines[0] == "| from \\ to | api | database | addresses [1] |"
    assert "| **web** | tcp/7999<br>udp/53 | tcp/443<br>tcp/5432 | tcp/443 |" in lines
    without = ("10.3.0.0/16", "10.5.0.0/16", "10.9.0.0/16", "10.0.11.0/24", "10.0.12.0/24")
    assert lines[-2:] == ["", f"[1] 10.0.0.0/8 without {' and '.join(without)}"]


def test_the_order_of_the_matrix_is_that_of_names_and_not_of_the_set() -> None:
    everything = sorted(found(deployment("a"), deployment("z", "shop")), key=str)
    assert matrix_markdown(everything) == matrix_markdown(reversed(everything))
    assert matrix_svg(everything) == matrix_svg(reversed(everything))


def picture(*more: Manifest) -> ET.Element:
    return ET.fromstring(matrix_svg(found(*more)))  # noqa: S314 - our own text


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def cells(root: ET.Element) -> dict[str, ET.Element]:
    """Tooltip -> the cell that has it."""
    shapes = ((element, element.find(f"{SVG}title")) for element in root.iter(f"{SVG}rect"))
    return {title.text or "": element for element, title in shapes if title is not None}


def test_the_picture_has_a_cell_for_each_pair_with_its_ports() -> None:
    root = picture()
    assert sorted(cells(root)) == [
        "prometheus -> api tcp/8000-8100",
        "web -> api tcp/7999, udp/53",
        "web -> database tcp/5432",
    ]
    shown = texts(root)
    assert all(text in shown for text in ("8000-8100", "7999", "udp/53", "5432"))
    # Rows, columns and their namespaces; what nobody reaches has no column.
    assert [shown.count(text) for text in ("prometheus", "web", "api", "database", "internet")] == [1, 1, 1, 1, 0]
    assert [shown.count(text) for text in ("monitoring", "shop", "outside the cluster")] == [1, 2, 1]


def test_the_colour_says_how_far_a_connection_goes() -> None:
    found_cells = cells(picture(deployment("open", "shop")))
    fills = {hint: cell.get("fill") for hint, cell in found_cells.items()}
    assert fills["prometheus -> api tcp/8000-8100"] == FAR[0]
    assert fills["web -> api tcp/7999, udp/53"] == NEAR[0]
    assert fills["web -> database tcp/5432"] == OUTSIDE[0]
    assert fills["open -> open all ports"] == OPEN[0]
    assert fills["open -> prometheus all ports"] == OPEN[0]


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("fill", "ink"), [NEAR, FAR, OUTSIDE, OPEN])
def test_the_text_of_cells_can_be_read(fill: str, ink: str) -> None:
    """4.5 to 1, as https://www.w3.org/TR/WCAG21/#contrast-minimum asks for."""
    low, high = sorted((luminance(fill), luminance(ink)))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_everything_in_the_picture_lies_on_its_white_ground_and_cells_do_not_overlap() -> None:
    root = picture(deployment("a-workload-with-quite-a-long-name", "shop"), deployment("open", "shop"))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    ground, *rects = [
        [float(rect.get(key, 0)) for key in ("x", "y", "width", "height")] for rect in root.iter(f"{SVG}rect")
    ]
    assert ground == [0, 0, width, height]
    assert all(0 < x < x + w < width and 0 < y < y + h < height for x, y, w, h in rects)
    places = sorted({(x, y, x + w, y + h) for x, y, w, h in rects})
    for number, one in enumerate(places):
        for two in places[number + 1 :]:
            assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1], (one, two)
    assert all(
        0 < float(text.get("x", 0)) < width and 0 < float(text.get("y", 0)) < height for text in root.iter(f"{SVG}text")
    )


def test_the_picture_stands_alone_and_says_what_it_shows_in_words() -> None:
    text = matrix_svg(found(), title="A <title>")
    assert not re.search(r"<script|href|url\(|@import|foreignObject", text)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.findtext(f"{SVG}title") == "A <title>"
    assert "web to database: tcp/5432" in (root.findtext(f"{SVG}desc") or "")
    assert "Nothing may connect to anything" in matrix_svg(set())


# The command


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    contents: dict[str, Any] = {"endpoints": ENDPOINTS, "flows": FLOWS}
    paths = {name: tmp_path / f"{name}.yaml" for name in ("manifests", *contents)}
    paths["manifests"].write_text("---\n# nothing here\n---\n" + yaml.safe_dump_all(shop()))
    for name, content in contents.items():
        paths[name].write_text(yaml.safe_dump(content))
    return {name: str(path) for name, path in paths.items()}


def test_the_command_prints_each_format(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    options = [files["manifests"], "--endpoints", files["endpoints"], "--only", "shop"]
    expected = {"list": list_text, "md": matrix_markdown, "svg": matrix_svg}
    for name, render in expected.items():
        assert main([*options, "--format", name]) == 0
        assert capsys.readouterr() == (render(found()), "")
    assert main(options) == 0
    assert capsys.readouterr().out == list_text(found())


def test_helm_template_can_be_piped_into_the_command(files: dict[str, str]) -> None:
    command = [
        sys.executable,
        "-m",
        "trading_platform.connectivity",
        "-",
        "--endpoints",
        files["endpoints"],
        "--only",
        "shop",
    ]
    done = subprocess.run(command, input=Path(files["manifests"]).read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, list_text(found()), b"")


def test_the_command_compares_with_flows(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    options = [files["manifests"], "--endpoints", files["endpoints"], "--flows", files["flows"], "--only", "shop"]
    assert main(options) == 0
    assert capsys.readouterr() == ("", "")
    Path(files["flows"]).write_text(yaml.safe_dump([*FLOWS[:2], {"from": "web", "to": "internet", "ports": [443]}]))
    assert main(options) == 1
    assert capsys.readouterr().out.splitlines() == [
        "missing: web -> internet tcp/443: the egress of web is not open; policies that select it: shop/web",
        "extra: prometheus -> api tcp/8000-8100: allowed by the lack of any policy for the egress of prometheus, "
        "and by NetworkPolicy shop/api ingress rule 2",
    ]


def test_the_command_warns_of_what_has_no_effect(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with Path(files["manifests"]).open("a") as file:
        file.write(
            "---\n" + yaml.safe_dump(policy("lost", {"app": "gone"}, "shop", ingress=[{"ports": [{"port": "x"}]}]))
        )
    assert main([files["manifests"]]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "warning: NetworkPolicy shop/lost: selects no workload",
        "warning: NetworkPolicy shop/lost ingress rule 1: the port name x opens nothing in a rule without peers; "
        "write a number",
    ]


def test_namespaces_and_pod_addresses_are_options(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifests = [
        deployment("a"),
        deployment("b"),
        policy(
            "p", {"app": "a"}, policyTypes=["Egress"], egress=[{"to": [block("10.0.0.0/8")], "ports": [{"port": 80}]}]
        ),
    ]
    for one in manifests:
        del one["metadata"]["namespace"]
    text = yaml.safe_dump_all(manifests)

    def lines(*options: str) -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert main(["-", *options]) == 0
        return [line for line in capsys.readouterr().out.splitlines() if line.startswith("a ->")]

    assert lines() == ["a -> 10.0.0.0/8 tcp/80"]
    assert lines("--namespace", "n", "--only", "n", "--pod-cidr", "10.1.0.0/16") == [
        "a -> a tcp/80",
        "a -> b tcp/80",
        "a -> 10.0.0.0/8 tcp/80",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("manifests", "a: [", "error: {path}: is not YAML: "),
        (
            "manifests",
            "kind: ConfigMap\n",
            "error: there is no workload in the manifests, such as a Deployment or a Pod",
        ),
        ("manifests", "- x\n", "error: document 1: must be a mapping with apiVersion and kind, not a list"),
        ("endpoints", "- x\n", "error: {path}: must be one mapping of endpoint to CIDR blocks"),
        ("endpoints", "e: [x]\n", "error: endpoints.e[0].cidr: must be a CIDR block such as 10.0.0.0/16, not 'x'"),
        ("flows", "a: b\n", "error: {path}: must be one list of flows"),
        ("flows", "", "error: {path}: must be one list of flows"),
        (
            "flows",
            "- {from: web, to: api, ports: [sql]}\n",
            "error: flows[0].ports[0]: api has no TCP port sql, only: ",
        ),
        ("flows", None, "error: {path}: cannot be read: No such file or directory"),
        ("flows", b"\xff", "error: {path}: cannot be read: is not UTF-8"),
    ],
)
def test_wrong_input_of_the_command(
    name: str, text: str | bytes | None, message: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(files[name])
    if text is None:
        path.unlink()
    elif isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text)
    assert main([files["manifests"], "--endpoints", files["endpoints"], "--flows", files["flows"]]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.splitlines()[0].startswith(message.format(path=path))


def test_an_unknown_namespace_is_an_error(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([files["manifests"], "--only", "shopp"]) == 2
    assert capsys.readouterr().err == "error: there is no namespace shopp in the manifests\n"
