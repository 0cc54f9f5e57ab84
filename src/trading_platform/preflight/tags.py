"""Tags within the limits of AWS. The six tags of the design document are the schema's matter.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trading_platform.preflight.problem import Finding, Host, shown

LIMIT = 50
LONGEST_KEY = 128  # characters, as the next
LONGEST_VALUE = 256
OWN_TAGS = 2  # Name and Tier, which the roles add

# Letters and digits of any script, spaces and these: what all services take.
_CHARACTERS = re.compile(r"[\w\s.:/=+@-]*")
_ALLOWED = "letters, digits, spaces and _ . : / = + - @"


def find_tag_problems(hosts: Sequence[Host]) -> list[Finding]:
    """Tags that AWS would refuse: those of everything, and those that subnets of a tier have besides."""
    findings: list[Finding] = []
    for host in hosts:
        common = host.mapping("platform_tags")
        for key, message in _wrong(common, "platform_tags", len(common)):
            findings.append(Finding(host.name, key, message))
        for tier, content in host.mapping("vpc_subnet_tiers").items():
            own = content.get("tags") if isinstance(content, Mapping) else None
            if isinstance(own, Mapping):
                count = len({*common, *own})
                path = f"vpc_subnet_tiers.{tier}.tags"
                findings += [Finding(host.name, key, message) for key, message in _wrong(own, path, count)]
    return findings


def _wrong(tags: Mapping[str, Any], path: str, count: int) -> Iterator[tuple[str, str]]:
    if count + OWN_TAGS > LIMIT:
        yield path, f"a resource would have {count + OWN_TAGS} tags, Name and Tier included; AWS allows {LIMIT}"
    for name, value in tags.items():
        key = f"{path}.{name}"
        if not name or len(name) > LONGEST_KEY:
            yield key, f"the tag key has {len(name)} characters; AWS allows 1 to {LONGEST_KEY}"
        if name.lower().startswith("aws:"):
            yield key, "the tag key begins with aws:, which AWS keeps for itself; choose another"
        if not _CHARACTERS.fullmatch(name):
            yield key, f"the tag key has characters that AWS does not allow; write {_ALLOWED}"
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            yield key, f"the tag value has {len(value)} characters; AWS allows {LONGEST_VALUE}"
        if isinstance(value, str) and not _CHARACTERS.fullmatch(value):
            yield key, f"the tag value {shown(value)} has characters that AWS does not allow; write {_ALLOWED}"
