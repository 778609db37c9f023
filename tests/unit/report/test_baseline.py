"""Reading a baseline, and what comes of holding verdicts against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.canned.reports import LAW, verdicts

from conformance.checks.verdict import Kind, Known, Outcome, Verdict
from conformance.contract.model import Level
from conformance.errors import UsageError
from conformance.report.baseline import Baseline, BaselineMatch, Entry, hold, parse, read
from conformance.report.gate import gate
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
        ("known = 5", "has something else than tables under known"),
        ("known = [5]", "has something else than tables under known"),
        ("[known]\nid = 'HTTP-01'", "has something else than tables under known"),
        ("[[knwon]]\nid = 'HTTP-01'", "unknown key 'knwon'; its entries are tables [[known]]"),
        ("nonsense", "is not TOML: Expected '='"),
        ("[[known]]\nreason = 'x'", "entry number 1: the id of a requirement is missing"),
        ("[[known]]\nid = 'HTTP-01'", "entry 'HTTP-01': a reason is missing; add reason"),
        ("[[known]]\nid = 'HTTP-01'\nreason = ' '", "entry 'HTTP-01': reason is empty"),
        ("[[known]]\nid = 7\nreason = 'x'", "entry number 1: id is a text"),
        (
            _entry("expire = 2026-01-01"),
            "entry 'HTTP-01': unknown key 'expire'; did you mean expires?",
        ),
        (_entry("zzz = 1"), "unknown key 'zzz'; known keys are id, reason, expires, fingerprints"),
        (_entry("expires = 'soon'"), "entry 'HTTP-01': expires is a date such as"),
        (_entry("expires = 2026"), "expires is a date such as"),
        (_entry("expires = 2026-01-01T00:00:00"), "expires is a date such as"),
        (_entry("expires = 2026-02-30"), "is not TOML"),
        (_entry("fingerprints = 'aaaaaaaaaaaa'"), "fingerprints is a list such as"),
        (_entry("fingerprints = [1]"), "fingerprints is a list such as"),
        (_entry("fingerprints = ['AAAAAAAAAAAA']"), "'AAAAAAAAAAAA' is no fingerprint"),
        (_entry("") + _entry(""), "two entries for HTTP-01"),
        ("[" * 100_000, "is not TOML"),
    ],
)
def test_what_no_baseline_can_say(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "known.toml")
    assert str(caught.value).startswith("the baseline known.toml")
    assert sentence in str(caught.value)


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


def _held(
    entry: Entry,
    outcomes: dict[str, Outcome],
    kinds: tuple[Kind, ...] = (OLD,),
    chosen: str = "",
) -> BaselineMatch:
    judged = tuple(v for v in _judged(outcomes, kinds) if v.requirement.id.startswith(chosen))
    baseline = Baseline("b.toml", (entry,))
    return hold(baseline, judged, LAW, binding={Level.MUST}, today=TODAY)


def _known(held: BaselineMatch) -> dict[str, Known]:
    return {v.requirement.id: v.known for v in held.verdicts if v.known is not None}


@pytest.mark.parametrize("fingerprints", [(), (OLD.fingerprint,), (OLD.fingerprint, "c" * 12)])
@pytest.mark.parametrize("expires", [None, TODAY, date(2027, 1, 1)])
def test_a_known_failure(fingerprints: tuple[str, ...], expires: date | None) -> None:
    held = _held(Entry("HTTP-01", "why", expires, fingerprints), {"HTTP-01": FAILED})
    assert _known(held) == {"HTTP-01": Known("why", expires)}
    assert held.problems == ()
    assert [note.startswith("HTTP-01 was not met in 1 of") for note in held.notes] == (
        [True] if len(fingerprints) == 2 else []
    )


def test_a_new_failure_of_the_same_requirement() -> None:
    entry = Entry("HTTP-01", "why", None, (OLD.fingerprint,))
    held = _held(entry, {"HTTP-01": FAILED}, (OLD, NEW))
    assert not _known(held)
    assert [(str(problem.kind), problem.message) for problem in held.problems] == [
        ("new", "HTTP-01 is known to fail, but not so (fingerprint bbbbbbbbbbbb): another way.")
    ]
    # Without a list of fingerprints, every failure is known.
    assert _known(_held(replace(entry, fingerprints=()), {"HTTP-01": FAILED}, (OLD, NEW)))


def test_a_new_failure_that_does_not_count_is_no_problem() -> None:
    held = _held(Entry("SHAPE-06", "why", None, (OLD.fingerprint,)), {"SHAPE-06": FAILED}, (NEW,))
    assert not held.problems
    assert not _known(held)


def test_a_stale_entry() -> None:
    held = _held(Entry("HTTP-01", "why", date(2026, 1, 1)), {})
    (problem,) = held.problems
    assert (str(problem.kind), problem.requirement) == ("stale", "HTTP-01")
    assert problem.message.startswith("HTTP-01 passes now: take its entry out")


def test_an_entry_past_its_date() -> None:
    held = _held(Entry("HTTP-01", "why", date(2026, 6, 14)), {"HTTP-01": FAILED})
    (problem,) = held.problems
    assert str(problem.kind) == "expired"
    assert "accepted as a known failure until 2026-06-14, which is over" in problem.message
    assert not _known(held)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("HTTP-1", "did you mean HTTP-0"), ("zz", "see `conductor-conformance list`")],
)
def test_an_entry_that_matches_nothing(name: str, hint: str) -> None:
    (problem,) = _held(Entry(name, "why"), {}).problems
    assert str(problem.kind) == "unknown"
    assert f"an entry for '{name}', which matches nothing; {hint}" in problem.message


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR])
def test_what_was_not_decided_is_not_stale_and_is_said(outcome: Outcome) -> None:
    held = _held(Entry("HTTP-01", "why"), {"HTTP-01": outcome})
    assert held.problems == ()
    (note,) = held.notes
    assert "the known failure of HTTP-01 lasts was not decided in this run" in note
    (elsewhere,) = _held(Entry("AUTH-01", "why"), {}, chosen="HTTP").notes
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
    assert _gate(entry, one) == (good, "Nothing is broken but what is known: HTTP-01.", False)
    assert _gate(entry, two) == (bad, "1 requirement is broken: AUTH-01.", False)
    conclusion, reason, alone = _gate(entry, {})
    assert (conclusion, alone) == (bad, True)
    assert reason.startswith(
        "Every requirement that applies is met. But the baseline does not fit. HTTP-01 passes now"
    )
    conclusion, reason, alone = _gate(entry, {"AUTH-01": FAILED})
    assert (conclusion, alone) == (bad, False)
    assert reason.startswith("1 requirement is broken: AUTH-01. HTTP-01 passes now")
    mixed = {**one, "SHAPE-06": FAILED, "HTTP-05": Outcome.INCONCLUSIVE}
    assert _gate(entry, mixed)[:2] == (
        good,
        (
            "Nothing that counts is broken but what is known (HTTP-01), though SHAPE-06 is not "
            "met; 1 requirement could not be decided here."
        ),
    )
    assert _gate(entry, mixed, require_evidence=True)[0] is bad
