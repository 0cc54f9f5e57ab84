"""What keeps and watches secrets, and AWS bills as long as it exists: KMS keys and secrets.

GuardDuty, Config and CloudTrail are billed by what they look at: usage.py.
"""

from collections.abc import Iterator

from trading_platform.cost.model import Line
from trading_platform.cost.place import Place

TIER = "security"


def lines(place: Place) -> Iterator[Line]:
    """Keys and secrets of a region. A replica in the standby region is billed as the original is."""
    keys = place.existing("kms_keys", len(place.value("kms_keys")))
    yield place.owned(TIER, "KMS", "encryption keys", "key", keys, place.price("KMS", "customer_managed_key"))
    secrets = place.existing("secrets", len(place.value("secrets_manager_secrets")))
    yield place.owned(TIER, "SecretsManager", "secrets", "secret", secrets, place.price("SecretsManager", "secret"))
