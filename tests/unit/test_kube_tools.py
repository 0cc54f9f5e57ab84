"""helm and kubectl: taken from PATH when recent enough, installed when not, explained when neither works."""

import sys
from pathlib import Path

import pytest

from trading_platform import kube_tools


def fake(folder: Path, tool: str, says: str) -> Path:
    """Put a program into a folder that answers every call with one line."""
    folder.mkdir(exist_ok=True)
    program = folder / tool
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("tool", "says", "enough"),
    [
        ("helm", "v4.1.4+g1234567", True),
        ("helm", "v3.18.0+g1234567", False),
        ("kubectl", "Client Version: v1.35.2", True),
        ("kubectl", "Client Version: v1.28.1", False),
        ("kubectl", "command not found", False),
    ],
)
def test_age_is_what_the_program_says(tmp_path: Path, tool: str, says: str, enough: bool) -> None:
    assert kube_tools.recent_enough(fake(tmp_path, tool, says)) is enough


def test_recent_tools_of_path_are_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helm = fake(tmp_path / "path", "helm", "v4.2.0")
    kubectl = fake(tmp_path / "path", "kubectl", "Client Version: v1.36.0")
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("PATH", f"{own}:{tmp_path / 'path'}")
    assert kube_tools.install(own) == {"helm": helm, "kubectl": kubectl}
    assert (own / "helm").resolve() == helm


def test_old_tools_of_path_are_replaced_by_installed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "path", "helm", "v3.18.0")
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    kube_tools.install(own)
    assert kube_tools.version_of(own / "helm") == (4, 1)
    assert kube_tools.version_of(own / "kubectl") == (1, 35)


def test_where_nothing_can_be_installed_the_message_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(
        kube_tools.ToolError, match=r"helm 4\.1, kubectl 1\.34 must be on PATH.*brew install helm kubectl"
    ):
        kube_tools.install(tmp_path)
