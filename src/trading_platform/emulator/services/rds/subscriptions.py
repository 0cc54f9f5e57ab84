"""Event subscriptions: changed, and with a topic that exists."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import SubscriptionNotFoundError
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse
from moto.sns.models import sns_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import combination

extension = Extension("rds")

CHANGEABLE = {
    "SnsTopicArn": "sns_topic_arn",
    "SourceType": "source_type",
    "EventCategories": "event_categories",
    "Enabled": "enabled",
}


@extension.refuses("CreateEventSubscription", "ModifyEventSubscription")
def topic_that_does_not_exist(call: Call) -> None:
    """API: SNSTopicArnNotFound, "The SNS topic ARN does not exist."."""
    arn = call.params.get("SnsTopicArn")
    if arn and arn not in sns_backends[call.account_id][call.region].topics:
        raise AwsError("SNSTopicArnNotFound", "The SNS topic ARN does not exist.")


@extension.refuses("CreateEventSubscription")
def sources_without_a_type(call: Call) -> None:
    if call.params.get("SourceIds") and not call.params.get("SourceType"):
        raise combination("SourceIds can't be specified without a SourceType.")


@extension.patches(RDSBackend, "create_event_subscription")
def subscription_that_is_enabled(original: Callable[..., Any], self: Any, kwargs: Any) -> Any:
    """API CreateEventSubscription, Enabled: active unless it is turned off; moto has it the other way."""
    asked = dict(kwargs.items())
    asked.setdefault("enabled", True)
    return original(self, asked)


@extension.adds(RDSResponse)
def modify_event_subscription(self: Any) -> ActionResult:
    name = self.params["SubscriptionName"]
    held = self.backend.event_subscriptions.get(name)
    if held is None:
        raise SubscriptionNotFoundError(name)
    for parameter, attribute in CHANGEABLE.items():
        if self.params.get(parameter) is not None:
            setattr(held, attribute, self.params.get(parameter))
    return ActionResult({"EventSubscription": held})
