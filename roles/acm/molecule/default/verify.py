"""Each region has one issued certificate for the public names and its own, which the zone proves."""

import os

import boto3

DOMAIN = "trading-engine.example.com"
region = os.environ["AWS_REGION"]
acm = boto3.client("acm")

(listed,) = acm.list_certificates()["CertificateSummaryList"]
certificate = acm.describe_certificate(CertificateArn=listed["CertificateArn"])["Certificate"]
assert f":acm:{region}:" in certificate["CertificateArn"], certificate
assert certificate["Status"] == "ISSUED" and certificate["KeyAlgorithm"] == "RSA_2048", certificate
assert certificate["DomainName"] == DOMAIN, certificate
hosts = {f"{label}.{DOMAIN}" for label in ("api", "ws", "assets", f"api-{region}", f"ws-{region}")}
assert set(certificate["SubjectAlternativeNames"]) == {DOMAIN, *hosts}, certificate
assert certificate["Options"]["CertificateTransparencyLoggingPreference"] == "ENABLED", certificate
tags = {
    tag["Key"]: tag["Value"] for tag in acm.list_tags_for_certificate(CertificateArn=listed["CertificateArn"])["Tags"]
}
assert tags["Name"] == "production-trading-engine" and tags["ManagedBy"] == "ansible", tags

route53 = boto3.client("route53")
(zone,) = route53.list_hosted_zones()["HostedZones"]
records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
held = {(one["Name"], one["ResourceRecords"][0]["Value"].rstrip(".")) for one in records if one["Type"] == "CNAME"}
wanted = [option["ResourceRecord"] for option in certificate["DomainValidationOptions"]]
assert {(one["Name"], one["Value"].rstrip(".")) for one in wanted} <= held, (wanted, held)
