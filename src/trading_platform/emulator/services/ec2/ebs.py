"""EBS account settings: encryption by default and its key, per Region."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of

extension = Extension("ec2")

AWS_MANAGED = "alias/aws/ebs"


def _settings(response: EC2Response) -> dict[str, str]:
    return state_of(response.ec2_backend, "ebs-default-key")


@extension.patches(ElasticBlockStore, "modify_ebs_default_kms_key_id")
def keep_the_default_key(_: Callable[..., Any], self: EC2Response) -> ActionResult:
    """API ModifyEbsDefaultKmsKeyId: moto answers but does not keep it."""
    key_id = self._get_param("KmsKeyId")
    kms = kms_backends[self.current_account][self.region]
    _settings(self)["key"] = kms.keys[kms.any_id_to_key_id(key_id)].arn
    return get_ebs_default_kms_key_id(self)


@extension.adds(EC2Response)
def get_ebs_default_kms_key_id(self: EC2Response) -> ActionResult:
    """API GetEbsDefaultKmsKeyId."""
    return ActionResult({"KmsKeyId": _settings(self).get("key", AWS_MANAGED)})


@extension.adds(EC2Response)
def reset_ebs_default_kms_key_id(self: EC2Response) -> ActionResult:
    """API ResetEbsDefaultKmsKeyId: back to the AWS managed key."""
    _settings(self).pop("key", None)
    return get_ebs_default_kms_key_id(self)


@extension.refuses("ModifyEbsDefaultKmsKeyId")
def default_key_that_does_not_exist_here(call: Call) -> None:
    """The key must be a symmetric one of the same Region (API ModifyEbsDefaultKmsKeyId)."""
    key_id = str(call.params.get("KmsKeyId", ""))
    kms = kms_backends[call.account_id][call.region]
    region = key_id.split(":")[3] if key_id.startswith("arn:") else call.region
    if region != call.region or kms.any_id_to_key_id(key_id) not in kms.keys:
        raise AwsError("InvalidKmsKeyId.NotFound", f"The KMS key '{key_id}' does not exist")
