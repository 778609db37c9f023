"""Read a recording back; a file may contain anything.

``spec/recording.schema.json`` describes a recording. This module checks what the schema cannot say:
times, references to entries, printable texts and words for a shell.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.contract.query import Query
from conformance.core.own_json import FileKind, the_file
from conformance.core.text import clipped, visible
from conformance.errors import RecordingError, UsageError
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import (
    Access,
    AccessKind,
    Exchange,
    Request,
    Trouble,
    TroubleKind,
)
from conformance.evidence.spans import Span
from conformance.recording.model import FORMAT, OWN, SAME, Origin, Recording
from conformance.report.run_metadata import Ending, RunMetadata

RECORDING = FileKind(
    "recording",
    "recording.schema.json",
    "give a file that `run --record` wrote",
    RecordingError,
    # A recording has at most half as many bytes.
    largest=512 << 20,
)
MOST_SPANS = 10
"""Spans that may have one entry among their exchanges; in a recording of a run it is one."""
_PIECE = (
    r"[\w.~+/=-]| |\$CONDUCTOR_(?:AUTH|EXPIRED)_TOKEN"
    r"|\$\{CONDUCTOR_AUTH_TOKEN(?:::-?\d+|:\d+|~~)?\}"
    r'|\$\(cut -d\. -f\d <<<"\$CONDUCTOR_AUTH_TOKEN"\)'
    r'|\$\(printf %s [\w-]+\.\$\(cut -d\. -f2 <<<"\$CONDUCTOR_AUTH_TOKEN"\)'
    r' \| openssl dgst -sha256 -hmac "" -binary \| base64 \| tr -d = \| tr /\+ _-\)'
)
_SHELL = re.compile(rf"'[\w-]+;'|\"[\w-]+: (?:{_PIECE})*\"", re.ASCII)
"""Shell words as ``refused_credentials`` makes them. Anything else could harm whoever pastes the
command of a finding into a shell."""


def read(path: Path, contract: Contract | None = None) -> Recording:
    """Read a recording from a file.

    Args:
        path: the file to read.
        contract: the contract to judge the recording by; by default the shipped one.

    Raises:
        RecordingError: the file cannot be read, or this version cannot judge it.
    """
    return parse(RECORDING.load(path), contract, name=str(path))


def parse(data: bytes, contract: Contract | None = None, *, name: str = "recording") -> Recording:
    """Read a recording from bytes; ``name`` is the name of their file in messages.

    Raises:
        RecordingError: this version cannot judge the recording; the text names the place.
    """
    document = RECORDING.decode(data, name)
    match document:
        case {"log": {"_conductor": {"format": int(made), "tool": {"version": str(version)}}}} if (
            made > FORMAT
        ):
            raise RecordingError(
                f"{the_file(name)} was recorded by a newer version of the suite "
                f"({visible(clipped(version, 40))}, format {clipped(str(made), 20)}); "
                f"judge it with that version: this one reads formats up to {FORMAT}"
            )
        case {"log": {"_conductor": _}}:
            RECORDING.check(document, name)
        case {"log": {}}:
            raise RECORDING.wrong(name, "it is an HTTP archive (HAR) that another tool wrote")
        case _:
            raise RECORDING.wrong(name, "it is not an HTTP archive (HAR)")
    return _Reader(document["log"], contract or load(), name).recording()


class _Reader:
    """Makes a recording of a log that fits the schema."""

    def __init__(self, log: Mapping[str, Any], contract: Contract, file: str) -> None:
        self._log = log
        self._own = log[OWN]
        self._contract = contract
        self._file = file
        self._bodies: dict[bytes, bytes] = {}
        self._exchanges: list[Exchange] = []

    def recording(self) -> Recording:
        law, evidence = self._own["contract"], self._own["evidence"]
        if law["path"] != self._contract.path:
            raise RecordingError(
                f"{the_file(self._file)} is about {visible(clipped(law['path'], 100))}, not "
                f"{self._contract.path}; give the contract of that endpoint with --contract"
            )
        origin = Origin(
            visible(self._own["tool"]["version"]), visible(law["version"]), law["sha256"]
        )
        metadata = self._metadata(self._own["run"])
        for number, entry in enumerate(self._log["entries"]):
            self._exchanges.append(self._exchange(entry, number))
        if not metadata.reason and (evidence is None or metadata.ending is not Ending.COMPLETE):
            raise self._wrong(f"{OWN}/run/reason", "the reason why the run ended is missing")
        return Recording(metadata, origin, None if evidence is None else self._evidence(evidence))

    def _metadata(self, run: Mapping[str, Any]) -> RunMetadata:
        try:
            started = datetime.fromisoformat(run["started"]).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._wrong(f"{OWN}/run/started", "expected a time") from None
        return RunMetadata(
            target=visible(run["target"]),
            started=started,
            duration=float(run["durationSeconds"]),
            seed=int(run["seed"]),
            profile=run["profile"],
            requests=int(run["requests"]),
            most_requests=int(run["mostRequests"]),
            run_id=run["runId"],
            notes=tuple(filter(None, _texts(run["notes"]))),
            only=_texts(run["only"]),
            skip=_texts(run["skip"]),
            ending=Ending(run["ending"]),
            reason=visible(run["reason"]),
        )

    def _exchange(self, entry: Mapping[str, Any], number: int) -> Exchange:
        request, response, own = entry["request"], entry["response"], entry[OWN]
        access, trouble = own["access"], own["trouble"]
        place = f"entries/{number}"
        self._match(request["url"], bool, f"{place}/request/url")
        self._match(own["query"], str.isascii, f"{place}/{OWN}/query")
        self._match(own["path"], str.isascii, f"{place}/{OWN}/path")
        if access["shell"] is not None:
            self._match(access["shell"], _SHELL.fullmatch, f"{place}/{OWN}/access/shell")
        return Exchange(
            request=Request(
                query=Query(own["query"]),
                access=Access(AccessKind(access["kind"]), visible(access["form"]), access["shell"]),
                method=request["method"],
                path=own["path"],
                accept=visible(own["accept"]),
                # Absent in older recordings.
                generated=own.get("generated", False),
                fresh=own.get("fresh", False),
            ),
            url=request["url"],
            status=int(response["status"]),
            headers=tuple((one["name"], one["value"]) for one in response["headers"]),
            body=self._body(response["content"], number),
            trouble=trouble and Trouble(TroubleKind(trouble["kind"]), visible(trouble["reason"])),
            elapsed=float(own["elapsed"]),
            attempts=int(own["attempts"]),
            sent=int(own["sent"]),
            # Absent before contract 0.3.
            started=float(own.get("started", 0.0)),
            answered=int(own["answered"]),
            leaks=_texts(own["leaks"]),
            redirects=_texts(own["redirects"]),
            settled=own["settled"],
            number=number,
        )

    def _match(self, text: str, fits: Callable[[str], object], place: str) -> None:
        """Refuse a text that the suite would not write there, or that does not print."""
        if visible(text) != text or not fits(text):
            raise self._wrong(place, "expected a text as the suite writes it")

    def _body(self, content: Mapping[str, Any], number: int) -> bytes:
        place = f"entries/{number}/response/content"
        if SAME in content:
            if content[SAME] >= number:
                raise self._wrong(f"{place}/{SAME}", "expected the index of an earlier entry")
            return self._exchanges[int(content[SAME])].body
        if "encoding" in content:
            try:
                body = base64.b64decode(content["text"], validate=True)
            except (binascii.Error, ValueError):
                raise self._wrong(f"{place}/text", "expected base64") from None
        else:
            body = content["text"].encode("utf-8", "surrogatepass")
        # Equal responses are judged once only if their bodies are the same object.
        return self._bodies.setdefault(body, body)

    def _check_spans(self, spans: Sequence[Mapping[str, Any]]) -> None:
        """Refuse more spans than a run has: a small file could make judging take hours."""
        times = Counter(place for span in spans for place in span["exchanges"])
        if len(spans) > len(self._exchanges) or max(times.values(), default=0) > MOST_SPANS:
            raise self._wrong(
                f"{OWN}/evidence/spans", f"expected no entry in more than {MOST_SPANS} spans"
            )

    def _evidence(self, found: Mapping[str, Any]) -> Evidence:
        self._check_spans(found["spans"])
        return Evidence(
            contract=self._contract,
            opening=self._entry(found["opening"], "opening"),
            now=int(found["now"]),
            authenticated=found["authenticated"],
            refusal=None if found["refusal"] is None else visible(found["refusal"]),
            spans=tuple(
                Span(
                    self._entry(span["before"], f"spans/{number}/before"),
                    self._entries(span["exchanges"], f"spans/{number}/exchanges"),
                    self._entry(span["after"], f"spans/{number}/after"),
                )
                for number, span in enumerate(found["spans"])
            ),
            unanchored=self._entries(found["extra"], "extra"),
            refusals=self._entries(found["strangers"], "strangers"),
            head_requests=self._entries(found["heads"], "heads"),
            # These two are absent from older recordings.
            negotiated=self._entries(found.get("negotiated", ()), "negotiated"),
            passed_over=self._entries(found.get("passedOver", ()), "passedOver"),
            insecure=found["insecure"],
            headers=_texts(found["headers"]),
        )

    def _entries(self, numbers: Iterable[float], place: str) -> tuple[Exchange, ...]:
        return tuple(self._entry(number, place) for number in numbers)

    def _entry(self, number: float, place: str) -> Exchange:
        if number >= len(self._exchanges):
            raise self._wrong(f"{OWN}/evidence/{place}", "expected the index of an entry")
        return self._exchanges[int(number)]

    def _wrong(self, place: str, problem: str) -> UsageError:
        return RECORDING.wrong(self._file, f"at /log/{place}, {problem}")


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(visible, texts))
