"""Import plugins of the repository: Ansible finds them by their folder, and they belong to no package."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]


def load_plugin(path: str) -> ModuleType:
    """A file such as ``plugins/filter/cidr_plan.py``, executed anew."""
    spec = importlib.util.spec_from_file_location(f"{Path(path).stem}_under_test", ROOT / path)
    assert spec is not None and spec.loader is not None
    plugin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    return plugin
