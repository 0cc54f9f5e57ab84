"""An inventory as it was at a git ref, read beside the one of today."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from trading_platform.inventory import Estate, InventoryError, load_estate


def estate_at(ref: str, inventory: Path) -> Estate:
    """The inventory at `ref` (a branch, tag or commit). Raises InventoryError: no such ref, or not there then."""
    top = _git(inventory, "rev-parse", "--show-toplevel")
    inside = inventory.resolve().relative_to(Path(top.decode().strip()).resolve())
    # Named as a revision, so that a ref can be no option of git's.
    commit = (
        _git(inventory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    )
    packed = _git(inventory, "-C", top.decode().strip(), "archive", "--format=tar", commit, "--", inside.as_posix())
    with TemporaryDirectory() as directory, tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(directory, filter="data")
        return load_estate(Path(directory) / inside)


def _git(inventory: Path, *arguments: str) -> bytes:
    where = inventory if inventory.is_dir() else inventory.parent
    command = ["git", "-C", str(where), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - git, no shell
    except OSError as error:
        raise InventoryError(f"git cannot be run: {error}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"git {' '.join(arguments)} failed"
        raise InventoryError(f"{inventory} cannot be read there: {said}")
    return done.stdout
