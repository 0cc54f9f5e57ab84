"""The document that tells what an environment has: ``build/<environment>/outputs.json``.

Its shape stands in ``inventories/schema/outputs.schema.json``. Written the same each time, so that a run that changes
nothing writes nothing.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from trading_platform.preflight.messages import findings_of

type Document = dict[str, Any]


def load_schema(path: Path) -> Document:
    """Read the schema. Raises OSError or ValueError when it is not there or not JSON."""
    schema: Document = json.loads(path.read_text(encoding="utf-8"))
    return schema


def problems(document: Document, schema: Document) -> list[str]:
    """What the schema says against a document, one ``regions.us-east-1.vpc.id: what is wrong`` each; [] for nothing."""
    errors = Draft202012Validator(schema).iter_errors(document)
    findings = [finding for error in errors for finding in findings_of("", error)]
    return sorted(f"{each.key}: {each.message}" for each in findings)


def read(text: str) -> Document | None:
    """The document of a file's text; None where that is none of ours, which is then written anew."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("regions"), dict) else None


def merged(earlier: Document | None, document: Document, regions: Collection[str]) -> Document:
    """The document with those regions of an earlier one that were not in this run.

    regions: those of the environment; of others nothing is kept, and neither is anything of another account.
    """
    if earlier is None or earlier.get("account_id") != document["account_id"]:
        return document
    kept = {name: held for name, held in earlier["regions"].items() if name in regions}
    fresh = {name: _with_cloudfront(held, kept.get(name)) for name, held in document["regions"].items()}
    return {**document, "regions": {**kept, **fresh}}


def _with_cloudfront(region: Document, earlier: Document | None) -> Document:
    """A region with the distribution that it had: only the primary region's run knows that."""
    known = earlier and earlier.get("cloudfront")
    return {**region, "cloudfront": known} if known and region["cloudfront"]["domain_name"] is None else region


def as_text(document: Document) -> str:
    """The text of the file: JSON in one order, so that equal documents are equal files."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
