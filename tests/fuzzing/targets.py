"""The targets of fuzzing: each reads bytes as something a server sends, and checks what comes out.

A target raises if, and only if, something is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from support.canned.exchanges import exchange
from support.canned.recordings import read_back, verdicts

from conformance.checks.detectors.secret_values import in_clear, is_secret
from conformance.checks.detectors.server_internals import exposed
from conformance.contract.schema import MOST_ERRORS, Schema
from conformance.core.json_walk import unpacked, walk
from conformance.core.strict_json import Element, decode
from conformance.core.text import (
    clipped,
    format_typed_value_at,
    format_value,
    outlined,
    pointer,
    visible,
)
from conformance.errors import RecordingError
from conformance.evidence.churn import canonical
from conformance.evidence.evidence import Evidence
from conformance.recording.judge import judge
from conformance.recording.reader import parse
from fuzzing import invariants, seeds
from fuzzing.evidences import EVERYWHERE, LAW, gathered
from fuzzing.invariants import require
from fuzzing.sending import answered, heard, renewed

SCHEMA = Schema(LAW)
MEMBERS = frozenset(LAW.element_schema["properties"])


@dataclass(frozen=True, slots=True)
class Target:
    """Something to fuzz.

    ``share`` is its part of the time where all are fuzzed, ``longest`` the size of an input;
    ``structured`` says that an input is a byte and then JSON, as a rule.
    """

    name: str
    description: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    share: int = 1
    longest: int = 8192
    structured: bool = False


def _json(data: bytes) -> None:
    body = data[1:]
    decoded = decode(body)
    require(decode(body) == decoded or decoded.value is not None, "decoding is stable")
    if decoded.error is not None:
        require(decoded.value is None, "no value beside an error")
        require(visible(decoded.error) == decoded.error, "an error is plain text")
        return
    breaches = SCHEMA.breaches(decoded.value)
    require(len(breaches) <= MOST_ERRORS, "breaches are bounded")
    for breach in breaches:
        require(
            format_typed_value_at(breach.pointer, breach.value).isprintable(),
            "values are shown plain",
        )
    for place, value in walk(decoded.value):
        require(outlined(value).isprintable(), f"plain outlines at {str(place)!a}")
    for provider in decoded.value if isinstance(decoded.value, list) else []:
        if isinstance(provider, Element):
            require(canonical(provider, MEMBERS) == canonical(provider, MEMBERS), "one order")


def _evidence(data: bytes) -> Evidence:
    return gathered(data[0] if data else EVERYWHERE, data[1:])


def _body(data: bytes) -> None:
    invariants.rendered(invariants.judged(_evidence(data)))


def _terminal(data: bytes) -> None:
    invariants.shown(invariants.judged(_evidence(data)))


def _recorded(data: bytes) -> None:
    evidence = _evidence(data)
    again = read_back(evidence).evidence
    require(again is not None, "evidence comes back")
    for one, other in zip(verdicts(again or evidence), verdicts(evidence), strict=True):
        # What a finding shows may be a stand-in, but not what kind of failure it is.
        found, expected = ((v.outcome, v.reason, v.evidence, v.kinds) for v in (one, other))
        require(found == expected, f"judged alike from a recording: {found!a}, not {expected!a}")


def _recording(data: bytes) -> None:
    try:
        recording = parse(data)
    except RecordingError as error:
        require(str(error).isprintable(), "what is wrong is plain text")
        return
    invariants.rendered(judge(recording))


def _head(data: bytes) -> None:
    status, headers = _read_head(data)
    if status == 200:
        invariants.rendered(invariants.judged(gathered(EVERYWHERE, b"[]", dict(headers))))
    answered(status, headers)


def _read_head(data: bytes) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Read a status and headers, which libraries give as Latin-1."""
    first, *lines = data.decode("latin-1").split("\n")
    status = int(first) if len(first) == 3 and first.isascii() and first.isdigit() else 200
    pairs = (line.partition(":") for line in lines if ":" in line)
    return status, tuple((name.lower(), value.strip()) for name, _, value in pairs)


def _token(data: bytes) -> None:
    renewed(*data.partition(b"\n")[::2])


def _text(data: bytes) -> None:
    text = data.decode("utf-8", "surrogatepass" if data[:1] < b"\x80" else "replace")
    is_secret(text)
    in_clear(text)
    exposed(exchange(data, status=500))
    exposed(exchange([text, {text: text}], status=500))
    unpacked(text)
    for plain in (visible(text), outlined({text: text}), format_value({text: [text]})):
        require(plain.isprintable(), "shown text is plain")
        plain.encode()
    require(len(format_value(text)) < 1000, "shown text is short")
    require(len(clipped(text, 10)) <= 10, "clipped text is short")
    require(pointer(text).count("/") == 1, "a pointer has as many parts as it is given")


def _text_or_bytes(data: bytes) -> None:
    try:
        _text(data)
    except UnicodeDecodeError:
        # No text at all: bodies that are not are read as bytes.
        exposed(exchange(data, status=500))


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("json", "decoding, schema, nested values", _json, seeds.listings,
               longest=1 << 16, structured=True),
        Target("body", "every check on answers with this body; the JSON and JUnit reports",
               _body, seeds.listings, share=3, structured=True),
        Target("terminal", "every check on answers with this body; the report at a terminal",
               _terminal, seeds.listings, share=2, structured=True),
        Target("recorded",
               "every check on answers with this body, and again from a recording of them",
               _recorded, seeds.listings, share=2, structured=True),
        Target("recording", "files that are to be recordings", _recording, seeds.recordings,
               longest=1 << 16),
        Target("head", "statuses and headers, redirects, Retry-After", _head, seeds.heads),
        Target("token", "answers to token requests, and what is made of tokens", _token,
               seeds.token_answers, longest=2048),
        Target("text", "names, settings and error messages", _text_or_bytes, seeds.texts,
               longest=1 << 16),
        Target("wire", "the bytes of a connection, read by the transport", heard, seeds.wire,
               share=2),
    )
}  # fmt: skip
"""By name, in the order in which they are fuzzed."""
