"""Detect details of models in a response, whatever their name, nesting or form.

The contract (MODEL-02, ``modelDetails``) defines the details. Unknown fields are permitted, so each
rule needs more than a suspicious name: content that only models have, a collection with a name for
models, names of two models that the server lists elsewhere or something about one of them, or
collections whose sizes equal ``modelsCount`` in all providers. Strings are decoded as far as
``decoded`` does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from conformance.checks.detectors.model_words import mentions_models, model_numbers, names_models
from conformance.checks.detectors.provider_data import free_headers
from conformance.contract.model import Contract
from conformance.core.json_place import ROOT, Place
from conformance.core.json_walk import DEEPEST, decoded, texts_in, walk
from conformance.core.names import Names
from conformance.core.text import CONFIDENTIAL, clipped, outlined, visible
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import COUNT, EMBEDDED

NAME = "api"
"""The field with the name of a model."""
LINK_FIELDS = frozenset(
    {
        *("href", "url", "uri", "rel", "templated", "title", "type", "method"),
        *("hreflang", "profile", "name", "deprecation"),
    }
)
"""Fields of links, among them those of HAL (draft-kelly-json-hal, section 5)."""
SUMMARY_FIELDS = frozenset({"status", "state", "summary", "updated", "source"})
"""Fields that may describe models as a whole."""
OF_PROVIDER = "integrationName"
"""The field of a model that names its provider, so alone it says nothing about a model."""
PROSE = frozenset({"name", "description"})
"""Fields with text that people write, which may name models; tags and configuration are others."""
IDENTITY = frozenset({NAME, "id", "name", "label", "title", "key"})
"""Fields that say what an object is about; other fields may refer to something else."""
PLAIN_WORD = re.compile("[a-z]+")
"""A name that a label or a document may have as well, such as ``docs``."""
LIST_IN_TEXT = re.compile(r"[^\s,;|]\s*[,;|]\s*[^\s,;|]")
SEPARATOR = re.compile(r"[,;|\n]")
FEWEST_COUNTED = 3
"""Providers whose counts must equal a size before it is more than a coincidence.

Lists that people write have about five lengths, so those of two providers agree with their counts
by chance in one of 25 fields, and those of three in one of 125.
"""
FEWEST_COUNTS = 2
"""Different counts among them; a field of the same length everywhere agrees with one count."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A place with model details within the element, and a description.

    ``what`` describes the structure and never contains a value.
    """

    place: Place
    what: str

    @property
    def pointer(self) -> str:
        """The JSON pointer of the place within the element."""
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names of fields of providers, models and tags in the contract."""

    provider: frozenset[str]
    model: frozenset[str]
    tag: frozenset[str]

    @classmethod
    def of(cls, contract: Contract) -> Vocabulary:
        """Return the vocabulary of a contract."""
        return cls(
            frozenset(contract.element_schema["properties"]) | {EMBEDDED},
            contract.model_fields,
            frozenset(contract.document["components"]["schemas"]["Tag"]["properties"]),
        )

    @property
    def only_in_models(self) -> frozenset[str]:
        """Fields that models have and providers do not."""
        return self.model - self.provider

    def is_model(self, fields: Collection[str], others: int) -> bool:
        """Whether an object with these fields is a model.

        It needs a field that only models have, and at least ``others`` further fields of models.
        """
        distinctive = self.only_in_models & set(fields)
        return bool(distinctive) and len(self.model & set(fields)) > others

    def describes(self, fields: Collection[str]) -> bool:
        """Whether these fields describe a model; a single one that providers have is a setting."""
        shared = self.model & set(fields)
        return len(shared) > 1 or bool(shared - self.provider)


Known = Collection[str] | None
"""Names of a provider's models; ``None`` if they are unknown."""


def in_element(
    element: Mapping[str, Any], vocabulary: Vocabulary, known: Known = None
) -> Iterator[Detail]:
    """Yield the details in one element of a response, except for its field ``apis``.

    ``known`` are the names of this provider's models; with them, fewer fields are suspected.
    """
    yield from _flattened(element, vocabulary, known or ())
    for field, value in element.items():
        place = ROOT / field
        if field == EMBEDDED:
            continue
        if field == CONFIDENTIAL:
            yield from _in_configuration(value, place, vocabulary, known)
        elif field == "tags":
            yield from _in_tags(value, place, vocabulary, known)
        elif field in vocabulary.provider:
            names = () if field in PROSE else known or ()
            yield from _nested(value, place, vocabulary, known)
            yield from _naming(field, value, place, names)
        elif _is_distinctive(field, value, element, vocabulary) and _may_be_model(element, known):
            yield Detail(place, "a field that only a model has")
        else:
            yield from _in_unknown(field, value, place, vocabulary, known)


def in_headers(exchange: Exchange, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each header that names at least two of these models, and what it holds.

    A link to a model is not a model.
    """
    distinct = _distinct(names)
    for header, value in free_headers(exchange):
        named = _mentioned(value, distinct) if header != "link" else ()
        if len(named) >= 2:
            shown = visible(clipped(header))
            yield header, f"the names of {len(named)} models in the header {shown}"


def is_plain(element: Mapping[str, Any], vocabulary: Vocabulary) -> bool:
    """Whether an element has no place for details; this quick test covers most elements.

    A plain element has no unknown field, no string that carries something else, and no list in
    texts other than prose. Its only nested values are tags and a flat configuration without the
    name of a model.
    """
    known = vocabulary.provider
    for field, value in element.items():
        if field not in known:
            return False
        kind = type(value)
        if kind is str:
            if decoded(value) is not value:
                return False
            if field not in PROSE and _SEVERAL_WORDS.search(value):
                return False
        elif kind is dict:
            if field != CONFIDENTIAL or NAME in value or not _is_flat(value):
                return False
        elif kind is list and (
            field != "tags" or not all(_is_tag(tag, vocabulary) for tag in value)
        ):
            return False
    return True


_SEVERAL_WORDS = re.compile(r"[\s,;|]")


def _is_flat(value: Mapping[str, Any]) -> bool:
    for inner in value.values():
        kind = type(inner)
        if kind is dict or kind is list or (kind is str and decoded(inner) is not inner):
            return False
    return True


def _is_tag(value: Any, vocabulary: Vocabulary) -> bool:
    return type(value) is dict and value.keys() <= vocabulary.tag and _is_flat(value)


def following_the_count(
    elements: Iterable[Mapping[str, Any]], vocabulary: Vocabulary
) -> tuple[Place, ...]:
    """Return the places of unknown collections that are as large as ``modelsCount`` everywhere.

    The places are within a provider, for collections at any depth of its objects. The elements are
    those of all responses together, because in a result of two or three providers
    almost any size agrees. At least ``FEWEST_COUNTS`` different counts above zero must agree, in at
    least ``FEWEST_COUNTED`` providers.
    """
    sizes: dict[Place, set[tuple[str, int, Any]]] = defaultdict(set)
    for element in elements:
        count = element.get(COUNT)
        for place, value in unknown_collections(element, vocabulary).items():
            same = isinstance(count, int) and len(value) == count
            sizes[place].add((str(element.get("name")), len(value), same))
    return tuple(
        place
        for place, found in sizes.items()
        if all(same for _, _, same in found)
        and can_be_followed({name: size for name, size, _ in found})
    )


def can_be_followed(counts: Mapping[str, float]) -> bool:
    """Whether sizes that equal these counts, by provider name, would be more than a coincidence."""
    above = [count for count in counts.values() if count > 0]
    return len(above) >= FEWEST_COUNTED and len({*above}) >= FEWEST_COUNTS


def unknown_collections(
    element: Mapping[str, Any], vocabulary: Vocabulary
) -> dict[Place, list[Any] | dict[str, Any]]:
    """Return the collections in unknown fields, by their places in the element.

    A text is the collection of what stands between its commas or line breaks. Nested objects are
    searched. Arrays are not, because the position of an element means nothing.
    """
    found: dict[Place, list[Any] | dict[str, Any]] = {}
    stack: list[tuple[Place, Any, int]] = [
        (ROOT / field, value, 0)
        for field, value in element.items()
        if field not in vocabulary.provider
    ]
    while stack:
        place, value, depth = stack.pop()
        value = decoded(value, inflates=depth == 0)
        if isinstance(value, str):
            value = [part for part in SEPARATOR.split(value) if part.strip()]
        if isinstance(value, list | dict):
            found[place] = value
        if isinstance(value, dict) and depth < DEEPEST:
            stack += ((place / key, child, depth + 1) for key, child in value.items())
    return found


def _is_distinctive(
    field: str, value: Any, element: Mapping[str, Any], vocabulary: Vocabulary
) -> bool:
    # A field that repeats the provider's own name does not describe a model.
    if not isinstance(value, str) or value in ("", element.get("name")):
        return False
    return field in vocabulary.only_in_models - {OF_PROVIDER}


def _may_be_model(fields: Mapping[str, Any], known: Known) -> bool:
    """Whether an object can be a model, judging by its name field if there is one."""
    name = fields.get(NAME)
    return known is None or not isinstance(name, str) or name in known


def _flattened(
    element: Mapping[str, Any], vocabulary: Vocabulary, known: Collection[str]
) -> Iterator[Detail]:
    """Yield details if several fields of the provider are models, by their names or numbers."""
    unknown = {field: value for field, value in element.items() if field not in vocabulary.provider}
    named = [field for field in unknown if field in known]
    if len(named) >= 2:
        yield Detail(ROOT / named[0], f"{len(named)} fields with names of the provider's models")
    within = [
        field
        for field in unknown
        if mentions_models(field.partition(".")[0]) and _has_part(field, known)
    ]
    if len(within) >= 2:
        yield Detail(ROOT / within[0], f"{len(within)} fields about the provider's models")
    numbered = {
        number: field
        for field, value in unknown.items()
        if value not in (None, "") and not _is_number(value)
        for number in model_numbers(field)
    }
    if len(numbered) >= 2:
        first = next(iter(numbered.values()))
        yield Detail(ROOT / first, f"{len(numbered)} models in numbered fields")


def _has_part(field: str, known: Collection[str]) -> bool:
    """Whether a name stands between full stops in the name of a field, after the first of them."""
    found = _index(frozenset(known)).found(field)
    return any(
        field[begin - 1 : begin] == "." and field[begin + len(name) :][:1] in ("", ".")
        for begin, name in found
    )


def _in_unknown(
    field: str, value: Any, place: Place, vocabulary: Vocabulary, known: Known
) -> Iterator[Detail]:
    found = chain(
        _nested(value, place, vocabulary, known),
        _named(field, value, place, known),
        _naming(field, value, place, known or ()),
        _described(value, place, known or ()),
    )
    # One finding per field, because the rules overlap.
    yield from islice(found, 1)


def _nested(value: Any, place: Place, vocabulary: Vocabulary, known: Known) -> Iterator[Detail]:
    for inner_place, inner in walk(value, place):
        if not isinstance(inner, Mapping) or not _may_be_model(inner, known):
            continue
        if vocabulary.is_model(inner, others=1):
            yield Detail(inner_place, f"what only a model has: {outlined(inner)}")


def _named(field: str, value: Any, place: Place, known: Known) -> Iterator[Detail]:
    inside = decoded(value)
    if names_models(field) and _is_collection(inside, known):
        yield Detail(place, f"models under another name: {_outlined(inside)}")
        return
    for inner_place, inner in walk(value, place):
        if isinstance(inner, Mapping):
            for key, nested in inner.items():
                if names_models(str(key)) and _is_collection(nested, known):
                    where = inner_place / key
                    yield Detail(where, f"models under another name: {_outlined(nested)}")


def _outlined(value: Any) -> str:
    # The keys of a map of models are their names, which are details as well.
    return f"a map of {len(value)}" if isinstance(value, Mapping) else outlined(value)


def _is_collection(value: Any, known: Known) -> bool:
    if isinstance(value, list):
        return any(not _is_link(item) for item in value)
    if isinstance(value, Mapping):
        if any(isinstance(item, Mapping | list) for item in value.values()):
            return not _refers(value)
        # Beside numbers, a text says something about all models.
        several = (
            not _is_link(value)
            and not SUMMARY_FIELDS & {*value}
            and bool(value)
            and not any(map(_is_number, value.values()))
        )
    elif isinstance(value, str):
        several = not _is_address(value) and LIST_IN_TEXT.search(value) is not None
    else:
        return False
    # A flat value may describe the models as a whole, unless it mentions one of them.
    return several and (known is None or bool(_mentioned(value, known)))


def _is_link(value: Any) -> bool:
    """Whether a value contains nothing but a link, and possibly numbers."""
    if not isinstance(value, Mapping):
        return isinstance(value, str) and _is_address(value)
    fields = {field for field, inner in value.items() if not _is_number(inner)}
    return bool(fields & {"href", "url", "uri"}) and fields <= LINK_FIELDS


def _refers(value: Any) -> bool:
    """Whether a value contains nothing but links and numbers, at any depth: JSON:API, OData."""
    if isinstance(value, Mapping):
        return _is_link(value) or all(map(_refers, value.values()))
    return _is_number(value) or (isinstance(value, str) and _is_address(value))


def _is_address(text: str) -> bool:
    return text.startswith("/") or "://" in text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _naming(field: str, value: Any, place: Place, known: Collection[str]) -> Iterator[Detail]:
    if not known:
        return
    named = _mentioned(value, known)
    if not named:
        return
    if len(named) >= 2 or (isinstance(decoded(value), list) and mentions_models(field)):
        yield Detail(place, f"the names of {len(named)} of the provider's models")


def _described(value: Any, place: Place, known: Collection[str]) -> Iterator[Detail]:
    """Yield the objects that say something about one of the provider's models."""
    distinct = _distinct(frozenset(known))
    if not distinct:
        return
    for here, inner in walk(value, place):
        if not isinstance(inner, Mapping):
            continue
        identity = {one for one in map(inner.get, IDENTITY) if isinstance(one, str)}
        rest = {f: one for f, one in inner.items() if f not in IDENTITY and one not in (None, "")}
        if identity & distinct and rest and not _is_link(rest):
            yield Detail(here, f"what describes a model of the provider: {outlined(inner)}")
        for name in distinct & inner.keys():
            if isinstance(inner[name], Mapping) and inner[name] and not _is_link(inner[name]):
                yield Detail(here, f"what describes a model of the provider: {_outlined(inner)}")


def _mentioned(value: Any, known: Collection[str]) -> set[str]:
    names = _index(frozenset(known))
    return {
        name
        for text in (texts_in(value) if known else ())
        for begin, name in names.found(text)
        if _NOT_BEFORE.match(text[begin - 1 : begin]) is None
        and _NOT_AFTER.match(text, begin + len(name)) is None
    }


_NOT_BEFORE = re.compile(r"[\w.-]")
_NOT_AFTER = re.compile(r"[\w-]|\.\w")
"""What stands beside a part of a longer name.

A full stop after a name ends a sentence or introduces a version.
"""


@lru_cache(maxsize=64)
def _index(names: frozenset[str]) -> Names:
    return Names(names)


@lru_cache(maxsize=64)
def _distinct(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if not PLAIN_WORD.fullmatch(name))


def _in_configuration(
    value: Any, place: Place, vocabulary: Vocabulary, known: Known
) -> Iterator[Detail]:
    # Settings are free-form: a complete model counts here, a mention of one does not.
    for inner_place, inner in walk(value, place):
        if not isinstance(inner, Mapping):
            continue
        # The configuration as a whole is not a model, whatever the names of its settings.
        sure = inner_place != place or inner.get(NAME) in (known or ())
        if sure and vocabulary.is_model(inner, others=2) and _may_be_model(inner, known):
            yield Detail(inner_place, "a model within the configuration")
            continue
        for key, nested in inner.items():
            rows = decoded(nested)
            if key in (known or ()) and isinstance(rows, Mapping) and vocabulary.describes(rows):
                yield Detail(inner_place, "a model within the configuration, by its name")
                break
            if _is_table(rows, vocabulary) and (
                names_models(str(key)) or _names_each(rows, known or ())
            ):
                where = inner_place / key
                yield Detail(where, f"{len(rows)} models within the configuration")


def _is_table(value: Any, vocabulary: Vocabulary) -> bool:
    rows = list(value.values()) if isinstance(value, Mapping) else value
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(row, Mapping) and vocabulary.model & set(row) for row in rows)
    )


def _names_each(rows: Any, known: Collection[str]) -> bool:
    """Whether each of several rows names another model of the provider."""
    if not isinstance(rows, list) or len(rows) < 2:
        return False
    names = [
        {value for value in row.values() if isinstance(value, str)} & set(known) for row in rows
    ]
    return all(names) and len(set().union(*names)) == len(rows)


def _in_tags(value: Any, place: Place, vocabulary: Vocabulary, known: Known) -> Iterator[Detail]:
    if not isinstance(value, list):
        yield from _nested(value, place, vocabulary, known)
        return
    for number, tag in enumerate(value):
        if isinstance(tag, Mapping):
            for field, inner in tag.items():
                where = place / number / field
                if field in vocabulary.tag:
                    yield from _nested(inner, where, vocabulary, known)
                else:
                    yield from _in_unknown(field, inner, where, vocabulary, known)
