"""The umbrella lists what lies in charts/, and nothing it lists has to be fetched."""

import pytest
from rendering import CHART, read

PARENT = read(CHART / "Chart.yaml")
DEPENDENCIES = PARENT["dependencies"]
FOLDERS = sorted(path.parent.name for path in CHART.glob("charts/*/Chart.yaml"))


def test_every_folder_is_listed_and_every_listed_one_is_there() -> None:
    """Helm renders a folder that is not listed, without any condition, and says nothing."""
    assert sorted({one["name"] for one in DEPENDENCIES}) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_versions_agree(name: str) -> None:
    """Helm does not compare them for charts that lie unpacked."""
    own = read(CHART / "charts" / name / "Chart.yaml")
    assert own["name"] == name
    assert {one["version"] for one in DEPENDENCIES if one["name"] == name} == {own["version"]}


def test_nothing_is_fetched() -> None:
    assert [one["repository"] for one in DEPENDENCIES] == [""] * len(DEPENDENCIES)
    assert not list(CHART.rglob("*.tgz"))


def test_one_switch_decides_for_each() -> None:
    """All conditions are parts of global.controlPlane, so that a release is what its parts say."""
    parts = read(CHART / "values.yaml")["global"]["controlPlane"]
    for one in DEPENDENCIES:
        if one["name"] == "common":
            assert "condition" not in one
        else:
            prefix, part = one["condition"].rsplit(".", 1)
            assert (prefix, part in parts) == ("global.controlPlane", True), one


def test_values_of_every_dependency_stand_in_the_umbrella() -> None:
    """So that a reader of values.yaml meets every subchart."""
    names = {one.get("alias", one["name"]) for one in DEPENDENCIES} - {"common"}
    assert names <= read(CHART / "values.yaml").keys()
