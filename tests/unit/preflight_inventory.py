"""A copy of an inventory to break, and what preflight says of it: the filter itself, on Ansible's own variables."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible._internal._templating import _jinja_bits
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.vars import load_extra_vars
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from plugin_loading import load_plugin
from trading_platform.warm import code_store, templates

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-23"

_PLUGIN = load_plugin("plugins/filter/inventory_problems.py")
# All that these tests read is the same inventory but for a line or two. A directory that is none: kept in this process.
_COMPILED = code_store.CodeStore(Path("/dev/null"))


class Copy:
    """A copy of inventories/<name>, in a directory from which paths are shown."""

    def __init__(self, root: Path, name: str = "production") -> None:
        self.root = root
        self.path = root / "inventories" / name
        shutil.copytree(ROOT / "inventories" / name, self.path)

    def edit(self, file: str, good: str, bad: str) -> None:
        """Replace a text that must be there; `file` is relative to the inventory."""
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert good in text, f"{path} does not have {good!r}"
        path.write_text(text.replace(good, bad, 1), encoding="utf-8")

    def add(self, file: str, text: str) -> None:
        """Write a new file, or append to one."""
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)

    def lines(self, severity: str = "error", today: str = TODAY, **extra_vars: Any) -> list[str]:
        """What preflight prints. `extra_vars` are those of -e."""
        return [
            each["line"] for each in problems(self.path, self.root, today, extra_vars) if each["severity"] == severity
        ]

    def assert_one_line(self, line: str) -> None:
        """The report of errors is this line; one that ends in "..." is compared up to there."""
        found = self.lines()
        assert len(found) == 1, "\n".join(found)
        if line.endswith("..."):
            assert found[0].startswith(line[:-3])
        else:
            assert found[0] == line


def problems(inventory: Path, shown_from: Path, today: str, extra_vars: Mapping[str, Any]) -> list[dict[str, str]]:
    """Run the filter as roles/preflight does, with paths relative to `shown_from`."""
    with _command_line(extra_vars), _compiled_once():
        loader = DataLoader()
        manager = InventoryManager(loader=loader, sources=[str(inventory)])
        hostvars = HostVars(manager, VariableManager(loader=loader, inventory=manager), loader)
        found = _PLUGIN.inventory_problems(hostvars, [str(inventory)], str(ROOT), today)
    assert isinstance(found, list)
    prefix = f"{shown_from.as_posix()}/"
    return [{name: text.replace(prefix, "") for name, text in each.items()} for each in found]


@contextmanager
def _compiled_once() -> Iterator[None]:
    """Compile a template once in this process, as the forks of warm_local do."""
    environment = _jinja_bits.AnsibleEnvironment
    before = environment.compile, environment.compile_expression
    templates.remember(_jinja_bits, (filter_loader, test_loader), _COMPILED)
    try:
        yield
    finally:
        environment.compile, environment.compile_expression = before


@contextmanager
def _command_line(extra_vars: Mapping[str, Any]) -> Iterator[None]:
    # Ansible keeps what -e gave on the function that read it.
    before = getattr(load_extra_vars, "extra_vars", None)
    load_extra_vars.extra_vars = dict(extra_vars)
    try:
        yield
    finally:
        load_extra_vars.extra_vars = before
