"""The catalogue of valid variations: unusual servers that conform to the contract."""

from __future__ import annotations

from conformance.reference.variations.answers import ANSWERS
from conformance.reference.variations.callers import CALLERS
from conformance.reference.variations.choices import CHOICES
from conformance.reference.variations.clusters import CLUSTERS
from conformance.reference.variations.entries import Variation
from conformance.reference.variations.living import LIVING
from conformance.reference.variations.members import MEMBERS
from conformance.reference.variations.trouble import TROUBLE
from conformance.reference.variations.writing import WRITING

__all__ = ["VARIATIONS", "Variation"]

VARIATIONS: tuple[Variation, ...] = (
    *MEMBERS,
    *CLUSTERS,
    *ANSWERS,
    *CHOICES,
    *CALLERS,
    *LIVING,
    *TROUBLE,
    *WRITING,
)
