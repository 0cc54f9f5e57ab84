"""Which command lines a fork may answer."""

import os
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.warm import command

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
NAME = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True)


def _line(script: str, program: str = "/bin/sh") -> str:
    return f"{program} -c {shlex.quote(script)}"


@given(st.dictionaries(NAME, TEXT), st.sampled_from(["/usr/bin/python3", "/opt/a b/python", "/opt/ü/python"]))
def test_variables_come_back_as_they_were_quoted(environment: dict[str, str], interpreter: str) -> None:
    words = [f"{name}={shlex.quote(value)}" for name, value in environment.items()] + [shlex.quote(interpreter)]
    assert command.parse(_line(" ".join(words)), "/bin/sh") == command.PipedPython("/bin/sh", interpreter, environment)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "/usr/bin/python3",
        _line("python3"),  # found on PATH, which a variable may change
        _line("/usr/bin/python3 module.py"),
        _line("/usr/bin/python3 && sleep 0"),
        _line("/usr/bin/python3; rm x"),
        _line("A=1 B /usr/bin/python3"),
        _line("1A=1 /usr/bin/python3"),
        _line("A=$HOME /usr/bin/python3"),  # expanded by a shell, so not ours
        _line("A=`id` /usr/bin/python3"),
        _line('A="x" /usr/bin/python3'),  # harmless, but not what Ansible writes
        _line("A=~ /usr/bin/python3"),
        _line("/usr/bin/python3 # comment"),
        _line("  /usr/bin/python3"),
        _line("/usr/bin/python3", "/bin/bash"),
        "/bin/sh -c '/usr/bin/python3' extra",
        "/bin/sh -c 'unbalanced",
        "sudo -H /bin/sh -c '/usr/bin/python3'",
    ],
)
def test_everything_else_is_left_to_the_shell(line: str) -> None:
    assert command.parse(line, "/bin/sh") is None


def test_same_interpreter_is_the_same_program_in_the_same_place(tmp_path: Path) -> None:
    assert command.is_this_interpreter(sys.executable)
    beside = Path(sys.executable).parent / "python"
    assert not beside.exists() or command.is_this_interpreter(str(beside))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    assert not command.is_this_interpreter(str(tmp_path / "bin" / "python")), "another virtual environment"
    assert not command.is_this_interpreter("/bin/sh")
    assert not command.is_this_interpreter("/no/such/python")


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHASHSEED", "LC_ALL", "LANG", "LD_PRELOAD", "HOME"])
def test_what_only_a_starting_process_reads_needs_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "as it is")
    assert command.needs_fresh_process({name: "different"})
    assert not command.needs_fresh_process({name: "as it is"})
    assert not command.needs_fresh_process({"AWS_REGION": "us-east-1", "TZ": "UTC", "PATH": os.defpath})


@pytest.mark.parametrize(
    ("argv", "plain"),
    [
        (["/venv/bin/python3", "/venv/bin/ansible-playbook", "-v"], True),
        (["/venv/bin/python3", "-m", "ansible", "playbook"], True),
        (["/venv/bin/python3", "-I", "/venv/bin/ansible-playbook"], False),
        (["/venv/bin/python3", "-X", "utf8", "x"], False),
    ],
)
def test_interpreter_options_are_noticed(argv: list[str], plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", argv)
    assert command.has_plain_start() is plain
