"""What AWS bills by use: each line takes its quantity from `cost_usage` and its price from the catalogue, one for one.

A region's usage is that of its group. What the file does not say is unknown, and so is what the line costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from trading_platform.cost.materials.security import watched
from trading_platform.cost.model import Kind, Line
from trading_platform.cost.place import Place


@dataclass(frozen=True, slots=True)
class Used:
    """A key of `cost_usage` and what it is billed as. `factor`: units of the price in one of the key's."""

    key: str
    tier: str
    service: str
    item: str
    resource: str
    name: str
    unit: str
    factor: str = "1"
    place: str = ""  # of the price, where it is not the region
    once: bool = False  # for all regions together: counted in the primary one
    feature: str = ""  # of GuardDuty, which is billed only where it is on


USED = (
    Used("nat_gb", "network", "VPC", "nat_gateway_processed", "NAT gateways", "data through them", "GB"),
    Used("endpoint_gb", "network", "VPC", "interface_endpoint_processed", "interface endpoints", "data", "GB"),
    Used("internet_out_gb", "network", "DataTransfer", "internet_out", "data transfer", "to the internet", "GB"),
    # Billed on both sides.
    Used(
        "zone_crossing_gb",
        "network",
        "DataTransfer",
        "inter_az_each_direction",
        "data transfer",
        "between zones",
        "GB, each way",
        "2",
    ),
    Used(
        "region_crossing_gb",
        "network",
        "DataTransfer",
        "inter_region_default",
        "data transfer",
        "to the other region",
        "GB",
    ),
    Used("flow_logs_gb", "network", "CloudWatch", "vended_logs_to_s3", "flow logs", "delivery to S3", "GB"),
    Used("load_balancer_lcu", "edge", "ELB", "alb_lcu", "load balancer", "LCU in an average hour", "LCU-hour", "730"),
    Used("waf_million_requests", "edge", "WAF", "requests", "web ACLs", "requests", "million requests"),
    Used(
        "cdn_gb",
        "edge",
        "CloudFront",
        "data_out_to_internet",
        "CloudFront",
        "data to clients",
        "GB",
        place="global-us-eu",
        once=True,
    ),
    Used(
        "cdn_million_requests",
        "edge",
        "CloudFront",
        "https_requests",
        "CloudFront",
        "HTTPS requests",
        "10,000 requests",
        "100",
        place="global-us",
        once=True,
    ),
    Used(
        "dns_million_queries",
        "edge",
        "Route53",
        "alias_queries_to_aws_resources",
        "DNS",
        "queries of aliases",
        "million queries",
        place="global",
        once=True,
    ),
    Used("backup_standard_gb", "storage", "S3", "standard_storage", "bucket backups", "Standard", "GB-month"),
    Used("backup_ia_gb", "storage", "S3", "standard_ia_storage", "bucket backups", "Standard-IA", "GB-month"),
    Used("backup_glacier_gb", "storage", "S3", "glacier_flexible_storage", "bucket backups", "Glacier", "GB-month"),
    Used("log_bucket_gb", "storage", "S3", "standard_storage", "buckets of logs", "Standard", "GB-month"),
    Used("asset_gb", "storage", "S3", "standard_storage", "bucket assets", "Standard", "GB-month"),
    Used(
        "s3_million_writes",
        "storage",
        "S3",
        "standard_put_copy_post_list",
        "requests",
        "PUT, COPY, POST, LIST",
        "1,000 requests",
        "1000",
    ),
    Used("s3_million_reads", "storage", "S3", "standard_get", "requests", "GET", "1,000 requests", "1000"),
    Used("image_gb", "storage", "ECR", "private_storage", "images", "images", "GB-month"),
    Used("volume_snapshot_gb", "storage", "Backup", "ebs_snapshot", "recovery points", "volumes", "GB-month"),
    Used("pod_volume_gb", "storage", "EBS", "gp3_storage", "volumes of pods", "gp3", "GB-month"),
    Used(
        "rds_backup_gb", "database", "RDS", "backup_storage_over_100pct", "backups", "beyond the free part", "GB-month"
    ),
    Used("redis_backup_gb", "cache", "ElastiCache", "backup_storage", "Redis", "snapshots", "GB-month"),
    Used(
        "kms_million_requests",
        "security",
        "KMS",
        "requests_symmetric",
        "encryption keys",
        "requests",
        "10,000 requests",
        "100",
    ),
    Used(
        "secret_million_reads",
        "security",
        "SecretsManager",
        "api_calls",
        "secrets",
        "calls",
        "10,000 calls",
        "100",
    ),
    Used(
        "guardduty_million_events",
        "security",
        "GuardDuty",
        "cloudtrail_management_events",
        "GuardDuty",
        "CloudTrail events",
        "million events",
    ),
    Used("guardduty_log_gb", "security", "GuardDuty", "vpc_flow_and_dns_logs", "GuardDuty", "flow and DNS logs", "GB"),
    Used(
        "guardduty_million_audit_events",
        "security",
        "GuardDuty",
        "eks_audit_logs",
        "GuardDuty",
        "EKS audit log events",
        "million events",
        feature="EKS_AUDIT_LOGS",
    ),
    Used(
        "guardduty_million_object_events",
        "security",
        "GuardDuty",
        "s3_data_events",
        "GuardDuty",
        "reads and writes in S3",
        "million events",
        feature="S3_DATA_EVENTS",
    ),
    Used(
        "guardduty_scanned_gb",
        "security",
        "GuardDuty",
        "malware_scan_of_volumes",
        "GuardDuty",
        "volumes looked through for malware",
        "GB",
        feature="EBS_MALWARE_PROTECTION",
    ),
    Used(
        "guardduty_function_log_gb",
        "security",
        "GuardDuty",
        "lambda_network_logs",
        "GuardDuty",
        "traffic of functions",
        "GB",
        feature="LAMBDA_NETWORK_LOGS",
    ),
    Used("config_items", "security", "Config", "configuration_item", "Config", "configuration items", "item"),
    Used("config_evaluations", "security", "Config", "rule_evaluation", "Config", "evaluations of rules", "evaluation"),
    Used("log_ingested_gb", "monitoring", "CloudWatch", "logs_ingestion_standard", "logs", "ingested", "GB"),
    Used("log_stored_gb", "monitoring", "CloudWatch", "logs_storage", "logs", "kept", "GB-month"),
    Used("custom_metrics", "monitoring", "CloudWatch", "custom_metric", "metrics", "custom metrics", "metric-month"),
    Used("sqs_million_requests", "messaging", "SQS", "standard_requests", "queues", "requests", "million requests"),
    Used("sns_million_messages", "messaging", "SNS", "publish_over_1m", "topics", "messages", "million messages"),
)
"""Everything that is billed by use."""


def lines(place: Place) -> Iterator[Line]:
    """What a region uses."""
    for used in USED:
        if used.once and not place.primary:
            continue
        if used.feature and not watched(place, used.feature):
            continue
        price = place.catalogue.service(used.place or place.region, used.service, used.item)
        yield Line(
            used.place.partition("-")[0] or place.region,
            used.tier,
            used.service,
            used.resource,
            used.name,
            Kind.USAGE,
            place.used(used.key).times(Decimal(used.factor)),
            used.unit,
            price,
        )
