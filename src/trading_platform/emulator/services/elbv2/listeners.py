"""Listeners and rules: one of a port, with an issued certificate of the region and a policy that exists."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2.models import ELBv2Backend
from moto.elbv2.ssl_policies import SSL_POLICIES
from moto.iam.models import iam_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elbv2.common import invalid_configuration, state, validation_error
from trading_platform.emulator.services.elbv2.target_groups import load_balancers_of

extension = Extension("elbv2")

HIGHEST_PRIORITY = 50000
VALUES_PER_RULE = 5  # Application Load Balancers guide, "Quotas": condition values per rule
HOST = re.compile(r"[A-Za-z0-9.*?-]{1,128}")


def _listener(call: Call) -> Any | None:
    arn = call.params.get("ListenerArn")
    balancers = state(call).load_balancers.values()
    return next((one for balancer in balancers for one in balancer.listeners.values() if one.arn == arn), None)


@extension.refuses("CreateListener")
def a_second_one_of_the_port(call: Call) -> None:
    """API CreateListener, DuplicateListener. moto looks for the port among ARNs, and never finds it."""
    arn = call.params["LoadBalancerArn"]
    balancer = state(call).load_balancers.get(arn)
    ports = [int(listener.port) for listener in balancer.listeners.values()] if balancer else []
    if call.params.get("Port") in ports:
        raise AwsError("DuplicateListener", f"A listener already exists on this port for this load balancer '{arn}'")


@extension.refuses("CreateListener", "ModifyListener")
def protocols_without_what_they_need(call: Call) -> None:
    held = _listener(call)
    protocol = call.params.get("Protocol") or (held.protocol if held else None)
    certificates = call.params.get("Certificates")
    policy = call.params.get("SslPolicy")
    if protocol == "HTTP" and (certificates or policy):
        raise validation_error("Certificates and SSL policies can only be specified for HTTPS listeners")
    if protocol != "HTTPS":
        return
    if policy is not None and policy not in SSL_POLICIES:
        raise AwsError("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    kept = held is not None and held.certificates and certificates is None
    if not kept and not certificates:
        raise validation_error("A certificate must be specified for HTTPS listeners")
    if len(certificates or []) > 1:
        raise invalid_configuration("You must specify exactly one default certificate")
    for one in certificates or []:
        _refuse_certificate(call, one["CertificateArn"])


def _refuse_certificate(call: Call, arn: str) -> None:
    """Not found, of another region, or not issued yet: AWS says of the last two that the key is not supported."""
    parts = arn.split(":")
    if len(parts) > 2 and parts[2] == "iam":
        if iam_backends[call.account_id]["aws"].get_certificate_by_arn(arn) is None:
            raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
        return
    certificates = acm_backends[call.account_id][call.region]._certificates
    if len(parts) == 6 and parts[3] == call.region and arn not in certificates:
        raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
    certificate = certificates.get(arn)
    if certificate is not None:
        certificate.check()
    if certificate is None or certificate.status != "ISSUED":
        raise AwsError(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported "
            "key size.",
        )


def _groups(actions: list[dict[str, Any]]) -> Iterator[str]:
    for action in actions:
        if action.get("TargetGroupArn"):
            yield action["TargetGroupArn"]
        for group in action.get("ForwardConfig", {}).get("TargetGroups", []):
            yield group["TargetGroupArn"]


@extension.refuses("CreateListener", "ModifyListener", "CreateRule", "ModifyRule")
def target_groups_of_another_load_balancer(call: Call) -> None:
    """API CreateListener, TargetGroupAssociationLimit, and the VPC of the groups."""
    backend = state(call)
    balancer = backend.load_balancers.get(_balancer_arn(call))
    for arn in _groups([*(call.params.get("DefaultActions") or []), *(call.params.get("Actions") or [])]):
        group = backend.target_groups.get(arn)
        if group is None or balancer is None:
            continue
        if set(load_balancers_of(backend, arn)) - {balancer.arn}:
            raise AwsError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {arn}",
            )
        if group.vpc_id != balancer.vpc_id:
            raise invalid_configuration(
                f"The following target groups are not in the same VPC as the load balancer '{balancer.arn}': {arn}"
            )


def _balancer_arn(call: Call) -> str:
    """The load balancer of a call about a listener or rule: the ARNs of both begin like its own."""
    arn: str = call.params.get("LoadBalancerArn") or call.params.get("ListenerArn") or call.params.get("RuleArn") or ""
    head, _, tail = (
        arn.replace(":listener-rule/", ":loadbalancer/")
        .replace(":listener/", ":loadbalancer/")
        .rpartition(":loadbalancer/")
    )
    return f"{head}:loadbalancer/{'/'.join(tail.split('/')[:3])}"


@extension.refuses("CreateRule")
def priorities_that_are_not_free(call: Call) -> None:
    priority = int(call.params["Priority"])
    if not 1 <= priority <= HIGHEST_PRIORITY:
        raise validation_error(f"Priority '{priority}' must be between '1' and '{HIGHEST_PRIORITY}'")
    listener = _listener(call)
    if listener is not None and any(str(rule.priority) == str(priority) for rule in listener.rules.values()):
        raise AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")


@extension.refuses("CreateRule", "ModifyRule")
def conditions_that_are_not_allowed(call: Call) -> None:
    conditions = call.params.get("Conditions") or []
    values = [value for condition in conditions for value in _values(condition)]
    if len(values) > VALUES_PER_RULE:
        raise AwsError("TooManyConditionValues", f"A rule can have at most '{VALUES_PER_RULE}' condition values")
    fields = [condition.get("Field") for condition in conditions]
    if fields.count("host-header") > 1 or fields.count("path-pattern") > 1:
        raise validation_error("A rule can only have one 'host-header' and one 'path-pattern' condition")
    for condition in conditions:
        for value in _values(condition):
            if condition.get("Field") == "host-header" and not HOST.fullmatch(value):
                raise validation_error(f"The 'host-header' value '{value}' contains invalid characters")


def _values(condition: dict[str, Any]) -> list[str]:
    configs = (condition.get("HostHeaderConfig"), condition.get("PathPatternConfig"))
    return [value for config in configs if config for value in config["Values"]] or condition.get("Values") or []


@extension.refuses("ModifyRule", "DeleteRule")
def the_default_rule(call: Call) -> None:
    """API DeleteRule, OperationNotPermitted."""
    arn = call.params["RuleArn"]
    for balancer in state(call).load_balancers.values():
        for listener in balancer.listeners.values():
            if any(rule.is_default and rule.arn == arn for rule in listener.rules.values()):
                raise AwsError("OperationNotPermitted", f"Default rule '{arn}' cannot be modified or deleted")


@extension.patches(ELBv2Backend, "modify_listener")
def forget_certificates_without_tls(original: Callable[..., Any], self: Any, arn: str, *args: Any) -> Any:
    """A listener that becomes HTTP has neither certificate nor policy."""
    listener = original(self, arn, *args)
    if listener.protocol == "HTTP":
        listener.certificate, listener.certificates, listener.ssl_policy = None, [], None
    return listener


@extension.patches(ELBv2Backend, "create_listener")
def no_policy_without_tls(original: Callable[..., Any], self: Any, *args: Any, **more: Any) -> Any:
    """moto gives every listener a TLS policy."""
    listener = original(self, *args, **more)
    if listener.protocol == "HTTP":
        listener.ssl_policy = None
    return listener
