"""The four steps in which Secrets Manager rotates a secret, the same for every secret.

Secrets Manager calls the function with each step in turn and with the id of the new version, which has the label
AWSPENDING until the last step makes it AWSCURRENT. A step may be called again after a failure, so each looks first
whether it has been done. What is particular to a secret are three functions (``Rotator``).
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html

Nothing here prints a value, and no error message contains one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger()
logger.setLevel(logging.INFO)

Secret = dict[str, Any]
CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"


class RotationError(Exception):
    """A rotation that cannot go on; Secrets Manager tries again, and shows the text in the function's log."""


@dataclass(frozen=True)
class Rotator:
    """What is particular to a kind of secret.

    ``renew``: the present value to a new one. ``set``: the pending, present and previous values; make the pending one
    valid where the secret is used. ``test``: prove that the pending value is valid.
    """

    renew: Callable[[Secret], Secret]
    set: Callable[[Secret, Secret, Secret | None], None]
    test: Callable[[Secret], None]


@dataclass(frozen=True)
class Rotation:
    """One rotation: the secret, and the version that it makes."""

    client: Any
    secret_id: str
    token: str

    def value(self, stage: str, version_id: str | None = None) -> Secret | None:
        """Read a version of the secret; None when there is none, or it has no value yet."""
        which = {"VersionId": version_id} if version_id else {}
        try:
            answer = self.client.get_secret_value(SecretId=self.secret_id, VersionStage=stage, **which)
        except self.client.exceptions.ResourceNotFoundException:
            return None
        try:
            content = json.loads(answer["SecretString"])
        except (KeyError, ValueError):
            content = None
        if not isinstance(content, dict):
            raise RotationError(f"{stage} of {self.secret_id} is no JSON object")
        return content

    def needed(self, stage: str, version_id: str | None = None) -> Secret:
        """Read a version that must be there."""
        content = self.value(stage, version_id)
        if content is None:
            raise RotationError(f"{self.secret_id} has no value labelled {stage}")
        return content


def handle(event: dict[str, str], client: Any, rotator: Rotator) -> None:
    """Do the step that Secrets Manager asks for.

    Raises:
        RotationError: the secret or the version is not in the state that the step needs.
    """
    rotation = Rotation(client, event["SecretId"], event["ClientRequestToken"])
    step = event["Step"]
    if step not in STEPS:
        raise RotationError(f"there is no step {step}")
    if _is_done(rotation):
        logger.info("%s: version %s is the current one already", step, rotation.token)
        return
    STEPS[step](rotation, rotator)
    logger.info("%s: done for version %s of %s", step, rotation.token, rotation.secret_id)


def _is_done(rotation: Rotation) -> bool:
    described = rotation.client.describe_secret(SecretId=rotation.secret_id)
    if not described.get("RotationEnabled"):
        raise RotationError(f"{rotation.secret_id} is not set up for rotation")
    labels = described.get("VersionIdsToStages", {}).get(rotation.token)
    if labels is None:
        raise RotationError(f"{rotation.secret_id} has no version {rotation.token}")
    if CURRENT in labels:
        return True
    if PENDING not in labels:
        raise RotationError(f"version {rotation.token} of {rotation.secret_id} is not labelled {PENDING}")
    return False


def _create(rotation: Rotation, rotator: Rotator) -> None:
    """Put a new value under the pending version, unless a first try has done so."""
    current = rotation.needed(CURRENT)
    if rotation.value(PENDING, rotation.token) is not None:
        return
    rotation.client.put_secret_value(
        SecretId=rotation.secret_id,
        ClientRequestToken=rotation.token,
        SecretString=json.dumps(rotator.renew(current)),
        VersionStages=[PENDING],
    )


def _set(rotation: Rotation, rotator: Rotator) -> None:
    pending = rotation.needed(PENDING, rotation.token)
    rotator.set(pending, rotation.needed(CURRENT), rotation.value(PREVIOUS))


def _test(rotation: Rotation, rotator: Rotator) -> None:
    rotator.test(rotation.needed(PENDING, rotation.token))


def _finish(rotation: Rotation, rotator: Rotator) -> None:
    """Make the pending version the current one; Secrets Manager labels the old one AWSPREVIOUS."""
    described = rotation.client.describe_secret(SecretId=rotation.secret_id)
    versions = described["VersionIdsToStages"]
    old = next((version for version, labels in versions.items() if CURRENT in labels), None)
    rotation.client.update_secret_version_stage(
        SecretId=rotation.secret_id,
        VersionStage=CURRENT,
        MoveToVersionId=rotation.token,
        **({"RemoveFromVersionId": old} if old else {}),
    )


STEPS: dict[str, Callable[[Rotation, Rotator], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}
