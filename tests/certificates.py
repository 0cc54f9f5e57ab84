"""A certificate that ACM issues at once, since it is imported."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from trading_platform.emulator.testing import EmulatorServer


def import_certificate(emulator: EmulatorServer, name: str, region: str = "us-east-1") -> str:
    """Import a self-signed certificate for one name and give its ARN."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(days=9))
    signed = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(key, hashes.SHA256())
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    answer = emulator.client("acm", region).import_certificate(
        Certificate=signed.public_bytes(encoding), PrivateKey=private
    )
    arn: str = answer["CertificateArn"]
    return arn
