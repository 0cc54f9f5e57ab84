"""The environment variables that point AWS clients at an emulator, and keep them away from anything else."""

import os
import shlex
from collections.abc import Mapping

from trading_platform.emulator.settings import ACCESS_KEY_ID, HOST, SECRET_ACCESS_KEY

DEFAULT_REGION = "us-east-1"

# Variables that would send a client elsewhere or change who it is. An empty AWS_PROFILE is not the same as none
# (botocore looks for a profile with an empty name), so they are removed, not blanked.
REMOVED = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_URL",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
LOOPBACK = (HOST, "localhost")


def _without_proxy(current: str) -> str:
    names = [name for name in current.split(",") if name]
    return ",".join([*names, *(name for name in LOOPBACK if name not in names)])


def variables(endpoint: str, base: Mapping[str, str], region: str = DEFAULT_REGION) -> dict[str, str]:
    """What to set, given the environment ``base``; both region variables, because clients differ in which they read."""
    no_proxy = _without_proxy(base.get("NO_PROXY") or base.get("no_proxy") or "")
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def removed(base: Mapping[str, str]) -> list[str]:
    """The variables of ``base`` to remove: those of REMOVED and every per-service endpoint."""
    return sorted(name for name in base if name in REMOVED or name.startswith("AWS_ENDPOINT_URL_"))


def process_environment(endpoint: str, base: Mapping[str, str], region: str = DEFAULT_REGION) -> dict[str, str]:
    """A whole environment for a subprocess that must talk to the emulator and to nothing else."""
    dropped = set(removed(base))
    kept = {name: value for name, value in base.items() if name not in dropped}
    return {**kept, **variables(endpoint, base, region)}


def shell_lines(endpoint: str, base: Mapping[str, str]) -> list[str]:
    """The same as shell commands, one a line, quoted, for ``eval "$(...)"``."""
    unset = [f"unset {name}" for name in removed(base)]
    exports = [f"export {name}={shlex.quote(value)}" for name, value in variables(endpoint, base).items()]
    return [*unset, *exports]
