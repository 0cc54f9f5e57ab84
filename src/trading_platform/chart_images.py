"""The images that the umbrella chart's values name: where each comes from, and where the account's registry keeps it.

What fills a registry (a pull-through cache, or a copy in a pipeline) works through this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SERVICES = ("api", "websocket", "worker")


def listed_images(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give ``[{"name", "source", "repository"}]``: source is ``registry/repository:tag@digest``.

    ``repository`` is the one in the account's registry. The services' own images have no source and no version here:
    each environment's release names those.

    Raises:
        KeyError: an image's registry has no prefix in ``global.imageMirror.prefixes``.
    """
    prefixes = values["global"]["imageMirror"]["prefixes"]
    own = [{"name": name, "repository": values[name]["image"]["repository"]} for name in SERVICES]
    return own + [
        {
            "name": name,
            "source": f"{image['registry']}/{image['repository']}:{image['tag']}@{image['digest']}",
            "repository": f"{prefixes[image['registry']]}/{image['repository']}",
        }
        for name, image in sorted(values["global"]["images"].items())
    ]
