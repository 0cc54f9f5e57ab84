"""The bill of materials: every line that a region's variables and usage make."""

from collections.abc import Iterator
from datetime import date

from trading_platform.cost.materials import compute, data, edge, monitoring, network, security, usage
from trading_platform.cost.model import Line
from trading_platform.cost.place import Place

VARIABLES = frozenset(
    {
        *("cost_usage", "platform_environment", "vpc_availability_zones", "vpc_nat_gateway_mode"),
        *("vpc_interface_endpoints", "eks_version", "eks_node_groups", "eks_node_disk_gb"),
        *("rds_multi_az", "rds_instance_class", "rds_replica_count", "rds_engine_version"),
        *("rds_allocated_storage", "rds_max_allocated_storage"),
        *("elasticache_state", "elasticache_engine", "elasticache_engine_version", "elasticache_node_type"),
        *("elasticache_replicas", "wafv2_managed_rule_groups", "wafv2_rate_limit", "wafv2_blocked_countries"),
        *("wafv2_regional_client_addresses", "route53_regional_hosts", "kms_keys", "secrets_manager_secrets"),
        *("cloudwatch_alarms", "cloudwatch_services_run", "alb_target_groups", "sqs_queues", "s3_replicated_buckets"),
    }
)
"""Every variable of the inventory that an estimate reads."""


def lines_of(place: Place, today: date) -> Iterator[Line]:
    """Everything that a region is billed for. Raises MaterialsError where the inventory does not say enough."""
    yield from network.lines(place)
    yield from compute.lines(place, today)
    yield from data.database_lines(place, today)
    yield from data.cache_lines(place, today)
    yield from edge.lines(place)
    yield from security.lines(place)
    yield from monitoring.lines(place)
    yield from usage.lines(place)
