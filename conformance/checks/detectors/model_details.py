"""Recognising the details of models in an answer, whatever their name, nesting or form.

What counts as a detail comes from the contract's schema ``ModelDetails``. Members that the contract
does not know are legal, so each rule needs more than a suspicious name: content that only a model
has, a collection under a name for models, names of models that the server itself lists elsewhere,
or collections whose sizes follow ``modelsCount`` from provider to provider.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.detectors.model_words import mentions_models, model_numbers, names_models
from conformance.contract.model import Contract
from conformance.core.json_walk import DEEPEST, unpacked, walk
from conformance.core.text import CONFIDENTIAL, outlined, pointer
from conformance.evidence.providers import COUNT, EMBEDDED

NAME = "api"
"""The member of a model that is its name."""
LINK_MEMBERS = frozenset({"href", "url", "uri", "rel", "templated", "title", "type", "method"})
LIST_IN_TEXT = re.compile(r"[^\s,;|]\s*[,;|]\s*[^\s,;|]")
FEWEST_COUNTED = 3
"""Providers with models whose counts have to agree with a size before that is more than chance."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One place where model details stand: its JSON pointer within the element, and what is there.

    ``what`` describes the structure and never a value. A ``weak`` one may be chance in a single
    provider: it counts only if another provider shows one at the same place.
    """

    pointer: str
    what: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The members that matter, from the contract."""

    provider: frozenset[str]
    model: frozenset[str]
    tag: frozenset[str]

    @classmethod
    def of(cls, contract: Contract) -> Vocabulary:
        """Read the vocabulary from the schemas Provider, ModelDetails and Tag."""
        schemas = contract.document["components"]["schemas"]
        return cls(
            frozenset(contract.element_schema["properties"]),
            frozenset(schemas["ModelDetails"]["properties"]),
            frozenset(schemas["Tag"]["properties"]),
        )

    @property
    def telltale(self) -> frozenset[str]:
        """Members that a model has and a provider has not."""
        return self.model - self.provider

    def is_model(self, members: Collection[str], others: int) -> bool:
        """Whether an object with these members is a model: a telltale and ``others`` besides."""
        telltale = self.telltale & set(members)
        return bool(telltale) and len(self.model & set(members)) > others


Known = Collection[str] | None
"""The names of a provider's models, ``None`` where they could not be learnt."""


def in_element(
    element: Mapping[str, Any], vocabulary: Vocabulary, known: Known = None
) -> Iterator[Detail]:
    """Yield the details in one element of an answer; its member ``apis`` itself is left to others.

    ``known`` are the names of this provider's models; where they were learnt, less is suspected.
    """
    yield from _flattened(element, vocabulary, known or ())
    for member, value in element.items():
        place = pointer(member)
        if member == EMBEDDED:
            continue
        if member == CONFIDENTIAL:
            yield from _in_configuration(value, place, vocabulary, known)
        elif member == "tags":
            yield from _in_tags(value, place, vocabulary, known)
        elif member in vocabulary.provider:
            yield from _nested(unpacked(value), place, vocabulary, known)
        elif _is_telltale(member, value, element, vocabulary) and _may_be_model(element, known):
            yield Detail(place, "a member that only a model has")
        else:
            yield from _in_unknown(member, value, place, vocabulary, known)


def is_plain(element: Mapping[str, Any], vocabulary: Vocabulary) -> bool:
    """Whether an element has no place for details: quick to find out, and the usual case.

    That is, no member that the contract does not know, nothing nested but flat settings without a
    model's name, and tags, and no text that may be JSON.
    """
    known = vocabulary.provider
    for member, value in element.items():
        if member not in known:
            return False
        kind = type(value)
        if kind is str:
            if value[:1] in _NOT_PLAIN and value:
                return False
        elif kind is dict:
            if member != CONFIDENTIAL or NAME in value or not _is_flat(value):
                return False
        elif kind is list and (
            member != "tags" or not all(_is_tag(tag, vocabulary) for tag in value)
        ):
            return False
    return True


_NOT_PLAIN = frozenset("[{ \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029\u3000\xa0")
"""What a text begins with that may be JSON, be it behind blanks."""


def _is_flat(value: Mapping[str, Any]) -> bool:
    for inner in value.values():
        kind = type(inner)
        if kind is dict or kind is list or (kind is str and inner[:1] in _NOT_PLAIN and inner):
            return False
    return True


def _is_tag(value: Any, vocabulary: Vocabulary) -> bool:
    return type(value) is dict and value.keys() <= vocabulary.tag and _is_flat(value)


def following_the_count(
    elements: Iterable[Mapping[str, Any]], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return where unknown collections are as large as ``modelsCount`` in every provider.

    The places are JSON pointers within a provider, for collections at any depth of its maps. The
    elements are those of all answers together: in a view of two or three providers almost anything
    agrees. So at least two different counts above zero have to agree, in at least
    ``FEWEST_COUNTED`` providers.
    """
    sizes: dict[str, set[tuple[str, int, Any]]] = defaultdict(set)
    for element in elements:
        count = element.get(COUNT)
        for place, value in unknown_collections(element, vocabulary).items():
            same = isinstance(count, int) and len(value) == count
            sizes[place].add((str(element.get("name")), len(value), same))
    return tuple(
        place
        for place, found in sizes.items()
        if all(same for _, _, same in found)
        and len({size for _, size, _ in found if size > 0}) >= 2
        and len({name for name, size, _ in found if size > 0}) >= FEWEST_COUNTED
    )


def unknown_collections(
    element: Mapping[str, Any], vocabulary: Vocabulary
) -> dict[str, list[Any] | dict[str, Any]]:
    """Return the collections in members that the contract does not know, by their JSON pointers.

    Maps are gone into, lists are not: what stands in them has no place of its own.
    """
    found: dict[str, list[Any] | dict[str, Any]] = {}
    stack: list[tuple[str, Any, int]] = [
        (pointer(member), value, 0)
        for member, value in element.items()
        if member not in vocabulary.provider
    ]
    while stack:
        place, value, depth = stack.pop()
        value = unpacked(value)
        if isinstance(value, list | dict):
            found[place] = value
        if isinstance(value, dict) and depth < DEEPEST:
            stack += ((place + pointer(key), child, depth + 1) for key, child in value.items())
    return found


def _is_telltale(
    member: str, value: Any, element: Mapping[str, Any], vocabulary: Vocabulary
) -> bool:
    # What repeats the provider's own name tells nothing of a model.
    if not isinstance(value, str) or value in ("", element.get("name")):
        return False
    return member in vocabulary.telltale


def _may_be_model(members: Mapping[str, Any], known: Known) -> bool:
    """Whether what is called like a model's name is one, if there is such a member."""
    name = members.get(NAME)
    return known is None or not isinstance(name, str) or name in known


def _flattened(
    element: Mapping[str, Any], vocabulary: Vocabulary, known: Collection[str]
) -> Iterator[Detail]:
    """Yield where several members of the provider are its models: by their names, or numbered."""
    unknown = {
        member: value for member, value in element.items() if member not in vocabulary.provider
    }
    named = [member for member in unknown if member in known]
    if len(named) >= 2:
        yield Detail(pointer(named[0]), f"{len(named)} members with names of the provider's models")
    within = [
        member
        for member in unknown
        if mentions_models(member.partition(".")[0])
        and any(f".{name}." in f"{member}." for name in known)
    ]
    if len(within) >= 2:
        yield Detail(pointer(within[0]), f"{len(within)} members about the provider's models")
    numbered = {
        number: member
        for member, value in unknown.items()
        if value not in (None, "") and not _is_number(value)
        for number in model_numbers(member)
    }
    if len(numbered) >= 2:
        first = next(iter(numbered.values()))
        yield Detail(pointer(first), f"{len(numbered)} models in numbered members")


def _in_unknown(
    member: str, value: Any, place: str, vocabulary: Vocabulary, known: Known
) -> Iterator[Detail]:
    inside = unpacked(value)
    found = [
        *_nested(inside, place, vocabulary, known),
        *_named(member, inside, place, known),
        *_naming(member, inside, place, known or ()),
    ]
    # One finding per member: the rules overlap.
    yield from found[:1]


def _nested(value: Any, place: str, vocabulary: Vocabulary, known: Known) -> Iterator[Detail]:
    for inner_place, inner in walk(value, place):
        if not isinstance(inner, Mapping) or not _may_be_model(inner, known):
            continue
        if vocabulary.is_model(inner, others=1):
            yield Detail(inner_place, f"what only a model has: {outlined(inner)}")


def _named(member: str, value: Any, place: str, known: Known) -> Iterator[Detail]:
    if names_models(member) and _is_collection(value, known):
        yield Detail(place, f"models under another name: {_outlined(value)}")
        return
    for inner_place, inner in walk(value, place):
        if isinstance(inner, Mapping):
            for key, nested in inner.items():
                if names_models(str(key)) and _is_collection(nested, known):
                    where = inner_place + pointer(str(key))
                    yield Detail(where, f"models under another name: {_outlined(nested)}")


def _outlined(value: Any) -> str:
    # The keys of a map of models are their names, which are details themselves.
    return f"a map of {len(value)}" if isinstance(value, Mapping) else outlined(value)


def _is_collection(value: Any, known: Known) -> bool:
    if isinstance(value, list):
        return any(not _is_link(item) for item in value)
    if isinstance(value, Mapping):
        if any(isinstance(item, Mapping | list) for item in value.values()):
            return True
        several = not _is_link(value) and any(not _is_number(item) for item in value.values())
    elif isinstance(value, str):
        several = not _is_address(value) and LIST_IN_TEXT.search(value) is not None
    else:
        return False
    # What is flat may be about the models as a whole, unless it mentions one.
    return several and (known is None or bool(_mentioned(value, known)))


def _is_link(value: Any) -> bool:
    """Whether this says where to find something, perhaps with numbers of it, and nothing else."""
    if not isinstance(value, Mapping):
        return isinstance(value, str) and _is_address(value)
    members = {member for member, inner in value.items() if not _is_number(inner)}
    return bool(members & {"href", "url", "uri"}) and members <= LINK_MEMBERS


def _is_address(text: str) -> bool:
    return text.startswith("/") or "://" in text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _naming(member: str, value: Any, place: str, known: Collection[str]) -> Iterator[Detail]:
    if not known:
        return
    named = _mentioned(value, known)
    if not named:
        return
    what = f"the names of {len(named)} of the provider's models"
    container = isinstance(value, list | dict)
    if len(named) >= 2 or (container and mentions_models(member)):
        yield Detail(place, what)
    elif container and len(named) == len(set(known)):
        # Models are called "docs" or "test", and so are labels.
        yield Detail(place, what, weak=True)


def _mentioned(value: Any, known: Collection[str]) -> set[str]:
    strings = list(_strings(value))
    return {name for name in known if any(_mentions(text, name) for text in strings)}


def _mentions(text: str, name: str) -> bool:
    # A full stop behind the name ends a sentence, or goes on with a version.
    pattern = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
    return name in text and bool(re.search(pattern, text))


def _strings(value: Any) -> Iterator[str]:
    for _, inner in walk(value, ""):
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, Mapping):
            yield from map(str, inner)


def _in_configuration(
    value: Any, place: str, vocabulary: Vocabulary, known: Known
) -> Iterator[Detail]:
    # Settings are free-form: only whole models count here, not a mention of one.
    for inner_place, inner in walk(unpacked(value), place):
        if not isinstance(inner, Mapping):
            continue
        # The settings as a whole are no model, whatever their names.
        sure = inner_place != place or inner.get(NAME) in (known or ())
        if sure and vocabulary.is_model(inner, others=2) and _may_be_model(inner, known):
            yield Detail(inner_place, "a model within the configuration")
            continue
        for key, nested in inner.items():
            rows = unpacked(nested)
            if key in (known or ()) and isinstance(rows, Mapping) and vocabulary.model & set(rows):
                yield Detail(inner_place, "a model within the configuration, by its name")
                break
            if _is_table(rows, vocabulary) and (
                names_models(str(key)) or _names_each(rows, known or ())
            ):
                where = inner_place + pointer(str(key))
                yield Detail(where, f"{len(rows)} models within the configuration")


def _is_table(value: Any, vocabulary: Vocabulary) -> bool:
    rows = list(value.values()) if isinstance(value, Mapping) else value
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(row, Mapping) and vocabulary.model & set(row) for row in rows)
    )


def _names_each(rows: Any, known: Collection[str]) -> bool:
    """Whether each of several rows is about another model of the provider."""
    if not isinstance(rows, list) or len(rows) < 2:
        return False
    names = [
        {value for value in row.values() if isinstance(value, str)} & set(known) for row in rows
    ]
    return all(names) and len(set().union(*names)) == len(rows)


def _in_tags(value: Any, place: str, vocabulary: Vocabulary, known: Known) -> Iterator[Detail]:
    if not isinstance(value, list):
        yield from _nested(unpacked(value), place, vocabulary, known)
        return
    for number, tag in enumerate(value):
        if isinstance(tag, Mapping):
            for member, inner in tag.items():
                where = place + pointer(number, member)
                if member in vocabulary.tag:
                    yield from _nested(unpacked(inner), where, vocabulary, known)
                else:
                    yield from _in_unknown(member, inner, where, vocabulary, known)
