"""Import a self-signed certificate for the name that is given, and make a web ACL for CloudFront."""

import sys
from datetime import UTC, datetime, timedelta

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

name = sys.argv[1]
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
now = datetime.now(UTC)
built = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(days=9))
signed = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(key, hashes.SHA256())
encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
private = key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, plain)
boto3.client("acm").import_certificate(Certificate=signed.public_bytes(encoding), PrivateKey=private)

boto3.client("wafv2").create_web_acl(
    Name="for-cloudfront",
    Scope="CLOUDFRONT",
    DefaultAction={"Allow": {}},
    VisibilityConfig={"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"},
)
