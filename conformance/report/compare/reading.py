"""Reading JSON reports, which may have come from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.contract.loader import default_path
from conformance.contract.schema import simplified
from conformance.core.strict_json import decode
from conformance.core.text import clipped, pointer, shown, visible
from conformance.errors import UsageError
from conformance.report.compare.side import Side, side
from conformance.report.report import SCHEMA_VERSION, TOOL

LARGEST = 8 << 20
"""Bytes; a report in which every requirement fails by the longest queries has a tenth of it."""
MOST_REQUIREMENTS = 1000
LONGEST_ID = 40
"""Characters; ids are shown whole everywhere."""
HOW = "`run --json FILE` writes reports"
_RECORDING = re.compile(rb'\s*\{\s*"log"\s*:')
"""How a recording begins that is too large to be decoded here."""
_KNOWN = re.compile(rf"{SCHEMA_VERSION.partition('.')[0]}\.[0-9]+")
_TYPES = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}
_WRONG = {
    "enum": "there is none of the words that can stand there",
    "pattern": "the text is not written as a run writes it",
    "minLength": "the text is empty",
    "minimum": "the number is too small",
    "exclusiveMinimum": "the number is too small",
    "minItems": "the list has too few elements",
    "maxItems": "the list has too many elements",
}


def read(path: Path) -> Side:
    """Read what a comparison has to know from a JSON report.

    Raises:
        UsageError: there is no such file, or it is no report that this version can read.
    """
    name = visible(str(path))
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise UsageError(f"there is no report {name}; {HOW}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise UsageError(f"cannot read the report {name}: {reason}") from error
    return parse(raw, str(path))


def parse(raw: bytes, file: str) -> Side:
    """Return what a comparison has to know from the bytes of a report; errors name the file.

    Raises:
        UsageError: it is no report that this version can read.
    """
    name = f"the file {visible(file)}"
    if len(raw) > LARGEST and _RECORDING.match(raw):
        raise _recording(name)
    if len(raw) > LARGEST:
        raise UsageError(f"{name} is too large to be a report")
    if not raw:
        raise UsageError(f"{name} is empty, and no report; {HOW}")
    decoded = decode(raw)
    # Nobody decodes it again, and it may be large.
    decode.cache_clear()
    # It speaks of the bodies of answers.
    problem = decoded.error and decoded.error.replace("the body ", "it ")
    if problem is None and decoded.constants:
        problem = f"it holds {decoded.constants[0]}, which JSON does not have"
    if problem is None and decoded.repeated:
        place = visible(clipped(decoded.repeated[0]))
        problem = f"{place} is there twice"
    if isinstance(decoded.value, Mapping) and isinstance(decoded.value.get("log"), Mapping):
        raise _recording(name)
    if problem is None:
        problem = _misfit(decoded.value)
    if problem is not None:
        raise UsageError(f"{name} is no report of `run --json`: {problem}; {HOW}")
    try:
        return side(decoded.value, file)
    except (OverflowError, ValueError) as error:
        raise UsageError(
            f"{name} is no report of `run --json`: a time or number in it is beyond any run's; "
            f"{HOW}"
        ) from error


def _recording(name: str) -> UsageError:
    return UsageError(
        f"{name} is a recording (HAR), and no report; `judge FILE --json REPORT` makes a report "
        "of a recording"
    )


def _misfit(document: Any) -> str | None:
    """Say, as a clause, what makes a document no report; ``None`` if it is one."""
    if not isinstance(document, Mapping):
        return "it is no JSON object"
    version = document.get("schemaVersion")
    if isinstance(version, str):
        if not _KNOWN.fullmatch(version):
            return (
                f"its schemaVersion is {shown(version)}, and this version of {TOOL} reads "
                f"{SCHEMA_VERSION}"
            )
        # Later minor versions only add members, which is promised by the schema.
        document = {**document, "schemaVersion": SCHEMA_VERSION}
    found = next(_validator().iter_errors(simplified(document)), None)
    if found is not None:
        return _told(found)
    return _unlikely(document["requirements"])


def _told(found: jsonschema_rs.ValidationError) -> str:
    """Say, as a clause without the words of JSON Schema, what does not fit, and where."""
    place = visible(clipped(pointer(*found.instance_path)))
    match found.kind.as_dict():
        case {"property": str(name)}:
            what = f'"{name}" is missing'
        case {"types": [*types]}:
            what = f"{' or '.join(_TYPES[name] for name in types)} was expected"
        case {"expected_value": value}:
            what = f"{shown(value)} was expected"
        case _:
            what = _WRONG.get(found.kind.name, "there is something that no run writes")
    return f"at {place}, {what}" if place else what


def _unlikely(requirements: Sequence[Mapping[str, Any]]) -> str | None:
    """Say what no run writes, although the schema cannot forbid it."""
    if len(requirements) > MOST_REQUIREMENTS:
        return f"it has more than {MOST_REQUIREMENTS:,} requirements"
    met: set[str] = set()
    for requirement in requirements:
        name = requirement["id"]
        if len(name) > LONGEST_ID:
            return f"the id {clipped(name, LONGEST_ID)} is too long"
        if name in met:
            return f"it has {name} twice"
        met.add(name)
    return None


@lru_cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    schema = default_path().with_name("report.schema.json").read_text("utf-8")
    # Without a mask, messages would hold values of any length.
    return jsonschema_rs.Draft202012Validator(json.loads(schema), mask="the value")
