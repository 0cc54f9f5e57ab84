"""AWS's errors: how a refusal is raised, and how each protocol writes it."""

import json
from typing import NamedTuple

from botocore.exceptions import BotoCoreError
from moto.core.serialize import get_serializer_class

from trading_platform.emulator.call import Call


class Answer(NamedTuple):
    """An HTTP response: status, headers, body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class AwsError(Exception):
    """An error AWS answers with: its code, its text, and the HTTP status where it is not the service's default.

    ``code`` and ``message`` are what moto's serialisers look for.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def error_answer(call: Call, error: AwsError) -> Answer:
    """The error in the protocol the client spoke, so that boto3 raises a ClientError with this code and text."""
    try:
        # For an action botocore does not know, any operation will do: errors look the same in the whole service.
        known = call.model.operation_names
        operation = call.model.operation_model(call.action if call.action in known else known[0])
        serializer = get_serializer_class(call.model.service_name, call.protocol)(operation)
    except (BotoCoreError, KeyError, NotImplementedError):
        return _plain_json(error)
    answer = serializer.serialize(error)
    headers = [(name, str(value)) for name, value in answer["headers"].items()]
    return Answer(error.status or answer["status_code"], headers, answer["body"].encode())


def _plain_json(error: AwsError) -> Answer:
    headers = [("Content-Type", "application/json"), ("X-Amzn-Errortype", error.code)]
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return Answer(error.status or 400, headers, body)


def not_implemented(call: Call) -> AwsError:
    """For a call the emulator lacks: an error that clients do not retry, naming what is missing."""
    return AwsError("InvalidAction", f"The embedded AWS does not implement {call.name}", 400)


def failed(call: Call, error: Exception) -> AwsError:
    """For a defect of the emulator: status 400, as clients retry a 500 for a minute before they show it."""
    return AwsError("EmulatorFailure", f"The embedded AWS failed in {call.name}: {type(error).__name__}: {error}", 400)
