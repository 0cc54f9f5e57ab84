"""Work that moto does over and over without need."""

from copy import copy
from functools import cache
from types import SimpleNamespace
from typing import Any

from moto.core import base_backend, responses
from moto.iam import models as iam_models


def remember_method_names() -> None:
    """Keep the list of a response class's methods: ``inspect`` takes longer over EC2's 700 than the call itself."""
    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = cache(responses.method_names_from_class)


def forget_on_reset() -> None:
    """Drop a region's backend on reset instead of building it anew.

    ``BackendDict.reset`` resets each backend, which builds it again with its 1,300 images or 1,500 managed policies,
    and then drops it; the next request builds it once more. The first of the two is what this leaves out.
    """
    base_backend.BaseBackend.reset = _nothing_to_rebuild


def _nothing_to_rebuild(_: object) -> None:
    """Backends with something to close (S3's temporary files) override ``reset`` and still do so."""


def share_managed_policies() -> None:
    """Parse AWS's 1,500 managed policies once in a process, not once after each reset.

    Attaching counts on the policy itself, so each backend has copies of its own; the documents are shared.
    """
    build = iam_models.IAMBackend._init_aws_policies

    @cache
    def built(account_id: str, region_name: str) -> list[Any]:
        policies: list[Any] = build(SimpleNamespace(account_id=account_id, region_name=region_name))
        return policies

    def copies(self: Any) -> list[Any]:
        return [copy(policy) for policy in built(self.account_id, self.region_name)]

    iam_models.IAMBackend._init_aws_policies = copies
