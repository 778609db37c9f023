"""Write a recording: an HTTP archive (HAR 1.2) with additional fields for ``judge``.

Data for which HAR has no place is in fields named ``_conductor``, which other readers ignore.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from conformance._version import __version__
from conformance.contract.model import Contract
from conformance.core.strict_json import decode
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.related_endpoints import model_names
from conformance.recording.model import FORMAT, OWN, SAME, Taken
from conformance.recording.redaction import BodyRedactor
from conformance.report.report import TOOL
from conformance.report.run_metadata import RunMetadata
from conformance.target.redaction import CONFIDENTIAL_HEADERS

HAR = "1.2"
WITHHELD = "[withheld]"
GIVEN = "[value given by --header]"
CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
"""Headers that contain no secret, although their names suggest it."""


def log_head(comment: str) -> dict[str, Any]:
    """Return the fields of a log that come before its entries."""
    return {
        "version": HAR,
        "creator": {"name": TOOL, "version": __version__},
        "comment": comment,
        "pages": [],
    }


def own_head(
    metadata: RunMetadata,
    evidence: Evidence | None,
    contract: Mapping[str, str],
    places: Mapping[int | None, int],
    redact: Callable[[str], str],
) -> dict[str, Any]:
    """Return the additional fields of the log: the run's metadata, and the roles of the entries.

    Args:
        metadata: of the run.
        evidence: of the run; ``None`` if there is none.
        contract: the contract's ``version``, ``sha256`` and ``path``.
        places: the index of each entry, by the number of its exchange.
        redact: removes secrets from a text.
    """
    return {
        "format": FORMAT,
        "tool": {"name": TOOL, "version": __version__},
        "contract": dict(contract),
        "run": {
            "target": metadata.target,
            "started": metadata.started.isoformat(),
            "durationSeconds": metadata.duration,
            "seed": metadata.seed,
            "profile": metadata.profile,
            "requests": metadata.requests,
            "mostRequests": metadata.most_requests,
            "runId": metadata.run_id,
            "notes": list(map(redact, metadata.notes)),
            "only": list(metadata.only),
            "skip": list(metadata.skip),
            "ending": str(metadata.ending),
            "reason": redact(metadata.reason),
        },
        "evidence": None if evidence is None else _evidence(evidence, places, redact),
    }


def _evidence(
    evidence: Evidence, places: Mapping[int | None, int], redact: Callable[[str], str]
) -> dict[str, Any]:
    def placed(exchanges: Sequence[Exchange]) -> list[int]:
        return [places[exchange.number] for exchange in exchanges]

    return {
        "opening": places[evidence.opening.number],
        "now": evidence.now,
        "authenticated": evidence.authenticated,
        "refusal": None if evidence.refusal is None else redact(evidence.refusal),
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
        "insecure": evidence.insecure,
        "headers": list(evidence.headers),
    }


def entry(
    taken: Taken, redact: Callable[[str], str], header_names: Sequence[str], token_header: str
) -> dict[str, Any]:
    """Return the entry of an exchange, without the content of the response."""
    exchange = taken.exchange
    milliseconds = exchange.elapsed * 1000
    return {
        "startedDateTime": taken.started.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange, redact, header_names, token_header),
        "response": _response(exchange, redact),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        OWN: _own(exchange, redact),
    }


def _request(
    exchange: Exchange, redact: Callable[[str], str], names: Sequence[str], token_header: str
) -> dict[str, Any]:
    headers = [("Accept", exchange.request.accept), *((name, GIVEN) for name in names)]
    shell = exchange.request.access.shell
    if shell is not None:
        # As in a curl command, with the variable in place of the token.
        headers.append((token_header, shell[1:-1].partition(": ")[2]))
    return {
        "method": exchange.request.method,
        "url": redact(exchange.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _records(headers),
        "queryString": _records(exchange.query.pairs),
        "headersSize": -1,
        "bodySize": 0,
    }


def _response(exchange: Exchange, redact: Callable[[str], str]) -> dict[str, Any]:
    headers = [(name, _header(name, value, redact)) for name, value in exchange.headers]
    made: dict[str, Any] = {
        "status": exchange.status,
        "statusText": _phrase(exchange.status),
        "httpVersion": "HTTP/1.1" if exchange.status else "",
        "cookies": [],
        "headers": _records(headers),
        "content": {},
        "redirectURL": dict(headers).get("location", ""),
        "headersSize": -1,
        "bodySize": -1,
    }
    if exchange.trouble is not None:
        # Browsers show this field.
        made["_error"] = exchange.trouble.reason
    return made


def _header(name: str, value: str, redact: Callable[[str], str]) -> str:
    if name not in CHALLENGES and any(word in name for word in CONFIDENTIAL_HEADERS):
        return WITHHELD
    return redact(value)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _records(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _own(exchange: Exchange, redact: Callable[[str], str]) -> dict[str, Any]:
    request, trouble = exchange.request, exchange.trouble
    access = request.access
    made: dict[str, Any] = {
        "query": request.query.wire,
        "path": redact(request.path),
        "accept": request.accept,
        "access": {"kind": str(access.kind), "form": access.form, "shell": access.shell},
        "elapsed": exchange.elapsed,
        "attempts": exchange.attempts,
        "sent": exchange.sent,
        "answered": exchange.answered,
        "leaks": list(map(redact, exchange.leaks)),
        "redirects": list(map(redact, exchange.redirects)),
        "settled": exchange.settled,
        "trouble": None,
    }
    if trouble is not None:
        made["trouble"] = {"kind": str(trouble.kind), "reason": trouble.reason}
    return made


def content(body: bytes, media_type: str, same: int | None) -> dict[str, Any]:
    """Return the content of a response; ``same`` is the index of an earlier entry that has it."""
    made: dict[str, Any] = {"size": len(body), "mimeType": media_type}
    if same is not None:
        made["comment"] = f"The same content as entry {same}, counted from 0."
        made[SAME] = same
        return made
    try:
        made["text"] = body.decode("utf-8")
    except UnicodeDecodeError:
        made["text"] = base64.b64encode(body).decode()
        made["encoding"] = "base64"
    return made


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
        self._redact = redact
        self._redactor = BodyRedactor(redact=redact)
        self._safe = cache(self._redactor.line)

    def parts(self, metadata: RunMetadata) -> Iterator[str]:
        """Yield the text in parts; none is larger than an entry."""
        self._redact_bodies()
        places = {one.exchange.number: place for place, one in enumerate(self._taken)}
        head = log_head(self._comment(metadata))
        law = self._contract
        contract = {"version": law.version, "sha256": law.sha256, "path": law.path}
        head[OWN] = own_head(metadata, self._evidence, contract, places, self._safe)
        yield '{"log": ' + json.dumps(head, indent=1)[:-2]
        yield ',\n "entries": ['
        for place, text in enumerate(self._entries()):
            yield (",\n" if place else "\n") + text
        yield "\n]}}\n"

    def _comment(self, metadata: RunMetadata) -> str:
        return (
            f"Run {metadata.run_id} against {metadata.target}. Values in configurations and other "
            "secrets are replaced by stand-ins. To judge it: conductor-conformance judge FILE"
        )

    def _redact_bodies(self) -> None:
        """Redact the bodies; lists first, since they show which values are secret."""
        if self._evidence is not None:
            models = model_names(self._evidence).values()
            known = frozenset[str]().union(*models)
            self._redactor = BodyRedactor(known, self._evidence.providers, redact=self._redact)
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
