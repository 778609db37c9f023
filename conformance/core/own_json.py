"""Read back the files that the suite itself writes, and check them by the schemas in ``spec``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.core import input_files, strict_json
from conformance.core.json_walk import simplified
from conformance.core.suggestions import suggestion
from conformance.core.text import clipped, format_value, listed, pointer, visible
from conformance.errors import UsageError

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

VERSION = "schemaVersion"
MOST_VALUES = 20_000_000
"""Limit for validation, which takes 50 bytes per value; a recorded request has 130 values."""
_TYPES = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "array": "an array",
    "object": "an object",
}
_LIMITS = {
    "minimum": "a number of at least {limit}",
    "exclusiveMinimum": "a number greater than {limit}",
    "maximum": "a number of at most {limit}",
    "exclusiveMaximum": "a number less than {limit}",
    "minLength": "a string that is not empty",
    "maxLength": "at most {limit:,} characters",
    "minItems": "at least {limit:,} elements",
    "maxItems": "at most {limit:,} elements",
    "uniqueItems": "no element twice",
    "maxProperties": "at most {limit:,} fields",
    "pattern": "a string in another form",
    "format": "a {format}",
}
"""What is expected, by the keyword of JSON Schema."""


def spec_file(name: str) -> Path:
    """Return the path of a file of ``spec``: in the installed package, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "spec" / name
    return packaged if packaged.is_file() else package.parent / "spec" / name


class Misfit(Exception):
    """A document does not fit its schema; the text is a clause.

    ``path`` are the keys and indices that lead to the wrong value, ``problem`` is what is wrong
    there.
    """

    def __init__(self, path: Iterable[str | int], problem: str) -> None:
        self.path = tuple(path)
        self.problem = problem
        super().__init__(self.path, problem)

    def __str__(self) -> str:
        place = visible(clipped(pointer(*self.path)))
        return f"at {place}, {self.problem}" if place else self.problem


def check(document: Any, schema: str) -> None:
    """Check a document by one of the published schemas, named by its file.

    Where the schema has a ``schemaVersion``, later minor versions are accepted, too, since they
    only add fields.

    Raises:
        Misfit: the first place at which the document does not fit.
    """
    from jsonschema_rs import ValidationError

    rules, validator = _compiled(schema)
    known = rules.get("properties", {}).get(VERSION, {}).get("const")
    if known and isinstance(document, dict) and isinstance(document.get(VERSION), str):
        version = document[VERSION]
        major, _, minor = version.partition(".")
        if major != known.partition(".")[0] or not (minor.isascii() and minor.isdigit()):
            problem = f"its {VERSION} is {format_value(version)}, but this version reads {known}"
            raise Misfit((), problem)
        document = {**document, VERSION: known}
    try:
        try:
            validator.validate(document)
        except ValidationError:
            raise
        except ValueError:
            validator.validate(simplified(document))
    except ValidationError as error:
        raise Misfit(error.instance_path, _problem(error, rules)) from None


@cache
def _compiled(schema: str) -> tuple[Mapping[str, Any], Draft202012Validator]:
    # Imported here because most commands do not validate anything.
    from jsonschema_rs import Draft202012Validator

    rules = json.loads(spec_file(schema).read_bytes())
    # Without the mask, each error would hold a copy of the wrong value as text.
    return rules, Draft202012Validator(rules, mask="the value", validate_formats=True)


def _problem(error: ValidationError, rules: Mapping[str, Any]) -> str:
    """Describe an error without the terms of JSON Schema, with an example if the schema has one."""
    *place, keyword = error.schema_path
    rule: Any = rules
    for part in place:
        rule = rule[part]
    match error.kind.as_dict():
        case {"property": str(name)}:
            known = rule.get("properties", {})
            instance: Any = error.instance
            unknown = [one for one in instance if one not in known]
            if unknown and rule.get("additionalProperties") is False:
                # More likely, the missing name is misspelt.
                return _unknown(unknown[0], known)
            rule = known.get(name, {})
            problem = f'"{name}" is missing'
        case {"unexpected": [str(name), *_]}:
            return _unknown(name, rule["properties"])
        case {"types": [*types]}:
            problem = f"expected {' or '.join(_TYPES[name] for name in types)}"
        case {"expected_value": value}:
            problem = f"expected {format_value(value)}"
        case {"options": [*options]}:
            problem = f"expected one of {listed([format_value(one) for one in options])}"
        case limits if str(keyword) in _LIMITS:
            problem = f"expected {_LIMITS[str(keyword)].format(**limits)}"
        case _:
            problem = "the value has none of the allowed forms"
    examples = rule.get("examples")
    return f"{problem} (for example {json.dumps(examples[0])})" if examples else problem


def _unknown(name: str, known: Iterable[str]) -> str:
    hint = suggestion(name, known, otherwise=f"known: {', '.join(known)}")
    return f"{format_value(name)} is unknown ({hint})"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of JSON file that the suite writes and reads back.

    ``name`` is what messages call it, such as ``report``, and ``schema`` the file of its schema in
    ``spec``. ``advice`` is a clause on how to get such a file, which ends each message. Errors are
    of the class ``error``. At most ``largest`` bytes are read.
    """

    name: str
    schema: str
    advice: str
    error: type[UsageError] = UsageError
    largest: int = input_files.LARGEST

    def read(self, path: Path) -> Any:
        """Return the document of a file.

        Raises:
            UsageError: the file cannot be read or is not of this kind. The class is ``error``; the
                text names the file, the place in it, what is expected there and what to do.
        """
        document = self.decode(self.load(path), str(path))
        self.check(document, str(path))
        return document

    def load(self, path: Path) -> bytes:
        """Return the bytes of a file; of a file that is too large, ``largest`` bytes and one more.

        Raises:
            UsageError: the file cannot be read.
        """
        file = f"{self.name} {_shown(str(path))}"
        try:
            return input_files.beginning(path, self.largest + 1)
        except FileNotFoundError as error:
            raise self.error(f"there is no {file}; {self.advice}") from error
        except (OSError, ValueError) as error:
            reason = input_files.reason(error)
            raise self.error(f"cannot read the {file}: {reason}; {self.advice}") from error

    def decode(self, raw: bytes, file: str) -> Any:
        """Decode strictly: in UTF-8, without repeated fields, NaN and the like.

        Raises:
            UsageError: the bytes are too many or not JSON.
        """
        if len(raw) > self.largest:
            raise self.wrong(file, f"it is larger than {self.largest >> 20:,} MiB")
        if not raw or raw.isspace():
            raise self.wrong(file, "it is empty")
        if strict_json.has_more_values(raw, MOST_VALUES):
            raise self.wrong(file, f"it contains more than {MOST_VALUES:,} values")
        decoded = strict_json.parse_bytes(raw)
        if decoded.error is not None:
            # The texts are about bodies of responses.
            raise self.wrong(file, decoded.error.replace("the body ", "it "))
        if decoded.constants:
            raise self.wrong(file, f"it contains {decoded.constants[0]}, which is not JSON")
        if decoded.repeated:
            place = visible(clipped(decoded.repeated[0]))
            raise self.wrong(file, f"the field {place} occurs twice")
        return decoded.value

    def check(self, document: Any, file: str) -> None:
        """Check a document by the schema.

        Raises:
            UsageError: the document does not fit.
        """
        try:
            check(document, self.schema)
        except Misfit as misfit:
            raise self.wrong(file, str(misfit)) from None

    def wrong(self, file: str, problem: str) -> UsageError:
        """Return the error for a file that is not of this kind; ``problem`` is a clause."""
        return self.error(f"{the_file(file)} is not a {self.name}: {problem}; {self.advice}")


def the_file(name: str) -> str:
    """Return how a message names a file."""
    return f"the file {_shown(name)}"


def _shown(name: str) -> str:
    return visible(clipped(name, 200))
