"""Several resources of one kind in one module call: read together, then each converged by itself.

A call of a module costs a fork and its imports, and a loop of twenty pays that twenty times to find that nothing
changed. Here the items are read in as few calls as AWS allows; each is compared and written by the functions of
:mod:`trading_platform.aws.engine`, as a single resource is. What AWS has beside the items is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from trading_platform.aws.engine import (
    Deadline,
    Item,
    Outcome,
    RefusedError,
    State,
    WaitTimeoutError,
    action_of,
    apply,
    plan,
    predicted,
    refuse_planned,
    visible,
)

CONSISTENCY_SECONDS = 30.0
"""How long the lists of AWS may lack what was just made."""


class Several(Protocol):
    """Resources of one kind."""

    kind: str
    """What a person calls them, for messages and diff headers: ``IAM roles``."""
    name: str
    """Where they are: ``of cluster production``."""
    items: Mapping[str, Item]
    """Those that are asked for, by what tells them apart."""

    def find(self) -> dict[str, State]:
        """Read those of the items that exist."""


class ItemError(Exception):
    """What AWS answered about one item, and the actions that were done before."""

    def __init__(self, item: Item, problem: ClientError | BotoCoreError, done: list[str]) -> None:
        super().__init__(f"{item.kind} {item.name}")
        self.problem = problem
        self.done = done


def converge_several(several: Several, *, present: bool, check_mode: bool) -> dict[str, Outcome]:
    """Bring the items to their wanted state, one after the other. Nothing is written when one has to be refused.

    Args:
        several: the items and their wanted states.
        present: whether they should exist.
        check_mode: predict only; no call that writes.

    Returns:
        The outcome of each item.

    Raises:
        ItemError: AWS refused a change of one item; those before it are made.
        RefusedError: a change of an item cannot be made.
        WaitTimeoutError: what was made does not appear.
        ClientError, BotoCoreError: from AWS, when it was read.
    """
    held = several.find() if several.items else {}
    steps = {name: plan(item, held.get(name), present) for name, item in several.items.items()}
    actions = {name: [action_of(step, name)] for name, step in steps.items() if step.verb}
    after = {name: predicted(several.items[name], step) for name, step in steps.items()}
    if actions and not check_mode:
        done: list[str] = []
        for name in actions:
            item = several.items[name]
            try:
                apply(item, steps[name])
            except (ClientError, BotoCoreError) as problem:
                raise ItemError(item, problem, done) from problem
            done += actions[name]
        after |= _read_back(several, {name for name, state in after.items() if state is not None})
    return {
        name: Outcome(bool(step.verb), step.before, after[name], actions.get(name, [])) for name, step in steps.items()
    }


def _read_back(several: Several, expected: set[str]) -> Mapping[str, State]:
    """Read what is now there: AWS is eventually consistent, so the first answer may lack what was just made."""
    answers: list[dict[str, State]] = []

    def complete() -> bool:
        answers.append(several.find())
        return expected <= answers[-1].keys()

    if expected:
        Deadline(CONSISTENCY_SECONDS).wait_for(f"{several.kind} {several.name}", complete)
    return {name: answers[-1][name] for name in expected}


def diff_of_several(several: Several, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """Give Ansible's diff: the items that change, by name.

    The header names those that are updated, too: of a long item, Ansible prints only the lines around what differs.
    """
    changed = {name: outcome for name, outcome in outcomes.items() if outcome.changed}
    updated = [name for name, outcome in changed.items() if outcome.before is not None and outcome.after is not None]
    header = f"{several.kind} {several.name}" + (f": {', '.join(updated)}" if updated else "")
    before: dict[str, State] = {}
    after: dict[str, State] = {}
    for name, outcome in changed.items():
        for side, state in ((before, outcome.before), (after, outcome.after)):
            if state is not None:
                side[name] = visible(several.items[name], outcome, state)
    return {"before_header": header, "after_header": header, "before": before, "after": after}


def run_several(module: Any, several: Several, result_key: str) -> None:
    """Converge several resources on behalf of an Ansible module and exit with the module's result.

    Args:
        module: an AnsibleAWSModule with the argument ``state``.
        several: what to converge.
        result_key: the name under which the resources are returned, a dict by name.
    """
    what = f"{several.kind} {several.name}"
    refuse_planned(module, what)
    try:
        outcomes = converge_several(several, present=module.params["state"] == "present", check_mode=module.check_mode)
    except ItemError as stopped:
        module.fail_json_aws(stopped.problem, msg=str(stopped), changed=bool(stopped.done), actions=stopped.done)
    except (RefusedError, WaitTimeoutError) as problem:
        module.fail_json(msg=str(problem))
    except (ClientError, BotoCoreError) as problem:
        module.fail_json_aws(problem, msg=what)
    result: dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes.values()),
        "actions": [action for outcome in outcomes.values() for action in outcome.actions],
        result_key: {name: outcome.after for name, outcome in outcomes.items() if outcome.after is not None},
    }
    if result["changed"]:
        result["diff"] = diff_of_several(several, outcomes)
    module.exit_json(**result)


def twice(names: list[str]) -> list[str]:
    """Say which names are asked for more than once: the second would undo what the first did."""
    return [f"{name} stands twice" for name in sorted({name for name in names if names.count(name) > 1})]
