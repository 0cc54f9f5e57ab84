"""Check the files of inventories without Ansible: `python -m trading_platform.preflight inventories/production`.

Says what can be said of the files alone, in a fraction of a second: YAML that cannot be read (for which Ansible stops
without naming the file), keys written twice, unknown keys and keys in the wrong file. The values are checked by
playbooks/validate.yml, after Ansible has templated them.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from trading_platform.preflight import find_file_problems, load_schema

REPOSITORY = Path(__file__).resolve().parents[3]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every problem, one per line. Returns 0 when there is none, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m trading_platform.preflight", description=__doc__)
    parser.add_argument("inventory", nargs="+", type=Path, help="directory or file, as after ansible-playbook -i")
    parser.add_argument("--schema", type=Path, default=REPOSITORY / "inventories/schema/inventory.schema.json")
    chosen = parser.parse_args(arguments)
    missing = [path for path in chosen.inventory if not path.exists()]
    if missing:
        parser.error(f"no such inventory: {', '.join(map(str, missing))}")
    schema, roots = load_schema(chosen.schema), [Path.cwd(), REPOSITORY]
    problems = [problem for path in chosen.inventory for problem in find_file_problems([path], schema, roots)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
