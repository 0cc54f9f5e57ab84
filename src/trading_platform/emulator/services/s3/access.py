"""ACLs, object ownership and public access blocks."""

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.s3.common import blocks, bucket_of, owner_enforced

extension = Extension("s3")

OWNERS = (None, "bucket-owner-full-control")
PUBLIC = ("public-read", "public-read-write", "authenticated-read")
EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
WRITES_OBJECTS = ("PutObject", "CopyObject", "CreateMultipartUpload", "PutObjectAcl")


@extension.refuses("PutBucketAcl", *WRITES_OBJECTS)
def acl_where_there_are_none(call: Call) -> None:
    """S3 user guide, "Controlling ownership of objects": with ACLs disabled, requests that set one fail."""
    bucket = bucket_of(call)
    granted = any(name.startswith("Grant") and value for name, value in call.params.items())
    given = call.params.get("ACL") not in OWNERS or granted or "AccessControlPolicy" in call.params
    if bucket and given and owner_enforced(bucket):
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)


@extension.refuses("CreateBucket")
def acl_for_a_new_bucket_without_any(call: Call) -> None:
    """The default of a new bucket is that it has none."""
    ownership = call.params.get("ObjectOwnership", "BucketOwnerEnforced")
    if ownership == "BucketOwnerEnforced" and call.params.get("ACL", "private") != "private":
        raise _acl_with_owner_enforced()


@extension.refuses("PutBucketOwnershipControls")
def forbidding_acls_while_one_grants_access(call: Call) -> None:
    bucket = bucket_of(call)
    rules = (call.params.get("OwnershipControls") or {}).get("Rules") or []
    enforced = any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)
    if bucket and enforced and bucket.acl and len(bucket.acl.grants) > 1:
        raise _acl_with_owner_enforced()


def _acl_with_owner_enforced() -> AwsError:
    return AwsError(
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        400,
    )


@extension.refuses("PutBucketAcl", *WRITES_OBJECTS)
def public_acl_where_it_is_blocked(call: Call) -> None:
    """S3 user guide, "Block public access settings", BlockPublicAcls: PUT calls with a public ACL fail."""
    bucket = bucket_of(call)
    grants = " ".join(str(value) for name, value in call.params.items() if name.startswith("Grant"))
    public = call.params.get("ACL") in PUBLIC or any(group in grants for group in EVERYBODY)
    if bucket and public and blocks(call, bucket, "block_public_acls"):
        raise AwsError("AccessDenied", "Access Denied", 403)
