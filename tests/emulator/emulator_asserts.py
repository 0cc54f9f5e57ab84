"""How the tests of this folder say "AWS refuses this"."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, message: str) -> Iterator[dict[str, Any]]:
    """The block must end in a ClientError with exactly this code and a text that contains ``message``."""
    answer: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield answer
    error = caught.value.response["Error"]
    answer.update(caught.value.response)
    assert error["Code"] == code
    assert message in error["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
