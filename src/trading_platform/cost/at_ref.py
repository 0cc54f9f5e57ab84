"""An inventory as it was at a git ref, read beside the one of today."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from trading_platform.inventory import Estate, InventoryError, load_estate


def estate_at(ref: str, inventory: Path) -> Estate:
    """The inventory at `ref` (a branch, tag or commit). Raises InventoryError: no such ref, or not there then."""
    folder = inventory if inventory.is_dir() else inventory.parent
    top = Path(_said(_git(folder, "rev-parse", "--show-toplevel"), f"{inventory} is in no git repository"))
    inside = folder.resolve().relative_to(top.resolve())
    # Named as a revision, so that a ref can be no option of git's.
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    commit = _said(found, f"{ref!r} is no branch, tag or commit of the repository of {inventory}")
    packed = _git(top, "archive", "--format=tar", commit, "--", inside.as_posix())
    _said(packed, f"{inventory} cannot be read at {ref}")
    with TemporaryDirectory() as directory:
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
            archive.extractall(directory, filter="data")
        then = Path(directory) / inside
        try:
            return load_estate(then if inventory.is_dir() else then / inventory.name)
        except InventoryError as error:
            # Where it was unpacked means nothing to anybody.
            raise InventoryError(f"at {ref}: {str(error).replace(f'{directory}/', '')}") from None


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError as error:
        raise InventoryError(f"git cannot be run: {error}") from None


def _said(done: "subprocess.CompletedProcess[bytes]", problem: str) -> str:
    """The line that git printed. Raises InventoryError with `problem`, and what git says of it."""
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()
        raise InventoryError(f"{problem}: {why}" if why else problem)
    return done.stdout.decode(errors="replace").strip()
