"""ACM: issued when proven, kept while in use."""

import time
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

NAMES = ["trading.example.com", "api.trading.example.com"]


@pytest.fixture
def acm(emulator: EmulatorServer) -> Any:
    return emulator.client("acm")


@pytest.fixture
def zone(emulator: EmulatorServer) -> str:
    route53 = emulator.client("route53")
    created: str = route53.create_hosted_zone(Name="trading.example.com", CallerReference="1")["HostedZone"]["Id"]
    return created


def request(acm: Any, **more: Any) -> str:
    arguments = {"DomainName": NAMES[0], "SubjectAlternativeNames": NAMES, "ValidationMethod": "DNS", **more}
    arn: str = acm.request_certificate(**arguments)["CertificateArn"]
    return arn


def describe(acm: Any, arn: str) -> dict[str, Any]:
    certificate: dict[str, Any] = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    return certificate


def prove(emulator: EmulatorServer, zone: str, records: list[dict[str, Any]]) -> None:
    sets = [
        {"Name": one["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": one["Value"]}]}
        for one in records
    ]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": one} for one in sets]
    emulator.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def records_of(certificate: dict[str, Any]) -> list[dict[str, Any]]:
    return [option["ResourceRecord"] for option in certificate["DomainValidationOptions"]]


def status_after_a_while(acm: Any, arn: str) -> str:
    deadline = time.monotonic() + 5
    while describe(acm, arn)["Status"] == "PENDING_VALIDATION" and time.monotonic() < deadline:
        time.sleep(0.1)
    return str(describe(acm, arn)["Status"])


def test_a_certificate_is_issued_when_every_domain_is_proven(emulator: EmulatorServer, acm: Any, zone: str) -> None:
    arn = request(acm)
    waiting = describe(acm, arn)
    assert "NotAfter" not in waiting and waiting["RenewalEligibility"] == "INELIGIBLE"
    prove(emulator, zone, records_of(waiting)[:1])
    time.sleep(1.2)
    assert describe(acm, arn)["Status"] == "PENDING_VALIDATION"
    prove(emulator, zone, records_of(waiting))
    assert status_after_a_while(acm, arn) == "ISSUED"
    assert describe(acm, arn)["NotAfter"] > describe(acm, arn)["NotBefore"]


def test_authorities_that_caa_leaves_out_do_not_issue(emulator: EmulatorServer, acm: Any, zone: str) -> None:
    caa = {"Name": NAMES[0], "Type": "CAA", "TTL": 60, "ResourceRecords": [{"Value": '0 issue "letsencrypt.org"'}]}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": caa}]}
    emulator.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    arn = request(acm)
    prove(emulator, zone, records_of(describe(acm, arn)))
    assert status_after_a_while(acm, arn) == "FAILED"
    assert describe(acm, arn)["FailureReason"] == "CAA_ERROR"


def test_the_kind_of_key_is_kept_and_decides_what_is_listed(acm: Any) -> None:
    arn = request(acm, KeyAlgorithm="EC_prime256v1")
    assert describe(acm, arn)["KeyAlgorithm"] == "EC_prime256v1"
    assert acm.list_certificates()["CertificateSummaryList"] == []
    (listed,) = acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]
    assert sorted(listed["SubjectAlternativeNameSummaries"]) == sorted(NAMES)


def test_logging_can_be_turned_off(acm: Any) -> None:
    arn = request(acm)
    options = {"CertificateTransparencyLoggingPreference": "DISABLED"}
    acm.update_certificate_options(CertificateArn=arn, Options=options)
    assert describe(acm, arn)["Options"]["CertificateTransparencyLoggingPreference"] == "DISABLED"


def test_a_certificate_that_a_distribution_uses_is_kept(emulator: EmulatorServer, acm: Any, zone: str) -> None:
    arn = request(acm)
    prove(emulator, zone, records_of(describe(acm, arn)))
    assert status_after_a_while(acm, arn) == "ISSUED"
    viewer = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
    emulator.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{"Id": "s3", "DomainName": "b.s3.us-east-1.amazonaws.com"}]},
            "DefaultCacheBehavior": {"TargetOriginId": "s3", "ViewerProtocolPolicy": "https-only"},
            "ViewerCertificate": viewer,
        }
    )
    held = describe(acm, arn)
    assert len(held["InUseBy"]) == 1 and held["RenewalEligibility"] == "ELIGIBLE"
    with refused("ResourceInUseException", "is in use"):
        acm.delete_certificate(CertificateArn=arn)
