"""What the EKS resources share: reading what may not be there, states that take minutes, updates one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import changes_between
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
    again_while(_is_unknown_role, ROLE_SECONDS, lambda: answers.append(call(**arguments, aws_retry=True)))
    return answers[0]


def again_while(passes: Callable[[ClientError], bool], seconds: float, attempt: Callable[[], None]) -> None:
    """Make an attempt, again for a while when it ends in an error that passes.

    Raises:
        ClientError: any other error, and the last of these when the time is over.
    """
    refusals: list[ClientError] = []

    def done() -> bool:
        try:
            attempt()
        except ClientError as problem:
            if not passes(problem):
                raise
            refusals.append(problem)
            return False
        return True

    try:
        Deadline(seconds).wait_for("the call", done)
    except WaitTimeoutError as late:
        raise (refusals[-1] if refusals else late) from None


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
    """Give AWS's health issues as text: ``NodeCreationFailure: Instances failed to join ... (i-0123, i-4567)``."""
    return "; ".join(_issue_text(issue) for issue in (raw.get("health") or {}).get("issues") or [])


def _issue_text(issue: dict[str, Any]) -> str:
    ids = issue.get("resourceIds") or []
    return f"{issue.get('code')}: {issue.get('message')}" + (f" ({', '.join(ids)})" if ids else "")


class EksResource(BaseResource):
    """A cluster, node group or add-on: creating, updating and deleting take minutes.

    - What is being deleted counts as gone, and is waited for before it is made anew.
    - What AWS could not create is deleted and made anew, once its reason no longer holds.
    - Each update waits until the one before is over: EKS takes one at a time.
    - An update is over when DescribeUpdate says so. The status moves to UPDATING a while after EKS took the update (API
      UpdateClusterVersion: "this status transition is eventually consistent"), so ACTIVE proves nothing before.
    - What is DEGRADED is told, and not waited for unless ``until_healthy``: it may stay so for days.
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
        self.until_healthy = False
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

    def way_out(self, current: State) -> str | None:
        """Say what to do when EKS refuses updates because it is DEGRADED; None where EKS takes them all the same."""
        return None

    def find(self) -> State | None:
        """Read it; what is being deleted is there only for one that should go."""
        # First, so that what is described is not older than the end of the last update.
        self._forget_finished_updates()
        raw = self.describe()
        if raw is None or (self.present and raw["status"] == "DELETING"):
            return None
        unnoticed = self.running and raw["status"] in ("ACTIVE", "DEGRADED")
        status = "UPDATING" if unnoticed else raw["status"]
        found = {**self.state(raw), "status": status, "issues": issues_of(raw)}
        if self.present and status == "DEGRADED":
            self._tell(found)
        return found

    def wanted(self, current: State | None) -> State:
        """Give the managed keys, and a fresh start for what AWS could not create."""
        fresh = {"status": "CREATING"} if current and current["status"] == "CREATE_FAILED" else {}
        return {**self.target(current), **fresh}

    def create(self, wanted: State) -> None:
        """Create it, after one of the same name is gone."""
        self._await_gone()
        self.request({key: value for key, value in wanted.items() if key != "status"})

    def update(self, current: State, changes: State) -> None:
        """Make the changes one after the other, once nothing else goes on; tags at any time."""
        if "status" in changes:
            self.remove()
            self.create(self.wanted(None))
        elif set(changes) == {"tags"}:
            self.ask(current, changes)
        else:
            self.when_taken(self._ask_what_differs)

    def _ask_what_differs(self) -> None:
        """Compare again: what was going on may have made the changes, as after a run that was killed."""
        current = self.await_idle()
        self.ask(current, changes_between(current, self.wanted(current)))

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
            raise RefusedError(self._health(current))
        if current["status"] == "ACTIVE":
            return True
        self._tell(current)
        return current["status"] == "DEGRADED" and not self.until_healthy

    def when_taken(self, attempt: Callable[[], None]) -> None:
        """Make an attempt until EKS takes it: it refuses while something else goes on, which no status need show yet.

        Raises:
            RefusedError: it is DEGRADED, and EKS refuses as long as it is.
            ClientError: any other error, and the last refusal when the time is over.
        """
        again_while(self._is_something_else, self.timeout, attempt)

    def start(self, call: Callable[..., dict[str, Any]], **arguments: Any) -> None:
        """Start one update, as soon as the one before it is over; for use within ``when_taken``."""
        if self.running:
            self.await_idle()
        answer = call(**arguments, aws_retry=True)
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
        return found[0]

    def _is_something_else(self, problem: ClientError) -> bool:
        """Say whether EKS refused because of what goes on, and so will end."""
        if error_code(problem) != IN_USE:
            return False
        current = self.find()
        advice = self.way_out(current) if current and current["status"] == "DEGRADED" else None
        if current and advice:
            raise RefusedError(f"{self._health(current)}. {advice}")
        return True

    def _health(self, current: State) -> str:
        return f"{self.kind} {self.name} is {current['status']}: {current['issues'] or 'no reason given'}"

    def _tell(self, current: State) -> None:
        """Give AWS's reason, once, for what is unhealthy."""
        if current["issues"] not in self.warned and (current["issues"] or current["status"] == "DEGRADED"):
            self.warned.add(current["issues"])
            self.warn(self._health(current))

    def _await_gone(self) -> None:
        Deadline(self.timeout).wait_for(f"the deletion of {self.kind} {self.name}", lambda: self.describe() is None)

    def _forget_finished_updates(self) -> None:
        for names in list(self.running):
            # One that EKS does not find yet was taken a moment ago.
            update = or_none(self.eks.describe_update, "update", **names) or {"status": "InProgress"}
            if update["status"] == "Successful":
                self.running.remove(names)
            if update["status"] in ("Failed", "Cancelled"):
                reasons = "; ".join(f"{one['errorCode']}: {one['errorMessage']}" for one in update.get("errors", []))
                raise RefusedError(f"{self.kind} {self.name}: the update {update['type']} failed: {reasons}")
