"""Reports are read; for any other file, the error is one sentence that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.canned.comparisons import judged
from support.canned.reports import HOSTILE

from conformance.checks.verdict import Outcome
from conformance.errors import UsageError
from conformance.report.compare.side import REPORT, parse, read
from conformance.report.render import json as as_json

PLAIN = as_json.render(judged({"MODEL-01": Outcome.FAILED}))
TOO_LARGE = "a time or number in it is too large"


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
    # Later minor versions may have more fields.
    raw = edited(lambda whole: whole.update(schemaVersion="1.7", later={"a": [1]}))
    found = parse(raw, "r.json")
    assert (found.file, found.seed, found.profile) == ("r.json", 7, "standard")
    assert found.cells["MODEL-01"].failed
    assert found.cells["MODEL-01"].finding is not None
    assert found.counts()[Outcome.PASSED] == 60


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "r.json is not a report: it is empty; `run --json FILE` writes reports"),
        (PLAIN.encode()[:800], "the JSON text is cut short at character 795"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, 'not a report: "schemaVersion" is missing; `run'),
        (b'{"schemaVersion": "1.0", "faults": [], "variations": []}', " is missing; `run"),
        (put("schemaVersion", value="2.0"), 'its schemaVersion is "2.0", but this version reads 1'),
        (put("schemaVersion", value=HOSTILE), "its schemaVersion is"),
        (put("tool", "name", value="other"), 'at /tool/name, expected "conductor-conformance"; '),
        (put("started", value="yesterday"), "at /started, expected a string in another form"),
        (put("started", value="2026-99-02T03:04:05Z"), TOO_LARGE),
        (put("started", value="0000-01-02T03:04:05Z"), TOO_LARGE),
        (put("durationSeconds", value=10**3000), TOO_LARGE),
        (put("verdict", value="\x1b[31m"), 'at /verdict, expected one of "conformant", "non-con'),
        (put("requirements", 3, "id", value="a"), "at /requirements/3/id, expected a string in an"),
        (
            put("requirements", 3, "outcome", value="failed"),
            "at /requirements/3/findings, expected at least 1 element",
        ),
        (put("requirements", 3, "id", value="HTTP-01"), "it has HTTP-01 twice"),
        (put("requirements", 3, "id", value="A" * 90 + "-1"), "is too long"),
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


@pytest.mark.parametrize("size", [1, REPORT.largest], ids=["small", "large"])
def test_a_recording_is_recognized(size: int) -> None:
    with pytest.raises(UsageError) as error:
        parse(b'\n{ "log": {"entries": ["' + b"x" * size + b'"]}}', "run.har")
    assert str(error.value) == (
        "the file run.har is a recording (HAR), not a report; `judge FILE --json REPORT` makes a "
        "report of a recording"
    )


def test_whatever_a_run_writes_can_be_read_again() -> None:
    known = {"HTTP-01": HOSTILE}
    whole = judged({"HTTP-01": Outcome.FAILED}, known=known, target=HOSTILE, reason=HOSTILE)
    found = parse(as_json.render(whole).encode(), HOSTILE)
    assert found.target == HOSTILE
    assert found.cells["HTTP-01"].known == HOSTILE


def test_texts_are_cut_and_long_commands_left_out() -> None:
    def lengthen(whole: dict[str, Any]) -> None:
        judged = next(one for one in whole["requirements"] if one["id"] == "MODEL-01")
        judged["findings"][0].update(curl="c" * 100_000, observed="o" * 100_000)
        judged["statement"] = "s" * 100_000

    cell = parse(edited(lengthen), "r.json").cells["MODEL-01"]
    assert cell.finding is not None
    assert len(cell.statement) == len(cell.finding.observed) == 2_000
    assert not cell.finding.curl


@pytest.mark.parametrize("name", ["none.json", ".", "a\0b", "x" * 5_000])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as error:
        read(tmp_path / name)
    assert str(error.value).isprintable()
    assert ("there is no report" in str(error.value)) == (name == "none.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIRST = ("requirements", 0)
PLACES = [
    *((name,) for name in json.loads(PLAIN)),
    ("target", "url"),
    FIRST,
    *((*FIRST, name) for name in ("findings", "known", "fingerprints")),
]


@given(st.sampled_from(PLACES), JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_anything_anywhere_is_read_or_refused(path: tuple[str | int, ...], value: Any) -> None:
    problem = ""
    try:
        parse(put(*path, value=value), "r.json")
    except UsageError as error:
        problem = str(error)
    assert problem.isprintable()
    assert len(problem) < 1_000


@given(st.binary())
def test_any_bytes(raw: bytes) -> None:
    with pytest.raises(UsageError):
        parse(raw, "r.json")
