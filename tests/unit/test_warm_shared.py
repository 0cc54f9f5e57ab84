"""Preloaded modules reach a payload only if it ships the same files, and then look as if imported from its zip."""

import base64
import datetime
import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import pytest

from trading_platform.warm import finder, shared

ROOT = Path(__file__).resolve().parents[2]


def _site_packages(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


ANSIBLE = _site_packages("ansible")
AMAZON = ANSIBLE.parent / "ansible_collections" / "amazon" / "aws"
ROOTS = {
    "ansible.module_utils": ANSIBLE / "module_utils",
    "ansible.modules": ANSIBLE / "modules",
    "ansible_collections.amazon.aws": AMAZON,
}
# As the callback preloads, and one that adds an import hook of its own.
NAMES = [
    *shared.IN_EVERY_PAYLOAD,
    *shared.module_utils_of("amazon.aws", AMAZON),
    "ansible.module_utils.six",
]
# Made by Ansible for each payload; or (distro) it replaces itself in sys.modules.
NEVER_SHARED = {
    "ansible/__init__.py",
    "ansible/module_utils/__init__.py",
    "ansible/module_utils/distro/__init__.py",
    "ansible/module_utils/distro/_distro.py",
}


@pytest.fixture(scope="module")
def payload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip file of a payload that Ansible itself has built."""
    tmp = tmp_path_factory.mktemp("payload")
    settings = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_REMOTE_TMP": str(tmp),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
    }
    command = [str(Path(sys.executable).parent / "ansible"), "-i", "localhost,", "-c", "local", "localhost"]
    subprocess.run(
        [*command, "-e", f"ansible_python_interpreter={sys.executable}", "-m", "amazon.aws.aws_az_info"],
        env={**os.environ, **settings},
        capture_output=True,
        check=False,  # it can't reach AWS: only what was sent matters
        timeout=60,
    )
    program = next(tmp.glob("*/AnsiballZ_*.py")).read_text()
    call = program[program.rindex("    _ansiballz_main(") :]
    caught: dict[str, Any] = {}
    exec(call.strip(), {"_ansiballz_main": caught.update, "datetime": datetime})  # noqa: S102
    file = tmp / "payload.zip"
    file.write_bytes(base64.b64decode(caught["zip_data"]))
    return file


@pytest.fixture(scope="module")
def modules() -> shared.SharedModules:
    return shared.preload(ROOTS, NAMES)


def test_all_of_a_real_payload_is_shared_but_the_module(payload: Path, modules: shared.SharedModules) -> None:
    contents = finder.contents_of(str(payload))
    fitting = modules.fitting(contents)
    own = {path for path in contents if "/plugins/modules/" in path}
    rest = set(contents) - own - {one.zip_path for one in fitting.values()}
    assert rest == NEVER_SHARED
    assert "ansible_collections/amazon/aws/plugins/modules/aws_az_info.py" in own
    assert len(fitting) > 50


@pytest.mark.parametrize("change", ["size", "checksum", "package instead of module"])
def test_one_differing_file_and_nothing_is_shared(payload: Path, modules: shared.SharedModules, change: str) -> None:
    contents = finder.contents_of(str(payload))
    file = "ansible/module_utils/common/process.py"
    size, checksum = contents.pop(file)
    if change == "size":
        contents[file] = (size + 1, checksum)
    elif change == "checksum":
        contents[file] = (size, checksum ^ 1)
    else:
        contents["ansible/module_utils/common/process/__init__.py"] = (size, checksum)
    assert modules.fitting(contents) == {}


def test_what_a_payload_lacks_is_not_installed(payload: Path, modules: shared.SharedModules) -> None:
    contents = finder.contents_of(str(payload))
    del contents["ansible_collections/amazon/aws/plugins/module_utils/modules.py"]
    fitting = modules.fitting(contents)
    assert fitting and "ansible_collections.amazon.aws.plugins.module_utils.modules" not in fitting


def test_no_zip_file_no_contents(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no zip")
    assert finder.contents_of(str(tmp_path / "x")) == finder.contents_of(str(tmp_path)) == {}


_IN_A_FORK = """
import json, os, pathlib, sys
from trading_platform.warm import code_store, finder, fork, shared
roots, names, payload, program, store = json.loads(sys.argv[1])
import ansible.errors, ansible.plugins.loader, ansible_collections, boto3, dataclasses, socket
def patched():
    return list(sys.meta_path), list(sys.path_hooks), sys.intern, socket.socket, dataclasses.dataclass
before = (dict(sys.modules), *patched())
modules = shared.preload({name: pathlib.Path(path) for name, path in roots.items()}, names)
after = (dict(sys.modules), *patched())
assert before[1:] == after[1:], "hooks and patches"
changed = [name for name in before[0] if after[0].get(name) is not before[0][name]]
added = [name for name in after[0] if name not in before[0] and name.startswith("ansible")]
assert not changed and not added, (changed, added)
store = code_store.CodeStore(pathlib.Path(store))
code, out, err = fork.run(program.encode(), {}, None, lambda: sys.meta_path.insert(0, finder.Finder(modules, store)))
assert code == 0, err.decode()
print(json.dumps(out.decode()))
"""


def _in_a_fork(payload: Path, program: str) -> Any:
    """Run a program that has ``payload`` first on its path in a fork of a process that has preloaded.

    Compiled code is kept in ``compiled``, beside the payload.
    """
    store = payload.parent / "compiled"
    store.mkdir(exist_ok=True)
    program = f"import json, sys; sys.path.insert(0, {str(payload)!r})\n{textwrap.dedent(program)}"
    roots = {name: str(path) for name, path in ROOTS.items()}
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_FORK, json.dumps([roots, NAMES, str(payload), program, str(store)])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return json.loads(json.loads(done.stdout))


def test_shared_modules_stand_in_the_payload(payload: Path) -> None:
    """Nothing in them, at any depth, still names the place they were preloaded at; all attributes are as imported."""
    result = _in_a_fork(
        payload,
        f"""
        from ansible.module_utils import basic
        import types
        found, seen = [], set()
        def look(thing, where):
            if id(thing) in seen or len(where) > 12: return
            seen.add(id(thing))
            if isinstance(thing, (str, bytes)) or hasattr(thing, "parts"):
                if {shared.NOWHERE!r} in str(thing): found.append(".".join(where))
            elif isinstance(thing, dict):
                for key, value in thing.items(): look(value, [*where, str(key)])
            elif isinstance(thing, (list, tuple, set, frozenset)):
                for value in thing: look(value, [*where, "[]"])
            elif isinstance(thing, (type, types.FunctionType, types.ModuleType)):
                for key, value in list(vars(thing).items()): look(value, [*where, key])
                if isinstance(thing, types.FunctionType):
                    look(thing.__code__.co_filename, where); look(thing.__defaults__, where)
            elif isinstance(thing, types.CodeType): look(thing.co_filename, where)
        for name in [name for name in sys.modules if name.startswith("ansible")]: look(sys.modules[name], [name])
        payload = sys.path[0]
        from ansible.module_utils._internal import _deprecator, is_controller
        print(json.dumps(dict(
            found=found, looked=len(seen), controller=is_controller, file=basic.__file__, spec=str(basic.__spec__),
            package=list(sys.modules["ansible.module_utils.common"].__path__),
            code=basic.AnsibleModule.exit_json.__code__.co_filename,
            source=basic.__loader__.get_source("ansible.module_utils.basic")[:10],
            attribute=sys.modules["ansible.module_utils"].basic is basic,
            base=str(_deprecator._ANSIBLE_MODULE_BASE_PATH))))
        """,
    )
    inside = f"{payload}/ansible/module_utils"
    assert result["found"] == [] and result["looked"] > 3000
    assert result["controller"] is False
    assert result["file"] == result["code"] == f"{inside}/basic.py"
    assert f'zipimporter object "{inside}/' in result["spec"] and f"origin='{inside}/basic.py'" in result["spec"]
    assert result["package"] == [f"{inside}/common"]
    assert result["base"] == f"{payload}/ansible"
    assert result["attribute"] is True and result["source"].startswith("#")


def test_a_module_changed_on_disk_runs_as_the_payload_has_it(payload: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.zip"
    name = "ansible_collections/amazon/aws/plugins/modules/aws_az_info.py"
    with zipfile.ZipFile(payload) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, b"own = 'payload'" if entry == name else content)
    result = _in_a_fork(
        changed,
        """
        import ansible.module_utils.basic
        from ansible_collections.amazon.aws.plugins.modules import aws_az_info
        print(json.dumps(aws_az_info.own))
        """,
    )
    assert result == "payload"


def test_an_import_hook_of_a_shared_module_works(payload: Path, tmp_path: Path) -> None:
    with_six = tmp_path / "six.zip"
    with_six.write_bytes(payload.read_bytes())
    with zipfile.ZipFile(with_six, "a") as archive:
        archive.write(ANSIBLE / "module_utils" / "six" / "__init__.py", "ansible/module_utils/six/__init__.py")
    program = """
        from ansible.module_utils.six.moves import StringIO, urllib
        print(json.dumps([StringIO.__module__, sys.modules["ansible.module_utils.six"].__file__]))
        """
    assert _in_a_fork(with_six, program) == ["_io", f"{with_six}/ansible/module_utils/six/__init__.py"]


def test_a_module_equal_on_disk_comes_from_its_bytecode(payload: Path) -> None:
    result = _in_a_fork(
        payload,
        """
        import ansible.module_utils.basic
        from ansible_collections.amazon.aws.plugins.modules import aws_az_info as module
        print(json.dumps([type(module.__loader__).__name__, module.__file__, module.main.__code__.co_filename]))
        """,
    )
    file = f"{payload}/ansible_collections/amazon/aws/plugins/modules/aws_az_info.py"
    assert result == ["_CompiledOnce", file, file]


def test_a_module_is_compiled_once_in_a_run(tmp_path: Path) -> None:
    """Wherever its source is: the second payload gets the code of the first, under its own file name."""
    compiled = tmp_path / "compiled"
    compiled.mkdir()
    program = """
        import ansible.module_utils.basic
        from ansible.legacy import of_our_own
        print(json.dumps([of_our_own.where(), of_our_own.value]))
    """
    seen = []
    for name, value in (("one", 1), ("two", 1), ("three", 2)):
        payload = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(payload, "w") as archive:
            for file in ("ansible", "ansible/module_utils", "ansible/legacy"):
                archive.writestr(f"{file}/__init__.py", "")
            archive.writestr("ansible/module_utils/basic.py", "")
            source = f"value = {value}\ndef where():\n    return where.__code__.co_filename\n"
            archive.writestr("ansible/legacy/of_our_own.py", source)
        seen.append((_in_a_fork(payload, program), len(list(compiled.iterdir()))))
    assert [found for found, _ in seen] == [
        [f"{tmp_path}/{name}.zip/ansible/legacy/of_our_own.py", value]
        for name, value in (("one", 1), ("two", 1), ("three", 2))
    ]
    files = [count for _, count in seen]
    assert files[0] == files[1] < files[2]


def test_what_cannot_be_imported_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "broken.py").write_text("import no_such_library\n")
    (tmp_path / "utils" / "sound.py").write_text("x = 1\n")
    loaded = shared.preload(
        {"ansible_collections.a.b": tmp_path},
        [f"ansible_collections.a.b.utils.{name}" for name in ("broken", "sound", "missing")],
    )
    assert "ansible_collections.a.b.utils.sound" in loaded.by_name
    assert not any(name.endswith(("broken", "missing")) for name in loaded.by_name)
    assert not any(name.startswith("ansible_collections.a.") for name in sys.modules)


def test_remembered_scans_build_the_same_payload(tmp_path: Path) -> None:
    """With and without, Ansible puts the same files in a payload; what is changed, or elsewhere, is looked at."""
    (tmp_path / "basic.py").write_text("# of a role\n", encoding="utf-8")
    program = f"""
import datetime, io, json, pathlib, sys, zipfile
from ansible.executor import module_common
from ansible._internal._ansiballz import _builder
from ansible.plugins.loader import init_plugin_loader
from trading_platform.warm import scans, shared
init_plugin_loader([])
name = "ansible_collections.amazon.aws.plugins.modules.ec2_security_group"
source = pathlib.Path({str(AMAZON / "plugins/modules/ec2_security_group.py")!r}).read_bytes()
def build():
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        module_common.recursive_finder(
            "m", name, source, archive, datetime.datetime.now(), _builder.ExtensionManager()
        )
        return {{entry.filename: entry.CRC for entry in archive.infolist()}}
stock = build()
roots, names = json.loads({json.dumps([{name: str(path) for name, path in ROOTS.items()}, NAMES])!r})
modules = shared.preload({{name: pathlib.Path(path) for name, path in roots.items()}}, names)
scans.remember(module_common, modules)
looked_up, parsed = [], []
scan, parse = module_common.ModuleDepFinder.__init__, module_common._compile_module_ast
def count(self, *arguments, **more):
    looked_up.append(arguments)
    return scan(self, *arguments, **more)
def count_parsed(*arguments):
    parsed.append(arguments)
    return parse(*arguments)
module_common.ModuleDepFinder.__init__, module_common._compile_module_ast = count, count_parsed
assert build() == stock and len(stock) > 60
one = modules.by_name["ansible.module_utils.basic"]
new = b"import ansible.module_utils.urls; " + one.content
changed = module_common.ModuleDepFinder("ansible.module_utils.basic", new)
assert ("ansible", "module_utils", "urls") in changed.submodules
print(json.dumps([len(looked_up), len(parsed)]))
slurp, module_common._slurp = module_common._slurp, None
assert build() == stock, "found without reading a file again"
module_common._slurp = slurp
own = module_common.LegacyModuleUtilLocator(("ansible", "module_utils", "basic"), mu_paths=[{str(tmp_path)!r}])
assert own.source_code == b"# of a role\\n"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    looked_up, parsed = json.loads(done.stdout)
    assert looked_up > 60 and parsed <= 6
