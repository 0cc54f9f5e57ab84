#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_parameter_group
short_description: Manage a DB parameter group of RDS for PostgreSQL
description:
  - Makes a parameter group and keeps its parameters as asked for; any other that was set in it is reset.
  - Dynamic parameters are applied at once, static ones (C(shared_buffers), C(max_connections)) at the next reboot of
    the instances that have the group, which this module does not cause.
  - Family and description cannot be changed.
options:
  name:
    description: Name of the group; stored in lower case.
    type: str
    required: true
  state:
    description: Whether the group shall exist.
    choices: [present, absent]
    default: present
    type: str
  family:
    description: Engine and major version, for example V(postgres16). Required when I(state=present).
    type: str
  description:
    description: What the group is for. Required when I(state=present).
    type: str
  parameters:
    description:
      - Parameter to value. Sizes and times may be written with PostgreSQL's units (V(4GB), V(10min)) and are turned
        into the units that RDS takes; lists are joined with commas and booleans become 1 and 0.
    type: dict
    default: {}
  purge_parameters:
    description: Whether parameters that are set in the group and not in I(parameters) are reset.
    type: bool
    default: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Tune PostgreSQL
  rds_parameter_group:
    name: production-trading-engine
    family: postgres16
    description: Parameters of production-trading-engine
    parameters:
      shared_buffers: 4GB
      rds.force_ssl: true
      shared_preload_libraries: [pg_stat_statements, pgaudit]
"""

RETURN = r"""
rds_parameter_group:
  description: The group; empty when it is absent. In check mode, the group as it would be.
  returned: always
  type: dict
  contains:
    arn: {description: "The group's ARN.", type: str, sample: "arn:aws:rds:us-east-1:123456789012:pg:production"}
    name: {description: The name in lower case., type: str, sample: production-trading-engine}
    family: {description: Engine and major version., type: str, sample: postgres16}
    description: {description: The description., type: str, sample: Parameters of production-trading-engine}
    parameters:
      description: The parameters that are asked for or set, in RDS's units.
      type: dict
      sample: {shared_buffers: "524288"}
    tags: {description: The tags., type: dict, sample: {Team: devops}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: parameters"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.rds_parameter_group import ParameterGroupArguments, RdsParameterGroup
    from trading_platform.postgres_parameters import ParameterValueError, rds_values
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "family": {"type": "str"},
    "description": {"type": "str"},
    "parameters": {"type": "dict", "default": {}},
    "purge_parameters": {"type": "bool", "default": True},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[["state", "present", ["family", "description"]]],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    try:
        parameters = rds_values(params["parameters"])
    except ParameterValueError as problem:
        module.fail_json(msg=f"parameters: {problem}")
    arguments = ParameterGroupArguments(
        name=params["name"],
        family=params["family"] or "",
        description=params["description"] or "",
        parameters=parameters,
        purge_parameters=params["purge_parameters"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    client = module.client("rds", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, RdsParameterGroup(client, arguments), "rds_parameter_group")


if __name__ == "__main__":
    main()
