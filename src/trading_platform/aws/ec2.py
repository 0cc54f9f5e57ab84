"""What the EC2 resources share: reading all pages, filters, errors that are no errors, names and tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.engine import Deadline, Resource, State, WaitTimeoutError

# How long something just made may stay unknown to other calls
# (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
CONSISTENCY_SECONDS = 30.0


def find_all(describe: Callable[..., dict[str, Any]], key: str, **arguments: Any) -> list[dict[str, Any]]:
    """Give the list under ``key`` of all pages that a describe call answers with.

    A paginator would do the same, but AnsibleAWSModule's client cannot repeat a throttled page of one.
    """
    found: list[dict[str, Any]] = []
    page = describe(**arguments, aws_retry=True)
    while True:
        found.extend(page.get(key, []))
        if not page.get("NextToken"):
            return found
        page = describe(**arguments, NextToken=page["NextToken"], aws_retry=True)


def filters(**values: str | list[str]) -> list[dict[str, Any]]:
    """Give EC2's Filters: ``filters(vpc_id="vpc-1")`` is ``[{"Name": "vpc-id", "Values": ["vpc-1"]}]``."""
    return [
        {"Name": name.replace("_", "-"), "Values": [value] if isinstance(value, str) else value}
        for name, value in values.items()
    ]


def name_filter(name: str) -> dict[str, Any]:
    """Give EC2's filter for a Name tag; ``*``, ``?`` and ``\\`` stand for themselves."""
    return {"Name": "tag:Name", "Values": ["".join("\\" + c if c in "*?\\" else c for c in name)]}


@contextmanager
def ignoring(*codes: str) -> Iterator[None]:
    """Go on when AWS answers one of these error codes, as when what should go is already gone."""
    try:
        yield
    except ClientError as problem:
        if problem.response["Error"]["Code"] not in codes:
            raise


def eventually(call: Callable[..., Any], *codes: str, seconds: float = CONSISTENCY_SECONDS, **arguments: Any) -> Any:
    """Call, again for a while when AWS answers one of these error codes about what was made or freed a moment ago.

    Raises:
        ClientError: any other error, and the last of these when the time is over.
    """
    answers: list[Any] = []
    refusals: list[ClientError] = []

    def done() -> bool:
        try:
            answers.append(call(**arguments, aws_retry=True))
        except ClientError as problem:
            if problem.response["Error"]["Code"] not in codes:
                raise
            refusals.append(problem)
        return bool(answers)

    try:
        Deadline(seconds).wait_for("the call", done)
    except WaitTimeoutError:
        raise refusals[-1] from None
    return answers[0]


def read_new(resource: Resource) -> State:
    """Read a resource that was just created: the first answers may be that there is nothing."""
    states: list[State] = []

    def done() -> bool:
        state = resource.find()
        if state is not None:
            states.append(state)
        return bool(states)

    Deadline(CONSISTENCY_SECONDS).wait_for(f"{resource.kind} {resource.name}", done)
    return states[0]


def changes_between(current: State, wanted: State) -> State:
    """Give the wanted keys that differ, as the engine hands them to ``update``."""
    return {key: value for key, value in wanted.items() if current.get(key) != value}


def text_tags(asked: dict[str, Any] | None) -> tagging.Tags | None:
    """Give tags with their values as text: YAML reads ``1`` and ``true`` as other types, AWS knows text only."""
    return None if asked is None else {str(key): str(value) for key, value in asked.items()}


def named_tags(current: tagging.Tags, asked: tagging.Tags | None, purge: bool, name: str) -> tagging.Tags:
    """Tags as they should be, with the Name tag that identifies the resource."""
    return {**tagging.wanted(current, asked, purge), "Name": name}


def name_problems(params: dict[str, Any]) -> list[str]:
    """Say when the tags hold another Name than ``name``: the Name tag is the identity."""
    other = (params.get("tags") or {}).get("Name", params["name"])
    return [] if other == params["name"] else [f"tags: Name is {other!r}, but name is {params['name']!r}"]


def network_problems(where: str, cidr: str) -> list[str]:
    """Say what is wrong with a CIDR. AWS would take set host bits and answer with the network: endless drift."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return [f"{where}: {cidr!r} is not a CIDR"]
    exact = cidr.split("/")[0] == str(network.network_address) or network.version == 6
    return [] if exact and "/" in cidr else [f"{where}: {cidr} is not a network; did you mean {network}?"]


def canonical_network(cidr: str) -> str:
    """Give a CIDR in the one spelling AWS answers with; anything else (a prefix list id) unchanged."""
    try:
        return str(ip_network(cidr, strict=False))
    except ValueError:
        return cidr


def sorted_ids(ids: list[str] | None) -> list[str] | None:
    """Give ids in one order, each once; None stays None (not managed)."""
    return None if ids is None else sorted(set(ids))
