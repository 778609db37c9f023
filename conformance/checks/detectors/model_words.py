"""Whether the name of a member speaks of models, however it is put together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from conformance.core.text import words_of

MODEL_WORDS = frozenset({"model", "models", "apis", "llm", "llms"})
SINGULAR_WORDS = frozenset({"model", "llm"})
COLLECTION_WORDS = frozenset(
    {
        "name",
        "names",
        "list",
        "id",
        "ids",
        "detail",
        "details",
        "info",
        "data",
        "items",
        "map",
        "entries",
        "refs",
        "references",
        "summaries",
        "records",
        "objects",
        "entities",
        "elements",
        "catalog",
        "catalogue",
        "array",
        "set",
    }
)


def model_numbers(member: str) -> Iterator[str]:
    """Yield the numbers that stand behind a word for a model, as in ``model_2_name``."""
    words = words_of(member)
    for word, following in pairwise(words):
        if word in MODEL_WORDS and following.isdigit():
            yield following


def mentions_models(member: str) -> bool:
    """Whether there is a word for a model in the name of a member."""
    return not MODEL_WORDS.isdisjoint(words_of(member))


def names_models(member: str) -> bool:
    """Whether a member is called like models, or a collection of them, as ``llmDetails`` is."""
    words = words_of(member)
    if not words or not MODEL_WORDS & set(words):
        return member.lower() == "integrations"
    if words[-1] in SINGULAR_WORDS and len(words) > 1:
        # A pricing model or a data model is no model of the provider.
        return False
    return words[-1] in MODEL_WORDS or words[-1] in COLLECTION_WORDS or words[-1].isdigit()
