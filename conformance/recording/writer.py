"""Write a recording: an HTTP archive (HAR 1.2) with additional fields for ``judge``.

Data for which HAR has no place is in fields named ``_conductor``, which other readers ignore.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from conformance._version import __version__
from conformance.contract.model import Contract
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.related_endpoints import model_names
from conformance.recording.model import FORMAT, OWN, SAME, Taken
from conformance.recording.redaction import BodyRedactor, Form, form_of
from conformance.report.report import TOOL
from conformance.report.run_metadata import RunMetadata
from conformance.target.redaction import CONFIDENTIAL_HEADERS

WITHHELD = "[withheld]"
GIVEN = "[value given by --header]"
CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
"""Headers that contain no secret, although their names suggest it."""
MOST_REPEATED = 4 << 20
"""Maximum size of the bodies that are written again although an earlier entry has them."""


class Writing:
    """Writes one recording.

    Args:
        taken: the exchanges, in any order.
        bodies: the distinct bodies, compressed; ``Taken.body`` is an index of this list.
        contract: the contract of the run.
        evidence: of the run; ``None`` if there is none.
        headers: names of the headers given by ``--header``.
        redact: removes secrets from a text, as in reports.
    """

    def __init__(
        self,
        taken: Sequence[Taken],
        bodies: Sequence[bytes],
        contract: Contract,
        evidence: Evidence | None,
        *,
        headers: Sequence[str],
        redact: Callable[[str], str],
    ) -> None:
        self._taken = sorted(taken, key=lambda one: (one.started, one.exchange.number))
        self._bodies = list(bodies)
        self._contract = contract
        self._evidence = evidence
        self._headers = headers
        known: frozenset[str] = frozenset()
        providers: frozenset[str] = frozenset()
        if evidence is not None:
            known = known.union(*model_names(evidence).values())
            providers = frozenset(evidence.providers)
        self._redactor = BodyRedactor(known, providers, redact=redact)
        self._safe = cache(self._redactor.line)

    def parts(self, metadata: RunMetadata) -> Iterator[str]:
        """Yield the text in parts; none is larger than an entry."""
        self._redact_bodies()
        head = {
            "version": "1.2",
            "creator": {"name": TOOL, "version": __version__},
            "comment": (
                f"Run {metadata.run_id} against {metadata.target}. Values in configurations and "
                "other secrets are replaced by stand-ins. To judge it: "
                "conductor-conformance judge FILE"
            ),
            "pages": [],
            OWN: self._own_head(metadata),
        }
        yield '{"log": ' + json.dumps(head, indent=1)[:-2]
        yield ',\n "entries": ['
        for place, text in enumerate(self._entries()):
            yield (",\n" if place else "\n") + text
        yield "\n]}}\n"

    def _redact_bodies(self) -> None:
        """Redact the bodies; lists first, since they show which values are secret."""
        wrong = {one.body for one in self._taken if not one.exchange.ok}
        others = {}
        for place, packed in enumerate(self._bodies):
            body = zlib.decompress(packed)
            form = form_of(body)
            if form is Form.LIST:
                redacted = self._redactor.redacted(body, form=form, right=place not in wrong)
                self._bodies[place] = zlib.compress(redacted, 1)
            else:
                others[place] = form
        for place, form in others.items():
            body = zlib.decompress(self._bodies[place])
            self._bodies[place] = zlib.compress(self._redactor.redacted(body, form=form), 1)

    def _own_head(self, metadata: RunMetadata) -> dict[str, Any]:
        """Return the additional fields of the log: the run's metadata, and the roles of entries."""
        law = self._contract
        return {
            "format": FORMAT,
            "tool": {"name": TOOL, "version": __version__},
            "contract": {"version": law.version, "sha256": law.sha256, "path": law.path},
            "run": {
                "target": metadata.target,
                "started": metadata.started.isoformat(),
                "durationSeconds": metadata.duration,
                "seed": metadata.seed,
                "profile": metadata.profile,
                "requests": metadata.requests,
                "mostRequests": metadata.most_requests,
                "runId": metadata.run_id,
                "notes": list(map(self._safe, metadata.notes)),
                "only": list(metadata.only),
                "skip": list(metadata.skip),
                "ending": str(metadata.ending),
                "reason": self._safe(metadata.reason),
            },
            "evidence": None if self._evidence is None else self._roles(self._evidence),
        }

    def _roles(self, evidence: Evidence) -> dict[str, Any]:
        places = {one.exchange.number: place for place, one in enumerate(self._taken)}

        def placed(exchanges: Sequence[Exchange]) -> list[int]:
            return [places[exchange.number] for exchange in exchanges]

        return {
            "opening": places[evidence.opening.number],
            "now": evidence.now,
            "authenticated": evidence.authenticated,
            "refusal": None if evidence.refusal is None else self._safe(evidence.refusal),
            "spans": [
                {
                    "before": places[span.before.number],
                    "exchanges": placed(span.exchanges),
                    "after": places[span.after.number],
                }
                for span in evidence.spans
            ],
            "extra": placed(evidence.unanchored),
            "strangers": placed(evidence.refusals),
            "heads": placed(evidence.head_requests),
            "negotiated": placed(evidence.negotiated),
            "passedOver": placed(evidence.passed_over),
            "insecure": evidence.insecure,
            "headers": list(evidence.headers),
        }

    def _entries(self) -> Iterator[str]:
        first: dict[int, int] = {}
        repeated = 0
        for place, one in enumerate(self._taken):
            body = zlib.decompress(self._bodies[one.body])
            earlier = first.setdefault(one.body, place)
            if earlier != place and body:
                repeated += len(body)
            same = earlier if earlier != place and repeated > MOST_REPEATED else None
            milliseconds = one.exchange.elapsed * 1000
            entry = {
                "startedDateTime": one.started.isoformat(timespec="milliseconds"),
                "time": milliseconds,
                "request": self._request(one.exchange),
                "response": self._response(one.exchange, body, same),
                "cache": {},
                "timings": {"send": 0, "wait": milliseconds, "receive": 0},
                OWN: self._own(one.exchange),
            }
            yield json.dumps(entry)

    def _request(self, exchange: Exchange) -> dict[str, Any]:
        headers = [("Accept", exchange.request.accept), *((name, GIVEN) for name in self._headers)]
        shell = exchange.request.access.shell
        if shell is not None:
            # As in a curl command, with the variable in place of the token.
            headers.append((self._contract.token_header, shell[1:-1].partition(": ")[2]))
        return {
            "method": exchange.request.method,
            "url": self._redactor.url(exchange.url),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _records(headers),
            "queryString": _records(exchange.query.pairs),
            "headersSize": -1,
            "bodySize": 0,
        }

    def _response(self, exchange: Exchange, body: bytes, same: int | None) -> dict[str, Any]:
        headers = [
            (self._safe(name), self._header(name, value)) for name, value in exchange.headers
        ]
        media_type = self._safe(exchange.header("content-type") or "")
        made: dict[str, Any] = {
            "status": exchange.status,
            "statusText": _phrase(exchange.status),
            "httpVersion": "HTTP/1.1" if exchange.status else "",
            "cookies": [],
            "headers": _records(headers),
            "content": _content(body, media_type, same),
            "redirectURL": dict(headers).get("location", ""),
            "headersSize": -1,
            "bodySize": -1,
        }
        if exchange.trouble is not None:
            # Browsers show this field.
            made["_error"] = exchange.trouble.reason
        return made

    def _header(self, name: str, value: str) -> str:
        if name not in CHALLENGES and any(word in name for word in CONFIDENTIAL_HEADERS):
            return WITHHELD
        return self._safe(value)

    def _own(self, exchange: Exchange) -> dict[str, Any]:
        request, trouble, access = exchange.request, exchange.trouble, exchange.request.access
        return {
            "query": request.query.wire,
            "path": self._redactor.url(request.path),
            "accept": request.accept,
            "access": {"kind": str(access.kind), "form": access.form, "shell": access.shell},
            "elapsed": exchange.elapsed,
            "attempts": exchange.attempts,
            "sent": exchange.sent,
            "started": exchange.started,
            "answered": exchange.answered,
            "leaks": list(map(self._safe, exchange.leaks)),
            "redirects": list(map(self._safe, exchange.redirects)),
            "settled": exchange.settled,
            "generated": request.generated,
            "fresh": request.fresh,
            "trouble": trouble and {"kind": str(trouble.kind), "reason": trouble.reason},
        }


def _content(body: bytes, media_type: str, same: int | None) -> dict[str, Any]:
    """Return the content of a response; ``same`` is the index of an earlier entry that has it."""
    made: dict[str, Any] = {"size": len(body), "mimeType": media_type}
    if same is not None:
        return made | {
            "comment": f"The same content as entry {same}, counted from 0.",
            SAME: same,
        }
    try:
        return made | {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return made | {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _records(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
