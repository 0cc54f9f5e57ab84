"""What the EC2 resources share."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from trading_platform.aws.ec2 import (
    canonical_network,
    eventually,
    filters,
    find_all,
    ignoring,
    name_filter,
    named_tags,
    network_problems,
    sorted_ids,
    text_tags,
)


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "..."}}, "Operation")


class Pages:
    """A describe call of three pages, the middle one empty as AWS sometimes answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        pages = {None: {"Things": [1, 2], "NextToken": "a"}, "a": {"NextToken": "b"}, "b": {"Things": [3]}}
        return pages[arguments.get("NextToken")]


def test_all_pages_are_read_with_the_same_arguments_and_retries() -> None:
    pages = Pages()
    assert find_all(pages, "Things", Filters=["x"]) == [1, 2, 3]
    assert [call["Filters"] for call in pages.asked] == [["x"]] * 3
    assert all(call["aws_retry"] for call in pages.asked)


def test_filters_are_written_as_ec2_wants_them() -> None:
    assert filters(vpc_id="vpc-1", state=["a", "b"]) == [
        {"Name": "vpc-id", "Values": ["vpc-1"]},
        {"Name": "state", "Values": ["a", "b"]},
    ]
    assert name_filter("a*b") == {"Name": "tag:Name", "Values": ["a\\*b"]}


def test_only_the_named_errors_are_ignored() -> None:
    with ignoring("Gone"):
        raise error("Gone")
    with pytest.raises(ClientError), ignoring("Gone"):
        raise error("Denied")


def test_what_is_not_known_yet_is_asked_again() -> None:
    answers: list[Any] = [error("NotYet"), error("NotYet"), {"Return": True}]

    def call(**_: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, ClientError):
            raise answer
        return answer

    assert eventually(call, "NotYet", Id="1") == {"Return": True}
    answers = [error("Denied")]
    with pytest.raises(ClientError, match="Denied"):
        eventually(call, "NotYet", Id="1")
    answers = [error("NotYet")] * 5
    with pytest.raises(ClientError, match="NotYet"):
        eventually(call, "NotYet", seconds=0.1, Id="1")


def test_tags_are_text_and_carry_the_name() -> None:
    assert text_tags({"port": 1, "on": True}) == {"port": "1", "on": "True"} and text_tags(None) is None
    assert named_tags({"a": "1"}, None, True, "n") == {"a": "1", "Name": "n"}
    assert named_tags({"a": "1"}, {"b": "2"}, True, "n") == {"b": "2", "Name": "n"}
    assert named_tags({"a": "1", "Name": "x"}, {"b": "2"}, False, "n") == {"a": "1", "b": "2", "Name": "n"}


@pytest.mark.parametrize(
    ("cidr", "right"),
    [("10.0.0.0/8", True), ("0.0.0.0/0", True), ("2001:db8::/32", True), ("10.0.0.1/8", False), ("10.0.0.0", False)],
)
def test_networks_are_told_from_addresses(cidr: str, right: bool) -> None:
    assert (network_problems("here", cidr) == []) is right


def test_one_spelling_of_networks_and_one_order_of_ids() -> None:
    assert canonical_network("2001:DB8:0::/32") == "2001:db8::/32" and canonical_network("pl-1") == "pl-1"
    assert sorted_ids(["b", "a", "b"]) == ["a", "b"] and sorted_ids(None) is None
