"""Have boto3 imported and the service models read before the workers fork. Importing this imports boto3."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3.session
import botocore.client
import botocore.exceptions
import botocore.handlers
import botocore.hooks
import botocore.session

from trading_platform.warm import modules

# Read besides the service model itself when a module waits or pages.
_MODEL_TYPES = ("paginators-1", "waiters-2")
# Imported by the first request, not by the client; and by a payload that opens its zip file.
_ON_FIRST_REQUEST = ("encodings.idna", "xml.etree.cElementTree", "html.parser", "encodings.cp437")


# What ``ClientCreator`` makes of a service model alone, for the class of a client.
_MADE_OF_A_MODEL = ("_create_methods", "_create_name_mapping")
type _Keep = Callable[[str, Any, dict[str, Any]], None]


@dataclass(frozen=True)
class Methods:
    """Methods of clients, one of each operation: by what makes them and the identity of the model, kept with them."""

    by_model: dict[tuple[str, int], tuple[Any, dict[str, Any]]]

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Keep those of the clients that are made within the block."""
        creator = botocore.client.ClientCreator
        stock = {name: getattr(creator, name) for name in _MADE_OF_A_MODEL}
        self._replace(self._keep)
        try:
            yield
        finally:
            for name, function in stock.items():
                setattr(creator, name, function)

    def share(self) -> None:
        """Give them to the clients of this process that have the very same model."""
        self._replace(lambda *_: None)

    def _keep(self, name: str, model: Any, made: dict[str, Any]) -> None:
        self.by_model[name, id(model)] = model, dict(made)

    def _replace(self, keep: _Keep) -> None:
        for name in _MADE_OF_A_MODEL:
            setattr(botocore.client.ClientCreator, name, self._once(name, keep))

    def _once(self, name: str, keep: _Keep) -> Callable[[Any, Any], dict[str, Any]]:
        make = getattr(botocore.client.ClientCreator, name)

        def once(creator: Any, service_model: Any) -> dict[str, Any]:
            model = service_model._service_description
            _, known = self.by_model.get((name, id(model)), (None, None))
            if known is None:
                known = make(creator, service_model)
                keep(name, model, known)
            return dict(known)  # each client has a class of its own, to which handlers of an event add

        return once


@dataclass(frozen=True)
class Models:
    """What reading the models and making clients leaves behind that depends on nothing but the botocore installed."""

    loader: Any
    search_path: str | None
    aliases: dict[str, str]
    methods: "Methods"
    accepts_kwargs: Callable[[Callable[..., Any]], Any]

    def share(self) -> None:
        """Let every session of this process start with it, except with a loader that would search elsewhere.

        Each session makes a loader with an empty cache, translates the same 120 event names and inspects the
        signatures of the same 110 event handlers, and each client makes a method of every operation of its service;
        botocore has no setting to pass any of it in, so what ``botocore.session``, ``botocore.hooks`` and
        ``botocore.client`` call is replaced. Done in the fork only: the controller's botocore stays as it is.
        """
        create, aliaser = botocore.session.create_loader, botocore.session.EventAliaser

        def create_loader(search_path_string: str | None = None) -> Any:
            return self.loader if search_path_string == self.search_path else create(search_path_string)

        def create_aliaser(event_emitter: Any) -> Any:
            made = aliaser(event_emitter)
            made._alias_name_cache.update(self.aliases)
            return made

        self.methods.share()
        botocore.session.create_loader = create_loader
        botocore.session.EventAliaser = create_aliaser
        botocore.hooks.accepts_kwargs = self.accepts_kwargs


def preload(services: Iterable[str]) -> Models | None:
    """Import boto3, create a client of each service once and keep what that read.

    No request is made and no credential is looked for: the clients get made-up keys and are dropped. Services this
    botocore doesn't know are passed over. None if there can't be a session here at all (AWS_PROFILE names no profile).
    """
    for name in _ON_FIRST_REQUEST:
        modules.import_if_possible(name)
    try:
        session = boto3.session.Session(
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106  # never used to sign anything
            region_name="us-east-1",
        )
    except botocore.exceptions.BotoCoreError:  # the modules will say so
        return None
    loader = session._session.get_component("data_loader")
    known = set(session.get_available_services())
    methods = Methods({})
    with methods.recorded():
        for service in services:
            if service in known:
                session.client(service)
                _read_models(loader, service)
    accepts_kwargs = functools.cache(botocore.hooks.accepts_kwargs)
    for handler in _builtin_handlers():
        accepts_kwargs(handler)
    search_path = session._session.get_config_variable("data_path")
    return Models(loader, search_path, dict(session._session._events._alias_name_cache), methods, accepts_kwargs)


def _builtin_handlers() -> list[Callable[..., Any]]:
    return [handler for _, handler, *_ in botocore.handlers.BUILTIN_HANDLERS]


def _read_models(loader: Any, service: str) -> None:
    for kind in _MODEL_TYPES:
        try:
            loader.load_service_model(service, kind)
        except botocore.exceptions.UnknownServiceError:
            continue
