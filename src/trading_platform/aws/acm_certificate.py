"""A certificate of ACM that is validated through DNS.

The tag Name together with the domain names and the key algorithm is the identity: none of these can be changed on a
certificate. Where they change, another certificate is requested beside the old one, which listeners still use; the old
ones are ``superseded`` and go with ``remove_superseded`` once nothing uses them. The same goes for one whose validation
failed or timed out, and for one that expired: ACM never takes these up again.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring, named_tags, text_tags
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.planned import planned_id
from trading_platform.aws.route53 import canonical_name

type Certificate = dict[str, Any]

# ACM lists RSA_1024 and RSA_2048 only unless it is told otherwise: API ListCertificates, Includes.
KEY_ALGORITHMS = (
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
)
ALIVE = ("PENDING_VALIDATION", "ISSUED")
GONE = "ResourceNotFoundException"
# The records come some seconds after the request.
RECORD_SECONDS = 60.0


def normal_names(names: list[str]) -> list[str]:
    """Give domain names in one order and one spelling, each once."""
    return sorted({canonical_name(name) for name in names})


def summary_names(summary: Certificate) -> list[str]:
    """Give the names of an entry of ListCertificates, which shows a hundred at most."""
    return normal_names([summary["DomainName"], *summary.get("SubjectAlternativeNameSummaries", [])])


def validation_records(certificate: Certificate) -> list[State]:
    """Give the records that prove the domains; ``*.example.com`` and ``example.com`` share one."""
    options = certificate.get("DomainValidationOptions", [])
    records = [option["ResourceRecord"] for option in options if option.get("ResourceRecord")]
    by_name = {canonical_name(record["Name"]): record for record in records}
    return [
        {"name": name, "type": record["Type"], "values": [canonical_name(record["Value"])]}
        for name, record in sorted(by_name.items())
    ]


class AcmCertificate(BaseResource):
    """A certificate in the region of the client.

    Args:
        acm: an ACM client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        params: the arguments of the module acm_certificate.
    """

    kind = "certificate"

    def __init__(self, acm: Any, params: dict[str, Any]) -> None:
        self.acm = acm
        self.name: str = params["name"]
        self.domain_name = canonical_name(params["domain_name"] or "")
        self.names = normal_names([self.domain_name, *params["subject_alternative_names"]])
        self.key_algorithm: str = params["key_algorithm"]
        self.transparency_logging: bool = params["transparency_logging"]
        self.name_servers: list[str] = params["name_servers"]
        self.remove_superseded: bool = params["remove_superseded"]
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.present: bool = params["state"] == "present"
        self.timeout = float(params["wait_timeout"])
        self.started = time.monotonic()
        self.followed: str | None = None
        self.superseded: list[str] = []
        self.used: set[str] = set()
        self.tags: dict[str, tagging.Tags] = {}

    @property
    def placeholders(self) -> State:  # type: ignore[override]
        """Give the ARN and records of a certificate that is not requested yet."""
        names = normal_names([name.removeprefix("*.") for name in self.names])
        planned = [{"name": f"_planned.{name}", "type": "CNAME", "values": [planned_id("acm")]} for name in names]
        return {
            "certificate_arn": f"arn:aws:acm:{self.acm.meta.region_name}:{'0' * 12}:certificate/{planned_id('acm')}",
            "status": "PENDING_VALIDATION",
            "validation_records": planned,
            "superseded_arns": self.superseded,
        }

    def find(self) -> State | None:
        """Read our certificate; one with other names, another kind of key or no life left is not it."""
        ours = self._ours()
        matching = [one for one in ours if self._matches(one)]
        # An issued one before one that waits, then the newest.
        matching.sort(key=lambda one: (one["Status"] == "ISSUED", str(one.get("CreatedAt", ""))))
        # Once chosen it is followed, also when it fails while we wait for it.
        chosen = self.followed or (matching[-1]["CertificateArn"] if matching else None)
        self.followed = chosen
        self.superseded = sorted(one["CertificateArn"] for one in ours if one["CertificateArn"] != chosen)
        self.used = {one["CertificateArn"] for one in ours if one.get("InUse")}
        if chosen is None:
            return None
        with ignoring(GONE):
            certificate = self.acm.describe_certificate(CertificateArn=chosen, aws_retry=True)["Certificate"]
            return self._state(certificate)
        return None

    def wanted(self, current: State | None) -> State:
        """Give names, key, logging and tags."""
        held = current["tags"] if current else {}
        return {
            "domain_name": self.domain_name,
            "subject_alternative_names": self.names,
            "key_algorithm": self.key_algorithm,
            "transparency_logging": self.transparency_logging,
            "superseded_arns": [arn for arn in self.superseded if not self._goes(arn)],
            "tags": named_tags(held, self.asked_tags, self.purge_tags, self.name),
        }

    def create(self, wanted: State) -> None:
        """Request the certificate with its tags, and wait for the records that will validate it."""
        answer = self.acm.request_certificate(
            DomainName=self.domain_name,
            SubjectAlternativeNames=self.names,
            ValidationMethod="DNS",
            KeyAlgorithm=self.key_algorithm,
            Options={"CertificateTransparencyLoggingPreference": _preference(self.transparency_logging)},
            # Not of the names: within an hour ACM would answer with a certificate that was deleted meanwhile.
            IdempotencyToken=uuid.uuid4().hex,
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self.followed = answer["CertificateArn"]
        Deadline(RECORD_SECONDS).wait_for(f"the validation records of {self.kind} {self.name}", self._has_records)
        self._delete_superseded()

    def update(self, current: State, changes: State) -> None:
        """Change logging and tags; remove what was superseded."""
        arn = current["certificate_arn"]
        if "transparency_logging" in changes:
            options = {"CertificateTransparencyLoggingPreference": _preference(changes["transparency_logging"])}
            self.acm.update_certificate_options(CertificateArn=arn, Options=options, aws_retry=True)
        if "tags" in changes:
            self._update_tags(arn, current["tags"], changes["tags"])
        if "superseded_arns" in changes:
            self._delete_superseded()

    def delete(self, current: State) -> None:
        """Remove the certificate and all that it superseded; ACM refuses while a listener uses one."""
        self._delete([current["certificate_arn"], *current["superseded_arns"]])

    def settled(self, current: State | None) -> bool:
        """Issued, or when it should go: gone. Says what is missing when validation fails or takes too long."""
        if current is None or not self.present:
            return current is None and not self.present
        if current["status"] == "ISSUED":
            return True
        if current["status"] != "PENDING_VALIDATION":
            raise RefusedError(f"{self.kind} {self.name}: {current['status']} ({current['failure']})")
        if time.monotonic() - self.started >= self.timeout:
            raise RefusedError(self._undelegated(current))
        return False

    def _undelegated(self, current: State) -> str:
        servers = f": {', '.join(self.name_servers)}" if self.name_servers else ""
        records = [f"{one['name']} CNAME {one['values'][0]}" for one in current["validation_records"]]
        return (
            f"{self.kind} {self.name} ({', '.join(self.names)}) was not validated within {self.timeout:.0f} s. "
            f"ACM looks for {records[0] if records else 'its records'} and the like in the public DNS. Most often the "
            "delegation of the zone is missing: give the zone's name servers to the parent domain as NS records"
            f"{servers}. Then run again; ACM goes on looking for 72 hours after the request."
        )

    def _ours(self) -> list[Certificate]:
        """List the certificates of ACM that share a domain name with ours and have our Name tag."""
        found = []
        for summary in self._summaries():
            related = not self.domain_name or set(summary_names(summary)) & set(self.names)
            if related and summary.get("Type", "AMAZON_ISSUED") == "AMAZON_ISSUED":
                with ignoring(GONE):
                    if self._read_tags(summary["CertificateArn"]).get("Name") == self.name:
                        found.append(summary)
        return found

    def _summaries(self) -> list[Certificate]:
        summaries: list[Certificate] = []
        asked: dict[str, Any] = {"Includes": {"keyTypes": list(KEY_ALGORITHMS)}}
        page = self.acm.list_certificates(**asked, aws_retry=True)
        while True:
            summaries += page["CertificateSummaryList"]
            if not page.get("NextToken"):
                return summaries
            page = self.acm.list_certificates(**asked, NextToken=page["NextToken"], aws_retry=True)

    def _matches(self, summary: Certificate) -> bool:
        if not self.present:
            return True
        return (
            summary["Status"] in ALIVE
            and canonical_name(summary["DomainName"]) == self.domain_name
            and summary_names(summary) == self.names
            and _algorithm(summary) == self.key_algorithm
        )

    def _state(self, certificate: Certificate) -> State:
        options = certificate.get("Options", {})
        arn = certificate["CertificateArn"]
        return {
            "certificate_arn": arn,
            "domain_name": canonical_name(certificate["DomainName"]),
            "subject_alternative_names": normal_names(certificate["SubjectAlternativeNames"]),
            "key_algorithm": _algorithm(certificate),
            "transparency_logging": options.get("CertificateTransparencyLoggingPreference", "ENABLED") == "ENABLED",
            "status": certificate["Status"],
            "failure": certificate.get("FailureReason", ""),
            "validation_records": validation_records(certificate),
            "renewal_eligibility": certificate.get("RenewalEligibility", "INELIGIBLE"),
            "in_use_by": sorted(certificate.get("InUseBy", [])),
            "superseded_arns": self.superseded,
            "tags": self.tags.get(arn) or self._read_tags(arn),
        }

    def _has_records(self) -> bool:
        certificate = self.acm.describe_certificate(CertificateArn=self.followed, aws_retry=True)["Certificate"]
        options = certificate.get("DomainValidationOptions", [])
        ready = [option for option in options if option.get("ResourceRecord")]
        return len(ready) == len(self.names) or certificate["Status"] != "PENDING_VALIDATION"

    def _read_tags(self, arn: str) -> tagging.Tags:
        answer = self.acm.list_tags_for_certificate(CertificateArn=arn, aws_retry=True)
        self.tags[arn] = tagging.from_list(answer["Tags"])
        return self.tags[arn]

    def _update_tags(self, arn: str, current: tagging.Tags, target: tagging.Tags) -> None:
        write, remove = tagging.difference(current, target)
        if remove:
            keys = [{"Key": key} for key in remove]
            self.acm.remove_tags_from_certificate(CertificateArn=arn, Tags=keys, aws_retry=True)
        if write:
            self.acm.add_tags_to_certificate(CertificateArn=arn, Tags=tagging.to_list(write), aws_retry=True)

    def _goes(self, arn: str) -> bool:
        """Say whether a superseded certificate is to be removed: not while something uses it."""
        return self.remove_superseded and arn not in self.used

    def _delete_superseded(self) -> None:
        self._delete([arn for arn in self.superseded if self._goes(arn)])

    def _delete(self, arns: list[str]) -> None:
        for arn in arns:
            with ignoring(GONE):
                self.acm.delete_certificate(CertificateArn=arn, aws_retry=True)


def _algorithm(certificate: Certificate) -> str:
    """Give the key algorithm: requests write RSA_2048, answers also RSA-2048."""
    return str(certificate.get("KeyAlgorithm", "RSA_2048")).replace("-", "_")


def _preference(enabled: bool) -> str:
    return "ENABLED" if enabled else "DISABLED"
