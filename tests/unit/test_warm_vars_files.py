"""Files of variables are parsed once for as long as they stay the same."""

import os
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFileNotFound
from ansible.parsing.dataloader import DataLoader

from trading_platform.warm import vars_files

AS_VARS_FILE = {"cache": "vaulted", "unsafe": True, "trusted_as_template": True}


@pytest.fixture
def parsed() -> list[str]:
    return []


@pytest.fixture
def loader(parsed: list[str]) -> DataLoader:
    """One that keeps nothing, with a class of its own."""

    class Loader(DataLoader):
        def load(self, data: str, file_name: str = "<string>", **options: Any) -> Any:
            parsed.append(Path(file_name).name)
            return super().load(data, file_name, **options)

    vars_files.remember(Loader)
    return Loader()


def test_a_file_is_parsed_again_only_when_it_has_changed(tmp_path: Path, loader: DataLoader, parsed: list[str]) -> None:
    file = tmp_path / "a.yml"
    file.write_text("x: '{{ y }}'\n")
    first = loader.load_from_file(str(file), **AS_VARS_FILE)
    assert loader.load_from_file(str(file), **AS_VARS_FILE) is first
    assert (first, parsed) == ({"x": "{{ y }}"}, ["a.yml"])
    file.write_text("x: '{{ z }}'\n")
    os.utime(file, ns=(1, 1))
    assert loader.load_from_file(str(file), **AS_VARS_FILE) == {"x": "{{ z }}"}
    assert parsed == ["a.yml", "a.yml"]


def test_what_may_be_a_template_is_kept_apart(tmp_path: Path, loader: DataLoader) -> None:
    file = tmp_path / "a.yml"
    file.write_text("x: '{{ y }}'\n")
    trusted = loader.load_from_file(str(file), **AS_VARS_FILE)
    assert loader.load_from_file(str(file), **{**AS_VARS_FILE, "trusted_as_template": False}) is not trusted


@pytest.mark.parametrize("options", [{"cache": "none", "unsafe": True}, {"cache": "vaulted"}])
def test_who_wants_to_read_anew_or_to_change_it_does(
    tmp_path: Path, loader: DataLoader, parsed: list[str], options: dict[str, Any]
) -> None:
    file = tmp_path / "a.yml"
    file.write_text("x: 1\n")
    first, second = (loader.load_from_file(str(file), **options) for _ in range(2))
    assert first is not second
    assert parsed == ["a.yml", "a.yml"]


def test_a_missing_file_is_ansibles_error(tmp_path: Path, loader: DataLoader) -> None:
    with pytest.raises(AnsibleFileNotFound):
        loader.load_from_file(str(tmp_path / "none.yml"), **AS_VARS_FILE)
