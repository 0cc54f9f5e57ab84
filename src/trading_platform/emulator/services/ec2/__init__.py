"""EC2 and VPC: one file per kind of resource."""

from trading_platform.emulator.services.ec2 import (
    addresses,
    cidrs,
    ebs,
    endpoints,
    flow_logs,
    launch_templates,
    nat_gateways,
    network_acls,
    security_groups,
    subnets,
    tags,
    vpcs,
)

EXTENSIONS = tuple(
    module.extension
    for module in (
        cidrs,
        vpcs,
        subnets,
        addresses,
        nat_gateways,
        security_groups,
        network_acls,
        endpoints,
        flow_logs,
        ebs,
        launch_templates,
        tags,
    )
)
