#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_instance
short_description: Manage an RDS for PostgreSQL instance or a read replica
description:
  - Makes an encrypted instance, or with I(source_identifier) a read replica of one in this or in another region, and
    keeps every option that is given as it is asked for. Options that are left out are left alone.
  - The master password comes from a Secrets Manager secret, is read only when the instance is created and never sent
    again, so that a rotated password stays.
  - What RDS changes by itself is no drift. Storage that has grown is not made smaller, a newer minor version stays, and
    a change that waits for the maintenance window is not asked for twice.
  - A replica cannot be given everything when it is created. With I(wait) the rest follows as soon as it is available;
    without, the next run does it.
  - Static parameters of a parameter group need a reboot, which this module never causes; it returns C(reboot_pending).
options:
  identifier:
    description: Name of the instance, at most 63 characters; stored in lower case.
    type: str
    required: true
  state:
    description: Whether the instance shall exist.
    choices: [present, absent]
    default: present
    type: str
  source_identifier:
    description: The instance to be a read replica of; its name, or its ARN when it is in another region.
    type: str
  engine:
    description: Engine.
    type: str
  engine_version:
    description:
      - Version, for example V(16.14). A newer minor version is an upgrade in place; an older one than the instance runs
        is ignored within the major version and refused beyond it.
    type: str
  allow_major_version_upgrade:
    description: Whether a new major version may be an upgrade.
    type: bool
    default: false
  instance_class:
    description: Instance class, for example V(db.r6i.xlarge).
    type: str
  storage_type:
    description: Storage type. IOPS and throughput are those that come with it.
    choices: [gp2, gp3]
    type: str
  allocated_storage:
    description: GiB to begin with; raised when it is more than the instance has, and never lowered.
    type: int
  max_allocated_storage:
    description:
      - GiB up to which RDS enlarges the storage by itself. A new limit is at least 110 % of the storage that there is.
      - Storage that has grown to over 90 % of a limit that stays is told as a warning.
    type: int
  kms_key_id:
    description:
      - ARN of the key of the storage, of this region. Fixed. A replica in the region of its source has the source's.
    type: str
  master_secret_id:
    description:
      - Name or ARN of a secret with the JSON keys C(username) and C(password). Read only to create an instance that is
        no replica, and required then.
    type: str
  database_name:
    description: Name of the first database. Fixed.
    type: str
  port:
    description: TCP port.
    type: int
  multi_az:
    description: Whether there is a standby in another availability zone.
    type: bool
  subnet_group_name:
    description: DB subnet group. Fixed. A replica in the region of its source has the source's, and no other is taken.
    type: str
  vpc_security_group_ids:
    description: Security groups.
    type: list
    elements: str
  parameter_group_name:
    description: DB parameter group. On an instance that exists it is in force only after a reboot.
    type: str
  backup_retention_days:
    description: Days that automated backups are kept, 0 to 35.
    type: int
  backup_window:
    description: Daily, UTC, V(HH:MM-HH:MM).
    type: str
  maintenance_window:
    description: Weekly, UTC, V(ddd:HH:MM-ddd:HH:MM).
    type: str
  copy_tags_to_snapshot:
    description: Whether snapshots get the tags.
    type: bool
  auto_minor_version_upgrade:
    description: Whether RDS upgrades the minor version in the maintenance window.
    type: bool
  deletion_protection:
    description:
      - Whether the instance is protected from deletion. With I(state=absent) V(false) takes the protection off.
    type: bool
  publicly_accessible:
    description: Whether it has a public address.
    type: bool
  iam_authentication:
    description: Whether IAM identities may log in.
    type: bool
  monitoring_interval:
    description: Seconds between two points of enhanced monitoring; 0 turns it off.
    choices: [0, 1, 5, 10, 15, 30, 60]
    type: int
  monitoring_role_arn:
    description: Role that enhanced monitoring writes with.
    type: str
  performance_insights:
    description: Whether Performance Insights is on.
    type: bool
  performance_insights_retention_days:
    description: Days that it keeps; 7, a multiple of 31 up to 713, or 731.
    type: int
  performance_insights_kms_key_id:
    description: ARN of its key; cannot be changed while it is on.
    type: str
  log_exports:
    description: Logs sent to CloudWatch.
    type: list
    elements: str
    choices: [postgresql, upgrade, iam-db-auth-error]
  engine_lifecycle_support:
    description: Whether the instance enters (paid) extended support when its version's standard support ends.
    choices: [open-source-rds-extended-support, open-source-rds-extended-support-disabled]
    type: str
  ca_certificate_identifier:
    description: Authority of the server certificate, for example V(rds-ca-rsa2048-g1).
    type: str
  apply_immediately:
    description:
      - Whether changes are made at once; otherwise those that interrupt service wait for the maintenance window.
    type: bool
    default: false
  final_snapshot_identifier:
    description: Name of the snapshot made before an instance that is no replica is deleted; must be new.
    type: str
  skip_final_snapshot:
    description: Whether to delete without one.
    type: bool
    default: false
  wait:
    description: Whether to wait until the instance is available, or gone.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait. A Multi-AZ instance takes half an hour, and so does each replica.
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
- name: Ask for the database
  rds_instance:
    identifier: production-trading-engine
    engine: postgres
    engine_version: "16.14"
    instance_class: db.r6i.xlarge
    storage_type: gp3
    allocated_storage: 100
    max_allocated_storage: 1000
    kms_key_id: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    master_secret_id: production-trading-engine/database
    multi_az: true
    wait: false

- name: Have a replica for reports
  rds_instance:
    identifier: production-trading-engine-replica-1
    source_identifier: production-trading-engine
    instance_class: db.r6i.xlarge
"""

RETURN = r"""
rds_instance:
  description: The instance; empty when it is absent. In check mode, the instance as it would be.
  returned: always
  type: dict
  contains:
    arn: {description: The ARN., type: str, sample: "arn:aws:rds:us-east-1:123456789012:db:production-trading-engine"}
    status: {description: RDS's status., type: str, sample: available}
    endpoint:
      description: Host name; null until the instance has one.
      type: str
      sample: production-trading-engine.abcdefghijkl.us-east-1.rds.amazonaws.com
    endpoint_port: {description: TCP port; null until the instance has one., type: int, sample: 5432}
    iops: {description: IOPS that the storage has., type: int, sample: 3000}
    pending: {description: Changes that wait for the maintenance window., type: dict, sample: {}}
    reboot_pending: {description: Whether parameters wait for a reboot., type: bool, sample: false}
    replica_identifiers: {description: Its replicas., type: list, elements: str, sample: [production-replica-1]}
    source_identifier: {description: What it is a replica of; null otherwise., type: str, sample: production}
    resource_id: {description: RDS's own id., type: str, sample: db-ABCDEFGHIJKLMNOPQRSTUVWXYZ}
    tags: {description: The tags., type: dict, sample: {Team: devops}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: instance_class"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.rds_instance import InstanceArguments, RdsInstance
except ImportError as error:
    LIBRARY_ERROR = error

# Options that are settings of the instance: what is left out is left alone.
SETTINGS = {
    "engine": {"type": "str"},
    "engine_version": {"type": "str"},
    "instance_class": {"type": "str"},
    "storage_type": {"type": "str", "choices": ["gp2", "gp3"]},
    "allocated_storage": {"type": "int"},
    "max_allocated_storage": {"type": "int"},
    "kms_key_id": {"type": "str"},
    "database_name": {"type": "str"},
    "port": {"type": "int"},
    "multi_az": {"type": "bool"},
    "subnet_group_name": {"type": "str"},
    "vpc_security_group_ids": {"type": "list", "elements": "str"},
    "parameter_group_name": {"type": "str"},
    "backup_retention_days": {"type": "int"},
    "backup_window": {"type": "str"},
    "maintenance_window": {"type": "str"},
    "copy_tags_to_snapshot": {"type": "bool"},
    "auto_minor_version_upgrade": {"type": "bool"},
    "deletion_protection": {"type": "bool"},
    "publicly_accessible": {"type": "bool"},
    "iam_authentication": {"type": "bool"},
    "monitoring_interval": {"type": "int", "choices": [0, 1, 5, 10, 15, 30, 60]},
    "monitoring_role_arn": {"type": "str"},
    "performance_insights": {"type": "bool"},
    "performance_insights_retention_days": {"type": "int"},
    "performance_insights_kms_key_id": {"type": "str"},
    "log_exports": {"type": "list", "elements": "str", "choices": ["postgresql", "upgrade", "iam-db-auth-error"]},
    "engine_lifecycle_support": {
        "type": "str",
        "choices": ["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"],
    },
    "ca_certificate_identifier": {"type": "str"},
}
ARGUMENT_SPEC = {
    "identifier": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "source_identifier": {"type": "str"},
    "allow_major_version_upgrade": {"type": "bool", "default": False},
    # A name or ARN, and no secret itself.
    "master_secret_id": {"type": "str", "no_log": False},
    "apply_immediately": {"type": "bool", "default": False},
    "final_snapshot_identifier": {"type": "str"},
    "skip_final_snapshot": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 3600},
    **SETTINGS,
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        mutually_exclusive=[["final_snapshot_identifier", "skip_final_snapshot"]],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    waits = params["wait"] and params["state"] == "present" and not module.check_mode
    arguments = InstanceArguments(
        identifier=params["identifier"],
        settings={name: params[name] for name in SETTINGS if params[name] is not None},
        source_identifier=params["source_identifier"],
        master_secret_id=params["master_secret_id"],
        allow_major_version_upgrade=params["allow_major_version_upgrade"],
        apply_immediately=params["apply_immediately"],
        final_snapshot_identifier=params["final_snapshot_identifier"],
        skip_final_snapshot=params["skip_final_snapshot"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
        wait_timeout=float(params["wait_timeout"]) if waits else None,
    )
    retry = AWSRetry.jittered_backoff(retries=10)
    client = module.client("rds", retry_decorator=retry)
    resource = RdsInstance(
        client, lambda: module.client("secretsmanager", retry_decorator=retry), arguments, module.warn
    )
    run(module, resource, "rds_instance")


if __name__ == "__main__":
    main()
