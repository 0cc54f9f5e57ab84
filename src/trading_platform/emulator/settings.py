"""What the emulator runs with, and the settings moto reads from the process environment."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DEFAULT_ACCOUNT_ID = "123456789012"
HOST = "127.0.0.1"

# The credentials of AWS's own documentation: well known, of the form clients and moto expect, and no secret.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105

ACCOUNT_KEY = "platform_account_id"
ACCOUNT_FILE = Path("group_vars") / "all" / "platform.yml"


class SettingsError(Exception):
    """A setting that cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """One emulator's settings. ``port`` 0 means: any free port."""

    port: int = 0
    account_id: str = DEFAULT_ACCOUNT_ID
    run_dir: Path = field(default_factory=lambda: Path(".run"))


def checked_account_id(value: object, source: str) -> str:
    """The account id as AWS writes it, 12 digits. Raises SettingsError naming ``source`` if it is not one.

    YAML reads an unquoted id as a number and drops leading zeros: a number is padded back to 12 digits.
    """
    text = f"{value:012d}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    if not re.fullmatch(r"\d{12}", text):
        raise SettingsError(f"{source}: {value!r} is not an AWS account id (12 digits)")
    return text


def account_id_of_inventory(inventory: Path) -> str:
    """The account id an inventory directory is for. Raises SettingsError if it does not say one."""
    path = inventory / ACCOUNT_FILE
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict) or ACCOUNT_KEY not in content:
        raise SettingsError(f"{path}: no {ACCOUNT_KEY}")
    return checked_account_id(content[ACCOUNT_KEY], f"{path}: {ACCOUNT_KEY}")


def _read_botocore_once() -> None:
    """Let this process's boto3 sessions share one loader of botocore's files.

    moto makes a session for each list of regions and a loader for each model, and all of them read the same files.
    """
    # Not above: other commands than `start` read settings, too, and need nothing of boto3.
    from botocore import loaders, session

    create = loaders.create_loader
    shared = create()

    def create_loader(search_path_string: str | None = None) -> Any:
        return shared if search_path_string is None else create(search_path_string)

    for module in (loaders, session):
        vars(module)["create_loader"] = create_loader


def configure_moto(account_id: str) -> None:
    """Set what moto reads when it is imported: call this before the first import of any ``moto`` module.

    ``MOTO_ACCOUNT_ID`` makes every access key belong to one account, as it is read on each request
    (``moto.core.responses.BaseResponse.get_current_account``).
    """
    os.environ["MOTO_ACCOUNT_ID"] = account_id
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # else AmazonEKSClusterPolicy and the like do not exist
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "1"  # seconds; moto's default of 60 makes a run wait for a fake DNS check
    # moto creates boto3 sessions to list regions: they must not read this user's configuration.
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_URL"):
        os.environ.pop(name, None)
    _read_botocore_once()
    from moto.core.config import default_user_config

    default_user_config["lambda"] = {"use_docker": False}  # functions are recorded, not run
