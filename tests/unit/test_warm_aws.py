"""Service models are read once, and only the models are shared."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3.session
import botocore.client
import botocore.hooks
import botocore.model
import botocore.session
import pytest
import yaml

from trading_platform.warm import aws


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[aws.Models]:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for module, name in ((botocore.session, "create_loader"), (botocore.session, "EventAliaser")):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back afterwards
    monkeypatch.setattr(botocore.hooks, "accepts_kwargs", botocore.hooks.accepts_kwargs)
    for name in ("_create_methods", "_create_name_mapping"):
        monkeypatch.setattr(botocore.client.ClientCreator, name, getattr(botocore.client.ClientCreator, name))
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


def test_methods_are_made_once_and_classes_each_time(models: aws.Models, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = {name: getattr(botocore.client.ClientCreator, name) for name in ("_create_methods", "_create_name_mapping")}
    assert len(models.methods.by_model) == 2, "of the one service that was known"
    models.share()

    def making(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(botocore.client.ClientCreator, "_create_api_method", making)
    (_, first), (_, second) = _client(), _client()
    assert type(first) is not type(second)
    type(first).added = 1
    assert not hasattr(second, "added")
    assert type(first).get_caller_identity is type(second).get_caller_identity
    assert first.meta.method_to_api_mapping == {
        "assume_role": "AssumeRole",
        **first.meta.method_to_api_mapping,
    }
    monkeypatch.undo()
    for name, function in stock.items():
        assert getattr(botocore.client.ClientCreator, name) is function


def test_a_model_of_another_place_gets_methods_of_its_own(models: aws.Models) -> None:
    models.share()
    creator = object.__new__(botocore.client.ClientCreator)
    creator._event_emitter = None
    description = models.loader.load_service_model("sts", "service-2")
    other = {**description, "operations": {"GetCallerIdentity": description["operations"]["GetCallerIdentity"]}}
    assert set(creator._create_methods(botocore.model.ServiceModel(other, "sts"))) == {"get_caller_identity"}


def test_every_service_that_modules_use_is_read_beforehand() -> None:
    """What is missing in the list works, and is read by every single task that uses it."""
    root = Path(__file__).resolve().parents[2]
    plugin = (root / "plugins/callback/warm_local_preload.py").read_text(encoding="utf-8")
    documentation = yaml.safe_load(plugin.split('DOCUMENTATION = """')[1].split('"""')[0])
    listed = documentation["options"]["services"]["default"]
    files = [*root.glob("src/trading_platform/aws/*.py"), *root.glob("plugins/modules/*.py")]
    files.remove(root / "src/trading_platform/aws/price_list.py")  # of `make prices`; no module asks for prices
    used = {name for file in files for name in re.findall(r"""\.client\(["']([a-z0-9-]+)["']""", file.read_text())}
    assert "ec2" in used
    assert used - set(listed) == set()
    assert listed == sorted(set(listed) & set(boto3.session.Session().get_available_services()))


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
