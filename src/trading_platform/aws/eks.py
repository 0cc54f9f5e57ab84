"""What the EKS resources share: reading what may not be there, states that take minutes, updates one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import changes_between, eventually
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State, WaitTimeoutError
from trading_platform.aws.errors import error_code

NOT_FOUND = "ResourceNotFoundException"
IN_USE = "ResourceInUseException"
ROLE_SECONDS = 60.0
"""How long a role just made may be unknown to EKS (IAM is eventually consistent)."""


def or_none(call: Callable[..., dict[str, Any]], key: str, **arguments: Any) -> dict[str, Any] | None:
    """Give what is under ``key`` of an answer, None when AWS says that it does not exist."""
    try:
        found: dict[str, Any] = call(**arguments, aws_retry=True)[key]
    except ClientError as problem:
        if error_code(problem) != NOT_FOUND:
            raise
        return None
    return found


def all_pages(call: Callable[..., dict[str, Any]], key: str, **arguments: Any) -> list[Any]:
    """Give the list under ``key`` of all pages; nothing when what it would be a list of does not exist."""
    found: list[Any] = []
    page = or_none(lambda **more: {"page": call(**more)}, "page", **arguments)
    while page is not None:
        found.extend(page.get(key) or [])
        token = page.get("nextToken")
        page = call(**arguments, nextToken=token, aws_retry=True) if token else None
    return found


def when_role_is_known(call: Callable[..., dict[str, Any]], **arguments: Any) -> dict[str, Any]:
    """Call, again for a while when EKS cannot assume a role that was made a moment ago.

    Raises:
        ClientError: any other error, and this one when the time is over.
    """
    answers: list[dict[str, Any]] = []
    refusals: list[ClientError] = []

    def done() -> bool:
        try:
            answers.append(call(**arguments, aws_retry=True))
        except ClientError as problem:
            if not _is_unknown_role(problem):
                raise
            refusals.append(problem)
        return bool(answers)

    try:
        Deadline(ROLE_SECONDS).wait_for("the role", done)
    except WaitTimeoutError:
        raise refusals[-1] from None
    return answers[0]


def _is_unknown_role(problem: ClientError) -> bool:
    """EKS has no code of its own for it. An access entry's principal is "invalid", a pod's role "does not exist"."""
    text = str(problem.response["Error"].get("Message", "")).lower()
    unknown = any(part in text for part in ("could not be assumed", "invalid principal"))
    return error_code(problem) == "InvalidParameterException" and (
        unknown or ("role" in text and "does not exist" in text)
    )


def update_tags(eks: Any, arn: str, current: tagging.Tags, target: tagging.Tags) -> None:
    """Bring the tags of anything of EKS from ``current`` to ``target``."""
    write, remove = tagging.difference(current, target)
    if remove:
        eks.untag_resource(resourceArn=arn, tagKeys=remove, aws_retry=True)
    if write:
        eks.tag_resource(resourceArn=arn, tags=write, aws_retry=True)


def own_tags(raw: dict[str, Any]) -> tagging.Tags:
    """Give the tags of a described resource without those that AWS itself owns."""
    return {key: value for key, value in (raw.get("tags") or {}).items() if not key.startswith("aws:")}


def minor_of(version: str) -> int:
    """``minor_of("1.35") == 35``; also for ``v1.22.4-eksbuild.3``."""
    return int(version.split(".")[1])


def issues_of(raw: dict[str, Any]) -> str:
    """Give AWS's health issues as text: ``NodeCreationFailure: Instances failed to join ...``."""
    issues = (raw.get("health") or {}).get("issues") or []
    return "; ".join(f"{issue.get('code')}: {issue.get('message')}" for issue in issues)


class EksResource(BaseResource):
    """A cluster, node group or add-on: creating, updating and deleting take minutes.

    - What is being deleted counts as gone, and is waited for before it is made anew.
    - What AWS could not create is deleted and made anew, once its reason no longer holds.
    - Each update waits until the one before is over: EKS takes one at a time.
    """

    kind = "EKS resource"
    busy = frozenset({"CREATING", "UPDATING", "PENDING"})
    failures = frozenset({"CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED", "FAILED"})

    def __init__(self, eks: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        self.eks = eks
        self.warn = warn
        self.warned: set[str] = set()
        self.name: str = params["name"]
        self.asked_tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.present: bool = params["state"] == "present"
        self.timeout = float(params["wait_timeout"])
        self.running: list[dict[str, str]] = []

    def describe(self) -> dict[str, Any] | None:
        """Ask AWS; None when there is none."""
        raise NotImplementedError

    def state(self, raw: dict[str, Any]) -> State:
        """Give the answer under the names of the module's arguments, ``status`` among them."""
        raise NotImplementedError

    def target(self, current: State | None) -> State:
        """Give the managed keys as they should be."""
        raise NotImplementedError

    def request(self, wanted: State) -> dict[str, Any]:
        """Send the call that creates."""
        raise NotImplementedError

    def ask(self, current: State, changes: State) -> None:
        """Send the calls that change; each by ``self.start``."""
        raise NotImplementedError

    def remove(self) -> None:
        """Send the call that deletes."""
        raise NotImplementedError

    def update_names(self) -> dict[str, str]:
        """Give the arguments by which DescribeUpdate finds an update of this resource."""
        raise NotImplementedError

    def find(self) -> State | None:
        """Read it; what is being deleted is there only for one that should go."""
        raw = self.describe()
        if raw is None or (self.present and raw["status"] == "DELETING"):
            return None
        return {**self.state(raw), "status": raw["status"], "issues": issues_of(raw)}

    def wanted(self, current: State | None) -> State:
        """Give the managed keys, and a fresh start for what AWS could not create."""
        fresh = {"status": "CREATING"} if current and current["status"] == "CREATE_FAILED" else {}
        return {**self.target(current), **fresh}

    def create(self, wanted: State) -> None:
        """Create it, after one of the same name is gone."""
        self._await_gone()
        self.request({key: value for key, value in wanted.items() if key != "status"})

    def update(self, current: State, changes: State) -> None:
        """Make the changes one after the other; they are compared again when something else was still going on."""
        if "status" in changes:
            self.remove()
            self.create(self.wanted(None))
            return
        if current["status"] in self.busy and set(changes) != {"tags"}:
            current = self.await_idle()
            changes = changes_between(current, self.wanted(current))
        self.ask(current, changes)

    def delete(self, current: State) -> None:
        """Delete it; one that is going already is left to go."""
        if current["status"] == "DELETING":
            return
        try:
            self.remove()
        except ClientError as problem:
            if error_code(problem) != NOT_FOUND:
                raise

    def settled(self, current: State | None) -> bool:
        """Active, or when it should go: gone. What failed, and an update that failed, ends the waiting."""
        if not self.present:
            return current is None
        if current is None:
            return False
        if current["status"] in self.failures:
            raise RefusedError(
                f"{self.kind} {self.name}: {current['status']}: {current['issues'] or 'no reason given'}"
            )
        if current["status"] != "ACTIVE":
            self._tell(current)
            return False
        self._check_updates()
        return True

    def start(self, call: Callable[..., dict[str, Any]], **arguments: Any) -> None:
        """Start one update, as soon as the one before it is over."""
        if self.running:
            self.await_idle()
        answer = eventually(call, IN_USE, seconds=self.timeout, **arguments)
        self.running.append({**self.update_names(), "updateId": answer["update"]["id"]})

    def await_idle(self) -> State:
        """Wait until nothing is going on; give the state then."""
        found: list[State] = []

        def done() -> bool:
            state = self.find()
            if state is not None and state["status"] not in self.busy:
                found.append(state)
            return bool(found)

        Deadline(self.timeout).wait_for(f"{self.kind} {self.name}", done)
        self._check_updates()
        return found[0]

    def _tell(self, current: State) -> None:
        """Give AWS's reason while waiting for what is unhealthy, once: it may get well, or the time may run out."""
        if current["issues"] and current["issues"] not in self.warned:
            self.warned.add(current["issues"])
            self.warn(f"{self.kind} {self.name} is {current['status']}: {current['issues']}")

    def _await_gone(self) -> None:
        Deadline(self.timeout).wait_for(f"the deletion of {self.kind} {self.name}", lambda: self.describe() is None)

    def _check_updates(self) -> None:
        for names in self.running:
            update = self.eks.describe_update(**names, aws_retry=True)["update"]
            if update["status"] in ("Failed", "Cancelled"):
                reasons = "; ".join(f"{one['errorCode']}: {one['errorMessage']}" for one in update.get("errors", []))
                raise RefusedError(f"{self.kind} {self.name}: the update {update['type']} failed: {reasons}")
        self.running.clear()
