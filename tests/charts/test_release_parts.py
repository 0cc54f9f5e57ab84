"""The chart in one release, or in two from the same files: what is shared first, the services after."""

from rendering import CLUSTER_LIST, PRODUCTION, Manifest, merged, render, rendered

FIRST = {"global": {"controlPlane": {"services": False}}}
SECOND = {"global": {"controlPlane": {"cluster": False, "monitoring": False, "tracing": False, "services": True}}}


def identity(manifest: Manifest) -> tuple[str, str, str]:
    meta = manifest["metadata"]
    return manifest["kind"], meta.get("namespace", ""), meta["name"]


def test_two_releases_are_one_cut_in_two() -> None:
    """Nothing is in both or in neither, and every object is the same but for its release's name."""
    whole = {identity(one): one for one in rendered(PRODUCTION)}
    first = render(*PRODUCTION.values, FIRST)
    second = render(*PRODUCTION.values, SECOND)
    assert not {identity(one) for one in first} & {identity(one) for one in second}
    assert {identity(one): one for one in (*first, *second)} == whole


def test_parts_that_are_off_leave_nothing() -> None:
    off = {
        "global": {"controlPlane": dict.fromkeys(("cluster", "monitoring", "tracing", "logging", "services"), False)}
    }
    for cluster in CLUSTER_LIST:
        assert render(merged(*cluster.values, off)) == []


def test_a_standby_has_no_services() -> None:
    standby = next(one for one in CLUSTER_LIST if one.name == "production-standby")
    assert {one["metadata"]["namespace"] for one in rendered(standby) if "namespace" in one["metadata"]}.isdisjoint(
        {"trading-engine"}
    )
