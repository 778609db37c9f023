"""Reading a recording back. A file may hold anything: what is not as it is written is refused."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.contract.query import Query
from conformance.core.text import clipped, visible
from conformance.errors import RecordingError
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
from conformance.report.run_metadata import Ending, Profile, RunMetadata

LARGEST = 512 << 20
"""Bytes of a file that is read; a recording is at most half as long."""
GIVE = "give a file that `run --record` wrote"
LONGEST_TEXT = 100_000
LARGEST_NUMBER = 2**53
_PIECE = (
    r"[\w.~+/=-]| |\$CONDUCTOR_AUTH_TOKEN|\$\{CONDUCTOR_AUTH_TOKEN(?:::-?\d+|:\d+|~~)?\}"
    r'|\$\(cut -d\. -f\d <<<"\$CONDUCTOR_AUTH_TOKEN"\)'
)
_SHELL = re.compile(rf"'[\w-]+;'|\"[\w-]+: (?:{_PIECE})*\"", re.ASCII)
"""Words for a shell as ``credentials`` makes them: what others write does not get into a report."""
_RUN = re.compile("[0-9a-f]{12}")
_ADDRESS = re.compile(r"https?://[^\s]+")
_METHODS = frozenset({"GET", "HEAD"})

_Kind = TypeVar("_Kind", bound=StrEnum)


def read(path: Path, contract: Contract | None = None) -> Recording:
    """Read the recording in a file, to be judged by this contract, by default the one shipped.

    Raises:
        RecordingError: the file cannot be read, or is none that this version can judge.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no name of a file"
        raise RecordingError(f"cannot read the recording {path}: {reason}; {GIVE}") from error
    return parse(data, contract, name=str(path))


def parse(data: bytes, contract: Contract | None = None, *, name: str = "recording") -> Recording:
    """Read the bytes of a recording.

    Raises:
        RecordingError: they are none that this version can judge; the text names the place.
    """
    shown = f"the file {visible(clipped(name, 200))}"
    if len(data) > LARGEST:
        raise RecordingError(f"{shown} is larger than any recording; {GIVE}")
    try:
        return _Reader(_json(data), contract or load()).recording()
    except _Wrong as wrong:
        raise RecordingError(f"{shown} {visible(str(wrong))}") from None


class _Wrong(Exception):
    """What is wrong with a file, as the rest of a sentence that begins with its name."""


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        problem = "it is not text in UTF-8"
    except json.JSONDecodeError as error:
        ends = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        problem = f"it is no JSON in line {error.lineno}"
        problem = "it is cut short" if ends and data.strip() else problem
    except RecursionError:
        problem = "it is nested too deeply"
    except ValueError:
        problem = "it holds numbers that are none"
    raise _Wrong(f"is no recording: {problem}; {GIVE}")


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


class _Node:
    """An object in the file, and where it stands."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            _refuse(place, "is no object")
        self._members: Mapping[str, Any] = value
        self.place = place

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def any(self, name: str) -> Any:
        if name not in self._members:
            _refuse(self.place, f"has no member {name!r}")
        return self._members[name]

    def node(self, name: str) -> _Node:
        return _Node(self.any(name), f"{self.place}.{name}")

    def nodes(self, name: str) -> list[_Node]:
        place = f"{self.place}.{name}"
        return [_Node(one, f"{place}[{number}]") for number, one in enumerate(self.list(name))]

    def list(self, name: str) -> list[Any]:
        value = self.any(name)
        if not isinstance(value, list):
            _refuse(f"{self.place}.{name}", "is no array")
        return value

    def raw(self, name: str) -> str:
        value = self.any(name)
        if not isinstance(value, str):
            _refuse(f"{self.place}.{name}", "is no text")
        return value

    def text(self, name: str) -> str:
        """Return a text that can be shown: whatever does not print is escaped."""
        return _showable(self.any(name), f"{self.place}.{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        place = f"{self.place}.{name}"
        return tuple(_showable(one, place) for one in self.list(name))

    def flag(self, name: str) -> bool:
        value = self.any(name)
        if not isinstance(value, bool):
            _refuse(f"{self.place}.{name}", "is neither true nor false")
        return value

    def whole(self, name: str) -> int:
        return _whole(self.any(name), f"{self.place}.{name}")

    def seconds(self, name: str) -> float:
        value = self.any(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            _refuse(f"{self.place}.{name}", "is no number")
        if not 0 <= value < LARGEST_NUMBER or not isfinite(value):
            _refuse(f"{self.place}.{name}", "is no span of time")
        return float(value)

    def one_of(self, name: str, kind: type[_Kind]) -> _Kind:
        try:
            return kind(self.raw(name))
        except ValueError:
            _refuse(f"{self.place}.{name}", "is none of those that this version knows")

    def matching(self, name: str, fits: Callable[[str], object]) -> str:
        text = self.raw(name)
        if len(text) > LONGEST_TEXT or visible(text) != text or not fits(text):
            _refuse(f"{self.place}.{name}", "is not what the suite writes there")
        return text


def _refuse(place: str, problem: str) -> NoReturn:
    raise _Wrong(f"is no recording: {place} {problem}; {GIVE}")


def _showable(value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        _refuse(place, "is no text")
    return visible(value)


def _whole(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_NUMBER:
        _refuse(place, "is no number of anything")
    return value


class _Reader:
    def __init__(self, document: Any, contract: Contract) -> None:
        log = _Node(document, "the file").any("log") if _is_har(document) else None
        if not isinstance(log, dict):
            raise _Wrong(f"is no recording: it is no HTTP archive (HAR); {GIVE}")
        self._log = _Node(log, "log")
        if OWN not in self._log:
            raise _Wrong(f"is an HTTP archive (HAR), but none that `run --record` wrote; {GIVE}")
        self._own = self._log.node(OWN)
        made = self._own.whole("format")
        if made > FORMAT:
            version = clipped(self._own.node("tool").text("version"), 40)
            raise _Wrong(
                f"was recorded by a newer version of the suite ({version}, format {made}); "
                f"judge it by that version: {FORMAT} is the newest format known here"
            )
        self._contract = contract
        self._bodies: dict[bytes, bytes] = {}
        self._exchanges: list[Exchange] = []

    def recording(self) -> Recording:
        law = self._own.node("contract")
        if law.text("path") != self._contract.path:
            raise _Wrong(
                f"is about {clipped(law.text('path'), 100)}, not {self._contract.path}; give the "
                "contract of that endpoint with --contract"
            )
        origin = Origin(
            self._own.node("tool").text("version"), law.text("version"), law.text("sha256")
        )
        metadata = self._circumstances(self._own.node("run"))
        for place, node in enumerate(self._log.nodes("entries")):
            self._exchanges.append(self._exchange(node, place))
        evidence = None
        if self._own.any("evidence") is not None:
            evidence = self._evidence(self._own.node("evidence"))
        if not metadata.reason and (evidence is None or metadata.ending is not Ending.COMPLETE):
            _refuse("log._conductor.run.reason", "does not say why the run ended")
        return Recording(metadata, origin, evidence)

    def _circumstances(self, run: _Node) -> RunMetadata:
        try:
            started = datetime.fromisoformat(run.raw("started")).astimezone(UTC)
        except (ValueError, OverflowError):
            _refuse(f"{run.place}.started", "is no time")
        return RunMetadata(
            target=run.text("target"),
            started=started,
            duration=run.seconds("durationSeconds"),
            seed=run.whole("seed"),
            profile=str(run.one_of("profile", Profile)),
            requests=run.whole("requests"),
            most_requests=run.whole("mostRequests"),
            run_id=run.matching("runId", _RUN.fullmatch),
            notes=tuple(filter(None, run.texts("notes"))),
            only=run.texts("only"),
            skip=run.texts("skip"),
            ending=run.one_of("ending", Ending),
            reason=run.text("reason"),
        )

    def _exchange(self, entry: _Node, place: int) -> Exchange:
        request, response, own = entry.node("request"), entry.node("response"), entry.node(OWN)
        shell = own.node("access").any("shell")
        access = own.node("access")
        return Exchange(
            request=Request(
                query=Query(own.matching("query", str.isascii)),
                access=Access(
                    access.one_of("kind", AccessKind),
                    access.text("form"),
                    None if shell is None else access.matching("shell", _SHELL.fullmatch),
                ),
                method=request.matching("method", _METHODS.__contains__),
                path=own.matching("path", str.isascii),
                accept=own.text("accept"),
            ),
            url=request.matching("url", _ADDRESS.fullmatch),
            status=response.whole("status"),
            headers=tuple((one.raw("name"), one.raw("value")) for one in response.nodes("headers")),
            body=self._body(response.node("content"), place),
            trouble=_trouble(own),
            elapsed=own.seconds("elapsed"),
            attempts=own.whole("attempts"),
            sent=own.whole("sent"),
            answered=own.whole("answered"),
            leaks=own.texts("leaks"),
            redirects=own.texts("redirects"),
            settled=own.flag("settled"),
            number=place,
        )

    def _body(self, content: _Node, place: int) -> bytes:
        if SAME in content:
            same = content.whole(SAME)
            if same >= place:
                _refuse(f"{content.place}.{SAME}", "is no earlier entry")
            return self._exchanges[same].body
        text = content.raw("text")
        if "encoding" in content:
            try:
                body = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                _refuse(f"{content.place}.text", "is no base64")
        else:
            body = text.encode("utf-8", "surrogatepass")
        # Equal answers are judged once only if they are the same object.
        return self._bodies.setdefault(body, body)

    def _evidence(self, node: _Node) -> Evidence:
        refusal = node.any("refusal")
        return Evidence(
            contract=self._contract,
            opening=self._placed(node.any("opening"), f"{node.place}.opening"),
            now=node.whole("now"),
            authenticated=node.flag("authenticated"),
            refusal=None if refusal is None else node.text("refusal"),
            spans=tuple(
                Span(
                    self._placed(span.any("before"), f"{span.place}.before"),
                    self._all_placed(span, "exchanges"),
                    self._placed(span.any("after"), f"{span.place}.after"),
                )
                for span in node.nodes("spans")
            ),
            unanchored=self._all_placed(node, "extra"),
            refusals=self._all_placed(node, "strangers"),
            head_requests=self._all_placed(node, "heads"),
            insecure=node.flag("insecure"),
            headers=node.texts("headers"),
        )

    def _all_placed(self, node: _Node, name: str) -> tuple[Exchange, ...]:
        place = f"{node.place}.{name}"
        return tuple(self._placed(value, place) for value in node.list(name))

    def _placed(self, value: Any, place: str) -> Exchange:
        number = _whole(value, place)
        if number >= len(self._exchanges):
            _refuse(place, "names an entry that is not there")
        return self._exchanges[number]


def _is_har(document: Any) -> bool:
    return isinstance(document, dict) and "log" in document


def _trouble(own: _Node) -> Trouble | None:
    if own.any("trouble") is None:
        return None
    trouble = own.node("trouble")
    return Trouble(trouble.one_of("kind", TroubleKind), trouble.text("reason"))
