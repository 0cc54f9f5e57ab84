#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: outputs_file
short_description: Write what an environment has into a JSON file
description:
  - Holds the document to its schema, and writes it if it differs from what the file says. Parent directories are made.
  - Regions that the file has and the document does not stay in it, if they are of the same account and in O(regions),
    so that a run of one region alone takes nothing away.
  - In check mode nothing is written. A document with ids of a dry run is not held to the schema, which they do not
    meet.
options:
  path:
    description: The file.
    type: path
    required: true
  schema:
    description: The JSON Schema.
    type: path
    required: true
  document:
    description: The document, with C(environment), C(account_id) and C(regions).
    type: dict
    required: true
  regions:
    description: All regions of the environment.
    type: list
    elements: str
    required: true
author: The Trading Platform maintainers
attributes:
  check_mode: {support: full, description: Says whether the file would be written.}
  diff_mode: {support: full, description: Shows the file before and after.}
"""

EXAMPLES = r"""
- name: Write what both regions have
  outputs_file:
    path: build/production/outputs.json
    schema: inventories/schema/outputs.schema.json
    regions: [us-east-1, us-west-2]
    document:
      environment: production
      account_id: "111122223333"
      regions: "{{ outputs_regions }}"
"""

RETURN = r"""
document:
  description: The document, as it stands in the file; in check mode, as it would.
  returned: success
  type: dict
  sample: {environment: production, account_id: "111122223333", regions: {}}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform import outputs
    from trading_platform.aws.planned import is_planned
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "path": {"type": "path", "required": True},
    "schema": {"type": "path", "required": True},
    "document": {"type": "dict", "required": True},
    "regions": {"type": "list", "elements": "str", "required": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    path = Path(module.params["path"])
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        schema = outputs.load_schema(Path(module.params["schema"]))
    except (OSError, ValueError) as problem:
        module.fail_json(msg=f"{path} or its schema cannot be read: {problem}")
    document = outputs.merged(outputs.read(before), module.params["document"], module.params["regions"])
    wrong = [] if module.check_mode and is_planned(document) else outputs.problems(document, schema)
    if wrong:
        module.fail_json(msg="\n".join([f"{path} is not written, as it would not be what its schema says:", *wrong]))
    after = outputs.as_text(document)
    if after != before and not module.check_mode:
        write(module, path, after)
    diff = {"before_header": str(path), "after_header": str(path), "before": before, "after": after}
    module.exit_json(changed=after != before, document=document, diff=diff)


def write(module: AnsibleModule, path: Path, text: str) -> None:
    """Write in one step: nobody reads half of it."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
    except OSError as problem:
        module.fail_json(msg=f"{path} cannot be written: {problem}")
    module.atomic_move(str(partial), str(path))


if __name__ == "__main__":
    main()
