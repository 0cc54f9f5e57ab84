"""A response headers policy: what CloudFront adds to every response to a viewer.

An update replaces the whole policy, so CORS, Server-Timing and removed headers, which are not managed here, are sent
again as they were read
(https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateResponseHeadersPolicy.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.cloudfront import find_all, items, values_of
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id

KEPT = ("CorsConfig", "ServerTimingHeadersConfig", "RemoveHeadersConfig")


class ResponseHeadersPolicy(BaseResource):
    """The custom policy of this name.

    Args:
        cloudfront: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "response headers policy"
    placeholders = {"id": planned_id("policy")}

    def __init__(self, cloudfront: Any, params: dict[str, Any]) -> None:
        self.cloudfront = cloudfront
        self.params = params
        self.name: str = params["name"]
        self.kept: dict[str, Any] = {}

    def find(self) -> State | None:
        """Read the policy; the list has all of it."""

        def custom(**arguments: Any) -> dict[str, Any]:
            answer: dict[str, Any] = self.cloudfront.list_response_headers_policies(Type="custom", **arguments)
            return answer

        for item in find_all(custom, "ResponseHeadersPolicyList"):
            policy = item["ResponseHeadersPolicy"]
            config = policy["ResponseHeadersPolicyConfig"]
            if config["Name"] == self.name:
                self.kept = {key: config[key] for key in KEPT if config.get(key)}
                return {"id": policy["Id"], **_state(config)}
        return None

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        asked = self.params
        security = asked["security_headers"] or {}
        return {
            "name": self.name,
            "comment": asked["comment"],
            "custom_headers": _sorted(
                {"name": one["name"], "value": one["value"], "override": one["override"]}
                for one in asked["custom_headers"]
            ),
            "security_headers": {key: value for key, value in security.items() if value not in (None, False)},
        }

    def create(self, wanted: State) -> None:
        """Make the policy."""
        self.cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=_config(wanted), aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Write the whole policy."""
        self.cloudfront.update_response_headers_policy(
            Id=current["id"],
            IfMatch=self._etag(current["id"]),
            ResponseHeadersPolicyConfig={**self.kept, **_config({**current, **changes})},
            aws_retry=True,
        )

    def delete(self, current: State) -> None:
        """Remove the policy; CloudFront may not have seen yet that the last distribution is gone."""
        with ignoring("NoSuchResponseHeadersPolicy"):
            eventually(
                self.cloudfront.delete_response_headers_policy,
                "ResponseHeadersPolicyInUse",
                Id=current["id"],
                IfMatch=self._etag(current["id"]),
            )

    def _etag(self, policy_id: str) -> str:
        return str(self.cloudfront.get_response_headers_policy(Id=policy_id, aws_retry=True)["ETag"])


def _state(config: dict[str, Any]) -> State:
    security = config.get("SecurityHeadersConfig") or {}
    hsts = security.get("StrictTransportSecurity")
    headers: State = {
        "content_security_policy": (security.get("ContentSecurityPolicy") or {}).get("ContentSecurityPolicy"),
        "content_type_options": "ContentTypeOptions" in security,
        "frame_options": (security.get("FrameOptions") or {}).get("FrameOption"),
        "referrer_policy": (security.get("ReferrerPolicy") or {}).get("ReferrerPolicy"),
        "strict_transport_security": hsts
        and {
            "max_age": hsts["AccessControlMaxAgeSec"],
            "include_subdomains": hsts.get("IncludeSubdomains", False),
            "preload": hsts.get("Preload", False),
        },
    }
    return {
        "name": config["Name"],
        "comment": config.get("Comment") or "",
        "custom_headers": _sorted(
            {"name": one["Header"], "value": one["Value"], "override": one["Override"]}
            for one in values_of(config.get("CustomHeadersConfig"))
        ),
        "security_headers": {key: value for key, value in headers.items() if value not in (None, False)},
    }


def _config(state: State) -> dict[str, Any]:
    config: dict[str, Any] = {"Name": state["name"], "Comment": state["comment"]}
    if state["custom_headers"]:
        config["CustomHeadersConfig"] = items(
            [
                {"Header": one["name"], "Value": one["value"], "Override": one["override"]}
                for one in state["custom_headers"]
            ]
        )
    security = _security(state["security_headers"])
    return {**config, "SecurityHeadersConfig": security} if security else config


def _security(headers: State) -> dict[str, Any]:
    """Give the security headers, which win over those of the origin."""
    result: dict[str, Any] = {}
    for key, (section, member) in {
        "content_security_policy": ("ContentSecurityPolicy", "ContentSecurityPolicy"),
        "frame_options": ("FrameOptions", "FrameOption"),
        "referrer_policy": ("ReferrerPolicy", "ReferrerPolicy"),
    }.items():
        if headers.get(key):
            result[section] = {member: headers[key], "Override": True}
    if headers.get("content_type_options"):
        result["ContentTypeOptions"] = {"Override": True}
    if headers.get("strict_transport_security"):
        hsts = headers["strict_transport_security"]
        result["StrictTransportSecurity"] = {
            "AccessControlMaxAgeSec": hsts["max_age"],
            "IncludeSubdomains": hsts["include_subdomains"],
            "Preload": hsts["preload"],
            "Override": True,
        }
    return result


def _sorted(headers: Any) -> list[State]:
    return sorted(headers, key=lambda one: str(one["name"]).lower())
