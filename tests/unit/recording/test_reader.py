"""A recording is read as it was recorded; for any other file, the error is one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import CLUSTER, GRANTED, evidence, exchange, provider
from support.canned.recordings import CIRCUMSTANCES, LAW, Quiet, read_back, verdicts, written

from conformance import judge
from conformance.checks.judging import judge as judged
from conformance.contract.query import Query
from conformance.core.own_json import check, spec_file
from conformance.errors import RecordingError, UsageError
from conformance.evidence.exchange import AccessKind, Exchange, Request, Trouble, TroubleKind
from conformance.recording.reader import parse
from conformance.recording.recorder import Recorder
from conformance.recording.redaction import BodyRedactor
from conformance.report.render.json import render
from conformance.report.run_metadata import Ending, Profile
from conformance.target.credentials import Token
from conformance.target.redaction import Redactor
from conformance.target.refused_credentials import forms, granted

SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads(spec_file("recording.schema.json").read_bytes())
)
ACCESSES = [granted(with_token=True), *(form.access for form in forms("eyJhbGciOiJI.e30.c2lnbmF0"))]
BODIES = st.binary(max_size=60) | st.sampled_from(
    [b"", b"[]", b'{"message": "no"}', "日本語 \u2028".encode(), b'[{"configuration": {"a": "b"}}]']
)
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
EXCHANGES = st.builds(
    Exchange,
    request=st.builds(
        Request,
        st.sampled_from(["", "activeOnly=false", "category=%FF%00&x", "a=b&a=c"]).map(Query),
        st.sampled_from(ACCESSES),
        st.sampled_from(["GET", "HEAD"]),
        st.sampled_from(["", "/api/integrations/all"]),
        st.sampled_from(["application/json", "text/html"]),
    ),
    url=st.just("http://127.0.0.1:8080/api/integrations/provider?x=%20"),
    status=st.sampled_from([0, 200, 401, 599, 999]),
    headers=st.lists(st.tuples(st.sampled_from(["x-a", "location", "date"]), WORDS)).map(tuple),
    body=BODIES,
    trouble=st.none() | st.builds(Trouble, st.sampled_from(list(TroubleKind)), WORDS.filter(bool)),
    elapsed=st.floats(0, 100),
    attempts=st.integers(1, 13),
    leaks=st.lists(WORDS).map(tuple),
    redirects=st.lists(WORDS).map(tuple),
    settled=st.booleans(),
)


@given(st.lists(EXCHANGES, max_size=6))
def test_any_exchange_comes_back(exchanges: list[Exchange]) -> None:
    whole = evidence(*exchanges, refusals=tuple(exchanges[:3]), contract=LAW)
    text = written(whole)
    assert SCHEMA.is_valid(json.loads(text))
    found = parse(text.encode()).evidence
    assert found is not None
    for before, after in zip(whole.all_exchanges, found.all_exchanges, strict=True):
        assert replace(after, body=b"", number=None) == replace(before, body=b"")
        if b"configuration" not in before.body:
            # Stand-ins are the matter of other tests.
            assert after.body == BodyRedactor().redacted(before.body)
    assert [len(span.exchanges) for span in found.spans] == [
        len(span.exchanges) for span in whole.spans
    ]
    assert found.spans[0].before is found.spans[-1].after


@given(st.sampled_from(list(Ending)), WORDS, st.lists(WORDS, max_size=3).map(tuple))
def test_metadata_comes_back(ending: Ending, reason: str, notes: tuple[str, ...]) -> None:
    notes = tuple(filter(None, notes))
    members: dict[str, Any] = {"ending": ending, "reason": reason, "notes": notes}
    members["only"] = ("FILTER",)
    if not reason:
        members["reason"] = "something happened"
    found = read_back(None, **members)
    assert found.metadata == replace(CIRCUMSTANCES, **members)
    assert found.evidence is None
    assert found.origin.contract_sha256 == LAW.sha256


ORIGIN = "http://127.0.0.1:8080"
HEADER_VALUES = st.sampled_from([ORIGIN, f"{ORIGIN}/api", "/api/integrations"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=8, max_size=20
)


@given(HEADER_VALUES)
def test_a_secret_in_an_address_leaves_a_legal_address(value: str) -> None:
    path = f"/api/integrations/provider/{quote(value, safe='')}/integration"
    asked = exchange([])
    asked = replace(asked, request=replace(asked.request, path=path), url=f"{ORIGIN}{path}")
    redact = Redactor(Token(f"{value}, token"), {"X-Tenant": value}).text
    whole = evidence(asked, contract=LAW)
    text = written(whole, target=Quiet(redacted_text=redact))
    assert SCHEMA.is_valid(json.loads(text))
    found = parse(text.encode()).evidence
    assert found is not None
    after = next(one for one in found.all_exchanges if one.request.path)
    assert after.url.startswith(f"{ORIGIN}/")
    assert quote(value, safe="") not in after.url


MODEL = {"api": "gpt", "enabled": 1, "createdBy": "", "integrationName": "p"}
ODD: dict[str, list[Any]] = {
    "nothing": [],
    "clear secrets": [provider("p", configuration={"api_key": "sk-1", "x": {"pwd": "y"}})],
    "models": [provider("p", apis=[{"api": "gpt"}], details={"models": [{"api": "x"}]})],
    "model in settings": [provider("p", configuration={"m": MODEL})],
    "settings of other types": [provider("a", configuration="abc"), provider(configuration=[1])],
    "no settings": [provider("a", configuration=...), provider("b", configuration=None)],
    "names twice": list(CLUSTER),
    "elements of other types": [None, 1, "x", []],
    "wrong types": [provider("p", enabled="yes", modelsCount=-1, tags={}, createTime="x")],
}


@pytest.mark.parametrize("kind", ODD)
def test_verdicts_are_the_same(kind: str) -> None:
    body = json.dumps([*CLUSTER, *ODD[kind]])
    odd = {
        wire: exchange(body.encode(), wire)
        for wire in ("activeOnly=false", "activeOnly=true", "category=GIT", "")
    }
    whole = evidence(replaced=odd, contract=LAW)
    found = read_back(whole).evidence
    assert found is not None
    assert verdicts(found) == verdicts(whole)


def test_settings_that_differ_between_results_stay_different() -> None:
    body = [{**one, "configuration": {"api_key": "[hidden]"}} for one in CLUSTER if one["enabled"]]
    whole = evidence(replaced={"activeOnly=true": exchange(body, "activeOnly=true")}, contract=LAW)
    found = read_back(whole).evidence
    assert found is not None
    (before,) = judged(whole, [LAW.requirement("FILTER-09")])
    (after,) = judged(found, [LAW.requirement("FILTER-09")])
    assert after == before
    assert before.findings


def test_equal_bodies_are_one_object_again() -> None:
    found = read_back(evidence(contract=LAW)).evidence
    assert found is not None
    bodies: dict[bytes, bytes] = {}
    assert all(bodies.setdefault(one.body, one.body) is one.body for one in found.all_exchanges)


def test_a_body_that_takes_too_much_space_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.recording.writer.MOST_REPEATED", 0)
    whole = evidence(contract=LAW)
    text = written(whole)
    assert SCHEMA.is_valid(json.loads(text))
    contents = [entry["response"]["content"] for entry in json.loads(text)["log"]["entries"]]
    texts = [content["text"] for content in contents if "text" in content]
    assert len(texts) == len(set(texts)) < len(contents)
    found = parse(text.encode()).evidence
    assert found is not None
    assert [one.status for one in found.all_exchanges] == [
        one.status for one in whole.all_exchanges
    ]
    assert verdicts(found) == verdicts(whole)


def test_too_much_is_not_recorded() -> None:
    with pytest.raises(UsageError, match="too large for a recording"):
        written(evidence(contract=LAW), Recorder(most=100))


def test_nothing_was_recorded() -> None:
    with pytest.raises(UsageError, match="no run was recorded"):
        Recorder().parts()
    recorder = Recorder()
    recorder.attend(Quiet())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no run was recorded"):
        recorder.parts()


# --------------------------------------------------------------------------- files that are refused

WHOLE = json.loads(written(evidence(contract=LAW)))


def changed(path: str, value: Any) -> bytes:
    """Return the recording with another value at a path; ``...`` leaves the member out."""
    whole = json.loads(json.dumps(WHOLE))
    node = whole["log"]
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        node = node[part]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return json.dumps(whole).encode()


def content(**members: Any) -> bytes:
    """Return the recording with another content of its first response."""
    return changed("entries/0/response/content", {"size": 1, "mimeType": "", **members})


UNEXPLAINED = {"kind": "closed", "reason": ""}
BAD: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "empty": (b"", "it is empty"),
    "long number": (b'{"log": ' + b"9" * 5000 + b"}", "not an HTTP archive"),
    "field twice": (b'{"log": {}, "log": {}}', "the field /log occurs twice"),
    "no target": (changed("_conductor/run/target", ""), "expected a string that is not empty"),
    "trouble without a reason": (
        changed("entries/0/_conductor/trouble", UNEXPLAINED),
        "at /log/entries/0/_conductor/trouble/reason, expected a string that is not empty",
    ),
    "nested": (b"[" * 100_000, "nested too deeply"),
    "cut short": (json.dumps(WHOLE).encode()[:5000], "cut short"),
    "report": (b'{"schemaVersion": "1.0"}', "not an HTTP archive"),
    "another archive": (b'{"log": {"version": "1.2", "entries": []}}', "another tool wrote"),
    "newer": (changed("_conductor/format", 2), "was recorded by a newer version of the suite"),
    "no format": (changed("_conductor/format", ...), '/_conductor, "format" is missing'),
    "format": (changed("_conductor/format", True), "/format, expected 1"),
    "endpoint": (changed("_conductor/contract/path", "/api/other"), "is about /api/other"),
    "time": (changed("_conductor/run/started", "yesterday"), "/started, expected a time"),
    "early": (changed("_conductor/run/started", "0001-01-01T00:00:00+23:00"), "expected a time"),
    "duration": (changed("_conductor/run/durationSeconds", -1), "a number of at least 0"),
    "huge duration": (changed("_conductor/run/durationSeconds", 1e300), "a number less than 9007"),
    "infinite": (lambda: changed("entries/0/time", 1).replace(b'"time": 1', b'"time": 1e999'), "a"),
    "run": (changed("_conductor/run/runId", "0123456789aB"), "/runId, expected a string in"),
    "ending": (changed("_conductor/run/ending", "sad"), 'expected one of "complete"'),
    "reason": (changed("_conductor/run/ending", "interrupted"), "reason why the run ended is miss"),
    "no evidence": (changed("_conductor/evidence", None), "reason why the run ended is missing"),
    "long note": (changed("_conductor/run/notes", ["x" * 10**6]), "at most 100,000 characters"),
    "query": (changed("entries/0/_conductor/query", "é\n"), "/query, expected a text as the suite"),
    "path": (changed("entries/0/_conductor/path", "/é"), "/path, expected a text as the suite"),
    "method": (changed("entries/0/request/method", "DELETE"), 'expected one of "GET", "HEAD"'),
    "address": (changed("entries/0/request/url", "file:///etc"), "/request/url, expected a string"),
    "odd address": (changed("entries/0/request/url", "http://a\u202e"), "/url, expected a text as"),
    "shell": (
        changed("entries/0/_conductor/access/shell", '"X-Authorization: $(rm -rf ~)"'),
        "/access/shell, expected a text as the suite writes it",
    ),
    "quotation": (
        changed("entries/0/_conductor/access/shell", '"X-A: "; reboot; "'),
        "/access/shell, expected a text as the suite writes it",
    ),
    "no content": (content(), "/content, the value has none of the allowed forms"),
    "base64": (content(text="é", encoding="base64"), "/text, expected base64"),
    "same": (content(_sameAs=0), "/_sameAs, expected the index of an earlier entry"),
    "opening": (
        changed("_conductor/evidence/opening", 10**6),
        "at /log/_conductor/evidence/opening, expected the index of an entry",
    ),
    "span": (changed("_conductor/evidence/spans/0/after", -1), "a number of at least 0"),
    "one entry in many spans": (
        changed("_conductor/evidence/spans", [{"before": 0, "exchanges": [1], "after": 0}] * 11),
        "/evidence/spans, expected no entry in more than 10 spans",
    ),
    "many empty spans": (
        changed("_conductor/evidence/spans", [{"before": 0, "exchanges": [], "after": 0}] * 999),
        "/evidence/spans, expected no entry in more than 10 spans",
    ),
    "entry twice": (changed("_conductor/evidence/extra", [1, 2, 1]), "expected no element twice"),
    "many notes": (changed("_conductor/run/notes", ["x"] * 1001), "at most 1,000 elements"),
}


@pytest.mark.parametrize("kind", BAD)
def test_the_error_for_anything_else_is_one_sentence(kind: str) -> None:
    data, reason = BAD[kind]
    with pytest.raises(RecordingError) as caught:
        parse(data if isinstance(data, bytes) else data(), name="r.har")
    text = str(caught.value)
    assert text.startswith("the file r.har ")
    assert reason in text
    assert text.isprintable()
    assert len(text) < 400


def test_control_characters_in_a_file_are_escaped(tmp_path: Path) -> None:
    data = changed("_conductor/run/notes", ["\x1b[31mred\x07 ##vso[x]", "a\nb"])
    notes = parse(data).metadata.notes
    assert all(note.isprintable() and "##vso" not in note for note in notes)
    with pytest.raises(RecordingError) as caught:
        parse(b"", name="\x1b[31m.har")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["missing.har", "a\0b"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match=r"(cannot read the|there is no) recording .*; give a"):
        judge(tmp_path / name)


def places(node: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of everything in the recording but most of its entries."""
    members = node.items() if isinstance(node, dict) else enumerate(node[:2])
    for key, value in members:
        yield f"{path}{key}"
        if isinstance(value, dict | list):
            yield from places(value, f"{path}{key}/")


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [..., None, True, 0, -1, 10**400, 1.5, "", "x", "\ud800", "\n", [], {}, [[]], [{}], {"a": 1}]
)


@given(st.sampled_from(list(places(WHOLE["log"]))), VALUES)
def test_a_recording_that_someone_changed_is_refused_or_judged(path: str, value: Any) -> None:
    try:
        found = parse(changed(path, value))
    except RecordingError:
        return
    report = judge(found)
    check(json.loads(render(report)), "report.schema.json")
    assert all(
        finding.message.isprintable() and finding.curl.isprintable()
        for verdict in report.verdicts
        for finding in verdict.findings
    )


def test_whole_numbers_may_be_written_as_fractions() -> None:
    found = parse(changed("_conductor/evidence/opening", 0.0))
    assert found.evidence is not None
    status = parse(changed("entries/0/response/status", 200.0)).evidence
    assert status is not None
    assert status.all_exchanges[0].outcome == found.evidence.all_exchanges[0].outcome


def test_lone_surrogates_are_kept() -> None:
    headers = [{"name": "x-a", "value": "\ud800"}]
    found = parse(changed("entries/0/response/headers", headers)).evidence
    assert found is not None
    assert ("x-a", "\ud800") in [pair for one in found.all_exchanges for pair in one.headers]


def test_the_schema_has_every_name_that_is_written() -> None:
    rules = json.dumps(json.loads(spec_file("recording.schema.json").read_bytes()))
    for kind in (AccessKind, TroubleKind, Ending, Profile):
        assert json.dumps({"enum": list(kind)}) in rules


def test_known_forms_of_credentials_are_all_readable() -> None:
    for token in ("opaque-token", "eyJhbGciOiJI.e30.c2lnbmF0", "a"):
        for form in forms(token):
            read_back(evidence(exchange([], access=form.access), contract=LAW))
    read_back(evidence(exchange([], access=GRANTED), contract=LAW))
