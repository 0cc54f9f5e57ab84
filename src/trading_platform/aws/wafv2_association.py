"""Which web ACL a resource of a region (an ALB) is protected by. CloudFront names its ACL in the distribution itself.

A resource has one ACL at most; to associate another one replaces it. WAF needs up to minutes until it sees an ACL or a
load balancer that was just made, and answers so long that it cannot retrieve it
(https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned

NOT_YET = ("WAFUnavailableEntityException", "WAFNonexistentItemException")


class WebAclAssociation(BaseResource):
    """The ACL of one resource.

    Args:
        wafv2: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "web ACL of"

    def __init__(self, wafv2: Any, params: dict[str, Any]) -> None:
        self.wafv2 = wafv2
        self.params = params
        self.name: str = params["resource_arn"]

    def find(self) -> State | None:
        """Read the ACL of the resource; None when it has none, or WAF does not see the resource yet."""
        if is_planned(self.name):
            return None
        with ignoring(*NOT_YET):
            acl = self.wafv2.get_web_acl_for_resource(ResourceArn=self.name, aws_retry=True).get("WebACL")
            return {"resource_arn": self.name, "web_acl_arn": acl["ARN"]} if acl else None
        return None

    def wanted(self, current: State | None) -> State:
        """Give the two ARNs; without an ACL any association is meant, for its removal."""
        asked = self.params["web_acl_arn"]
        return {"resource_arn": self.name, "web_acl_arn": asked or (current or {}).get("web_acl_arn")}

    def create(self, wanted: State) -> None:
        """Associate, again until WAF sees both ends."""
        eventually(
            self.wafv2.associate_web_acl,
            *NOT_YET,
            seconds=float(self.params["wait_timeout"]),
            WebACLArn=wanted["web_acl_arn"],
            ResourceArn=self.name,
        )

    def update(self, current: State, changes: State) -> None:
        """Associate the other ACL, which ends the old association."""
        self.create({**current, **changes})

    def delete(self, current: State) -> None:
        """Leave the resource without an ACL."""
        with ignoring("WAFNonexistentItemException"):
            self.wafv2.disassociate_web_acl(ResourceArn=self.name, aws_retry=True)
