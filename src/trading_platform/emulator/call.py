"""One API call as it arrives: which service and action it is, and its parameters as AWS's API reference names them."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import BotoCoreError
from botocore.session import Session
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model

type Environ = MutableMapping[str, Any]

# moto names its modules as botocore its services, without hyphens; "lambda" would be a Python keyword.
PYTHON_NAMES = {"awslambda": "lambda"}
# Classic and application load balancers share one address; the API version tells them apart.
ELBV2_VERSION = "2015-12-01"

# Actions that begin so change nothing worth counting.
READING = re.compile(
    r"(Describe|Get|List|Head|BatchGet|BatchDescribe|Lookup|Search|Simulate|Validate|Check|Test|Estimate|Filter"
    r"|Decode|Assume|Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateRandom|Sign|Verify|Receive|Scan|Query|Select)"
)


@dataclass
class Call:
    """An API call. ``service`` is botocore's name of it; ``action`` is None where the service knows no such request."""

    service: str
    region: str
    account_id: str
    environ: Environ
    action: str | None = None
    path_parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``ec2:CreateVpc``, as IAM policies write it."""
        return f"{self.service}:{self.action or self.environ['REQUEST_METHOD'] + ' ' + self.environ['PATH_INFO']}"

    @property
    def is_mutating(self) -> bool:
        return self.action is None or not READING.match(self.action)

    @cached_property
    def model(self) -> ServiceModel:
        return get_service_model(self.service)

    @cached_property
    def protocol(self) -> str:
        name: str = determine_request_protocol(self.model, self.environ.get("CONTENT_TYPE"))
        return name

    @cached_property
    def request(self) -> Request:
        return rewound_request(self.environ)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters, in the shapes of the API reference (``{"VpcId": ..., "TagSpecifications": [...]}``)."""
        parser = PROTOCOL_PARSERS[self.protocol](self.model.operation_model(self.action))
        request = self.request
        parsed = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": self.path_parameters,
            }
        )
        return dict(parsed or {})


CALL_KEY = "trading_platform.emulator.call"  # where a request's environ holds its Call


def call_of(response: Any) -> Call:
    """The call one of moto's response objects is answering."""
    call: Call = response.normalized_request.environ[CALL_KEY]
    return call


def rewound_request(environ: Environ) -> Request:
    """A request over the same body, leaving the body readable for whoever comes next."""
    environ["wsgi.input"].seek(0)
    copy = dict(environ)
    request = Request(copy)
    request.get_data(cache=True, parse_form_data=False)
    environ["wsgi.input"].seek(0)
    copy["wsgi.input"].seek(0)
    return request


def signing_scope(environ: Environ) -> tuple[str, str]:
    """(region, service) of the Signature Version 4 credential scope; ("", "") for an unsigned request."""
    text = environ.get("HTTP_AUTHORIZATION", "") + "&" + environ.get("QUERY_STRING", "").replace("%2F", "/")
    match = re.search(r"Credential=[^/,&]+/\d{8}/([^/]+)/([^/]+)/aws4_request", text)
    return (match[1], match[2]) if match else ("", "")


def _form_values(environ: Environ) -> dict[str, str]:
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return {}
    environ["wsgi.input"].seek(0)
    text = environ["wsgi.input"].read().decode("utf-8", "replace")
    environ["wsgi.input"].seek(0)
    return {name: values[0] for name, values in parse_qs(text).items() if name in ("Action", "Version")}


@cache
def _botocore_names() -> dict[str, str]:
    return {name.replace("-", ""): name for name in Session().get_available_services()}


def _botocore_name(name: str) -> str:
    return PYTHON_NAMES.get(name) or _botocore_names().get(name.replace("-", ""), name)


def identify(environ: Environ, moto_service: str | None, account_id: str) -> Call:
    """Which call a request is. ``moto_service`` is moto's module for it, None if moto has none."""
    region, signing_name = signing_scope(environ)
    service = _botocore_name(moto_service or signing_name)
    call = Call(service, region or "us-east-1", account_id, environ)
    form = _form_values(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if "Action" in form:
        call.action = form["Action"]
        if service == "elb" and form.get("Version") == ELBV2_VERSION:
            call.service = "elbv2"
    elif target:
        call.action = target.rpartition(".")[2]
    else:
        _route(call)
    return call


def _route(call: Call) -> None:
    """Find the action of a REST call by method and path."""
    try:
        operation, call.path_parameters = get_service_router(call.service).match(call.request)
    except (BotoCoreError, NotFound, NotImplementedError):  # no such service, no such path, no such protocol
        return
    call.action = operation.name
