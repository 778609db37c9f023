"""Reports are read; for any other file, the error is one sentence that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.canned.comparisons import judged
from support.canned.reports import HOSTILE

from conformance.checks.verdict import Outcome
from conformance.errors import UsageError
from conformance.report.compare import reading
from conformance.report.compare.reading import parse, read
from conformance.report.compare.side import LONGEST
from conformance.report.render import json as as_json

PLAIN = as_json.render(judged({"MODEL-01": Outcome.FAILED}))


def edited(edit: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(PLAIN)
    edit(document)
    return json.dumps(document).encode()


def put(*path: str | int, value: Any) -> bytes:
    def edit(document: Any) -> None:
        for part in path[:-1]:
            document = document[part]
        document[path[-1]] = value

    return edited(edit)


def test_a_report_is_read() -> None:
    found = parse(PLAIN.encode(), "r.json")
    assert (found.file, found.seed, found.profile) == ("r.json", 7, "standard")
    assert found.cells["MODEL-01"].failed
    assert found.cells["MODEL-01"].finding is not None
    assert found.counts()[Outcome.PASSED] == 47


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "r.json is not a report: it is empty; `run --json FILE` writes reports"),
        (b" \n", "r.json is not a report: it is empty; `run"),
        (b"<testsuite/>", "it is not JSON at character 0"),
        (PLAIN.encode()[:800], "the JSON text is cut short at character 800"),
        (PLAIN.encode("utf-16"), "byte 0 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"[]", "r.json is not a report: expected an object; `run"),
        (b"{}", 'not a report: "schemaVersion" is missing; `run'),
        (b'{"seed": NaN}', "it contains NaN, which is not JSON"),
        (b'{"seed": 1, "seed": 2}', "the field /seed occurs twice"),
        (b"[" * 10_000, "nested too deeply"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, 'not a report: "schemaVersion" is missing; `run'),
        (
            put("schemaVersion", value="2.0"),
            'its schemaVersion is "2.0", but this version reads 1.0',
        ),
        (put("schemaVersion", value=HOSTILE), "its schemaVersion is"),
        (put("schemaVersion", value=1), 'at /schemaVersion, expected "1.0"'),
        (
            put("tool", "name", value="other"),
            'at /tool/name, expected "conductor-conformance"; `run',
        ),
        (put("seed", value="x"), "at /seed, expected a whole number; `run"),
        (put("started", value="yesterday"), "at /started, expected a string in another form"),
        (put("started", value="2026-99-02T03:04:05Z"), "a time or number in it is too large"),
        (put("started", value="0000-01-02T03:04:05Z"), "a time or number in it is too large"),
        (put("durationSeconds", value=10**3000), "a time or number in it is too large"),
        (
            put("verdict", value="\x1b[31m"),
            'at /verdict, expected one of "conformant", "non-conformant", "error"; `run',
        ),
        (
            put("requirements", 3, "id", value="a"),
            "at /requirements/3/id, expected a string in another form",
        ),
        (
            put("requirements", 3, "outcome", value="failed"),
            "at /requirements/3/findings, expected at least 1 element",
        ),
        (put("requirements", 3, "id", value="HTTP-01"), "it has HTTP-01 twice"),
        (put("requirements", 3, "id", value="A" * 90 + "-1"), "is too long"),
        (edited(lambda whole: whole.pop("target")), 'not a report: "target" is missing'),
        (edited(lambda whole: whole["tool"].pop("name")), 'at /tool, "name" is missing; `run'),
        (put("durationSeconds", value=-1), "at /durationSeconds, expected a number of at least 0"),
        (put("notes", value=[1]), "at /notes/0, expected a string"),
        (
            edited(lambda whole: whole["requirements"].extend(whole["requirements"] * 30)),
            "it has more than 1,000 requirements",
        ),
    ],
)
def test_the_error_for_anything_else_is_one_sentence(raw: bytes, text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(raw, "r.json")
    assert text in str(error.value)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    "raw",
    [
        b'{"log": {"version": "1.2", "entries": []}}',
        b'\n{ "log": {"entries": ["' + b"x" * reading.REPORT.largest + b'"]}}',
    ],
    ids=["small", "large"],
)
def test_a_recording_is_recognized(raw: bytes) -> None:
    with pytest.raises(UsageError) as error:
        parse(raw, "run.har")
    assert str(error.value) == (
        "the file run.har is a recording (HAR), not a report; `judge FILE --json REPORT` makes a "
        "report of a recording"
    )


def test_the_result_of_a_self_test_is_not_a_report() -> None:
    with pytest.raises(UsageError, match="is missing"):
        parse(b'{"schemaVersion": "1.0", "faults": [], "variations": []}', "r.json")


def test_later_minor_versions_may_have_more_fields() -> None:
    raw = edited(lambda whole: whole.update(schemaVersion="1.7", later={"a": [1]}))
    assert parse(raw, "r.json").seed == 7


def test_whatever_a_run_writes_can_be_read_again() -> None:
    whole = judged(
        {"HTTP-01": Outcome.FAILED},
        known={"HTTP-01": HOSTILE},
        target=HOSTILE,
        reason=HOSTILE,
        notes=(HOSTILE,),
    )
    found = parse(as_json.render(whole).encode(), HOSTILE)
    assert found.target == HOSTILE
    assert found.cells["HTTP-01"].known == HOSTILE


def test_texts_are_cut_and_long_commands_left_out() -> None:
    def lengthen(whole: dict[str, Any]) -> None:
        judged = next(one for one in whole["requirements"] if one["id"] == "MODEL-01")
        judged["findings"][0].update(curl="c" * 100_000, observed="o" * 100_000)
        judged["statement"] = "s" * 100_000

    cell = parse(edited(lengthen), "r.json").cells["MODEL-01"]
    assert len(cell.statement) == LONGEST
    assert cell.finding is not None
    assert len(cell.finding.observed) == LONGEST
    assert not cell.finding.curl


@pytest.mark.parametrize("name", ["none.json", ".", "a\0b", "x" * 5_000])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as error:
        read(tmp_path / name)
    assert str(error.value).isprintable()
    assert ("there is no report" in str(error.value)) == (name == "none.json")


def test_a_large_file_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "REPORT", replace(reading.REPORT, largest=1_000))
    (tmp_path / "r.json").write_text(PLAIN, "utf-8")
    with pytest.raises(UsageError, match=r"r\.json is not a report: it is larger than"):
        read(tmp_path / "r.json")
    with pytest.raises(UsageError, match="zero is not a report: it is larger than"):
        read(Path("/dev/zero"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    [],
    ["schemaVersion"],
    ["tool"],
    ["target", "url"],
    ["started"],
    ["seed"],
    ["durationSeconds"],
    ["requests"],
    ["requirements"],
    ["requirements", 0],
    ["requirements", 0, "findings"],
    ["requirements", 0, "known"],
    ["requirements", 0, "fingerprints"],
    ["runId"],
]


@given(st.sampled_from(PLACES), JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_anything_anywhere_is_read_or_refused(path: list[str | int], value: Any) -> None:
    raw = put(*path, value=value) if path else json.dumps(value).encode()
    problem = ""
    try:
        parse(raw, "r.json")
    except UsageError as error:
        problem = str(error)
    assert problem.isprintable()
    assert len(problem) < 1_000


@given(st.binary())
def test_any_bytes(raw: bytes) -> None:
    with pytest.raises(UsageError):
        parse(raw, "r.json")
