"""Secret values are of the kind and length asked for, and no two are the same."""

import base64

import pytest

from trading_platform.secret_values import SecretSpecificationError, check, generate, generate_one


def test_kinds() -> None:
    made = generate(
        {
            "password": {"kind": "alphanumeric", "length": 40},
            "key": {"kind": "base64", "length": 32},
            "id": {"kind": "hex", "length": 8},
            "api_key": {"kind": "placeholder", "length": 16},
        }
    )
    assert len(made["password"]) == 40
    assert made["password"].isascii()
    assert made["password"].isalnum()
    assert len(base64.b64decode(made["key"], validate=True)) == 32
    assert len(bytes.fromhex(made["id"])) == 8
    assert made["api_key"].startswith("placeholder-")


@pytest.mark.parametrize("kind", ["alphanumeric", "base64", "hex", "placeholder"])
def test_no_two_are_the_same(kind: str) -> None:
    assert len({generate_one(kind, 16) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "specification",
    [{"kind": "hex"}, {"kind": "dice", "length": 8}, {"kind": "hex", "length": 7}, "hex", {"length": 8}],
)
def test_specifications_that_are_none(specification: object) -> None:
    with pytest.raises(SecretSpecificationError, match=r"^password: "):
        check({"password": specification})


def test_generate_refuses_too() -> None:
    with pytest.raises(SecretSpecificationError):
        generate_one("hex", 7)
    with pytest.raises(SecretSpecificationError):
        generate_one("dice", 8)
