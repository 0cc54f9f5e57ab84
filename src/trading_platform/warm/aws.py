"""Have boto3 imported and the service models read before the workers fork."""

import importlib
from collections.abc import Iterable
from typing import Any

# Read besides the service model itself when a module waits or pages.
_MODEL_TYPES = ("paginators-1", "waiters-2")
# Imported by the first request, not by the client.
_ON_FIRST_REQUEST = ("encodings.idna", "xml.etree.cElementTree", "html.parser")


class Models:
    """A botocore loader with the models of the given services in its cache, and what makes sessions use it."""

    def __init__(self, loader: Any, search_path: str | None) -> None:
        self.loader = loader
        self.search_path = search_path

    def share(self) -> None:
        """Let every session of this process use the loaded models, unless it searches elsewhere (AWS_DATA_PATH).

        botocore makes a loader, whose cache is empty, for each session and has no setting to pass one in; so the
        function that makes it is replaced. Called in the fork only: the controller's botocore stays as it is.
        """
        import botocore.session

        create = botocore.session.create_loader

        def create_loader(search_path_string: str | None = None) -> Any:
            return self.loader if search_path_string == self.search_path else create(search_path_string)

        botocore.session.create_loader = create_loader


def preload(services: Iterable[str]) -> Models | None:
    """Import boto3, create a client of each service once and keep what that read; None if there is no boto3.

    No request is made and no credential is looked for: the clients get made-up keys and are dropped. Services this
    botocore doesn't know are passed over.
    """
    try:
        import boto3.session
        import botocore.exceptions
    except ImportError:
        return None
    for name in _ON_FIRST_REQUEST:
        _import_if_present(name)
    try:
        session = boto3.session.Session(
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106  # never used to sign anything
            region_name="us-east-1",
        )
    except botocore.exceptions.BotoCoreError:  # AWS_PROFILE names no profile: the modules will say so
        return None
    loader = session._session.get_component("data_loader")
    known = set(session.get_available_services())
    for service in services:
        if service in known:
            session.client(service)
            _read_models(loader, service)
    return Models(loader, session._session.get_config_variable("data_path"))


def _read_models(loader: Any, service: str) -> None:
    from botocore.exceptions import UnknownServiceError

    for kind in _MODEL_TYPES:
        try:
            loader.load_service_model(service, kind)
        except UnknownServiceError:
            continue


def _import_if_present(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        return
