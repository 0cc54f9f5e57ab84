"""roles/secrets_manager/files/rotate_database against a real PostgreSQL and the embedded Secrets Manager."""

import json
import logging
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_server import Postgres, certificate_for, postgres_server, tls_proxy
from rotation_world import ALL_STEPS, SECRET, begin, event, labels, secret, value

from trading_platform.emulator.testing import EmulatorServer

import rotate_database  # isort: skip  (rotation_world puts its folder on the path)
from rotation import RotationError, handle  # isort: skip

USER = "trading_admin"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def current(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A user of the database and the secret that opens it."""
    password = f"first-{uuid.uuid4()}"
    postgres.run(f"DROP ROLE IF EXISTS {USER}")
    postgres.run(f"CREATE ROLE {USER} LOGIN PASSWORD '{password}'")
    monkeypatch.setenv("DATABASE_CA_FILE", str(postgres.ca_file))
    return {
        "engine": "postgres",
        "host": postgres.host,
        "port": postgres.port,
        "dbname": "postgres",
        "username": USER,
        "password": password,
    }


@pytest.fixture
def client(emulator: EmulatorServer, current: dict[str, Any]) -> Any:
    return secret(emulator, current)


def do(client: Any, token: str, *steps: str) -> None:
    for step in steps:
        handle(event(step, token), client, rotate_database.ROTATOR)


def test_a_whole_rotation(client: Any, postgres: Postgres, current: dict[str, Any]) -> None:
    old = next(iter(labels(client)))
    token = begin(client)
    do(client, token, *ALL_STEPS)
    rotated = value(client)
    assert rotated == {**current, "password": rotated["password"]}
    assert (len(rotated["password"]), rotated["password"].isalnum()) == (40, True)
    assert postgres.accepts(USER, rotated["password"])
    assert not postgres.accepts(USER, current["password"])
    assert labels(client) == {token: ["AWSCURRENT", "AWSPENDING"], old: ["AWSPREVIOUS"]}
    assert value(client, "AWSPREVIOUS") == current


def test_one_rotation_after_another(client: Any, postgres: Postgres) -> None:
    passwords = [value(client)["password"]]
    for _ in range(3):
        do(client, begin(client), *ALL_STEPS)
        passwords.append(value(client)["password"])
    assert len(set(passwords)) == 4
    assert [postgres.accepts(USER, one) for one in passwords] == [False, False, False, True]


def test_nothing_changes_before_it_is_set(client: Any, postgres: Postgres, current: dict[str, Any]) -> None:
    token = begin(client)
    do(client, token, "createSecret")
    assert postgres.accepts(USER, current["password"])
    assert value(client) == current
    with pytest.raises(RotationError, match="the database refuses the pending password"):
        do(client, token, "testSecret")


def test_created_twice_is_created_once(client: Any) -> None:
    token = begin(client)
    do(client, token, "createSecret")
    pending = value(client, "AWSPENDING")
    do(client, token, "createSecret")
    assert value(client, "AWSPENDING") == pending


def test_cut_off_after_the_password_was_set(client: Any, postgres: Postgres, current: dict[str, Any]) -> None:
    token = begin(client)
    do(client, token, "createSecret", "setSecret")
    pending = value(client, "AWSPENDING")
    assert not postgres.accepts(USER, current["password"]), "now only the pending password is valid"
    do(client, token, *ALL_STEPS)
    assert value(client) == pending
    assert postgres.accepts(USER, pending["password"])


def test_set_twice(client: Any, postgres: Postgres) -> None:
    token = begin(client)
    do(client, token, "createSecret", "setSecret", "setSecret", "testSecret", "finishSecret", "finishSecret")
    assert postgres.accepts(USER, value(client)["password"])


def test_steps_after_the_end_do_nothing(client: Any, postgres: Postgres) -> None:
    token = begin(client)
    do(client, token, *ALL_STEPS)
    rotated, held = value(client), labels(client)
    do(client, token, *ALL_STEPS)
    assert (value(client), labels(client)) == (rotated, held)


def test_wrong_password_is_an_error_that_changes_nothing(
    client: Any, postgres: Postgres, current: dict[str, Any]
) -> None:
    postgres.run(f"ALTER ROLE {USER} PASSWORD 'changed by hand'")
    token = begin(client)
    do(client, token, "createSecret")
    with pytest.raises(RotationError, match="refuses the current and the previous password"):
        do(client, token, "setSecret")
    assert value(client) == current
    assert postgres.accepts(USER, "changed by hand")


def test_the_previous_password_opens_what_the_current_one_does_not(
    client: Any, postgres: Postgres, current: dict[str, Any]
) -> None:
    """As after a rotation that moved the label and was undone in the database."""
    do(client, begin(client), *ALL_STEPS)
    postgres.run(f"ALTER ROLE {USER} PASSWORD '{current['password']}'")
    do(client, begin(client), *ALL_STEPS)
    assert postgres.accepts(USER, value(client)["password"])


@pytest.mark.parametrize(("key", "other"), [("username", "somebody"), ("host", "elsewhere.example")])
def test_pending_version_for_another_user_or_host(client: Any, current: dict[str, Any], key: str, other: str) -> None:
    token = begin(client)
    pending = {**current, key: other, "password": "whatever-it-is"}
    client.put_secret_value(
        SecretId=SECRET,
        ClientRequestToken=token,
        SecretString=json.dumps(pending),
        VersionStages=["AWSPENDING"],
    )
    with pytest.raises(RotationError, match=f"another {key}"):
        do(client, token, "setSecret")


@pytest.mark.parametrize("key", ["engine", "host", "port", "username", "password", "dbname"])
def test_a_secret_that_lacks_a_key(current: dict[str, Any], key: str) -> None:
    with pytest.raises(RotationError, match=f"the secret lacks {key}"):
        rotate_database.renew({name: one for name, one in current.items() if name != key})


def test_a_secret_of_another_engine(current: dict[str, Any]) -> None:
    with pytest.raises(RotationError, match="is for engine mysql"):
        rotate_database.renew({**current, "engine": "mysql"})


def test_a_server_without_tls_is_refused(postgres: Postgres, current: dict[str, Any]) -> None:
    with pytest.raises(RotationError, match="no connection to localhost"):
        rotate_database.test_password({**current, "port": postgres.plain_port})


def test_a_certificate_of_another_authority_is_refused(
    postgres: Postgres, current: dict[str, Any], tmp_path: Path
) -> None:
    certificate, _ = certificate_for("localhost", tmp_path)
    with (
        tls_proxy(certificate, postgres.plain_port) as port,
        pytest.raises(RotationError, match="certificate verify failed"),
    ):
        rotate_database.test_password({**current, "port": port})


def test_a_certificate_for_another_host_is_refused(
    postgres: Postgres, current: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, ca_file = certificate_for("elsewhere.example", tmp_path)
    monkeypatch.setenv("DATABASE_CA_FILE", str(ca_file))
    with (
        tls_proxy(certificate, postgres.plain_port) as port,
        pytest.raises(RotationError, match=r"(?i)hostname mismatch"),
    ):
        rotate_database.test_password({**current, "port": port})


def test_a_server_that_is_not_there(current: dict[str, Any]) -> None:
    with pytest.raises(RotationError, match="no connection to localhost"):
        rotate_database.test_password({**current, "port": 1})


def test_no_password_is_logged_anywhere(
    client: Any, postgres: Postgres, current: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by the function nor by PostgreSQL, which logs every statement here."""
    with caplog.at_level(logging.INFO):
        do(client, begin(client), *ALL_STEPS)
    new = value(client)["password"]
    written = postgres.log_file.read_text()
    assert f'ALTER ROLE "{USER}" PASSWORD \'SCRAM-SHA-256$4096:' in written
    assert new not in written
    assert new not in caplog.text
    assert "finishSecret: done for version" in caplog.text


def test_the_bundle_of_rds_has_the_roots_of_both_regions() -> None:
    context = ssl.create_default_context(cafile=str(Path(rotate_database.__file__).with_name("rds-ca.pem")))
    names = {dict(part[0] for part in one["subject"])["commonName"] for one in context.get_ca_certs()}
    for region in ("us-east-1", "us-west-2"):
        assert f"Amazon RDS {region} Root CA RSA2048 G1" in names
