#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket
short_description: Manage an S3 bucket with its whole configuration
description:
  - Creates a bucket in the module's region and keeps its versioning, encryption, policy, public access block,
    ownership, lifecycle, access logging, replication and tags as asked for, with one diff for all of it and calls
    only for what differs. What is left out is turned off or removed, as the options below say.
  - Policy, lifecycle and replication are compared by meaning; S3 gives them back rearranged.
  - Bucket names are global. A name that another account has, or that is taken in another region, stops the module.
notes:
  - Each of the documents (policy, lifecycle, replication) is written as a whole, so a bucket has one owner. Services
    that write to a bucket's policy themselves, as EC2 does for flow logs, need their statements in O(policy).
  - Lifecycle actions are not replicated; a replica bucket needs rules of its own. Objects that exist already are not
    replicated either.
  - S3 does not check O(replication.rules.replica_kms_key_arn); with a wrong key objects just fail to replicate.
options:
  name:
    description: The bucket's name.
    type: str
    required: true
  state:
    description:
      - V(absent) removes the bucket. One that holds anything is refused, see O(purge).
    choices: [present, absent]
    default: present
    type: str
  purge:
    description:
      - With O(state=absent), delete every object, every version and every delete marker first.
    type: bool
    default: false
  versioning:
    description: Whether versions are kept. Once on, it can only be suspended.
    type: bool
    default: false
  encryption:
    description: Encryption of objects that are written without saying how.
    type: dict
    suboptions:
      algorithm:
        description: V(AES256) uses keys of S3, V(aws:kms) a KMS key.
        type: str
        choices: [AES256, "aws:kms"]
        default: AES256
      kms_key_arn:
        description:
          - The KMS key's ARN. A key id or alias would be looked up in the account of whoever writes.
          - Without it V(aws:kms) uses AWS's own key for S3, which other accounts and services cannot use.
        type: str
      bucket_key:
        description: Whether to use a bucket key, which makes far fewer calls to KMS. Only with V(aws:kms).
        type: bool
        default: true
  policy:
    description: The bucket policy; none removes it.
    type: dict
  public_access_block:
    description: What public access is blocked.
    type: dict
    suboptions:
      block_public_acls:
        description: Refuse ACLs that make anything public.
        type: bool
        default: true
      ignore_public_acls:
        description: Ignore such ACLs.
        type: bool
        default: true
      block_public_policy:
        description: Refuse policies that make anything public.
        type: bool
        default: true
      restrict_public_buckets:
        description: Let only the account and AWS services use a bucket with a public policy.
        type: bool
        default: true
  object_ownership:
    description: Who owns objects; V(BucketOwnerEnforced) turns ACLs off.
    type: str
    choices: [BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter]
    default: BucketOwnerEnforced
  lifecycle_rules:
    description: When objects move and go; none removes all rules.
    type: list
    elements: dict
    suboptions:
      id:
        description: The rule's id.
        type: str
        required: true
      prefix:
        description: Which objects, by the beginning of their key.
        type: str
        default: ""
      enabled:
        description: Whether the rule is in force.
        type: bool
        default: true
      transitions:
        description: Storage classes for objects. STANDARD_IA needs 30 days.
        type: list
        elements: dict
        suboptions: &steps
          days:
            description: Age in days.
            type: int
            required: true
          storage_class:
            description: The storage class.
            type: str
            required: true
            choices: [GLACIER, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, DEEP_ARCHIVE, GLACIER_IR]
      expiration_days:
        description:
          - Age in days at which an object is deleted. With versioning that adds a delete marker only, so
            O(lifecycle_rules.noncurrent_version_expiration_days) is needed for anything to go.
        type: int
      expired_object_delete_marker:
        description: Remove delete markers that hide nothing any more. Not together with expiration_days.
        type: bool
        default: false
      noncurrent_version_transitions:
        description: Storage classes for versions that were replaced, by days since then.
        type: list
        elements: dict
        suboptions: *steps
      noncurrent_version_expiration_days:
        description: Days after which a version that was replaced is deleted.
        type: int
      abort_incomplete_multipart_upload_days:
        description: Days after which an upload that was not finished is dropped.
        type: int
      object_size_greater_than:
        description: Only objects of more bytes than this.
        type: int
      object_size_less_than:
        description: Only objects of fewer bytes than this.
        type: int
  logging:
    description:
      - Where to write access logs; none turns them off. The target's policy must let logging.s3.amazonaws.com put
        objects.
    type: dict
    suboptions:
      target_bucket:
        description: A bucket of the same region and account.
        type: str
        required: true
      target_prefix:
        description: What the keys of the logs begin with.
        type: str
        default: ""
  replication:
    description: Copies to other buckets; none turns replication off. Both buckets need versioning.
    type: dict
    suboptions:
      role_arn:
        description: The role that S3 takes to replicate.
        type: str
        required: true
      rules:
        description: What is copied where.
        type: list
        elements: dict
        required: true
        suboptions:
          id:
            description: The rule's id.
            type: str
            required: true
          priority:
            description: Which rule wins where several match; each rule needs its own.
            type: int
            default: 0
          prefix:
            description: Which objects, by the beginning of their key.
            type: str
            default: ""
          destination_bucket_arn:
            description: The bucket to copy to.
            type: str
            required: true
          storage_class:
            description: The storage class of the copies; by default that of the object.
            type: str
          replica_kms_key_arn:
            description: The KMS key, in the destination's region, that encrypts the copies.
            type: str
          delete_marker_replication:
            description: Whether delete markers are copied.
            type: bool
            default: false
          sse_kms_encrypted_objects:
            description: Whether objects encrypted with KMS are copied; S3 skips them otherwise.
            type: bool
            default: false
          metrics:
            description:
              - Whether CloudWatch gets metrics of the rule. Without them nobody sees that objects fail to replicate.
            type: bool
            default: false
  keep:
    description:
      - What is given to a new bucket, and left as it is on one that exists, because another task looks after it.
      - So a task can make a bucket before what its policy or replication names is there, without undoing in the next
        run what the other task added.
    type: list
    elements: str
    choices: [policy, replication]
    default: []
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A bucket for backups, copied to another region
  s3_bucket:
    name: production-trading-engine-backups
    versioning: true
    encryption:
      algorithm: aws:kms
      kms_key_arn: "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    lifecycle_rules:
      - id: age
        transitions:
          - {days: 30, storage_class: STANDARD_IA}
          - {days: 90, storage_class: GLACIER}
        expiration_days: 365
        noncurrent_version_expiration_days: 30
        abort_incomplete_multipart_upload_days: 7
    replication:
      role_arn: "arn:aws:iam::123456789012:role/s3-replication"
      rules:
        - id: standby
          destination_bucket_arn: "arn:aws:s3:::production-trading-engine-backups-us-west-2"
          replica_kms_key_arn: "arn:aws:kms:us-west-2:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
          sse_kms_encrypted_objects: true
    tags: {Environment: production}

- name: Remove a bucket with everything in it
  s3_bucket:
    name: production-trading-engine-scratch
    state: absent
    purge: true
"""

RETURN = r"""
s3_bucket:
  description:
    - The bucket; empty when it is absent. In check mode, the bucket as it would be.
    - Configuration stands under the names of the options.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: production-trading-engine-backups}
    arn: {description: The ARN., type: str, sample: "arn:aws:s3:::production-trading-engine-backups"}
    region: {description: The region., type: str, sample: us-east-1}
    versioning: {description: Whether versions are kept., type: bool, sample: true}
    encryption: {description: Default encryption., type: dict, sample: {algorithm: AES256, bucket_key: false}}
    policy: {description: "The policy, lists sorted.", type: dict, sample: {}}
    public_access_block: {description: What is blocked., type: dict, sample: {block_public_acls: true}}
    object_ownership: {description: Who owns objects., type: str, sample: BucketOwnerEnforced}
    lifecycle_rules: {description: "The rules, by id.", type: list, elements: dict, sample: []}
    logging: {description: Where access logs go., type: dict, sample: {target_bucket: logs, target_prefix: backups/}}
    replication: {description: The replication., type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: lifecycle_rules, tags"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.s3_bucket import RETRIED, BucketArguments, S3Bucket
except ImportError as error:
    LIBRARY_ERROR = error

STORAGE_CLASSES = ["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"]
STEPS = {
    "type": "list",
    "elements": "dict",
    "options": {
        "days": {"type": "int", "required": True},
        "storage_class": {"type": "str", "required": True, "choices": STORAGE_CLASSES},
    },
}
LIFECYCLE_RULE = {
    "id": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": ""},
    "enabled": {"type": "bool", "default": True},
    "transitions": STEPS,
    "expiration_days": {"type": "int"},
    "expired_object_delete_marker": {"type": "bool", "default": False},
    "noncurrent_version_transitions": STEPS,
    "noncurrent_version_expiration_days": {"type": "int"},
    "abort_incomplete_multipart_upload_days": {"type": "int"},
    "object_size_greater_than": {"type": "int"},
    "object_size_less_than": {"type": "int"},
}
REPLICATION_RULE = {
    "id": {"type": "str", "required": True},
    "priority": {"type": "int", "default": 0},
    "prefix": {"type": "str", "default": ""},
    "destination_bucket_arn": {"type": "str", "required": True},
    "storage_class": {"type": "str"},
    "replica_kms_key_arn": {"type": "str", "no_log": False},
    "delete_marker_replication": {"type": "bool", "default": False},
    "sse_kms_encrypted_objects": {"type": "bool", "default": False},
    "metrics": {"type": "bool", "default": False},
}
ENCRYPTION = {
    "algorithm": {"type": "str", "choices": ["AES256", "aws:kms"], "default": "AES256"},
    "kms_key_arn": {"type": "str", "no_log": False},
    "bucket_key": {"type": "bool", "default": True, "no_log": False},
}
PUBLIC_ACCESS_BLOCK = {
    "block_public_acls": {"type": "bool", "default": True},
    "ignore_public_acls": {"type": "bool", "default": True},
    "block_public_policy": {"type": "bool", "default": True},
    "restrict_public_buckets": {"type": "bool", "default": True},
}
LOGGING = {
    "target_bucket": {"type": "str", "required": True},
    "target_prefix": {"type": "str", "default": ""},
}
REPLICATION = {
    "role_arn": {"type": "str", "required": True},
    "rules": {"type": "list", "elements": "dict", "required": True, "options": REPLICATION_RULE},
}
ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "purge": {"type": "bool", "default": False},
    "versioning": {"type": "bool", "default": False},
    "encryption": {"type": "dict", "options": ENCRYPTION, "apply_defaults": True},
    "policy": {"type": "dict"},
    "public_access_block": {"type": "dict", "options": PUBLIC_ACCESS_BLOCK, "apply_defaults": True},
    "object_ownership": {
        "type": "str",
        "choices": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
        "default": "BucketOwnerEnforced",
    },
    "lifecycle_rules": {"type": "list", "elements": "dict", "options": LIFECYCLE_RULE},
    "logging": {"type": "dict", "options": LOGGING},
    "replication": {"type": "dict", "options": REPLICATION},
    "keep": {"type": "list", "elements": "str", "choices": ["policy", "replication"], "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    s3 = module.client("s3", retry_decorator=AWSRetry.jittered_backoff(**RETRIED))
    run(module, S3Bucket(s3, BucketArguments.of(module.params)), "s3_bucket")


if __name__ == "__main__":
    main()
