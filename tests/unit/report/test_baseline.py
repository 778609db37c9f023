"""Reading a baseline, and comparing verdicts with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.canned.reports import LAW, verdicts

from conformance.checks.verdict import Kind, Known, Outcome, Verdict
from conformance.contract.model import Level
from conformance.errors import UsageError
from conformance.report.baseline import Baseline, BaselineMatch, Entry, apply, parse, read
from conformance.report.conclusion import gate
from conformance.report.report import Conclusion, FailOn

FAILED = Outcome.FAILED
OLD, NEW = Kind("aaaaaaaaaaaa", "one way"), Kind("bbbbbbbbbbbb", "another way")
TODAY = date(2026, 6, 15)


def test_a_whole_baseline() -> None:
    found = parse(
        """
        [[known]]
        id = "model-01"
        reason = " until 4.2 "
        expires = 2026-12-31
        fingerprints = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "aaaaaaaaaaaa"]
        [[known]]
        id = "AUTH-01"
        reason = "x"
        expires = "2027-01-01"
        """,
        "b.toml",
    )
    assert found.entries == (
        Entry("MODEL-01", "until 4.2", date(2026, 12, 31), ("aaaaaaaaaaaa", "bbbbbbbbbbbb")),
        Entry("AUTH-01", "x", date(2027, 1, 1)),
    )
    assert parse("", "b.toml").entries == ()


def _entry(text: str) -> str:
    return f'[[known]]\nid = "HTTP-01"\nreason = "x"\n{text}\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("known = 5", ": at /known, expected an array; an entry is a table [[known]]"),
        ("known = [5]", ", entry number 1: expected an object; an entry is a table [[known]]"),
        ("[known]\nid = 'HTTP-01'", ": at /known, expected an array; an entry is a table"),
        ("[[knwon]]\nid = 'HTTP-01'", ': "knwon" is unknown (did you mean known?); an entry is'),
        ("nonsense", " is not TOML: Expected '='"),
        ("x = " + "9" * 5000, " is not TOML: "),
        ("[[known]]\nreason = 'x'", ', entry number 1: "id" is missing (for example "MODEL-01")'),
        ("[[known]]\nid = 'HTTP-01'", ", entry 'HTTP-01': \"reason\" is missing (for example "),
        (
            "[[known]]\nid = 'HTTP-01'\nreason = ' '",
            ", entry 'HTTP-01': at /reason, expected a str",
        ),
        ("[[known]]\nid = 7\nreason = 'x'", ", entry number 1: at /id, expected a string"),
        (_entry("expire = 2026-01-01"), "'HTTP-01': \"expire\" is unknown (did you mean expires?)"),
        ("[[known]]\nid = 'A'\nraeson = 'x'", "'A': \"raeson\" is unknown (did you mean reason?)"),
        (_entry("zzz = 1"), '"zzz" is unknown (known: id, reason, expires, fingerprints)'),
        (_entry("expires = 'soon'"), ", entry 'HTTP-01': at /expires, expected a date (for exa"),
        (
            _entry("expires = '2026-02-30'"),
            'at /expires, expected a date (for example "2026-12-31")',
        ),
        (_entry("expires = 2026"), 'at /expires, expected a string (for example "2026-12-31")'),
        (_entry("expires = 2026-01-01T00:00:00"), "at /expires, expected a date"),
        (_entry("expires = 2026-02-30"), " is not TOML"),
        (_entry("fingerprints = 'aaaaaaaaaaaa'"), "at /fingerprints, expected an array (for examp"),
        (_entry("fingerprints = [1]"), "at /fingerprints/0, expected a string (for example"),
        (_entry("fingerprints = ['AAAAAAAAAAAA']"), "at /fingerprints/0, expected a string in"),
        (_entry("") + _entry(""), " has two entries for 'HTTP-01'"),
        ("[" * 100_000, " is not TOML"),
    ],
)
def test_anything_else_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "known.toml")
    assert str(caught.value).startswith("the baseline known.toml")
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing", tmp_path / "binary"
    binary.write_bytes(b"\xff")
    assert read(missing, missing_is_empty=True).entries == ()
    with pytest.raises(UsageError, match="--update-baseline writes one"):
        read(missing)
    with pytest.raises(UsageError, match="it is not UTF-8"):
        read(binary)
    with pytest.raises(UsageError, match="cannot read the baseline"):
        read(tmp_path)
    binary.write_bytes(b"#" * 1_048_577)
    with pytest.raises(UsageError, match="it is larger than 1 MiB"):
        read(binary)


def _judged(outcomes: dict[str, Outcome], kinds: tuple[Kind, ...] = (OLD,)) -> tuple[Verdict, ...]:
    return tuple(
        replace(verdict, kinds=kinds) if verdict.outcome is FAILED else verdict
        for verdict in verdicts(outcomes)
    )


def _matched(
    entry: Entry,
    outcomes: dict[str, Outcome],
    kinds: tuple[Kind, ...] = (OLD,),
    chosen: str = "",
) -> BaselineMatch:
    judged = tuple(v for v in _judged(outcomes, kinds) if v.requirement.id.startswith(chosen))
    baseline = Baseline("b.toml", (entry,))
    return apply(baseline, judged, LAW, binding={Level.MUST}, today=TODAY)


def _known(match: BaselineMatch) -> dict[str, Known]:
    return {v.requirement.id: v.known for v in match.verdicts if v.known is not None}


@pytest.mark.parametrize("fingerprints", [(), (OLD.fingerprint,), (OLD.fingerprint, "c" * 12)])
@pytest.mark.parametrize("expires", [None, TODAY, date(2027, 1, 1)])
def test_a_known_failure(fingerprints: tuple[str, ...], expires: date | None) -> None:
    match = _matched(Entry("HTTP-01", "why", expires, fingerprints), {"HTTP-01": FAILED})
    assert _known(match) == {"HTTP-01": Known("why", expires)}
    assert match.problems == ()
    assert [
        note.startswith("HTTP-01 no longer fails in 1 of the 2 ways") for note in match.notes
    ] == ([True] if len(fingerprints) == 2 else [])


def test_a_new_failure_of_the_same_requirement() -> None:
    entry = Entry("HTTP-01", "why", None, (OLD.fingerprint,))
    match = _matched(entry, {"HTTP-01": FAILED}, (OLD, NEW))
    assert not _known(match)
    (problem,) = match.problems
    assert str(problem.kind) == "new"
    assert problem.message == (
        "HTTP-01 fails in a way that the baseline does not list (fingerprint bbbbbbbbbbbb): "
        "another way."
    )
    # Without a list of fingerprints, every failure is known.
    assert _known(_matched(replace(entry, fingerprints=()), {"HTTP-01": FAILED}, (OLD, NEW)))


def test_a_new_failure_that_does_not_count_is_no_problem() -> None:
    match = _matched(
        Entry("SHAPE-06", "why", None, (OLD.fingerprint,)), {"SHAPE-06": FAILED}, (NEW,)
    )
    assert not match.problems
    assert not _known(match)


def test_a_stale_entry() -> None:
    match = _matched(Entry("HTTP-01", "why", date(2026, 1, 1)), {})
    (problem,) = match.problems
    assert (str(problem.kind), problem.requirement) == ("stale", "HTTP-01")
    assert problem.message.startswith("HTTP-01 passes now: remove its entry")


def test_an_entry_past_its_date() -> None:
    match = _matched(Entry("HTTP-01", "why", date(2026, 6, 14)), {"HTTP-01": FAILED})
    (problem,) = match.problems
    assert str(problem.kind) == "expired"
    assert "accepted as a known failure until 2026-06-14: fix the failure" in problem.message
    assert not _known(match)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("HTTP-1", "did you mean HTTP-0"), ("zz", "see `conductor-conformance list`")],
)
def test_an_entry_that_matches_nothing(name: str, hint: str) -> None:
    (problem,) = _matched(Entry(name, "why"), {}).problems
    assert str(problem.kind) == "unknown"
    assert f"an entry for '{name}', which is not in the contract; {hint}" in problem.message


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR])
def test_what_was_not_decided_is_not_stale_and_is_said(outcome: Outcome) -> None:
    match = _matched(Entry("HTTP-01", "why"), {"HTTP-01": outcome})
    assert match.problems == ()
    (note,) = match.notes
    assert note == "This run did not decide 1 known failure of the baseline: HTTP-01."
    (elsewhere,) = _matched(Entry("AUTH-01", "why"), {}, chosen="HTTP").notes
    assert "AUTH-01" in elsewhere


def _gate(
    entry: Entry | None, outcomes: dict[str, Outcome], *, require_evidence: bool = False
) -> tuple[Conclusion, str, bool]:
    passage = gate(
        _judged(outcomes),
        LAW,
        fail_on=FailOn.MUST,
        require_evidence=require_evidence,
        baseline=Baseline("b.toml", (entry,)) if entry else None,
        today=TODAY,
    )
    return passage.conclusion, passage.reason, bool(passage.baseline and passage.baseline.alone)


def test_what_the_gate_says() -> None:
    entry = Entry("HTTP-01", "why")
    one, two = {"HTTP-01": FAILED}, {"HTTP-01": FAILED, "AUTH-01": FAILED}
    good, bad = Conclusion.CONFORMANT, Conclusion.NON_CONFORMANT
    assert _gate(None, one) == (bad, "1 requirement is broken: HTTP-01.", False)
    assert _gate(entry, one) == (good, "Nothing is broken except known failures: HTTP-01.", False)
    assert _gate(entry, two) == (bad, "1 requirement is broken: AUTH-01.", False)
    conclusion, reason, alone = _gate(entry, {})
    assert (conclusion, alone) == (bad, True)
    assert reason.startswith(
        "Every requirement that applies is met. However, the baseline does not fit. HTTP-01 passes"
    )
    conclusion, reason, alone = _gate(entry, {"AUTH-01": FAILED})
    assert (conclusion, alone) == (bad, False)
    assert reason.startswith("1 requirement is broken: AUTH-01. HTTP-01 passes now")
    mixed = {**one, "SHAPE-06": FAILED, "HTTP-05": Outcome.INCONCLUSIVE}
    assert _gate(entry, mixed)[:2] == (
        good,
        (
            "Nothing that counts is broken except known failures (HTTP-01), though SHAPE-06 is not "
            "met; 1 requirement could not be decided here."
        ),
    )
    assert _gate(entry, mixed, require_evidence=True)[0] is bad
