"""Connection plugin ``warm_local``: as ``local``, with modules run in a fork of the task's worker."""

# GNU General Public License v3.0+ (it derives from ansible-core's local connection, which is under that licence)

from __future__ import annotations

import ansible.constants as C  # noqa: N812  # the name all of ansible-core uses
from ansible.plugins.connection.local import Connection as LocalConnection
from ansible.utils.display import Display

DOCUMENTATION = """
name: warm_local
short_description: execute on the controller, Python modules in a warm fork
description:
  - Behaves as P(ansible.builtin.local#connection), but runs Python modules in a fork of the task's worker, in which
    boto3, the models of the AWS services and Ansible's own module code are already imported.
  - The callback plugin C(warm_local_preload) does the importing and has to be enabled. Without it, with C(become),
    C(async), another C(ansible_python_interpreter), a task environment that only a starting process can read
    (C(PYTHON*), C(LC_*), C(HOME), ...), or anything that is not a Python module, tasks run exactly as with C(local).
author: Trading Platform
version_added: "0.1.0"
options:
  pipelining:
    description:
      - Send modules through a pipe instead of a file. Only a module that is sent this way can run in a fork.
    type: boolean
    default: true
    ini:
      - {section: warm_local, key: pipelining}
    env:
      - name: ANSIBLE_WARM_LOCAL_PIPELINING
    vars:
      - name: ansible_warm_local_pipelining
  become_success_timeout:
    description: Number of seconds to wait for become to succeed when enabled.
    type: int
    default: 10
    vars:
      - name: ansible_local_become_success_timeout
  become_strip_preamble:
    description: Strip internal become output preceding command execution.
    type: boolean
    default: true
    vars:
      - name: ansible_local_become_strip_preamble
notes:
  - The remote user is ignored, the user with which the ansible CLI was executed is used instead.
"""

try:
    from trading_platform.warm import state
except ImportError:  # the library is not installed beside Ansible: everything runs as in local
    state = None

display = Display()


class Connection(LocalConnection):
    """The stock local connection, with a faster way for one kind of command."""

    # transport stays "local": action plugins ask for it, to run in the playbook's directory and to refuse a reboot.

    def is_pipelining_enabled(self, wrap_async: bool = False) -> bool:
        """Pipeline what a fork can run; leave files and temporary directories to what it can't, as local does."""
        can_fork = state is not None and state.is_warm() and not self.become and not _wants_tracebacks()
        return can_fork and super().is_pipelining_enabled(wrap_async)

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a command on this machine; see ConnectionBase."""
        if in_data and not self.become and self._shell.SHELL_FAMILY == "sh" and state is not None:
            piped = state.recognise(cmd, self._play_context.executable)
            if piped:
                if not self._connected:
                    self._connect()
                display.vvv(f"EXEC (in a fork) {cmd}", host=self._play_context.remote_addr)
                return state.run(piped, in_data, self.cwd)
        return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)


def _wants_tracebacks() -> bool:
    """Tracebacks of warnings list the whole stack, in a fork the worker's too; who asks for them gets local's."""
    return C.config.get_config_value("DISPLAY_TRACEBACK") != ["never"]
