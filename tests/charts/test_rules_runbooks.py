"""Every alert leads to a section that says what to do, and every section belongs to an alert."""

import re
from pathlib import Path

import promql
import pytest
import rendering
import rules
import scrapes

RUNBOOKS = rendering.ROOT / "docs" / "runbooks"
PAGES = sorted(RUNBOOKS.glob("*.md"))
PARTS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Escalation"]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
# Namespaces that are not the chart's.
CLUSTER_NAMESPACES = {"kube-system", "cert-manager", "argocd"}


def anchor(heading: str) -> str:
    """The anchor that Git hosts give a heading: lower case, dashes for spaces, no other punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def sections(page: Path) -> dict[str, str]:
    """Sections of a page: heading to what stands below it."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def alert_pages() -> list[Path]:
    """Pages that alerts lead to."""
    names = {rule.annotations["runbook_url"].split("#")[0] for rule in rules.alerts()}
    return [page for page in PAGES if f"docs/runbooks/{page.name}" in names]


@pytest.mark.parametrize("rule", rules.alerts(), ids=str)
def test_alert_leads_to_its_section(rule: rules.Rule) -> None:
    path, _, fragment = rule.annotations["runbook_url"].partition("#")
    page = rendering.ROOT / path
    assert page in PAGES, path
    found = [heading for heading in sections(page) if anchor(heading) == fragment]
    assert found == [rule.name], f"{path} has no section {rule.name}"


@pytest.mark.parametrize("rule", rules.alerts(), ids=str)
def test_alert_says_what_it_has_to(rule: rules.Rule) -> None:
    assert rule.labels["severity"] in ("critical", "warning", "info")
    assert set(rule.annotations) == {"summary", "description", "runbook_url", "dashboard"}
    assert not rule.annotations["summary"].endswith(".")
    assert rule.annotations["description"].endswith(".")


def test_sections_are_of_alerts_that_exist_and_have_every_part() -> None:
    names = {rule.name for rule in rules.alerts()}
    for page in alert_pages():
        for heading, text in sections(page).items():
            assert heading in names, f"{page.name}: there is no alert {heading}"
            assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == PARTS, f"{page.name}: {heading}"
            for part in re.split(r"^\*\*\w+\.\*\*", text, flags=re.MULTILINE)[1:]:
                assert part.strip(), f"{page.name}: {heading}: a part is empty"


def test_sections_stand_in_one_page() -> None:
    headings = [heading for page in alert_pages() for heading in sections(page)]
    assert sorted(headings) == sorted({rule.name for rule in rules.alerts()})


def test_index_names_every_page() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8").split("## ")[0]
    linked = re.findall(r"^\| \[([^\]]+)\]\(([^)]+)\)", index, re.MULTILINE)
    assert {target for _, target in linked} == {page.name for page in PAGES} - {"README.md"}
    assert all(text == target for text, target in linked)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target, fragment in LINK.findall(page.read_text(encoding="utf-8")):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{page.name}: {target}"
        if fragment:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in {anchor(heading) for heading in headings}, f"{page.name}: {target}#{fragment}"


@pytest.mark.parametrize("page", alert_pages(), ids=lambda page: page.stem)
def test_queries_ask_for_what_is_there(page: Path) -> None:
    catalogue = scrapes.catalogue("production")
    for block in re.findall(r"```promql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            try:
                catalogue.labels(line)
            except promql.WrongError as wrong:
                raise AssertionError(f"{page.name}: {line}: {wrong}") from wrong


@pytest.mark.parametrize("page", alert_pages(), ids=lambda page: page.stem)
def test_commands_are_for_what_is_there(page: Path) -> None:
    manifests = rendering.rendered(rendering.PRODUCTION)
    values = rendering.chart_values()
    namespaces = {one["name"] for one in values["global"]["namespaces"].values()} | CLUSTER_NAMESPACES
    owners = {
        (one["metadata"]["namespace"], f"{one['kind'].lower()}/{one['metadata']['name']}")
        for one in rendering.of_kind(manifests, *rendering.POD_OWNERS)
    }
    text = page.read_text(encoding="utf-8")
    for namespace, rest in re.findall(r"kubectl -n ([a-z-]+)((?:[^`\n]|\\\n)*)", text):
        assert namespace in namespaces, f"{page.name}: {namespace}"
        for kind, name in re.findall(r"\b(deployment|statefulset|daemonset)/([a-z][a-z-]*)", rest):
            if namespace not in CLUSTER_NAMESPACES:
                assert (namespace, f"{kind}/{name}") in owners, f"{page.name}: {namespace} {kind}/{name}"
