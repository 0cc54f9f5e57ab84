"""ACM: certificates are issued when their validation records are in a public zone, and kept while in use."""

from collections.abc import Callable, Iterator
from typing import Any

from moto.acm.models import AWSCertificateManagerBackend, CertBundle, acm_backends
from moto.acm.responses import AWSCertificateManagerResponse
from moto.cloudfront.models import cloudfront_backends
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("acm")
EXTENSIONS = (extension,)

# ACM user guide, "Configure a CAA record".
OWN_ISSUERS = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")
# API ListCertificates, Includes: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
LISTED_BY_DEFAULT = ("RSA_1024", "RSA_2048")
NOT_BEFORE_ISSUE = ("NotBefore", "NotAfter", "IssuedAt", "Serial", "Issuer")


def _bare(name: str) -> str:
    return name.lower().rstrip(".")


def _public_records(account_id: str) -> Iterator[Any]:
    for zone in route53_backends[account_id]["aws"].zones.values():
        if not zone.private_zone:
            yield from zone.rrsets


def _values(record: Any) -> list[str]:
    return [value if isinstance(value, str) else value["Value"] for value in record.records]


def _is_proven(certificate: Any, account_id: str) -> bool:
    """Whether every validation record is in a public zone of the account, which we take for delegated."""
    held = {
        (_bare(record.name), _bare(value))
        for record in _public_records(account_id)
        if record.type == "CNAME"
        for value in _values(record)
    }
    options = certificate.describe()["Certificate"].get("DomainValidationOptions", [])
    wanted = [option["ResourceRecord"] for option in options]
    return all((_bare(record["Name"]), _bare(record["Value"])) in held for record in wanted)


def _is_forbidden(certificate: Any, account_id: str) -> bool:
    """Whether the CAA records nearest to one of the names leave ACM out (RFC 8659, section 3)."""
    records: dict[str, list[str]] = {}
    for record in _public_records(account_id):
        if record.type == "CAA":
            records.setdefault(_bare(record.name), []).extend(_values(record))
    names = [_bare(name).removeprefix("*.") for name in certificate.sans]
    return any(not _allows(_nearest(name, records)) for name in names)


def _nearest(name: str, records: dict[str, list[str]]) -> list[str]:
    while name and name not in records:
        name = name.partition(".")[2]
    return records.get(name, [])


def _allows(values: list[str]) -> bool:
    issuers = [value.split(maxsplit=2)[2].strip('"') for value in values if value.split()[1] == "issue"]
    return not issuers or any(issuer in OWN_ISSUERS for issuer in issuers)


@extension.patches(CertBundle, "check")
def issue_what_is_proven(original: Callable[..., Any], self: Any) -> None:
    """moto issues every certificate after a while, whether the domain is proven or not."""
    account_id = self.arn.split(":")[4]
    waiting = self.type == "AMAZON_ISSUED" and self.status == "PENDING_VALIDATION"
    if waiting and not _is_proven(self, account_id):
        return
    original(self)
    if waiting and self.status == "ISSUED" and _is_forbidden(self, account_id):
        self.status, self.failure_reason = "FAILED", "CAA_ERROR"


def _users(arn: str) -> list[str]:
    """The load balancers of the certificate's region and the distributions that use it."""
    _, _, _, region, account_id, _ = arn.split(":", 5)
    balancers = elbv2_backends[account_id][region].load_balancers.values()
    users = [
        balancer.arn
        for balancer in balancers
        if any(arn in listener.certificates for listener in balancer.listeners.values())
    ]
    distributions = cloudfront_backends[account_id]["aws"].distributions.values()
    return users + [one.arn for one in distributions if _viewer_certificate(one) == arn]


def _viewer_certificate(distribution: Any) -> str | None:
    """moto keeps an object of its own, which has no key that the API would have."""
    held = distribution.distribution_config.ViewerCertificate
    arn: str | None = held.get("ACMCertificateArn") if isinstance(held, dict) else held.acm_certificate_arn
    return arn


@extension.patches(CertBundle, "describe")
def describe_as_aws_does(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    """moto knows one kind of key, gives dates to what is not issued, and forgets who uses a certificate."""
    answer: dict[str, Any] = original(self)
    certificate = answer["Certificate"]
    certificate["KeyAlgorithm"] = vars(self).get("key_algorithm", certificate["KeyAlgorithm"])
    certificate["InUseBy"] = _users(self.arn)
    if self.type == "AMAZON_ISSUED":
        certificate["RenewalEligibility"] = "ELIGIBLE" if certificate["InUseBy"] else "INELIGIBLE"
        if self.status != "ISSUED":
            for name in NOT_BEFORE_ISSUE:
                certificate.pop(name, None)
    if self.status == "FAILED":
        certificate["FailureReason"] = self.failure_reason
    return answer


@extension.patches(AWSCertificateManagerResponse, "request_certificate")
def keep_the_key_algorithm(original: Callable[..., Any], self: Any) -> Any:
    result = original(self)
    certificate = self.acm_backend._certificates[result.result["CertificateArn"]]
    certificate.key_algorithm = self._get_param("KeyAlgorithm") or "RSA_2048"
    return result


@extension.patches(AWSCertificateManagerResponse, "list_certificates")
def list_as_aws_does(original: Callable[..., Any], self: Any) -> Any:
    """API ListCertificates: the names of each certificate, and by default those with RSA keys up to 2048 bits only."""
    answer = original(self)
    summaries = answer.result["CertificateSummaryList"]
    asked = (self._get_param("Includes") or {}).get("keyTypes") or LISTED_BY_DEFAULT
    for summary in summaries:
        summary["SubjectAlternativeNameSummaries"] = summary["SubjectAlternativeNames"][:100]
    return ActionResult({"CertificateSummaryList": [one for one in summaries if one["KeyAlgorithm"] in asked]})


@extension.adds(AWSCertificateManagerResponse)
def update_certificate_options(self: Any) -> Any:
    """API UpdateCertificateOptions."""
    certificate = self.acm_backend.get_certificate(self._get_param("CertificateArn"))
    certificate.cert_options = {**certificate.cert_options, **(self._get_param("Options") or {})}
    return EmptyResult()


@extension.patches(AWSCertificateManagerBackend, "delete_certificate")
def keep_what_is_in_use(original: Callable[..., Any], self: Any, arn: str) -> None:
    """API DeleteCertificate, ResourceInUseException."""
    if arn in self._certificates and _users(arn):
        raise AwsError("ResourceInUseException", f"Certificate {arn} in account {self.account_id} is in use.")
    original(self, arn)


@extension.refuses("UpdateCertificateOptions")
def options_of_an_imported_certificate(call: Call) -> None:
    """API UpdateCertificateOptions, InvalidStateException: only for certificates that ACM issues."""
    arn = call.params["CertificateArn"]
    certificate = acm_backends[call.account_id][call.region]._certificates.get(arn)
    if certificate is not None and certificate.type == "IMPORTED":
        raise AwsError("InvalidStateException", f"Certificate {arn} is imported: its options cannot be changed.")
