"""Asking AWS's Price List API: every page of an answer, and its errors as one sentence."""

from __future__ import annotations

from typing import Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from trading_platform.aws.errors import error_code
from trading_platform.price_list import Query

# One of the few regions that have the API (botocore, endpoints.json); it answers for all.
REGION = "us-east-1"
DENIED = ("AccessDenied", "AccessDeniedException")
# Seconds; boto3 would wait a minute for a network that is not there, five times.
TIMEOUTS = {"connect_timeout": 10, "read_timeout": 60}


class PriceListUnavailableError(RuntimeError):
    """The API cannot be asked; the message says why and what to do."""


def connect() -> Any:
    """A client with the credentials of the environment. Raises PriceListUnavailableError."""
    try:
        config = Config(retries={"mode": "standard", "max_attempts": 5}, **TIMEOUTS)
        return boto3.session.Session().client("pricing", region_name=REGION, config=config)
    except BotoCoreError as error:  # a profile that does not exist
        raise PriceListUnavailableError(_sentence(str(error))) from error


def ask(client: Any, query: Query) -> list[str]:
    """The products that answer a query, a JSON document each. Raises PriceListUnavailableError."""
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in query.filters]
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=query.service_code, Filters=filters, FormatVersion="aws_v1"
    )
    try:
        return [document for page in pages for document in page["PriceList"]]
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise PriceListUnavailableError(
            _sentence("there are no credentials; set AWS_PROFILE, or log in with the aws CLI")
        ) from error
    except ClientError as error:
        # A server that is none of AWS's may answer with a page.
        message = error.response["Error"].get("Message", "").partition("\n")[0]
        why = f"{error_code(error)}: {message}{_hint(client, error_code(error))}"
        raise PriceListUnavailableError(_sentence(why)) from error
    except BotoCoreError as error:  # no network, no answer in time
        raise PriceListUnavailableError(_sentence(f"{error}{_hint(client)}")) from error


def _hint(client: Any, code: str = "") -> str:
    endpoint = str(client.meta.endpoint_url)
    if ".amazonaws.com" not in endpoint:
        return f"; {endpoint} is not AWS (unset AWS_ENDPOINT_URL): the embedded AWS has no price list"
    return "; the role needs pricing:GetProducts" if code in DENIED else ""


def _sentence(why: str) -> str:
    return f"AWS's Price List API cannot be asked: {why}"
