"""What WAF refuses of logging configurations."""

from moto.s3.models import s3_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.logs import log_group_of
from trading_platform.emulator.services.wafv2.common import acl_of, invalid, nonexistent

extension = Extension("wafv2")

PREFIX = "aws-waf-logs-"
ARN_NOT_VALID = (
    "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes."
)


@extension.refuses("PutLoggingConfiguration")
def acl_that_does_not_exist(call: Call) -> None:
    if acl_of(call.params["LoggingConfiguration"]["ResourceArn"], call.account_id) is None:
        raise nonexistent()


@extension.refuses("PutLoggingConfiguration")
def destination_that_is_not_for_waf(call: Call) -> None:
    """Developer guide, "Logging AWS WAF web ACL traffic": one destination, its prefix, and no ":*" behind a group."""
    destinations = call.params["LoggingConfiguration"]["LogDestinationConfigs"]
    if len(destinations) != 1:
        raise AwsError("WAFLimitsExceededException", "You can define one logging destination per web ACL.")
    arn = destinations[0]
    last = arn.rpartition(":")[2].rpartition("/")[2]
    if not arn.startswith("arn:") or not last.startswith(PREFIX):
        raise invalid(ARN_NOT_VALID, "LOG_DESTINATION", arn)


@extension.refuses("PutLoggingConfiguration")
def destination_that_does_not_exist(call: Call) -> None:
    """A log group is in the ACL's Region and account (developer guide, "CloudWatch Logs")."""
    arn = call.params["LoggingConfiguration"]["LogDestinationConfigs"][0]
    service, region = arn.split(":")[2], arn.split(":")[3]
    if service == "logs":
        exists = region == call.region and log_group_of(arn, call.account_id) is not None
    elif service == "s3":
        exists = arn.rpartition(":")[2] in s3_backends[call.account_id]["aws"].buckets
    else:
        exists = True
    if not exists:
        raise AwsError(
            "WAFLogDestinationPermissionIssueException",
            "The operation failed because you don't have the permissions that your logging configuration requires, or "
            f"because the destination does not exist: {arn}",
        )


@extension.refuses("PutLoggingConfiguration")
def fields_that_cannot_be_redacted(call: Call) -> None:
    """API LoggingConfiguration, RedactedFields: UriPath, QueryString, SingleHeader and Method."""
    for field in call.params["LoggingConfiguration"].get("RedactedFields") or []:
        if len(field) != 1 or set(field) - {"UriPath", "QueryString", "SingleHeader", "Method"}:
            raise invalid("The parameter isn't valid.", "FIELD_TO_MATCH", ", ".join(sorted(field)))
