#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_region_settings
short_description: Manage which kinds of resources AWS Backup backs up in a region
description:
  - AWS Backup leaves out, without a word, kinds of resources that are not opted in. Kinds that are not named stay as
    they are.
options:
  opt_in:
    description: Kind of resource, such as C(EBS), to whether it may be backed up.
    type: dict
    required: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Let AWS Backup back up volumes
  backup_region_settings:
    opt_in: {EBS: true}
"""

RETURN = r"""
backup_region_settings:
  description: The settings of the kinds that are named. In check mode, as they would be.
  returned: always
  type: dict
  contains:
    opt_in: {description: Kind to whether it may be backed up., type: dict, sample: {EBS: true}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["create"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.backup_region_settings import BackupRegionSettings
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "opt_in": {"type": "dict", "required": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    backup = module.client("backup", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, BackupRegionSettings(backup, module.params), "backup_region_settings")


if __name__ == "__main__":
    main()
