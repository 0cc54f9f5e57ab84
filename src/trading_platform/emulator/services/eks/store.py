"""What the EKS files share: the records of a region, their states over time, and the errors several calls answer with.

A record is what the API describes, without its status: that follows from when the record was made, which updates run,
and whether it is being deleted, each taking as long as ``delays.py`` says. An update that takes time goes unnoticed by
the first description after it began, as it may on AWS (API UpdateClusterVersion: "this status transition is eventually
consistent").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.eks.models import eks_backends
from moto.eks.responses import EKSResponse

from trading_platform.emulator import delays
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import state_of

CLUSTER, NODEGROUP, ADDON = "eks_cluster", "eks_nodegroup", "eks_addon"


@dataclass
class Update:
    """One update of a record; ``apply`` makes it so when it ends."""

    type: str
    params: list[dict[str, str]]
    apply: Callable[[], None]
    started: float = field(default_factory=delays.now)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: str(uuid4()))
    applied: bool = False

    def described(self) -> dict[str, Any]:
        """The update as the API shows it."""
        status = "Successful" if self.applied else "InProgress"
        return {
            "id": self.id,
            "status": status,
            "type": self.type,
            "params": self.params,
            "createdAt": self.created_at,
            "errors": [],
        }


@dataclass
class Record:
    """A cluster, node group or add-on. ``kind`` is its delay.

    ``failure`` is the health issue that its creation ended in, ``trouble`` one that it has got since.
    """

    kind: str
    data: dict[str, Any]
    on_removal: Callable[[], None] = lambda: None
    created: float = field(default_factory=delays.now)
    deleted: float | None = None
    failure: dict[str, Any] | None = None
    trouble: dict[str, Any] | None = None
    updates: list[Update] = field(default_factory=list)
    made: bool = False
    unnoticed: bool = False

    def __post_init__(self) -> None:
        self.settle()

    def settle(self) -> None:
        """Let the creation and the updates end whose time is over; a delay set later is for what comes later."""
        self.made = self.made or delays.ready(self.kind, self.created)
        for update in self.updates:
            if not update.applied and delays.ready(self.kind, update.started):
                update.apply()
                update.applied = True
                self.data["modifiedAt"] = datetime.now(UTC)

    def status(self) -> str:
        """The status it has, as the API writes it."""
        if self.deleted is not None:
            return "DELETING"
        if not self.made:
            return "CREATING"
        if self.failure:
            return "CREATE_FAILED"
        if self.running_update():
            return "UPDATING"
        return "DEGRADED" if self.trouble else "ACTIVE"

    def described_status(self) -> str:
        """The status that a description tells."""
        status = self.status()
        unnoticed, self.unnoticed = self.unnoticed, False
        return "ACTIVE" if status == "UPDATING" and unnoticed else status

    def running_update(self) -> Update | None:
        """The update in progress."""
        return next((update for update in self.updates if not update.applied), None)

    def start(self, update: Update) -> dict[str, Any]:
        """Start an update; the answer is the update as it was when it started."""
        self.updates.append(update)
        self.unnoticed = True
        self.settle()
        return {**update.described(), "status": "InProgress"}

    def gone(self) -> bool:
        """Whether its deletion is over."""
        return self.deleted is not None and delays.ready(self.kind, self.deleted)


type Records = dict[tuple[str, ...], Record]


def backend_of(source: Call | EKSResponse) -> Any:
    """moto's EKS backend of a call or a response."""
    if isinstance(source, Call):
        return eks_backends[source.account_id][source.region]
    return source.eks_backend


def records(source: Call | EKSResponse, kind: str) -> Records:
    """The records of a kind in the region, by ``(cluster,)`` or ``(cluster, name)``, without those that are gone."""
    held: Records = state_of(backend_of(source), kind)
    for key in [key for key, record in held.items() if record.gone()]:
        held.pop(key).on_removal()
    for record in held.values():
        record.settle()
    return held


def of_cluster(source: Call | EKSResponse, kind: str, cluster: str) -> Iterator[tuple[str, Record]]:
    """(name, record) of everything of a kind in a cluster, by name."""
    held = records(source, kind)
    return ((key[1], held[key]) for key in sorted(held) if key[0] == cluster)


def known_cluster(source: Call | EKSResponse, name: str) -> Record:
    """The cluster; raises EKS's own error when there is none."""
    record = records(source, CLUSTER).get((name,))
    if record is None:
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
    return record


def known(source: Call | EKSResponse, kind: str, cluster: str, name: str) -> Record:
    """The node group or add-on; raises EKS's own error when there is no such cluster or no such record."""
    known_cluster(source, cluster)
    record = records(source, kind).get((cluster, name))
    if record is None:
        texts = {
            NODEGROUP: f"No node group found for name: {name}.",
            ADDON: f"No addon: {name} found in cluster: {cluster}",
        }
        raise AwsError("ResourceNotFoundException", texts[kind], 404)
    return record


def invalid(message: str) -> AwsError:
    """EKS's InvalidParameterException."""
    return AwsError("InvalidParameterException", message, 400)


def invalid_request(message: str) -> AwsError:
    """EKS's InvalidRequestException: the parameters are well-formed, the resource is not in the state for them."""
    return AwsError("InvalidRequestException", message, 400)


def in_use(message: str) -> AwsError:
    """EKS's ResourceInUseException."""
    return AwsError("ResourceInUseException", message, 409)


def arn(source: Call | EKSResponse, resource: str) -> str:
    """``arn:aws:eks:<region>:<account>:<resource>``."""
    backend = backend_of(source)
    return f"arn:aws:eks:{backend.region_name}:{backend.account_id}:{resource}"


def page(names: list[str], params: dict[str, Any]) -> tuple[list[str], str | None]:
    """One page of a sorted list of names, and the token of the next."""
    start = int(params.get("nextToken") or 0)
    end = start + int(params.get("maxResults") or 100)
    return names[start:end], str(end) if end < len(names) else None


def minor(version: str) -> int:
    """``minor("1.35") == 35``; -1 for what is no version."""
    _, _, text = version.partition(".")
    return int(text) if text.isdigit() else -1
