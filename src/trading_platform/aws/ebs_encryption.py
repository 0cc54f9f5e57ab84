"""Encryption of every new EBS volume of a region, and the KMS key it uses where no other is named.

Volumes that exist already stay as they are (https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.engine import BaseResource, State

AWS_KEY = "alias/aws/ebs"
"""How EC2 names AWS's own key for EBS, alone or at the end of an ARN."""


class EbsEncryption(BaseResource):
    """The setting of one region. Absent is what a new account has: off, and AWS's own key.

    Args:
        ec2: a client of ``AnsibleAWSModule.client``.
        kms_key_arn: the default key, None for AWS's own. EC2 checks it later and says nothing if it is wrong.
    """

    kind = "EBS encryption by default"

    def __init__(self, ec2: Any, kms_key_arn: str | None) -> None:
        self.ec2 = ec2
        self.name = str(ec2.meta.region_name)
        self.kms_key_arn = kms_key_arn

    def find(self) -> State | None:
        """Read both settings."""
        enabled = self.ec2.get_ebs_encryption_by_default(aws_retry=True)["EbsEncryptionByDefault"]
        key = self.ec2.get_ebs_default_kms_key_id(aws_retry=True).get("KmsKeyId") or AWS_KEY
        kms_key_arn = None if key.endswith(AWS_KEY) else key
        return {"enabled": enabled, "kms_key_arn": kms_key_arn} if enabled or kms_key_arn else None

    def wanted(self, current: State | None) -> State:
        """Give both settings."""
        return {"enabled": True, "kms_key_arn": self.kms_key_arn}

    def create(self, wanted: State) -> None:
        """Turn it on and name the key."""
        self.update({}, {key: value for key, value in wanted.items() if value})

    def update(self, current: State, changes: State) -> None:
        """Turn it on first: EC2 takes a key only where encryption is on."""
        if "enabled" in changes:
            self.ec2.enable_ebs_encryption_by_default(aws_retry=True)
        if changes.get("kms_key_arn"):
            self.ec2.modify_ebs_default_kms_key_id(KmsKeyId=changes["kms_key_arn"], aws_retry=True)
        elif "kms_key_arn" in changes:
            self.ec2.reset_ebs_default_kms_key_id(aws_retry=True)

    def delete(self, current: State) -> None:
        """Go back to AWS's own key, then turn it off."""
        if current["kms_key_arn"]:
            self.ec2.reset_ebs_default_kms_key_id(aws_retry=True)
        if current["enabled"]:
            self.ec2.disable_ebs_encryption_by_default(aws_retry=True)
