"""Service models are read once, and only the models are shared."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3.session
import botocore.session
import pytest

from trading_platform.warm import aws


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[aws.Models]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(botocore.session, "create_loader", botocore.session.create_loader)  # put back afterwards
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


def test_without_boto3_there_is_nothing_to_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    assert aws.preload(["sts"]) is None


def test_a_profile_that_does_not_exist_is_left_to_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    assert aws.preload(["sts"]) is None
