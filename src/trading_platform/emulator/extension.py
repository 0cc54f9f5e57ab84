"""The frame the service files plug into: what moto lacks, and what AWS refuses.

A service file makes one ``Extension`` and declares on it, function by function:

* ``@extension.refuses("CreateVpc")``: a check of one rule of AWS. It gets the ``Call`` before moto does and raises
  ``AwsError`` with AWS's code and text, or returns. It changes nothing and asks only what a request and the present
  state can tell. Resources it cannot find it leaves to moto, which has its own "not found".
* ``@extension.patches(Class, "method")``: a correction of one method of moto. The function gets the original first.
* ``@extension.adds(ResponseClass)``: an API action (or model method) moto has no method for, under the function's name.

State belongs on moto's own objects and backends (``state_of``): a reset of moto then resets it as well.
"""

import functools
import importlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.speed import (
    forget_on_reset,
    make_private_keys_when_used,
    remember_method_names,
    remember_names_of_attributes,
    share_images,
    share_managed_policies,
    share_the_key_of_certificates,
)

type Refuser = Callable[[Call], None]

SERVICES = (
    "acm",
    "awslambda",
    "backup",
    "budgets",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "config",
    "ec2",
    "ecr",
    "ecr_pull_through_cache",
    "eks",
    "elasticache",
    "elbv2",
    "guardduty",
    "iam",
    "iam_oidc",
    "kms",
    "logs",
    "metric_filters",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "servicequotas",
    "sns",
    "sqs",
    "sts",
    "wafv2",
)

_STATE = "_extension_state"


class Extension:
    """What one service adds to moto. Nothing happens before ``apply``, which works once."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.refusers: dict[str, list[Refuser]] = defaultdict(list)
        self._pending: list[tuple[Any, str, Callable[..., Any]]] = []

    def refuses(self, *actions: str) -> Callable[[Refuser], Refuser]:
        """Check calls of these actions (names of the API reference) before moto sees them, in order of declaration."""

        def declare(refuser: Refuser) -> Refuser:
            for action in actions:
                self.refusers[action].append(refuser)
            return refuser

        return declare

    def patches[F: Callable[..., Any]](self, owner: Any, name: str) -> Callable[[F], F]:
        """Replace ``owner.name``; the function is called with the original, then with the original's arguments."""

        def declare(replacement: F) -> F:
            self._pending.append((owner, name, replacement))
            return replacement

        return declare

    def adds[F: Callable[..., Any]](self, owner: Any) -> Callable[[F], F]:
        """Give ``owner`` a method of the function's name. Fails on apply if moto has got one in the meantime."""

        def declare(method: F) -> F:
            if hasattr(owner, method.__name__):
                raise TypeError(f"{owner.__name__}.{method.__name__} exists: use patches, or drop what moto now has")
            self._pending.append((owner, method.__name__, method))
            return method

        return declare

    def apply(self) -> None:
        """Apply what was declared since the last call: a second call does nothing."""
        while self._pending:
            owner, name, function = self._pending.pop(0)
            setattr(owner, name, _around(vars(owner).get(name, getattr(owner, name, None)), function))


def _around(original: Any, function: Callable[..., Any]) -> Any:
    """``function`` as a method, given ``original`` first if there is one; properties and static methods stay such."""
    if original is None:
        return function
    if isinstance(original, property):
        return property(_around(original.fget, function))
    if isinstance(original, staticmethod):
        return staticmethod(_around(original.__func__, function))

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    return method


def state_of(owner: Any, kind: str) -> dict[Any, Any]:
    """A dictionary kept on one of moto's objects or backends; gone when that object is, or when moto is reset."""
    kinds: dict[str, dict[Any, Any]] = vars(owner).setdefault(_STATE, {})
    return kinds.setdefault(kind, {})


def apply_all() -> dict[tuple[str, str], list[Refuser]]:
    """Apply every service's patches, once, and return the checks by (service, action)."""
    remember_method_names()
    remember_names_of_attributes()
    forget_on_reset()
    share_managed_policies()
    share_images()
    make_private_keys_when_used()
    share_the_key_of_certificates()
    refusers: dict[tuple[str, str], list[Refuser]] = {}
    for service in SERVICES:
        module = importlib.import_module(f"trading_platform.emulator.services.{service}")
        for extension in module.EXTENSIONS:
            extension.apply()
            for action, checks in extension.refusers.items():
                refusers.setdefault((extension.service, action), []).extend(checks)
    return refusers
