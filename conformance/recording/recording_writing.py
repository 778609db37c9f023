"""A recording as text: HAR 1.2 with members of its own, whose names begin as those must.

The archive itself is written here, since writers of HAR files (``harfile``) know no members of
one's own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from conformance.contract.model import Contract
from conformance.core.strict_json import decode
from conformance.evidence.evidence import Evidence
from conformance.evidence.related_endpoints import model_names
from conformance.recording.model import Circumstances, Taken
from conformance.recording.redaction import BodyRedactor
from conformance.recording.writer import OWN, content, entry, log_head, own_head

MOST_REPEATED = 4 << 20
"""Bytes of bodies that are written out again where an answer equals an earlier one."""


class Writing:
    """Makes the text of one recording.

    ``say`` keeps out of a text whatever reports keep out of it.
    """

    def __init__(
        self,
        taken: Sequence[Taken],
        bodies: Sequence[bytes],
        contract: Contract,
        evidence: Evidence | None,
        *,
        headers: Sequence[str],
        say: Callable[[str], str],
    ) -> None:
        self._taken = sorted(taken, key=lambda one: (one.started, one.exchange.number))
        self._bodies = list(bodies)
        self._contract = contract
        self._evidence = evidence
        self._headers = headers
        self._say = say
        self._redactor = BodyRedactor(say=say)
        self._safe = cache(self._redactor.line)

    def parts(self, circumstances: Circumstances) -> Iterator[str]:
        """Yield the text in parts, of which each is as large as an entry at the most."""
        self._redact()
        places = {one.exchange.number: place for place, one in enumerate(self._taken)}
        head = log_head(self._comment(circumstances))
        law = self._contract
        contract = {"version": law.version, "sha256": law.sha256, "path": law.path}
        head[OWN] = own_head(circumstances, self._evidence, contract, places, self._safe)
        yield '{"log": ' + json.dumps(head, indent=1)[:-2]
        yield ',\n "entries": ['
        for place, text in enumerate(self._entries()):
            yield (",\n" if place else "\n") + text
        yield "\n]}}\n"

    def _comment(self, circumstances: Circumstances) -> str:
        return (
            f"Run {circumstances.run_id} against {circumstances.target}. Values in configurations "
            "and other secrets are stand-ins. To judge it: conductor-conformance judge FILE"
        )

    def _redact(self) -> None:
        """Redact the bodies; those first of which it is learnt what is secret."""
        if self._evidence is not None:
            models = model_names(self._evidence).values()
            known = frozenset[str]().union(*models)
            self._redactor = BodyRedactor(known, self._evidence.providers, say=self._say)
            self._safe = cache(self._redactor.line)
        wrong = {one.body for one in self._taken if not one.exchange.ok}
        whole = {}
        for place, packed in enumerate(self._bodies):
            body = zlib.decompress(packed)
            if isinstance(decode(body).value, list):
                redacted = self._redactor.redacted(body, right=place not in wrong)
                self._bodies[place] = zlib.compress(redacted, 1)
            else:
                whole[place] = body
        for place, body in whole.items():
            self._bodies[place] = zlib.compress(self._redactor.redacted(body), 1)

    def _entries(self) -> Iterator[str]:
        first: dict[int, int] = {}
        repeated = 0
        for place, one in enumerate(self._taken):
            body = zlib.decompress(self._bodies[one.body])
            earlier = first.setdefault(one.body, place)
            if earlier != place and body:
                repeated += len(body)
            same = earlier if earlier != place and repeated > MOST_REPEATED else None
            made = entry(one, self._safe, self._headers, self._contract.token_header)
            media_type = self._safe(one.exchange.header("content-type") or "")
            made["response"]["content"] = content(body, media_type, same)
            yield json.dumps(made)
