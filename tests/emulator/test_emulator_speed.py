"""What is made once instead of after each reset is, to who asks, what moto makes each time."""

from typing import Any

import pytest
from emulator_asserts import refused

from certificates import import_certificate
from trading_platform.emulator.testing import EmulatorServer


def images(emulator: EmulatorServer, region: str = "us-east-1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = emulator.client("ec2", region).describe_images(Owners=["amazon"])["Images"]
    return found


@pytest.fixture(scope="module")
def listed(emulator_process: EmulatorServer) -> list[dict[str, Any]]:
    """The public images of us-east-1: to list them takes two seconds."""
    emulator_process.reset()
    return images(emulator_process)


def snapshot_of(image: dict[str, Any]) -> str:
    return str(image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"])


def test_public_images_are_there_after_each_reset(listed: list[dict[str, Any]], emulator: EmulatorServer) -> None:
    assert len(listed) > 1000
    assert images(emulator) == listed


def test_each_region_has_its_own(listed: list[dict[str, Any]], emulator: EmulatorServer) -> None:
    east, west = ({one["ImageId"] for one in found} for found in (listed, images(emulator, "us-west-2")))
    assert east - west and west - east


def test_the_snapshot_of_an_image_is_there_after_a_reset(
    listed: list[dict[str, Any]], emulator: EmulatorServer
) -> None:
    for _ in range(2):
        ec2 = emulator.client("ec2")
        snapshot = snapshot_of(listed[-1])
        (found,) = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
        assert (found["VolumeSize"], found["State"]) == (15, "completed")
        assert ec2.describe_volumes()["Volumes"] == []
        emulator.reset()


def test_what_is_changed_of_an_image_is_gone_with_a_reset(
    listed: list[dict[str, Any]], emulator: EmulatorServer
) -> None:
    image, snapshot = listed[0]["ImageId"], snapshot_of(listed[0])
    for _ in range(3):
        ec2 = emulator.client("ec2")
        launch = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
        assert {"UserId": "123456789012"} not in launch
        assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [image, snapshot]}])["Tags"] == []
        volume = {"SnapshotId": snapshot, "Attribute": "createVolumePermission"}
        assert ec2.describe_snapshot_attribute(**volume)["CreateVolumePermissions"] == []
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": "123456789012"}]})
        ec2.modify_snapshot_attribute(**volume, OperationType="add", UserIds=["123456789012"])
        ec2.create_tags(Resources=[image, snapshot], Tags=[{"Key": "a", "Value": "b"}])
        assert ec2.describe_images(Filters=[{"Name": "tag:a", "Values": ["b"]}])["Images"]
        emulator.reset()


def test_managed_policies_count_their_own_attachments(emulator: EmulatorServer) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    for _ in range(2):
        iam = emulator.client("iam")
        assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0
        iam.create_user(UserName="a")
        iam.attach_user_policy(UserName="a", PolicyArn=arn)
        assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
        emulator.reset()


@pytest.mark.parametrize(
    ("spec", "algorithm"), [("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"), ("ECC_NIST_P256", "ECDSA_SHA_256")]
)
def test_keys_that_sign_do(emulator: EmulatorServer, spec: str, algorithm: str) -> None:
    kms = emulator.client("kms")
    key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    asked = {"KeyId": key, "Message": b"m", "SigningAlgorithm": algorithm}
    signature = kms.sign(**asked)["Signature"]
    assert kms.verify(**asked, Signature=signature)["SignatureValid"]
    assert kms.get_public_key(KeyId=key)["PublicKey"]


def test_symmetric_keys_encrypt(emulator: EmulatorServer) -> None:
    kms = emulator.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


def test_certificates_have_names_of_their_own_and_imported_ones_their_key(emulator: EmulatorServer) -> None:
    acm = emulator.client("acm")
    names = ["a.example.com", "b.example.com"]
    arns = [acm.request_certificate(DomainName=one, ValidationMethod="DNS")["CertificateArn"] for one in names]
    arns.append(import_certificate(emulator, "c.example.com"))
    found = [acm.describe_certificate(CertificateArn=arn)["Certificate"] for arn in arns]
    assert [one["DomainName"] for one in found] == [*names, "c.example.com"]
    assert {one["KeyAlgorithm"] for one in found} == {"RSA_2048"}
    pem = acm.get_certificate(CertificateArn=arns[-1])["Certificate"].encode()
    with refused("ValidationException", "private key is not PEM-encoded"):
        acm.import_certificate(Certificate=pem, PrivateKey=b"no key")
