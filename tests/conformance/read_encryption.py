"""What is encrypted, and with which key: purposes of keys as in their aliases."""

from typing import Any

from estate import Estate, reader


@reader
def keys(estate: Estate, region: str) -> dict[str, bool]:
    """Purpose of each key to whether AWS renews it every year."""
    kms = estate.client("kms", region)
    aliases = [one for one in estate.pages("kms", region, "list_aliases", "Aliases") if "TargetKeyId" in one]
    ours = {estate.purpose(region, one["TargetKeyId"]): one["TargetKeyId"] for one in aliases}
    return {
        purpose: kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        for purpose, key in sorted(ours.items())
        if purpose != key
    }


@reader
def disk_keys(estate: Estate, region: str) -> dict[str, str]:
    """Node group to the key of its nodes' disks."""
    return {name: one["encrypted_with"] for name, one in estate.read("node_groups", region).items()}


@reader
def database_keys(estate: Estate, region: str) -> dict[str, str]:
    """Instance to the key of its storage."""
    return {name: one["encrypted_with"] for name, one in estate.read("databases", region).items()}


@reader
def secret_keys(estate: Estate, region: str) -> list[str]:
    """Keys of all secrets together."""
    return sorted({one["key"] for one in estate.read("secrets", region).values()})


@reader
def message_keys(estate: Estate, region: str) -> dict[str, str]:
    """Topic or queue to its key."""
    sns, sqs = estate.client("sns", region), estate.client("sqs", region)
    found: dict[str, Any] = {}
    for topic in estate.pages("sns", region, "list_topics", "Topics"):
        held = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        found[f"topic {topic['TopicArn'].rpartition('-')[2]}"] = held.get("KmsMasterKeyId")
    for url in sqs.list_queues().get("QueueUrls", []):
        held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        found[f"queue {url.rpartition('engine-')[2]}"] = held.get("KmsMasterKeyId")
    return {name: estate.purpose(region, key) for name, key in sorted(found.items())}
