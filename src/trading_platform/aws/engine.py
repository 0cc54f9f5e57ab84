"""Describe, compare, act, diff, wait: the one path on which every AWS module of ours converges a resource.

The rules, the same for all:

- ``find`` reads what is there; the engine compares it with ``wanted`` key by key. Keys that only ``find`` returns
  (ids, ARNs, states) are reported but never compared.
- Check mode takes the same path up to the first write, then predicts: the result holds the resource as it would be,
  with ids from :mod:`trading_platform.aws.planned` where only AWS could give one.
- The diff shows the managed keys before and after, in normal and in check mode, with secrets masked.
- One deadline covers all waiting of one call.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from trading_platform.aws.planned import is_planned

State = dict[str, Any]

MASK = "(secret, not shown)"
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 15.0


class RefusedError(Exception):
    """A change that the resource cannot make; the message says what to do instead."""


class WaitTimeoutError(Exception):
    """The resource did not settle within ``wait_timeout`` seconds."""


class Item(Protocol):
    """What is compared and written. States are dicts with the names of the module's arguments."""

    kind: str
    """What a person calls it, for messages and diff headers: ``NAT gateway``."""
    name: str
    """Which one: the Name tag, the alias, the bucket."""
    placeholders: State
    """Keys that only AWS can give, with their stand-ins for check mode: ``{"nat_gateway_id": "nat-planned"}``."""
    fixed: frozenset[str]
    """Keys AWS cannot change on an existing resource. A difference is refused, or replaces it: see ``replaceable``."""
    replaceable: bool
    """True when a difference in a fixed key is met by deleting and creating anew (AWS has no modify call)."""
    secrets: frozenset[str]
    """Keys masked in diffs."""

    def wanted(self, current: State | None) -> State:
        """Give the managed keys as they should be; ``current`` lets a key keep its value (tags without purge)."""

    def create(self, wanted: State) -> None:
        """Create it, with its tags in the same call where AWS allows it."""

    def update(self, current: State, changes: State) -> None:
        """Make the given keys so; only keys that differ are in ``changes``."""

    def stays(self, current: State) -> bool:
        """Say whether a removal leaves it as it is; raise RefusedError when it cannot be removed as it is."""

    def delete(self, current: State) -> None:
        """Remove it."""


class Resource(Item, Protocol):
    """One AWS resource that is read by itself. Several that are read together: :mod:`trading_platform.aws.several`."""

    def find(self) -> State | None:
        """Read the resource; None when it does not exist."""

    def settled(self, current: State | None) -> bool:
        """Say whether waiting is over; raise RefusedError when it ended in failure."""


class BaseItem:
    """Defaults for the parts of :class:`Item` that most resources do not need."""

    placeholders: State = {}
    fixed: frozenset[str] = frozenset()
    replaceable = False
    secrets: frozenset[str] = frozenset()

    def stays(self, current: State) -> bool:
        """Most AWS resources are removed when they are asked to be absent."""
        return False


class BaseResource(BaseItem):
    """The same for :class:`Resource`."""

    def settled(self, current: State | None) -> bool:
        """Most AWS resources are there as soon as the call returns."""
        return True


@dataclass(frozen=True)
class Step:
    """What brings one resource to its wanted state."""

    verb: str
    """``create``, ``replace``, ``update`` or ``delete``; empty when nothing is to be done."""
    keys: list[str]
    """What differs and so is updated, or makes it be replaced."""
    before: State | None
    wanted: State
    changes: State


@dataclass(frozen=True)
class Outcome:
    """What one convergence did, or in check mode would do."""

    changed: bool
    before: State | None
    after: State | None
    actions: list[str] = field(default_factory=list)


@dataclass
class Deadline:
    """One budget of seconds for all waiting of a module call."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    def wait_for(self, what: str, done: Callable[[], bool]) -> None:
        """Ask until ``done`` is true, with growing pauses; raise WaitTimeoutError when the budget is spent."""
        pause = FIRST_PAUSE
        while not done():
            left = self.seconds - (time.monotonic() - self.started)
            if left <= 0:
                raise WaitTimeoutError(f"{what} was not ready within {self.seconds:.0f} s; run again to go on waiting")
            time.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE)


def converge(resource: Resource, *, present: bool, check_mode: bool, wait: float | None) -> Outcome:
    """Bring one resource to its wanted state.

    Args:
        resource: the resource and its wanted state.
        present: whether it should exist.
        check_mode: predict only; no call that writes.
        wait: seconds to wait for it to settle, None not to wait.

    Raises:
        RefusedError: a fixed key differs and the resource cannot be replaced.
        WaitTimeoutError: it did not settle in time.
        ClientError, BotoCoreError: from AWS.
    """
    step = plan(resource, resource.find(), present)
    actions = [action_of(step)] if step.verb else []
    if check_mode:
        return Outcome(bool(actions), step.before, predicted(resource, step), actions)
    apply(resource, step)
    if present:
        current = _read_back(resource) if step.verb else step.before
        return Outcome(bool(actions), step.before, _settle(resource, current, wait), actions)
    if step.verb and wait is not None:
        Deadline(wait).wait_for(
            f"the deletion of {resource.kind} {resource.name}", lambda: resource.settled(resource.find())
        )
    return Outcome(bool(actions), step.before, predicted(resource, step), actions)


def plan(item: Item, current: State | None, present: bool) -> Step:
    """Compare what is there with what is wanted, and say what is to be done.

    Raises:
        RefusedError: a fixed key differs and the resource cannot be replaced, or it cannot be removed.
    """
    if not present:
        if current is None or item.stays(current):
            return Step("", [], current, {}, {})
        return Step("delete", [], current, {}, {})
    wanted = item.wanted(current)
    if current is None:
        return Step("create", [], None, wanted, {})
    changes = {key: value for key, value in wanted.items() if current.get(key) != value}
    if not changes:
        return Step("", [], current, wanted, {})
    blocked = sorted(item.fixed & changes.keys())
    if blocked and not item.replaceable:
        raise RefusedError(_fixed_message(item, current, wanted, blocked))
    if blocked:
        return Step("replace", blocked, current, wanted, changes)
    return Step("update", sorted(changes), current, wanted, changes)


def predicted(item: Item, step: Step) -> State | None:
    """Give the resource as a step leaves it, as far as that can be told beforehand."""
    if step.verb == "delete":
        return None
    if step.verb in ("create", "replace"):
        return {**item.placeholders, **step.wanted}
    return {**step.before, **step.wanted} if step.verb and step.before is not None else step.before


def apply(item: Item, step: Step) -> None:
    """Make the calls of a step."""
    if step.verb in ("delete", "replace") and step.before is not None:
        item.delete(step.before)
    if step.verb in ("create", "replace"):
        item.create(step.wanted)
    if step.verb == "update" and step.before is not None:
        item.update(step.before, step.changes)


def action_of(step: Step, name: str = "") -> str:
    """Give a step as a person reads it: ``update: tags``, or of one of several ``update worker: tags``."""
    done = f"{step.verb} {name}" if name else step.verb
    return f"{done}: {', '.join(step.keys)}" if step.keys else done


def _read_back(resource: Resource) -> State:
    """Read what was just written: AWS is eventually consistent, so the first answer may be that there is nothing."""
    found = resource.find()
    deadline = Deadline(30.0)
    while found is None:
        deadline.wait_for(f"{resource.kind} {resource.name}", lambda: resource.find() is not None)
        found = resource.find()
    return found


def _settle(resource: Resource, current: State | None, wait: float | None) -> State | None:
    if wait is None or resource.settled(current):
        return current
    Deadline(wait).wait_for(f"{resource.kind} {resource.name}", lambda: resource.settled(resource.find()))
    return _read_back(resource)


def _fixed_message(item: Item, current: State, wanted: State, blocked: list[str]) -> str:
    parts = [f"{key} is {current.get(key)!r} and was asked to be {wanted[key]!r}" for key in blocked]
    return (
        f"{item.kind} {item.name}: {'; '.join(parts)}. AWS cannot change this on an existing {item.kind}: "
        "put the old value back in the inventory, or remove the resource on purpose first."
    )


def diff_of(resource: Resource, outcome: Outcome) -> dict[str, Any]:
    """Give Ansible's diff of an outcome: managed keys only, secrets masked, one header per side."""
    header = f"{resource.kind} {resource.name}"
    return {
        "before_header": header,
        "after_header": header,
        "before": visible(resource, outcome, outcome.before),
        "after": visible(resource, outcome, outcome.after),
    }


def visible(item: Item, outcome: Outcome, state: State | None) -> State:
    """Give what a diff shows of one side of an outcome; nothing of what does not exist."""
    held = state or {}
    managed = item.wanted(outcome.before) if outcome.after is not None else outcome.before or {}
    return {key: MASK if key in item.secrets else held[key] for key in sorted(managed) if key in held}


def run(module: Any, resource: Resource, result_key: str) -> None:
    """Converge a resource on behalf of an Ansible module and exit with the module's result.

    Args:
        module: an AnsibleAWSModule with the argument ``state``, and ``wait`` and ``wait_timeout`` where it waits.
        resource: what to converge.
        result_key: the name under which the resource is returned.
    """
    params = module.params
    refuse_planned(module, f"{resource.kind} {resource.name}")
    wait = float(params["wait_timeout"]) if params.get("wait") else None
    try:
        outcome = converge(
            resource, present=params.get("state", "present") == "present", check_mode=module.check_mode, wait=wait
        )
    except (RefusedError, WaitTimeoutError) as problem:
        module.fail_json(msg=str(problem))
    except (ClientError, BotoCoreError) as problem:
        module.fail_json_aws(problem, msg=f"{resource.kind} {resource.name}")
    result: dict[str, Any] = {"changed": outcome.changed, "actions": outcome.actions, result_key: outcome.after or {}}
    if outcome.changed:
        result["diff"] = diff_of(resource, outcome)
    if outcome.changed and outcome.after is None:
        # Who removes what hangs on a resource needs its ARN, which nobody can ask for later.
        result["removed"] = visible(resource, outcome, outcome.before)
    module.exit_json(**result)


def refuse_planned(module: Any, what: str) -> None:
    """Fail a module that was handed an id of a dry run and is to write."""
    if not module.check_mode and is_planned(module.params):
        module.fail_json(msg=f"{what}: was handed an id of a dry run outside check mode")
