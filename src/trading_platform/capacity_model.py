"""What a plan of an EKS cluster's addresses is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from trading_platform.cidr_model import CidrProblem
from trading_platform.node_limits import Demand


class CapacityError(ValueError):
    """The node groups cannot be planned; `problems` holds everything that is wrong with them."""

    def __init__(self, problems: Sequence[CidrProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """A managed node group; sizes are numbers of nodes over all availability zones."""

    name: str
    instance_types: tuple[str, ...]
    min_size: int
    max_size: int


@dataclass(frozen=True, slots=True)
class GroupCapacity:
    """A node group at full scale. `node` is taken from a node subnet, `pod` from a pod subnet, per node."""

    name: str
    instance_types: tuple[str, ...]
    max_size: int
    max_pods: int
    node: Demand
    pod: Demand


@dataclass(frozen=True, slots=True)
class TierCapacity:
    """A subnet tier against the full scale; addresses over all its subnets. `zones` counts those subnets."""

    name: str
    zones: int
    holds: int
    needs: int


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """Where growth stops: node number `node` finds no room in `tier` of `availability_zone`.

    `fragmented` is True where single addresses are left there, but not enough whole /28 prefixes.
    """

    node: int
    tier: str
    availability_zone: str
    fragmented: bool


@dataclass(frozen=True)
class CapacityPlan:
    """A cluster at full scale. `exhaustion` is None when every node and pod finds its addresses."""

    groups: tuple[GroupCapacity, ...]
    tiers: tuple[TierCapacity, ...]
    custom_networking: bool
    prefix_delegation: bool
    exhaustion: Exhaustion | None

    @property
    def max_nodes(self) -> int:
        return sum(group.max_size for group in self.groups)

    @property
    def max_pods(self) -> int:
        return sum(group.max_size * group.max_pods for group in self.groups)

    @property
    def nodes_that_fit(self) -> int:
        return self.exhaustion.node - 1 if self.exhaustion else self.max_nodes
