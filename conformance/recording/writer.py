"""The parts of a recording: entries of an HTTP archive (HAR 1.2), and what stands beside them.

What HAR has no place for is in members called ``_conductor``, which other readers leave alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from conformance._version import __version__
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.recording.model import Circumstances, Taken
from conformance.report.report import TOOL
from conformance.target.redaction import CONFIDENTIAL_HEADERS

HAR = "1.2"
FORMAT = 1
"""Version of what stands in members of our own; a reader takes this one and older ones."""
OWN = "_conductor"
SAME = "_sameAs"
"""The place of the entry that has the same content, which is not written again."""
WITHHELD = "[withheld]"
GIVEN = "[value given by --header]"
CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})
"""Headers that say how to authenticate, and hold no secret."""


def log_head(comment: str) -> dict[str, Any]:
    """Return the members of a log that stand before its entries."""
    return {
        "version": HAR,
        "creator": {"name": TOOL, "version": __version__},
        "comment": comment,
        "pages": [],
    }


def own_head(
    circumstances: Circumstances,
    evidence: Evidence | None,
    contract: Mapping[str, str],
    places: Mapping[int | None, int],
    say: Callable[[str], str],
) -> dict[str, Any]:
    """Return what a log says of the run: its circumstances, and which entries are which evidence.

    ``contract`` names version, SHA-256 and path of the contract; ``places`` are those of the
    entries, by the numbers of their exchanges.
    """
    return {
        "format": FORMAT,
        "tool": {"name": TOOL, "version": __version__},
        "contract": dict(contract),
        "run": {
            "target": circumstances.target,
            "started": circumstances.started.isoformat(),
            "durationSeconds": circumstances.duration,
            "seed": circumstances.seed,
            "profile": circumstances.profile,
            "requests": circumstances.requests,
            "mostRequests": circumstances.most_requests,
            "runId": circumstances.run_id,
            "notes": list(map(say, circumstances.notes)),
            "only": list(circumstances.only),
            "skip": list(circumstances.skip),
            "ending": str(circumstances.ending),
            "reason": say(circumstances.reason),
        },
        "evidence": None if evidence is None else _evidence(evidence, places, say),
    }


def _evidence(
    evidence: Evidence, places: Mapping[int | None, int], say: Callable[[str], str]
) -> dict[str, Any]:
    def placed(exchanges: Sequence[Exchange]) -> list[int]:
        return [places[exchange.number] for exchange in exchanges]

    return {
        "opening": places[evidence.opening.number],
        "now": evidence.now,
        "authenticated": evidence.authenticated,
        "refusal": None if evidence.refusal is None else say(evidence.refusal),
        "spans": [
            {
                "before": places[span.before.number],
                "exchanges": placed(span.exchanges),
                "after": places[span.after.number],
            }
            for span in evidence.spans
        ],
        "extra": placed(evidence.extra),
        "strangers": placed(evidence.strangers),
        "heads": placed(evidence.heads),
        "insecure": evidence.insecure,
        "headers": list(evidence.headers),
    }


def entry(
    taken: Taken, say: Callable[[str], str], header_names: Sequence[str], token_header: str
) -> dict[str, Any]:
    """Return the entry of an exchange, still without the content of its answer."""
    exchange = taken.exchange
    milliseconds = exchange.elapsed * 1000
    return {
        "startedDateTime": taken.started.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange, say, header_names, token_header),
        "response": _response(exchange, say),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        OWN: _own(exchange, say),
    }


def _request(
    exchange: Exchange, say: Callable[[str], str], names: Sequence[str], token_header: str
) -> dict[str, Any]:
    headers = [("Accept", exchange.request.accept), *((name, GIVEN) for name in names)]
    shell = exchange.request.access.shell
    if shell is not None:
        # As a shell would send it: the token stands in it by the name of its variable.
        headers.append((token_header, shell[1:-1].partition(": ")[2]))
    return {
        "method": exchange.request.method,
        "url": say(exchange.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _records(headers),
        "queryString": _records(exchange.query.pairs),
        "headersSize": -1,
        "bodySize": 0,
    }


def _response(exchange: Exchange, say: Callable[[str], str]) -> dict[str, Any]:
    headers = [(name, _header(name, value, say)) for name, value in exchange.headers]
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
        # So that browsers show it.
        made["_error"] = exchange.trouble.reason
    return made


def _header(name: str, value: str, say: Callable[[str], str]) -> str:
    if name not in CHALLENGES and any(word in name for word in CONFIDENTIAL_HEADERS):
        return WITHHELD
    return say(value)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _records(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _own(exchange: Exchange, say: Callable[[str], str]) -> dict[str, Any]:
    request, trouble = exchange.request, exchange.trouble
    access = request.access
    made: dict[str, Any] = {
        "query": request.query.wire,
        "path": say(request.path),
        "accept": request.accept,
        "access": {"kind": str(access.kind), "form": access.form, "shell": access.shell},
        "elapsed": exchange.elapsed,
        "attempts": exchange.attempts,
        "sent": exchange.sent,
        "answered": exchange.answered,
        "leaks": list(map(say, exchange.leaks)),
        "redirects": list(map(say, exchange.redirects)),
        "settled": exchange.settled,
        "trouble": None,
    }
    if trouble is not None:
        made["trouble"] = {"kind": str(trouble.kind), "reason": trouble.reason}
    return made


def content(body: bytes, media_type: str, same: int | None) -> dict[str, Any]:
    """Return the content of an answer; ``same`` is the place of an entry that has it already."""
    made: dict[str, Any] = {"size": len(body), "mimeType": media_type}
    if same is not None:
        made["comment"] = f"The content is that of entry {same}, counted from 0."
        made[SAME] = same
        return made
    try:
        made["text"] = body.decode("utf-8")
    except UnicodeDecodeError:
        made["text"] = base64.b64encode(body).decode()
        made["encoding"] = "base64"
    return made
