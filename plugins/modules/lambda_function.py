#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_function
short_description: Manage a Lambda function in Python from its source
description:
  - Packs the files of I(sources) and the Python packages of their C(requirements.lock) into a zip file that is the same
    from run to run, and keeps the function's code, configuration, callers and tags as asked for.
  - The packages are those installed beside this module; nothing is downloaded.
  - A role that was just made is waited for.
options:
  name:
    description: Name of the function, at most 64 characters.
    type: str
    required: true
  state:
    description: Whether the function shall exist.
    choices: [present, absent]
    default: present
    type: str
  sources:
    description: Directories of its files (C(*.py), C(*.pem), C(requirements.lock)). Required when I(state=present).
    type: list
    elements: path
    default: []
  handler:
    description: Module and function that Lambda calls. Required when I(state=present).
    type: str
  role_arn:
    description: Role that the function runs with. Required when I(state=present).
    type: str
  runtime:
    description: Runtime.
    type: str
    default: python3.13
  architecture:
    description: Processor.
    type: str
    choices: [x86_64, arm64]
    default: arm64
  description:
    description: What the function does.
    type: str
    default: ""
  memory_mb:
    description: Memory in MB.
    type: int
    default: 128
  timeout_seconds:
    description: Seconds that a call may take.
    type: int
    default: 30
  environment:
    description: Environment variables.
    type: dict
    default: {}
  subnet_ids:
    description: Subnets of the VPC that it runs in; none for outside of any.
    type: list
    elements: str
    default: []
  security_group_ids:
    description: Security groups in that VPC.
    type: list
    elements: str
    default: []
  callers:
    description: Service principal to the account that it must act for; no other may call the function by its policy.
    type: dict
    default: {}
  wait:
    description: Whether to wait until it can be called.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 300
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Have a function that rotates the database password
  lambda_function:
    name: production-trading-engine-rotate-database
    sources: [files/rotation, files/rotate_database]
    handler: rotate_database.handler
    role_arn: "arn:aws:iam::123456789012:role/production-trading-engine-rotation"
    callers:
      secretsmanager.amazonaws.com: "123456789012"
"""

RETURN = r"""
lambda_function:
  description: The function; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    arn: {description: The ARN., type: str, sample: "arn:aws:lambda:us-east-1:123456789012:function:rotate-database"}
    code_sha256: {description: Hash of its package., type: str, sample: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=}
    status: {description: Lambda's state of it., type: str, sample: Active}
    last_update: {description: Whether the last change has been made., type: str, sample: Successful}
    callers: {description: Who may call it., type: dict, sample: {secretsmanager.amazonaws.com: "123456789012"}}
    tags: {description: The tags., type: dict, sample: {Team: devops}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: code_sha256"]
"""

from pathlib import Path

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.lambda_function import FunctionArguments, LambdaFunction
    from trading_platform.lambda_package import PackageError, build
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "sources": {"type": "list", "elements": "path", "default": []},
    "handler": {"type": "str"},
    "role_arn": {"type": "str"},
    "runtime": {"type": "str", "default": "python3.13"},
    "architecture": {"type": "str", "choices": ["x86_64", "arm64"], "default": "arm64"},
    "description": {"type": "str", "default": ""},
    "memory_mb": {"type": "int", "default": 128},
    "timeout_seconds": {"type": "int", "default": 30},
    "environment": {"type": "dict", "default": {}},
    "subnet_ids": {"type": "list", "elements": "str", "default": []},
    "security_group_ids": {"type": "list", "elements": "str", "default": []},
    "callers": {"type": "dict", "default": {}},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
}
SETTINGS = ("architecture", "description", "handler", "memory_mb", "role_arn", "runtime", "timeout_seconds")


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[["state", "present", ["handler", "role_arn", "sources"]]],
        required_together=[["subnet_ids", "security_group_ids"]],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    try:
        package = build([Path(source) for source in params["sources"]]) if params["state"] == "present" else b""
    except PackageError as problem:
        module.fail_json(msg=f"Lambda function {params['name']}: {problem}")
    arguments = FunctionArguments(
        name=params["name"],
        package=package,
        settings={name: params[name] for name in SETTINGS},
        subnet_ids=params["subnet_ids"],
        security_group_ids=params["security_group_ids"],
        environment={str(key): str(value) for key, value in params["environment"].items()},
        callers={str(key): str(value) for key, value in params["callers"].items()},
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    client = module.client("lambda", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, LambdaFunction(client, arguments), "lambda_function")


if __name__ == "__main__":
    main()
