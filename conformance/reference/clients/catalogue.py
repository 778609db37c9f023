"""The catalogue of clients: a correct one, broken ones, and odd ones that keep the contract."""

from __future__ import annotations

from functools import partial

from conformance.reference.clients.asking import ASKING
from conformance.reference.clients.client import CorrectClient
from conformance.reference.clients.entries import Catalogue, Client
from conformance.reference.clients.odd import ODD
from conformance.reference.clients.processes import ODD_PROCESSES, PROCESSES
from conformance.reference.clients.reading import READING
from conformance.reference.clients.trouble import TROUBLE

__all__ = ["CLIENTS", "Client"]

_CORRECT = Catalogue("correct")
_CORRECT.add("correct", "It keeps every requirement.", CorrectClient)
_CORRECT.add(
    "quiet-correct",
    "It keeps every requirement. It writes no answer.",
    partial(CorrectClient, answers=False),
    answers=False,
)

CLIENTS: tuple[Client, ...] = (
    *_CORRECT,
    *ASKING,
    *READING,
    *TROUBLE,
    *PROCESSES,
    *ODD,
    *ODD_PROCESSES,
)
