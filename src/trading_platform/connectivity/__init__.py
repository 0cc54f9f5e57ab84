"""Compute from manifests who may connect to whom, and hold it against a list of wanted flows.

    helm template charts/trading-engine | python -m trading_platform.connectivity - --endpoints endpoints.yaml

    from trading_platform.connectivity import compare, load, read_flows
    cluster = load(yaml.safe_load_all(rendered), endpoints={"database": ["10.0.11.0/24", "10.0.12.0/24"]})
    for difference in compare(cluster, read_flows(cluster, values["networkPolicy"]["flows"]), ["trading-engine"]):
        print(difference)

The rules are those of NetworkPolicy, networking.k8s.io/v1
(https://github.com/kubernetes/api/blob/master/networking/v1/types.go and
https://kubernetes.io/docs/concepts/services-networking/network-policies/):

- A pod that no policy selects for a direction is open in that direction. Policies add up; none takes anything away.
- A connection between two pods needs the egress of one and the ingress of the other. Addresses have no policies.
- Ports are those of the pod, never of a Service. A named port is looked up on the destination.

What is not shown, because policies do not decide it:

- Traffic from a pod's own node, such as the kubelet's probes: always allowed ("OR if the traffic source is the pod's
  local node", field `ingress`). An address range with the nodes in it shows what their other pods may reach.
- A pod to itself. The pods of one Deployment, to each other, are shown as a connection of the Deployment to itself.
- Answers: who may open a connection gets them.
- Protocols other than TCP, UDP and SCTP.

Pods on the host's network (`hostNetwork`) have no rows and columns. The API leaves them to the network plugin
(https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods), and the
VPC CNI plugin, which enforces policies on EKS, neither selects them nor counts them as peers
(https://github.com/aws/amazon-network-policy-controller-k8s/pull/206): they are reached at, and come from, the
addresses of nodes, so an endpoint with these stands for them.
"""

from trading_platform.connectivity.addresses import Addresses
from trading_platform.connectivity.check import dangling, vpc_cni_gaps
from trading_platform.connectivity.evaluate import EXTRA, MISSING, Difference, compare, connections
from trading_platform.connectivity.flows import read_flows
from trading_platform.connectivity.model import ALL_PORTS, Connection, ConnectivityError, PortRange, Workload
from trading_platform.connectivity.read import Cluster, load
from trading_platform.connectivity.report import list_text, matrix_markdown
from trading_platform.connectivity.svg import matrix_svg

__all__ = [
    "ALL_PORTS",
    "EXTRA",
    "MISSING",
    "Addresses",
    "Cluster",
    "Connection",
    "ConnectivityError",
    "Difference",
    "PortRange",
    "Workload",
    "compare",
    "connections",
    "dangling",
    "list_text",
    "load",
    "matrix_markdown",
    "matrix_svg",
    "read_flows",
    "vpc_cni_gaps",
]
