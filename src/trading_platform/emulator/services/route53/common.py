"""What the Route 53 files share."""

from typing import Any

from moto.route53.models import route53_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # of every distribution: API AliasTarget, HostedZoneId


def state(call: Call) -> Any:
    """moto's Route 53 backend of the call's account."""
    return route53_backends[call.account_id]["aws"]


def bare(name: str) -> str:
    """A domain name as it is compared: lower case, no final dot."""
    return name.lower().rstrip(".").replace("\\052", "*")


def invalid_input(message: str) -> AwsError:
    return AwsError("InvalidInput", message)
