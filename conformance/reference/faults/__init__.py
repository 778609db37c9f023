"""The catalogue of faults: each reproduces one realistic implementation mistake."""

from __future__ import annotations

from conformance.reference.faults.authentication import AUTH
from conformance.reference.faults.counts import COUNTS
from conformance.reference.faults.entries import Fault
from conformance.reference.faults.filters import FILTERS
from conformance.reference.faults.filters_active import ACTIVE
from conformance.reference.faults.filters_by_view import VIEWS
from conformance.reference.faults.filters_near import NEAR
from conformance.reference.faults.http_answers import HTTP
from conformance.reference.faults.lifecycle import LIFECYCLE
from conformance.reference.faults.models import MODELS
from conformance.reference.faults.models_beside import BESIDE
from conformance.reference.faults.refusals import REFUSALS
from conformance.reference.faults.robust import ROBUST
from conformance.reference.faults.robust_names import NAMES
from conformance.reference.faults.secret import SECRET
from conformance.reference.faults.shape import SHAPE
from conformance.reference.faults.stable import STABLE
from conformance.reference.faults.telling import TELLING
from conformance.reference.faults.trouble import TROUBLE

__all__ = ["FAULTS", "Fault"]

FAULTS: tuple[Fault, ...] = (
    *FILTERS,
    *ACTIVE,
    *NEAR,
    *VIEWS,
    *MODELS,
    *BESIDE,
    *COUNTS,
    *HTTP,
    *SHAPE,
    *AUTH,
    *REFUSALS,
    *ROBUST,
    *TELLING,
    *NAMES,
    *STABLE,
    *SECRET,
    *TROUBLE,
    *LIFECYCLE,
)
