"""Service models are read once, and only the models are shared."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3.session
import botocore.hooks
import botocore.session
import pytest

from trading_platform.warm import aws


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[aws.Models]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for module, name in ((botocore.session, "create_loader"), (botocore.session, "EventAliaser")):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back afterwards
    monkeypatch.setattr(botocore.hooks, "accepts_kwargs", botocore.hooks.accepts_kwargs)
    loaded = aws.preload(["sts", "no-such-service"])
    assert loaded is not None
    yield loaded


def _client() -> Any:
    session = boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    return session, session.client("sts")


def test_a_new_session_reads_no_model_again(models: aws.Models, monkeypatch: pytest.MonkeyPatch) -> None:
    models.share()

    def read(*_: object) -> None:
        raise AssertionError("a file was read")

    monkeypatch.setattr("botocore.loaders.JSONFileLoader.load_file", read)
    first, second = _client(), _client()
    assert first[1].meta.service_model.operation_names == second[1].meta.service_model.operation_names
    assert first[0]._session is not second[0]._session


def test_event_names_and_handlers_are_as_without_sharing(models: aws.Models) -> None:
    def handlers() -> list[str]:
        _, client = _client()
        return sorted(
            str(handler).partition(" at 0x")[0]
            for handler in client.meta.events._emitter._handlers.prefix_search("request-created.sts")
        )

    stock = handlers()
    models.share()
    assert stock and handlers() == stock
    aliaser = botocore.session.Session()._events
    assert (
        aliaser._alias_event_name("before-parameter-build.elbv2") == "before-parameter-build.elastic-load-balancing-v2"
    )
    aliaser._alias_name_cache["x"] = "y"
    assert "x" not in botocore.session.Session()._events._alias_name_cache, "one session's cache must not be another's"


def test_before_sharing_nothing_is_changed(models: aws.Models) -> None:
    assert botocore.session.Session().get_component("data_loader") is not models.loader


def test_who_searches_elsewhere_gets_a_loader_of_its_own(
    models: aws.Models, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    models.share()
    assert botocore.session.Session().get_component("data_loader") is models.loader
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    loader = botocore.session.Session().get_component("data_loader")
    assert loader is not models.loader and str(tmp_path) in loader.search_paths


def test_no_credential_and_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("not while preloading")

    monkeypatch.setattr("socket.socket.connect", forbidden)
    monkeypatch.setattr("botocore.credentials.CredentialResolver.load_credentials", forbidden)
    assert aws.preload(["ec2", "s3"]) is not None


def test_a_profile_that_does_not_exist_is_left_to_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    assert aws.preload(["sts"]) is None
