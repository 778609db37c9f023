"""Detect names of fields that refer to models."""

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


def model_numbers(field: str) -> Iterator[str]:
    """Yield the numbers after a word for models in the name of a field, as in ``model_2_name``."""
    words = words_of(field)
    for word, following in pairwise(words):
        if word in MODEL_WORDS and following.isdigit():
            yield following


def mentions_models(field: str) -> bool:
    """Whether the name of a field contains a word for models."""
    return not MODEL_WORDS.isdisjoint(words_of(field))


def names_models(field: str) -> bool:
    """Whether the name of a field denotes models or a collection, such as ``llmDetails``."""
    words = words_of(field)
    if not words or not MODEL_WORDS & set(words):
        return field.lower() == "integrations"
    if words[-1] in SINGULAR_WORDS and len(words) > 1:
        # A pricing model or a data model is not a model of the provider.
        return False
    return words[-1] in MODEL_WORDS or words[-1] in COLLECTION_WORDS or words[-1].isdigit()
