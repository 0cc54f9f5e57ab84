"""Every command of the aws CLI that a document gives exists, with its options and the words that AWS knows for them."""

import re
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import ListShape, OperationModel, Shape, StringShape

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("roles/*/README.in.md")])
IN_LINE = re.compile(r"\baws [^|;)]+")
IN_TEXT = re.compile(r"`(aws [a-z0-9]+ [a-z-]+[^`]*)`")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Commands that are the CLI's own and no operation of an API.
OWN = {"eks update-kubeconfig", "s3 cp", "s3 sync"}
GLOBAL = {"query", "output", "region", "profile"}


def commands(text: str) -> list[str]:
    """The commands of a page: of lines that begin with a prompt, and of code within its text."""
    blocks = "\n".join(BLOCK.findall(text)).replace("\\\n", " ")
    lines = [line for line in blocks.splitlines() if line.startswith("$ ")]
    found = [one for line in lines for one in IN_LINE.findall(line.partition(" # ")[0])]
    return [" ".join(one.split()) for one in found + IN_TEXT.findall(BLOCK.sub("", text))]


def operation(service: str, name: str) -> OperationModel | None:
    """The operation of an API that a command calls."""
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return None
    model = session.get_service_model(service)
    names = {xform_name(one, "-"): one for one in model.operation_names}
    return model.operation_model(names[name]) if name in names else None


def options(model: OperationModel) -> dict[str, Shape]:
    """Options of a command to the shape of what they take; a boolean has one more, with no- before it."""
    members = model.input_shape.members if model.input_shape else {}
    found = {xform_name(name, "-"): shape for name, shape in members.items()}
    return found | {f"no-{name}": shape for name, shape in found.items() if shape.type_name == "boolean"}


def words(shape: Shape) -> list[str]:
    """The words that may stand for an option, where AWS lists them."""
    one = shape.member if isinstance(shape, ListShape) else shape
    return list(one.enum) if isinstance(one, StringShape) else []


def problem(command: str) -> str:
    """What is wrong with a command; nothing where it exists."""
    _, service, name, *_ = command.split()
    if f"{service} {name}" in OWN:
        return ""
    model = operation(service, name)
    if model is None:
        return "there is no such command"
    known = options(model)
    for option, rest in re.findall(r" --([a-z0-9-]+)((?: (?!--)(?:\"[^\"]*\"|'[^']*'|\S)+)*)", command):
        if option in GLOBAL:
            continue
        if option not in known:
            return f"there is no option --{option}"
        allowed = words(known[option])
        wrong = [one for one in rest.split() if allowed and one not in allowed and one[0] not in "$<"]
        if wrong:
            return f"--{option} takes none of {wrong}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    found = {one: problem(one) for one in commands(page.read_text(encoding="utf-8"))}
    assert {one: wrong for one, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("aws logs tail /a --since 30m", "there is no such command"),
        ("aws rds delete-db-instance --name x", "there is no option --name"),
        ("aws sqs get-queue-attributes --attribute-names All Age", "--attribute-names takes none of ['Age']"),
        ("aws rds modify-db-instance --no-deletion-protection", ""),
    ],
)
def test_a_wrong_command_is_told(command: str, wrong: str) -> None:
    assert problem(command) == wrong


def test_commands_are_found_where_they_stand() -> None:
    text = (
        "`aws sts get-caller-identity\n--query Account`\n"
        "```console\n$ X=$(aws ec2 describe-vpcs \\\n    --output text) | jq   # of aws too\nan aws of its own\n```\n"
    )
    assert commands(text) == ["aws ec2 describe-vpcs --output text", "aws sts get-caller-identity --query Account"]
