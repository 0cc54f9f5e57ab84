"""What jsonschema found, said so that its reader knows what to write instead."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from jsonschema.exceptions import ValidationError

from trading_platform.preflight.problem import Finding, did_you_mean, nearest, shown, unknown_key

_TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of name to value",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error of jsonschema: the value `found` at `path` breaks `keyword`: `rule` of `schema`."""

    path: tuple[str | int, ...]
    found: Any
    keyword: str
    rule: Any
    schema: dict[str, Any]
    is_name: bool  # of an entry, rather than its value
    text: str


def findings_of(host: str, error: ValidationError) -> Iterator[Finding]:
    """The findings in one error of jsonschema."""
    wrong = Wrong(
        path=tuple(error.absolute_path),
        found=error.instance,
        keyword=str(error.validator),
        rule=error.validator_value,
        schema=cast("dict[str, Any]", error.schema),
        is_name="propertyNames" in error.schema_path,
        text=error.message,
    )
    if wrong.keyword == "additionalProperties":
        yield from _unknown_keys(host, wrong)
    elif wrong.keyword == "required":
        yield _missing_key(host, wrong)
    elif wrong.is_name:
        rule = wrong.schema.get("patternErrorMessage", "is not allowed")
        yield Finding(host, dotted([*wrong.path, wrong.found]), f"the name {rule}")
    else:
        yield Finding(host, dotted(wrong.path), _SAY.get(wrong.keyword, _other)(wrong))


def dotted(path: Sequence[str | int]) -> str:
    """vpc_availability_zones[0], vpc_subnet_tiers.private.offset."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _unknown_keys(host: str, wrong: Wrong) -> Iterator[Finding]:
    known = list(wrong.schema.get("properties", {}))
    for name in wrong.found:
        if name not in known:
            near = nearest(name, known)
            meant = dotted([*wrong.path, near]) if near else ""
            yield Finding(host, dotted([*wrong.path, name]), unknown_key(name, known, known), meant=meant)


def _missing_key(host: str, wrong: Wrong) -> Finding:
    # jsonschema gives one error per missing name and no field with that name.
    name = next(name for name in wrong.rule if wrong.text.startswith(f"{name!r} "))
    properties = wrong.schema.get("properties", {})
    about = properties.get(name, {}).get("description", "every entry needs it")
    # A mapping that takes any key cannot tell a misspelled one; say which key may be it.
    near = nearest(name, [key for key in wrong.found if key not in properties])
    near = f"; is {near} a misspelling of it?" if near and wrong.schema.get("additionalProperties") else ""
    return Finding(host, dotted([*wrong.path, name]), f"is missing; add it ({about}){near}", missing=True)


def _type(wrong: Wrong) -> str:
    allowed = wrong.rule if isinstance(wrong.rule, list) else [wrong.rule]
    wanted = " or ".join(_TYPES[name] for name in allowed)
    number = isinstance(wrong.found, int | float) and not isinstance(wrong.found, bool)
    hint = ": write it in quotes" if "string" in allowed and number else ""
    return f"found {shown(wrong.found)}; must be {wanted}{hint}"


def _enum(wrong: Wrong) -> str:
    allowed = [str(value) for value in wrong.rule]
    near = did_you_mean(str(wrong.found), allowed)
    return f"found {shown(wrong.found)}; must be one of {', '.join(allowed)}{near}"


def _pattern(wrong: Wrong) -> str:
    return f"found {shown(wrong.found)}; {wrong.schema.get('patternErrorMessage', 'has the wrong form')}"


def _range(wrong: Wrong) -> str:
    low, high = wrong.schema.get("minimum"), wrong.schema.get("maximum")
    if low is not None and high is not None:
        return f"found {wrong.found}; must be from {low} to {high}"
    return f"found {wrong.found}; must be {f'at least {low}' if low is not None else f'at most {high}'}"


def _length(wrong: Wrong) -> str:
    if wrong.keyword == "minLength":
        return "is empty; write a value"
    return f"has {len(wrong.found)} characters; at most {wrong.rule} are allowed"


def _few(wrong: Wrong) -> str:
    return f"has {len(wrong.found)} entries; must have at least {wrong.rule}"


def _twice(wrong: Wrong) -> str:
    repeated = [entry for index, entry in enumerate(wrong.found) if entry in wrong.found[:index]]
    return f"lists {', '.join(shown(entry) for entry in repeated)} more than once"


def _const(wrong: Wrong) -> str:
    return f"found {shown(wrong.found)}; must be {shown(wrong.rule)}"


def _other(wrong: Wrong) -> str:
    return wrong.text


_SAY: dict[str, Callable[[Wrong], str]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _range,
    "maximum": _range,
    "minLength": _length,
    "maxLength": _length,
    "minItems": _few,
    "minProperties": _few,
    "uniqueItems": _twice,
}
