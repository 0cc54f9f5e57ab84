"""The module acm_certificate: request, prove, wait; another one beside it when names or key change."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes

from elbv2_estate import Estate
from trading_platform.aws.acm_certificate import AcmCertificate, validation_records
from trading_platform.aws.engine import RefusedError, converge
from trading_platform.emulator.testing import EmulatorServer

main = load("acm_certificate").main
write_records = load("route53_records").main
CERTIFICATE = {
    "name": "production",
    "domain_name": "Trading.example.com",
    "subject_alternative_names": ["ws.trading.example.com", "api.trading.example.com"],
    "tags": {"Team": "devops"},
}
NAMES = ["api.trading.example.com", "trading.example.com", "ws.trading.example.com"]


@pytest.fixture
def acm(aws: EmulatorServer) -> Any:
    return aws.client("acm")


@pytest.fixture
def zone_id(aws: EmulatorServer) -> str:
    zone = aws.client("route53").create_hosted_zone(Name="trading.example.com", CallerReference="1")["HostedZone"]
    return str(zone["Id"]).rpartition("/")[2]


def arns(acm: Any) -> list[str]:
    kinds = {"keyTypes": ["RSA_2048", "EC_prime256v1"]}
    return [one["CertificateArn"] for one in acm.list_certificates(Includes=kinds)["CertificateSummaryList"]]


def prove(zone_id: str, certificate: dict[str, Any]) -> None:
    records = [{**record, "ttl": 300} for record in certificate["validation_records"]]
    run_module(write_records, {"zone_id": zone_id, "records": records})


def test_check_then_request_then_again(acm: Any) -> None:
    check = run_module(main, CERTIFICATE, check=True)
    assert check["changed"] and writes(check) == [] and arns(acm) == []
    planned = check["acm_certificate"]
    assert planned["certificate_arn"].endswith("-planned") and planned["status"] == "PENDING_VALIDATION"
    assert [one["name"] for one in planned["validation_records"]] == [f"_planned.{name}" for name in NAMES]
    result = run_module(main, CERTIFICATE)
    assert writes(result) == ["acm.RequestCertificate"] and result["diff"] == check["diff"]
    made = result["acm_certificate"]
    held = acm.describe_certificate(CertificateArn=made["certificate_arn"])["Certificate"]
    assert held["DomainName"] == "trading.example.com" and sorted(held["SubjectAlternativeNames"]) == NAMES
    tags = acm.list_tags_for_certificate(CertificateArn=made["certificate_arn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Team": "devops", "Name": "production"}
    again = run_module(main, CERTIFICATE)
    assert not again["changed"] and again["acm_certificate"] == made and len(again["api_calls"]) == 3


def test_it_is_issued_when_its_records_are_in_the_zone(acm: Any, zone_id: str) -> None:
    prove(zone_id, run_module(main, CERTIFICATE)["acm_certificate"])
    waited = run_module(main, {**CERTIFICATE, "wait": True, "wait_timeout": 20})
    assert not waited["changed"] and waited["acm_certificate"]["status"] == "ISSUED"


def test_waiting_in_vain_says_that_the_delegation_is_missing(acm: Any) -> None:
    run_module(main, CERTIFICATE)
    servers = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net"]
    result = run_module(main, {**CERTIFICATE, "wait": True, "wait_timeout": 1, "name_servers": servers})
    assert result["failed"] and "delegation of the zone is missing" in result["msg"]
    assert "ns-1.awsdns-01.com, ns-2.awsdns-02.net" in result["msg"]


def test_a_validation_that_failed_is_told_and_begun_anew(aws: EmulatorServer, acm: Any, zone_id: str) -> None:
    caa = {"name": "trading.example.com", "type": "CAA", "ttl": 60, "values": ['0 issue "letsencrypt.org"']}
    run_module(write_records, {"zone_id": zone_id, "records": [caa]})
    first = run_module(main, CERTIFICATE)["acm_certificate"]
    prove(zone_id, first)
    failed = run_module(main, {**CERTIFICATE, "wait": True, "wait_timeout": 20})
    assert failed["failed"] and "FAILED (CAA_ERROR)" in failed["msg"]
    run_module(write_records, {"zone_id": zone_id, "records": [caa], "state": "absent"})
    second = run_module(main, CERTIFICATE)
    assert second["acm_certificate"]["superseded_arns"] == [first["certificate_arn"]]


def test_drift_is_repaired(acm: Any) -> None:
    arn = run_module(main, CERTIFICATE)["acm_certificate"]["certificate_arn"]
    acm.update_certificate_options(CertificateArn=arn, Options={"CertificateTransparencyLoggingPreference": "DISABLED"})
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "stray", "Value": "1"}])
    check = run_module(main, CERTIFICATE, check=True)
    assert check["actions"] == ["update: tags, transparency_logging"] and writes(check) == []
    assert run_module(main, CERTIFICATE)["changed"]
    held = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert held["Options"]["CertificateTransparencyLoggingPreference"] == "ENABLED"
    assert len(acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]) == 2


@pytest.mark.parametrize(
    "change",
    [{"subject_alternative_names": ["api.trading.example.com"]}, {"key_algorithm": "EC_prime256v1"}],
    ids=["names", "key"],
)
def test_another_is_requested_beside_the_old_one(acm: Any, change: dict[str, Any]) -> None:
    old = run_module(main, CERTIFICATE)["acm_certificate"]["certificate_arn"]
    arguments = {**CERTIFICATE, **change}
    check = run_module(main, arguments, check=True)
    assert check["acm_certificate"]["superseded_arns"] == [old] and writes(check) == []
    new = run_module(main, arguments)["acm_certificate"]
    assert new["superseded_arns"] == [old] and set(arns(acm)) == {old, new["certificate_arn"]}
    assert not run_module(main, arguments)["changed"]
    dry = run_module(main, {**arguments, "remove_superseded": True}, check=True)
    assert dry["actions"] == ["update: superseded_arns"] and writes(dry) == []
    run_module(main, {**arguments, "remove_superseded": True})
    assert arns(acm) == [new["certificate_arn"]]


def test_an_old_one_in_use_stays_until_it_is_free(aws: EmulatorServer, acm: Any, zone_id: str) -> None:
    prove(zone_id, run_module(main, CERTIFICATE)["acm_certificate"])
    old = run_module(main, {**CERTIFICATE, "wait": True, "wait_timeout": 20})["acm_certificate"]["certificate_arn"]
    estate = Estate(aws)
    https = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": old}], "SslPolicy": "ELBSecurityPolicy-2016-08"}
    listener = estate.listener(str(estate.balancer()["LoadBalancerArn"]), 443, **https)
    fewer = {**CERTIFICATE, "subject_alternative_names": []}
    run_module(main, fewer)
    kept = run_module(main, {**fewer, "remove_superseded": True})
    assert not kept["changed"] and kept["acm_certificate"]["superseded_arns"] == [old]
    estate.elbv2.delete_listener(ListenerArn=listener)
    freed = run_module(main, {**fewer, "remove_superseded": True})
    assert freed["changed"] and freed["acm_certificate"]["superseded_arns"] == [] and len(arns(acm)) == 1


def test_certificates_of_others_are_not_ours(acm: Any) -> None:
    acm.request_certificate(DomainName="trading.example.com", SubjectAlternativeNames=NAMES, ValidationMethod="DNS")
    run_module(main, {**CERTIFICATE, "name": "staging"})
    result = run_module(main, CERTIFICATE)
    assert result["changed"] and result["acm_certificate"]["superseded_arns"] == [] and len(arns(acm)) == 3


def test_each_region_has_its_own(aws: EmulatorServer, acm: Any) -> None:
    run_module(main, CERTIFICATE)
    west = run_module(main, {**CERTIFICATE, "region": "us-west-2"})
    assert west["changed"] and ":us-west-2:" in west["acm_certificate"]["certificate_arn"]


def test_removal(acm: Any) -> None:
    run_module(main, CERTIFICATE)
    run_module(main, {**CERTIFICATE, "subject_alternative_names": []})
    absent = {"name": "production", "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, absent)["changed"] and arns(acm) == []
    assert not run_module(main, absent)["changed"]


def test_errors_of_aws_are_told(acm: Any) -> None:
    result = run_module(main, CERTIFICATE, fail={"acm.RequestCertificate": "LimitExceededException"})
    assert result["failed"] and result["error"]["code"] == "LimitExceededException"
    missing = run_module(main, {"name": "production"})
    assert missing["failed"] and "domain_name" in missing["msg"]


def test_a_wildcard_and_its_base_share_a_record() -> None:
    record = {"Name": "_a.Example.com.", "Type": "CNAME", "Value": "_b.acm-validations.aws."}
    options = [{"DomainName": name, "ResourceRecord": record} for name in ("example.com", "*.example.com")]
    expected = {"name": "_a.example.com", "type": "CNAME", "values": ["_b.acm-validations.aws"]}
    assert validation_records({"DomainValidationOptions": options}) == [expected]


class Slow:
    """An ACM client whose validation records come with the third answer, and whose certificate then expires."""

    def __init__(self) -> None:
        self.described = 0

    def list_certificates(self, **_: Any) -> dict[str, Any]:
        return {"CertificateSummaryList": []}

    def request_certificate(self, **_: Any) -> dict[str, Any]:
        return {"CertificateArn": "arn:aws:acm:us-east-1:1:certificate/a"}

    def list_tags_for_certificate(self, **_: Any) -> dict[str, Any]:
        return {"Tags": []}

    def describe_certificate(self, **_: Any) -> dict[str, Any]:
        self.described += 1
        record = {"Name": "_a.b.c.", "Type": "CNAME", "Value": "_v."} if self.described > 2 else None
        status = "PENDING_VALIDATION" if self.described < 5 else "VALIDATION_TIMED_OUT"
        names = {"DomainName": "b.c", "SubjectAlternativeNames": ["b.c"], "KeyAlgorithm": "RSA-2048"}
        options = [{"DomainName": "b.c", **({"ResourceRecord": record} if record else {})}]
        arn = "arn:aws:acm:us-east-1:1:certificate/a"
        return {"Certificate": {**names, "CertificateArn": arn, "Status": status, "DomainValidationOptions": options}}


def test_records_that_come_late_are_waited_for_and_a_timeout_is_told() -> None:
    params = {
        "name": "production",
        "domain_name": "b.c",
        "subject_alternative_names": [],
        "key_algorithm": "RSA_2048",
        "transparency_logging": True,
        "name_servers": [],
        "remove_superseded": False,
        "tags": None,
        "purge_tags": True,
        "state": "present",
        "wait_timeout": 30,
    }
    client = Slow()
    outcome = converge(AcmCertificate(client, params), present=True, check_mode=False, wait=None)
    assert outcome.after and outcome.after["validation_records"][0]["name"] == "_a.b.c"
    assert outcome.after["key_algorithm"] == "RSA_2048"
    certificate = AcmCertificate(client, params)
    certificate.followed = "arn:aws:acm:us-east-1:1:certificate/a"
    with pytest.raises(RefusedError, match="VALIDATION_TIMED_OUT"):
        certificate.settled(certificate.find())
