"""Network ACLs and their entries."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.network_acls import NetworkAclBackend
from moto.ec2.responses.network_acls import NetworkACLs

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.quotas import NETWORK_ACL_RULES, quota
from trading_platform.emulator.services.ec2.common import dependency_violation, state

extension = Extension("ec2")

LAST_RULE = 32767  # the "*" rule that every network ACL ends with; it can be neither written nor removed
EDIT = ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry")


@extension.patches(NetworkAclBackend, "create_network_acl")
def acl_that_denies_the_rest(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """Every network ACL, not only the default one, has the rule that denies what no other rule allows."""
    acl = original(self, *args, **kwargs)
    if not acl.default:
        for egress in (True, False):
            self.create_network_acl_entry(
                network_acl_id=acl.id,
                rule_number=LAST_RULE,
                protocol="-1",
                rule_action="deny",
                egress=egress,
                cidr_block="0.0.0.0/0",
                icmp_code=None,
                icmp_type=None,
                port_range_from=None,
                port_range_to=None,
                ipv6_cidr_block=None,
            )
    return acl


@extension.patches(NetworkACLs, "create_network_acl_entry")
def keep_the_icmp_type_of_a_new_entry(original: Callable[..., Any], self: Any) -> Any:
    return _with_icmp(original, self)


@extension.patches(NetworkACLs, "replace_network_acl_entry")
def keep_the_icmp_type_of_a_replaced_entry(original: Callable[..., Any], self: Any) -> Any:
    return _with_icmp(original, self)


def _with_icmp(original: Callable[..., Any], self: Any) -> Any:
    """The parameter is ``IcmpTypeCode``; moto looks for ``Icmp``."""
    result = original(self)
    icmp = self._get_param("IcmpTypeCode")
    entry = _entry(
        self.ec2_backend, self._get_param("NetworkAclId"), self._get_param("RuleNumber"), self._get_param("Egress")
    )
    if icmp and entry:
        entry.icmp_type, entry.icmp_code = icmp.get("Type"), icmp.get("Code")
    return result


def _entry(backend: Any, acl_id: str, number: int | None, egress: bool | None) -> Any | None:
    acl = backend.network_acls.get(acl_id)
    for entry in acl.network_acl_entries if acl else ():
        if int(entry.rule_number) == number and bool(entry.egress) == bool(egress):
            return entry
    return None


@extension.refuses(*EDIT)
def editing_the_last_rule(call: Call) -> None:
    """VPC user guide: rule numbers 1 to 32766; "you can't modify or remove" the last rule."""
    number = int(call.params.get("RuleNumber") or 0)
    if not 0 < number < LAST_RULE:
        raise AwsError("InvalidParameterValue", f"Value ({number}) for parameter ruleNumber is invalid.")


@extension.refuses("ReplaceNetworkAclEntry", "DeleteNetworkAclEntry")
def changing_an_entry_that_does_not_exist(call: Call) -> None:
    acl_id, number = call.params.get("NetworkAclId", ""), call.params.get("RuleNumber")
    if acl_id in state(call).network_acls and not _entry(state(call), acl_id, number, call.params.get("Egress")):
        raise AwsError(
            "InvalidNetworkAclEntry.NotFound", f"The network acl entry identified by {number} does not exist."
        )


@extension.refuses("CreateNetworkAclEntry")
def more_entries_than_the_quota(call: Call) -> None:
    """20 each way, the last rule not counted. VPC user guide, "Amazon VPC quotas"; the text is not published."""
    acl = state(call).network_acls.get(call.params.get("NetworkAclId"))
    egress = bool(call.params.get("Egress"))
    entries = [one for one in acl.network_acl_entries if bool(one.egress) == egress] if acl else []
    if len([one for one in entries if int(one.rule_number) != LAST_RULE]) >= quota(NETWORK_ACL_RULES):
        raise AwsError("NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached.")


@extension.refuses("DeleteNetworkAcl")
def deleting_the_default_acl(call: Call) -> None:
    acl = state(call).network_acls.get(call.params.get("NetworkAclId"))
    if acl and acl.default:
        raise AwsError("InvalidParameterValue", f"Default network acl {acl.id} cannot be deleted.")
    if acl and acl._associations:
        raise dependency_violation(f"The networkAcl '{acl.id}' has dependencies and cannot be deleted.")
