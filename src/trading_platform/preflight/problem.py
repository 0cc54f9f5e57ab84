"""What preflight says and what it says it about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from json import dumps
from typing import Any, Literal

Severity = Literal["error", "warning"]

COMMAND_LINE = "command line (-e)"


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the report. `key` is the dotted path of the variable, "" when the file itself is the matter."""

    severity: Severity
    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}" if self.key else f"{self.file}: {self.message}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in the values of one host; `report` finds the file the value comes from."""

    host: str
    key: str
    message: str
    severity: Severity = "error"
    # Of a misspelled key: the key that is probably meant, so that it is not called missing as well.
    meant: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Host:
    """A host (a region) after templating.

    `values`: variable name -> plain value, only names that the schema knows; `failures`: variable name -> why it could
    not be templated; `group_names`: Ansible's list, for hosts of inventories that are not YAML.
    """

    name: str
    values: Mapping[str, Any]
    failures: Mapping[str, str] = field(default_factory=dict)
    group_names: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        """The value of a variable that should be a string; "" when it is missing or something else."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def mapping(self, key: str) -> dict[str, Any]:
        """The value of a variable that should be a mapping; {} when it is missing or something else."""
        value = self.values.get(key)
        return dict(value) if isinstance(value, Mapping) else {}

    @property
    def region(self) -> str:
        return self.text("platform_region") or self.name


def top_name(key: str) -> str:
    """The variable that a dotted path begins with: vpc_subnet_tiers.private[0] -> vpc_subnet_tiers."""
    return key.split(".", 1)[0].split("[", 1)[0]


def shown(value: object) -> str:
    """A value as a reader would write it in YAML, cut where it gets long."""
    text = dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def nearest(name: str, known: list[str]) -> str:
    """The known name that `name` is probably a misspelling of, or ""."""
    return next(iter(get_close_matches(name, known, n=1)), "")


def did_you_mean(name: str, known: list[str]) -> str:
    """The end of a message: `; did you mean vpc_cidr?`, or "" when nothing comes near."""
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""


def unknown_key(name: str, candidates: list[str], listed: list[str], of: str = "") -> str:
    """The message about a key that nothing reads. `listed`: the keys to show, `of`: where they are known."""
    near = did_you_mean(name, candidates) or "."
    return f"unknown key{near} Known keys{of}: {', '.join(listed)}"
