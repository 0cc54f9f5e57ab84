"""What the Route 53 resources share: names as Route 53 spells them, tags, all pages of a list.

Route 53 answers with names in lower case, with a final dot, and with other characters than ``a-z 0-9 - _ .`` as octal
codes (``*`` is ``\\052``): https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
"""

from __future__ import annotations

import re
from itertools import batched
from typing import Any

from trading_platform.aws import tags as tagging

# ChangeTagsForResource takes this many tags, and this many keys to remove, a call.
TAGS_PER_CALL = 10


def canonical_name(name: str) -> str:
    """Give a name in one spelling: ``\\052.Example.com.`` becomes ``*.example.com``."""
    plain = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), name)
    return plain.lower().rstrip(".")


def bare_id(identifier: str) -> str:
    """Give an id without the path that Route 53 puts before it: ``/hostedzone/Z1`` becomes ``Z1``."""
    return identifier.rpartition("/")[2]


def tags_of(client: Any, resource_type: str, resource_id: str) -> tagging.Tags:
    """Read the tags of a ``hostedzone`` or ``healthcheck``."""
    answer = client.list_tags_for_resource(ResourceType=resource_type, ResourceId=resource_id, aws_retry=True)
    return tagging.from_list(answer["ResourceTagSet"]["Tags"])


def update_tags(client: Any, resource_type: str, resource_id: str, current: tagging.Tags, target: tagging.Tags) -> None:
    """Bring the tags of a ``hostedzone`` or ``healthcheck`` from ``current`` to ``target``."""
    write, remove = tagging.difference(current, target)
    changes: list[dict[str, Any]] = [{"RemoveTagKeys": list(keys)} for keys in batched(remove, TAGS_PER_CALL)]
    changes += [{"AddTags": list(tags)} for tags in batched(tagging.to_list(write), TAGS_PER_CALL)]
    for change in changes:
        client.change_tags_for_resource(ResourceType=resource_type, ResourceId=resource_id, **change, aws_retry=True)
