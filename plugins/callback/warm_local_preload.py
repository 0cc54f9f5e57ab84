"""Callback plugin ``warm_local_preload``: imports what ``warm_local`` forks share, in the parent of all workers."""

from __future__ import annotations

import contextlib
import datetime
import gc
import importlib
import io
import pathlib
import zipfile
from collections.abc import Iterator

import ansible.constants as C  # noqa: N812  # the name all of ansible-core uses
import ansible.module_utils
from ansible._internal._ansiballz import _builder
from ansible._internal._templating import _jinja_bits
from ansible.executor import module_common
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader, connection_loader, filter_loader, shell_loader, test_loader
from ansible.template import Templar

DOCUMENTATION = """
name: warm_local_preload
type: aggregate
short_description: import boto3 and module code once, for the warm_local connection
description:
  - When a play starts that has a host with C(ansible_connection=warm_local), imports boto3, reads the models of the
    AWS services and executes Ansible's own module code, in the process that all task workers are forks of.
  - Prints nothing, and does nothing when no host uses that connection, when boto3 is missing, or twice.
author: Trading Platform
version_added: "0.1.0"
options:
  services:
    description:
      - AWS services, by their botocore names, whose models are read. A task that needs another reads it itself.
    type: list
    elements: str
    default:
      - acm
      - autoscaling
      - backup
      - budgets
      - cloudfront
      - cloudtrail
      - cloudwatch
      - config
      - ec2
      - ecr
      - eks
      - elasticache
      - elbv2
      - guardduty
      - iam
      - kms
      - lambda
      - logs
      - rds
      - resourcegroupstaggingapi
      - route53
      - s3
      - s3control
      - secretsmanager
      - service-quotas
      - sns
      - sqs
      - sts
      - wafv2
    ini:
      - {section: callback_warm_local_preload, key: services}
    env:
      - name: ANSIBLE_WARM_LOCAL_SERVICES
  collections:
    description: Collections whose C(module_utils) are imported.
    type: list
    elements: str
    default: [amazon.aws]
    ini:
      - {section: callback_warm_local_preload, key: collections}
    env:
      - name: ANSIBLE_WARM_LOCAL_COLLECTIONS
  filters:
    description:
      - Filters of collections that the playbooks use. To find one, Ansible loads all of its collection, which each
        worker would do again.
    type: list
    elements: str
    default: [community.general.dict_kv]
    ini:
      - {section: callback_warm_local_preload, key: filters}
    env:
      - name: ANSIBLE_WARM_LOCAL_FILTERS
  libraries:
    description: Python packages that modules import besides boto3. They must not import Ansible.
    type: list
    elements: str
    default: [trading_platform.aws]
    ini:
      - {section: callback_warm_local_preload, key: libraries}
    env:
      - name: ANSIBLE_WARM_LOCAL_LIBRARIES
requirements:
  - enable in configuration (C(callbacks_enabled))
"""

_CONNECTION = "warm_local"
_REHEARSAL = b"from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule\n"


class CallbackModule(CallbackBase):
    """Prepares at the start of the first play that needs it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "warm_local_preload"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._done = False

    def v2_playbook_on_play_start(self, play: Play) -> None:
        """Runs in the parent, before the play's strategy starts its thread and the first worker."""
        if self._done or not _uses_warm_local(play):
            return
        self._done = True
        with _without_collections():
            self._preload()

    def _preload(self) -> None:
        try:
            from trading_platform.warm import shared, state
        except ImportError:  # the library is not installed beside Ansible: the connection then behaves as local
            return
        core = pathlib.Path(ansible.module_utils.__file__).parent.parent
        roots = {f"ansible.{package}": core / package for package in ("module_utils", "modules")}
        names = list(shared.IN_EVERY_PAYLOAD)
        for collection in self.get_option("collections"):
            directory = _directory_of(collection)
            if directory:
                roots[f"ansible_collections.{collection}"] = directory
                names += shared.module_utils_of(collection, directory)
        source = state.Source(roots, names)
        run_directory = pathlib.Path(C.DEFAULT_LOCAL_TMP, "warm_local")
        run_directory.mkdir()
        controller = state.Controller(
            module_common, _jinja_bits, (filter_loader, test_loader), DataLoader, run_directory=run_directory
        )
        state.preload(source, self.get_option("services"), self.get_option("libraries"), controller)
        _rehearse(self.get_option("filters"))
        # Its options are then known to all workers; else each reads the plugin's documentation again.
        connection_loader.get(_CONNECTION, class_only=True)


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    """Do not look for garbage: there is hardly any among what is imported, and looking takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _rehearse(filters: list[str]) -> None:
    """Let this process load what each worker would otherwise load for itself: what Ansible needs to run a module."""
    for name in filters:
        with contextlib.suppress(Exception):  # what is wrong with it is for the task that uses it to report
            filter_loader.get(name)
    with contextlib.suppress(Exception):
        test_loader.get("ansible.builtin.version")  # loads all of Ansible's own
        action_loader.get("ansible.builtin.normal", class_only=True)
        shell_loader.get("ansible.builtin.sh")
        _build_payload()


def _build_payload() -> None:
    """Put together a payload for nothing: where its 70 files are is then known."""
    with zipfile.ZipFile(io.BytesIO(), "w") as payload:
        extensions = _builder.ExtensionManager.create(task_vars={})
        now = datetime.datetime.now(datetime.UTC)
        module_common.recursive_finder("rehearsal", "ansible.legacy.rehearsal", _REHEARSAL, payload, now, extensions)


def _uses_warm_local(play: Play) -> bool:
    """Whether the command line, the play or a variable of one of its hosts asks for the connection."""
    if play.connection == _CONNECTION:  # unless the play says otherwise, it is the command line's
        return True
    play_vars = play.get_variable_manager().get_vars(play=play)
    hosts = play_vars.get("ansible_play_hosts_all", [])
    return any(_asks_for_warm_local(play_vars, host) for host in hosts)


def _asks_for_warm_local(play_vars: dict[str, object], host: str) -> bool:
    variables = play_vars["hostvars"].raw_get(host) | play_vars
    try:
        return bool(Templar(None, variables).template(variables.get("ansible_connection")) == _CONNECTION)
    except Exception:  # a value that can't be known yet: the tasks will say what is wrong with it
        return False


def _directory_of(collection: str) -> pathlib.Path | None:
    try:
        return pathlib.Path(next(iter(importlib.import_module(f"ansible_collections.{collection}").__path__)))
    except (ImportError, StopIteration):
        return None
