"""Work that moto does over and over without need."""

from collections import UserDict
from collections.abc import Callable
from copy import copy
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any

import cryptography.x509
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.acm import models as acm_models
from moto.core import base_backend, responses, serialize
from moto.ec2.models import amis
from moto.iam import models as iam_models
from moto.kms import models as kms_models


def remember_method_names() -> None:
    """Keep the list of a response class's methods: ``inspect`` takes longer over EC2's 700 than the call itself."""
    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = cache(responses.method_names_from_class)


def remember_names_of_attributes() -> None:
    """Keep under which names moto looks for a member of an answer: it asks six classes anew for each of them.

    What the names depend on is the key: moto has one model of each service, in which a structure's name and that of a
    member say which shape the member has.
    """
    picker = serialize.XFormedAttributePicker
    look = picker.get_possible_keys
    known: dict[object, tuple[str, ...]] = {}

    def remembered(self: Any, context: Any) -> tuple[str, ...]:
        shape, parent = context.shape, getattr(context.shape, "parent", None)
        service = context.service_model and context.service_model.service_name
        key = (service, parent and parent.name, shape and shape.name, context.key, type(context.obj))
        if key not in known:
            known[key] = tuple(look(self, context))
        return known[key]

    picker.get_possible_keys = remembered


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

    Attaching counts on the policy itself, so each backend has copies of its own, made when somebody looks at a policy:
    every request makes IAM's backend, to see whose key it is. The documents are shared.
    """
    build = iam_models.IAMBackend._init_aws_policies

    @cache
    def built(account_id: str, region_name: str) -> list[Any]:
        policies: list[Any] = build(SimpleNamespace(account_id=account_id, region_name=region_name))
        return policies

    def copies(self: Any) -> _WhenLookedAt:
        return _WhenLookedAt(lambda: {one.arn: copy(one) for one in built(self.account_id, self.region_name)})

    # moto uses the list for nothing but the mapping.
    iam_models.IAMBackend._init_aws_policies = lambda _: []
    iam_models.IAMBackend._init_managed_policies = copies


def share_images() -> None:
    """Make the 1,300 public images of a region once in a process, not once after each reset.

    For each, moto makes a volume and a snapshot. Images and snapshots can be changed, so each backend has copies, made
    when somebody looks at them: most that asks EC2 for something does not.
    """
    load = amis.AmiBackend._load_amis
    kept: dict[tuple[str, str], list[Any]] = {}

    def load_once(self: Any) -> None:
        key = self.account_id, self.region_name
        if key not in kept:
            load(self)
            kept[key] = [_image_for(None, image) for image in self.amis.values()]
            return
        images = cache(lambda: [_image_for(self, image) for image in kept[key]])
        self.amis = _WhenLookedAt(lambda: {image.id: image for image in images()})
        self.snapshots = _WhenLookedAt(lambda: {image.ebs_snapshot.id: image.ebs_snapshot for image in images()})

    amis.AmiBackend._load_amis = load_once


class _WhenLookedAt(UserDict[str, Any]):
    """A mapping that is filled when somebody first reads it or writes to it."""

    def __init__(self, fill: Callable[[], dict[str, Any]]) -> None:
        self._fill = fill  # and no data yet, which UserDict's own would make

    @cached_property
    def data(self) -> dict[str, Any]:  # type: ignore[override]  # UserDict has a plain attribute
        return self._fill()


def _image_for(backend: Any, image: Any) -> Any:
    """A copy of an image and its snapshot, of which nothing that can be changed is shared. No public one has tags."""
    made, snapshot, volume = copy(image), copy(image.ebs_snapshot), copy(image.ebs_snapshot.volume)
    made.ec2_backend = snapshot.ec2_backend = volume.ec2_backend = backend
    made.launch_permissions = [dict(permission) for permission in image.launch_permissions]
    made.product_codes = set(image.product_codes)
    snapshot.create_volume_permission_groups = set(snapshot.create_volume_permission_groups)
    snapshot.create_volume_permission_userids = set(snapshot.create_volume_permission_userids)
    made.ebs_snapshot, snapshot.volume = snapshot, volume
    return made


class _WhenUsed:
    """A private key that is made when somebody wants to sign with it."""

    def __init__(self, key_spec: str) -> None:
        self._key_spec = key_spec

    @cached_property
    def _key(self) -> Any:
        return _generate_private_key(self._key_spec)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)


_generate_private_key = kms_models.generate_private_key


def make_private_keys_when_used() -> None:
    """Make no RSA key for a symmetric key of KMS, which moto gives one and nothing uses."""

    def generate(key_spec: str) -> Any:
        return _WhenUsed(key_spec) if key_spec == "SYMMETRIC_DEFAULT" else _generate_private_key(key_spec)

    kms_models.generate_private_key = generate


def share_the_key_of_certificates() -> None:
    """Make one RSA key for all certificates of a process: it takes a fifth of a second, and nobody ever sees one.

    Certificates that are imported have the key they come with.
    """
    read = acm_models.CertBundle.validate_pk
    known: dict[bytes, Any] = {}

    def read_once(self: Any) -> Any:
        if self.key not in known:
            known[self.key] = read(self)
        return known[self.key]

    made_once = SimpleNamespace(generate_private_key=cache(rsa.generate_private_key))
    asymmetric = SimpleNamespace(primitives=SimpleNamespace(asymmetric=SimpleNamespace(rsa=made_once)))
    acm_models.cryptography = SimpleNamespace(x509=cryptography.x509, hazmat=asymmetric)
    acm_models.CertBundle.validate_pk = read_once
