#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticache_replication_group
short_description: Manage a replication group of ElastiCache
description:
  - One primary and its replicas, Redis or Valkey with cluster mode disabled, encrypted at rest and in transit.
  - ElastiCache takes one change at a time. A change of several kinds is made in the order more replicas, settings,
    AUTH token, fewer replicas, and the module waits between them whatever O(wait) says.
  - Encryption at rest, its key, subnet group and port cannot be changed, and no version goes back; the module says so
    instead of replacing the data.
  - AWS never shows an AUTH token. The module keeps the fingerprint of the one it set (64 bits of a slow, salted hash)
    in the tag C(AuthTokenFingerprint) and warns when O(auth_token) is another one.
options:
  name:
    description: The identifier, at most 40 characters; stored in lower case.
    type: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  description:
    description: What the group is for.
    type: str
    default: Managed by Ansible
  engine:
    description: The engine. Redis can become Valkey, and never goes back.
    choices: [redis, valkey]
    default: redis
    type: str
  engine_version:
    description: Major and minor version; AWS chooses the patch.
    type: str
    default: "7.1"
  node_type:
    description: The type of every node, V(cache.r6g.large). Required where the group exists or should.
    type: str
  num_cache_clusters:
    description: Primary and replicas together, 1 to 6.
    type: int
    default: 1
  automatic_failover:
    description: Whether a replica takes over from a failed primary. Needs two nodes.
    type: bool
    default: false
  multi_az:
    description: Whether the nodes are spread over availability zones. Needs O(automatic_failover).
    type: bool
    default: false
  transit_encryption_mode:
    description:
      - V(required) takes TLS only, V(preferred) both, V(disabled) none.
      - A group without TLS becomes V(preferred) first, and V(required) when its clients have moved.
    choices: [required, preferred, disabled]
    default: required
    type: str
  at_rest_encryption:
    description: Whether memory that is written to disk and snapshots are encrypted. Cannot be changed later.
    type: bool
    default: true
  kms_key_arn:
    description: The key for O(at_rest_encryption); AWS's own by default. Cannot be changed later.
    type: str
  auth_token:
    description: The password of the group, 16 to 128 letters, digits and C(!&#$^<>-). Used when the group is created.
    type: str
  auth_token_update_strategy:
    description:
      - How to give O(auth_token) to a group that exists. Without it the token of a group is left alone.
      - V(rotate) lets the group take the new token and the last one; V(set) then drops the old one.
    choices: [rotate, set]
    type: str
  subnet_group_name:
    description: The cache subnet group. Cannot be changed later. Required where the group exists or should.
    type: str
  parameter_group_name:
    description: The cache parameter group, of the family of the version.
    type: str
  security_group_ids:
    description: The security groups of the nodes.
    type: list
    elements: str
  port:
    description: The port. Cannot be changed later.
    type: int
    default: 6379
  snapshot_retention_days:
    description: Days that daily snapshots are kept, 0 for none, at most 35.
    type: int
    default: 0
  snapshot_window:
    description: Daily, C(HH:MM-HH:MM) in UTC, 60 minutes or more, not overlapping O(maintenance_window).
    type: str
  maintenance_window:
    description: Weekly, C(ddd:HH:MM-ddd:HH:MM) in UTC, 60 minutes or more.
    type: str
  log_delivery:
    description:
      - C(slow-log) and C(engine-log) to the CloudWatch log group that receives them as JSON. A log that is not named
        is not delivered. The log groups exist already.
    type: dict
    default: {}
  auto_minor_version_upgrade:
    description: Whether AWS upgrades within the major version by itself, in the maintenance window.
    type: bool
    default: true
  notification_topic_arn:
    description: The SNS topic that hears of failovers and maintenance; none when it is empty.
    type: str
  apply_immediately:
    description:
      - Whether a change of node type, engine or version is made at once. With V(false) it waits for the maintenance
        window; everything else is changed at once all the same.
    type: bool
    default: true
  snapshot_name:
    description: The snapshot of this Region that a new group is filled from. Has no effect on a group that exists.
    type: str
  snapshot_arns:
    description: C(.rdb) files in S3 that a new group is filled from. Has no effect on a group that exists.
    type: list
    elements: str
  final_snapshot_name:
    description: The snapshot that is taken before O(state=absent) removes the group.
    type: str
  wait:
    description: Whether to wait until the group is available, or gone.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 3600
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Redis, one primary and two replicas in three zones
  elasticache_replication_group:
    name: production-trading-engine
    node_type: cache.r6g.large
    num_cache_clusters: 3
    automatic_failover: true
    multi_az: true
    kms_key_arn: "{{ kms_key_arns.elasticache }}"
    auth_token: "{{ redis_auth_token }}"
    subnet_group_name: production-trading-engine
    parameter_group_name: production-trading-engine
    security_group_ids: [sg-1]
    snapshot_retention_days: 7
    snapshot_window: 03:00-04:00
    maintenance_window: sun:04:30-sun:05:30

- name: Let it take a new token beside the old one
  elasticache_replication_group:
    name: production-trading-engine
    node_type: cache.r6g.large
    subnet_group_name: production-trading-engine
    auth_token: "{{ redis_auth_token }}"
    auth_token_update_strategy: rotate
"""

RETURN = r"""
elasticache_replication_group:
  description: The group; empty when it is absent. In check mode, the group as it would be.
  returned: always
  type: dict
  contains:
    replication_group_id: {description: The identifier., type: str, sample: production-trading-engine}
    arn: {description: The ARN., type: str, sample: "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:a"}
    status: {description: "creating, available, modifying ...", type: str, sample: available}
    primary_endpoint:
      description: The name that leads to the primary, whichever node that is; empty while the group is created.
      type: str
      sample: master.production-trading-engine.abc123.use1.cache.amazonaws.com
    reader_endpoint: {description: That of the replicas., type: str, sample: replica.a.cache.amazonaws.com}
    member_clusters: {description: The nodes., type: list, elements: str, sample: [production-trading-engine-001]}
    engine_version: {description: The version with its patch., type: str, sample: 7.1.0}
    auth_token_fingerprint: {description: "Of its token, or new+old.", type: str, sample: 0a1b2c3d4e5f6071}
    auth_token_enabled: {description: Whether clients need a token., type: bool, sample: true}
    tags: {description: The tags or null while it changes., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: node_type"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.elasticache_replication_group import ElastiCacheReplicationGroup
    from trading_platform.aws.elasticache_replication_group_request import argument_problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str", "default": "Managed by Ansible"},
    "engine": {"type": "str", "choices": ["redis", "valkey"], "default": "redis"},
    "engine_version": {"type": "str", "default": "7.1"},
    "node_type": {"type": "str"},
    "num_cache_clusters": {"type": "int", "default": 1},
    "automatic_failover": {"type": "bool", "default": False},
    "multi_az": {"type": "bool", "default": False},
    "transit_encryption_mode": {
        "type": "str",
        "choices": ["required", "preferred", "disabled"],
        "default": "required",
    },
    "at_rest_encryption": {"type": "bool", "default": True},
    "kms_key_arn": {"type": "str", "no_log": False},
    "auth_token": {"type": "str", "no_log": True},
    "auth_token_update_strategy": {"type": "str", "choices": ["rotate", "set"], "no_log": False},
    "subnet_group_name": {"type": "str"},
    "parameter_group_name": {"type": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "port": {"type": "int", "default": 6379},
    "snapshot_retention_days": {"type": "int", "default": 0},
    "snapshot_window": {"type": "str"},
    "maintenance_window": {"type": "str"},
    "log_delivery": {"type": "dict", "default": {}},
    "auto_minor_version_upgrade": {"type": "bool", "default": True},
    "notification_topic_arn": {"type": "str"},
    "apply_immediately": {"type": "bool", "default": True},
    "snapshot_name": {"type": "str"},
    "snapshot_arns": {"type": "list", "elements": "str"},
    "final_snapshot_name": {"type": "str"},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 3600},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["node_type", "subnet_group_name"])],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = argument_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    elasticache = module.client("elasticache", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    group = ElastiCacheReplicationGroup(elasticache, module.params, module.warn)
    run(module, group, "elasticache_replication_group")


if __name__ == "__main__":
    main()
