#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secrets_manager_secret
short_description: Manage a Secrets Manager secret whose value is a JSON object, without ever knowing it
description:
  - Makes a secret and generates what is secret in it, once. A generated value is never replaced, returned or shown; a
    value that was rotated, or put there by a person, stays.
  - I(fields) are the keys that are no secrets. To change one, the value is read and written back with all else in it.
  - Keeps description, key, replicas, resource policy and tags as asked for. What is left out is left alone.
  - A secret that waits for its deletion is restored.
options:
  name:
    description: Name of the secret.
    type: str
    required: true
  state:
    description: With V(absent) the replicas are removed and the deletion is scheduled.
    choices: [present, absent]
    default: present
    type: str
  description:
    description: What the secret is for.
    type: str
  kms_key_id:
    description:
      - ARN of the key that encrypts it; V(alias/aws/secretsmanager) for Secrets Manager's own, which it also is when a
        secret is made without.
    type: str
  fields:
    description: Keys of the value that are no secrets, and what they hold.
    type: dict
    default: {}
  generate:
    description:
      - Key of the value to what is generated for it when the value has no such key. A dict of I(kind)
        (V(alphanumeric), V(base64), V(hex) or V(placeholder)) and I(length), which is characters, or random bytes
        before they are encoded.
    type: dict
    default: {}
  replicas:
    description:
      - Region to the ARN of a key of that region, or V(alias/aws/secretsmanager); all other replicas are removed.
    type: dict
  policy:
    description: Resource policy; refused by AWS when it is public.
    type: dict
  recovery_window_days:
    description: Days that a deleted secret can be called back, 7 to 30.
    type: int
    default: 30
  wait:
    description: Whether to wait until the replicas hold the value.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 120
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Generate the database password, once
  secrets_manager_secret:
    name: production-trading-engine/database
    fields:
      username: trading_admin
      engine: postgres
    generate:
      password: {kind: alphanumeric, length: 40}
    replicas:
      us-west-2: "arn:aws:kms:us-west-2:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"

- name: Say where the database is
  secrets_manager_secret:
    name: production-trading-engine/database
    fields:
      host: production.abcdefghijkl.us-east-1.rds.amazonaws.com
"""

RETURN = r"""
secrets_manager_secret:
  description: The secret, without what is secret; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    arn:
      description: The ARN.
      type: str
      sample: "arn:aws:secretsmanager:us-east-1:123456789012:secret:production-trading-engine/database-a1b2c3"
    description: {description: The description., type: str, sample: Master user of the database}
    kms_key_id: {description: The key., type: str, sample: "arn:aws:kms:us-east-1:123456789012:key/mrk-1234"}
    deletion_scheduled: {description: Whether it waits for its deletion., type: bool, sample: false}
    fields: {description: The managed keys that are no secrets., type: dict, sample: {username: trading_admin}}
    generated: {description: Names of the generated keys., type: list, elements: str, sample: [password]}
    replicas: {description: Region to key., type: dict, sample: {us-west-2: "arn:aws:kms:us-west-2:1:key/mrk-1234"}}
    replication: {description: Region to status., type: dict, sample: {us-west-2: InSync}}
    tags: {description: The tags., type: dict, sample: {Team: devops}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: fields"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.secrets_manager_secret import SecretArguments, SecretsManagerSecret
    from trading_platform.secret_values import SecretSpecificationError, check
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str"},
    "kms_key_id": {"type": "str"},
    "fields": {"type": "dict", "default": {}},
    "generate": {"type": "dict", "default": {}},
    "replicas": {"type": "dict"},
    "policy": {"type": "dict"},
    "recovery_window_days": {"type": "int", "default": 30},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 120},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    try:
        check(params["generate"])
    except SecretSpecificationError as problem:
        module.fail_json(msg=f"generate: {problem}")
    both = sorted(params["fields"].keys() & params["generate"].keys())
    if both:
        module.fail_json(msg=f"fields and generate both have {', '.join(both)}")
    arguments = SecretArguments(
        name=params["name"],
        description=params["description"],
        kms_key_id=params["kms_key_id"],
        fields=params["fields"],
        generate=params["generate"],
        replicas=params["replicas"],
        policy=params["policy"],
        recovery_window_days=params["recovery_window_days"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
        present=params["state"] == "present",
    )
    client = module.client("secretsmanager", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, SecretsManagerSecret(client, arguments), "secrets_manager_secret")


if __name__ == "__main__":
    main()
