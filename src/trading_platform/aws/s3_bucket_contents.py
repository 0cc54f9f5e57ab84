"""What is in a bucket: whether there is anything, and how to remove all of it."""

from __future__ import annotations

from typing import Any

PAGE = 1000
"""What one DeleteObjects call takes, and ListObjectVersions gives (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html)."""
FEW = 5


class PurgeError(Exception):
    """Objects that S3 did not delete; the message names some and why."""


def is_empty(s3: Any, bucket: str) -> bool:
    """Say whether a bucket holds neither objects nor old versions nor delete markers."""
    answer = s3.list_object_versions(Bucket=bucket, MaxKeys=1, aws_retry=True)
    return not answer.get("Versions") and not answer.get("DeleteMarkers")


def purge(s3: Any, bucket: str) -> None:
    """Delete every version of every object, and every delete marker.

    Always the first page, until there is none: what is deleted is gone from the next answer.

    Raises:
        PurgeError: S3 kept some, as under an object lock.
    """
    while True:
        page = s3.list_object_versions(Bucket=bucket, MaxKeys=PAGE, aws_retry=True)
        versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
        if not versions:
            return
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}, aws_retry=True)
        _raise_kept(bucket, answer.get("Errors", []))


def _raise_kept(bucket: str, errors: list[dict[str, str]]) -> None:
    if not errors:
        return
    some = "; ".join(f"{error['Key']}: {error['Code']}: {error['Message']}" for error in errors[:FEW])
    raise PurgeError(f"bucket {bucket}: {len(errors)} objects could not be deleted: {some}")
