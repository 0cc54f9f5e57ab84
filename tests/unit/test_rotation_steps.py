"""roles/secrets_manager/files/rotation and rotate_jwt against the embedded Secrets Manager."""

import base64
from typing import Any

import pytest
from rotation_world import ALL_STEPS, SECRET, begin, event, labels, secret, value

from trading_platform.emulator.testing import EmulatorServer

import rotate_jwt  # isort: skip  (rotation_world puts its folder on the path)
from rotation import RotationError, Rotator, handle  # isort: skip

FIRST = {"kid": "0011223344556677", "signing_key": base64.b64encode(b"k" * 64).decode(), "issuer": "trading-engine"}


@pytest.fixture
def client(emulator: EmulatorServer) -> Any:
    return secret(emulator, FIRST)


def do(client: Any, token: str, *steps: str) -> None:
    for step in steps:
        handle(event(step, token), client, rotate_jwt.ROTATOR)


def test_turning_rotation_on_rotates_nothing(client: Any) -> None:
    assert value(client) == FIRST
    assert list(labels(client).values()) == [["AWSCURRENT"]]


def test_a_jwt_key_is_rotated_and_the_old_one_stays_readable(client: Any) -> None:
    token = begin(client)
    do(client, token, *ALL_STEPS)
    rotated = value(client)
    assert rotated["issuer"] == "trading-engine"
    assert rotated["kid"] != FIRST["kid"]
    assert len(base64.b64decode(rotated["signing_key"])) == 64
    assert value(client, "AWSPREVIOUS") == FIRST, "tokens that are out are still checked with it"
    assert labels(client)[token] == ["AWSCURRENT", "AWSPENDING"]


def test_the_next_rotation_drops_the_oldest(client: Any) -> None:
    do(client, begin(client), *ALL_STEPS)
    second = value(client)
    do(client, begin(client), *ALL_STEPS)
    assert value(client, "AWSPREVIOUS") == second


def test_resumed_after_every_step(client: Any) -> None:
    token = begin(client)
    do(client, token, "createSecret")
    pending = value(client, "AWSPENDING")
    for count in range(1, 5):
        do(client, token, *ALL_STEPS[:count])
    assert value(client) == pending


def test_a_second_rotation_does_not_begin_before_the_first_ends(client: Any) -> None:
    begin(client)
    with pytest.raises(client.exceptions.InvalidRequestException, match="A previous rotation isn't complete"):
        begin(client)


@pytest.mark.parametrize(
    ("pending", "message"),
    [
        ({**FIRST}, "the key or the kid of the current one"),
        ({**FIRST, "kid": "new"}, "the key or the kid of the current one"),
    ],
)
def test_a_pending_key_that_is_not_new(pending: dict[str, Any], message: str) -> None:
    with pytest.raises(RotationError, match=message):
        rotate_jwt.nothing_to_set(pending, FIRST, None)


@pytest.mark.parametrize("key", ["", "no base64!", base64.b64encode(b"short").decode()])
def test_a_key_that_cannot_sign(key: str) -> None:
    with pytest.raises(RotationError):
        rotate_jwt.test_key({"kid": "new", "signing_key": key})


def test_states_in_which_no_step_is_done(client: Any) -> None:
    current = next(iter(labels(client)))
    with pytest.raises(RotationError, match="has no version"):
        do(client, "0" * 32, "createSecret")
    with pytest.raises(RotationError, match="there is no step explode"):
        do(client, current, "explode")
    do(client, current, "createSecret")  # the current version: done already
    token = begin(client)
    client.update_secret_version_stage(SecretId=SECRET, VersionStage="AWSPENDING", RemoveFromVersionId=token)
    with pytest.raises(RotationError, match="is not labelled AWSPENDING"):
        do(client, token, "createSecret")
    client.cancel_rotate_secret(SecretId=SECRET)
    with pytest.raises(RotationError, match="is not set up for rotation"):
        do(client, token, "createSecret")


def test_steps_out_of_order(client: Any) -> None:
    token = begin(client)
    with pytest.raises(RotationError, match="has no value labelled AWSPENDING"):
        do(client, token, "setSecret")


def test_an_error_does_not_show_a_value_that_is_no_json(client: Any) -> None:
    token = begin(client)
    client.put_secret_value(
        SecretId=SECRET, ClientRequestToken=token, SecretString="hunter2", VersionStages=["AWSPENDING"]
    )
    with pytest.raises(RotationError, match="is no JSON object") as caught:
        do(client, token, "testSecret")
    assert "hunter2" not in str(caught.value)


def test_what_the_rotator_raises_ends_the_step(client: Any) -> None:
    def refuse(pending: Any, current: Any, previous: Any) -> None:
        raise RotationError("no")

    token = begin(client)
    rotator = Rotator(renew=rotate_jwt.renew, set=refuse, test=rotate_jwt.test_key)
    handle(event("createSecret", token), client, rotator)
    with pytest.raises(RotationError, match="no"):
        handle(event("setSecret", token), client, rotator)
    assert value(client) == FIRST
