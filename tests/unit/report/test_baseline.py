"""Reading a baseline, and comparing verdicts with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

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
        queries = ["category=GIT", "category=GIT"]
        [[known]]
        id = "AUTH-01"
        reason = "x"
        expires = "2027-01-01"
        """,
        "b.toml",
    )
    assert found.entries == (
        Entry(
            "MODEL-01",
            "until 4.2",
            date(2026, 12, 31),
            ("aaaaaaaaaaaa", "bbbbbbbbbbbb"),
            ("category=GIT",),
        ),
        Entry("AUTH-01", "x", date(2027, 1, 1)),
    )
    assert parse("", "b.toml").entries == ()


def _entry(text: str) -> str:
    return f'[[known]]\nid = "HTTP-01"\nreason = "x"\n{text}\n'


ID = "[[known]]\nid = 'HTTP-01'"
EXPIRES = "'HTTP-01': at /expires, expected a "


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("known = 5", ": at /known, expected an array; an entry is a table [[known]]"),
        ("known = [5]", ", entry number 1: expected an object; an entry is a table [[known]]"),
        ("[[knwon]]\nid = 'HTTP-01'", ': "knwon" is unknown (did you mean known?); an entry is'),
        ("nonsense", " is not TOML: Expected '='"),
        ("x = " + "9" * 5000, " is not TOML: "),
        ("[" * 100_000, " is not TOML"),
        ("[[known]]\nreason = 'x'", ', entry number 1: "id" is missing (for example "MODEL-01")'),
        ("[[known]]\nid = 7\nreason = 'x'", ", entry number 1: at /id, expected a string"),
        (ID, ", entry 'HTTP-01': \"reason\" is missing (for example "),
        (f"{ID}\nreason = ' '", ", entry 'HTTP-01': at /reason, expected a str"),
        (_entry("expire = 2026-01-01"), "'HTTP-01': \"expire\" is unknown (did you mean expires?)"),
        (_entry("zzz = 1"), '"zzz" is unknown (known: id, reason, expires, fingerprints, queries)'),
        (_entry("expires = '2026-02-30'"), f'{EXPIRES}date (for example "2026-12-31")'),
        (_entry("expires = 2026"), f'{EXPIRES}string (for example "2026-12-31")'),
        (_entry("expires = 2026-01-01T00:00:00"), f"{EXPIRES}date"),
        (_entry("expires = 2026-02-30"), " is not TOML"),
        (_entry("fingerprints = 'aaaaaaaaaaaa'"), "at /fingerprints, expected an array (for examp"),
        (_entry("fingerprints = ['AAAAAAAAAAAA']"), "at /fingerprints/0, expected a string in"),
        (_entry("") + _entry(""), " has two entries for 'HTTP-01'"),
    ],
)
def test_anything_else_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "known.toml")
    assert str(caught.value).startswith("the baseline known.toml")
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing, binary, large = (tmp_path / name for name in ("missing", "binary", "large"))
    binary.write_bytes(b"\xff")
    large.write_bytes(b"#" * 1_048_577)
    assert read(missing, missing_is_empty=True).entries == ()
    for file, problem in (
        (missing, "--update-baseline writes one"),
        (binary, "it is not UTF-8"),
        (large, "it is larger than 1 MiB"),
        (tmp_path, "cannot read the baseline"),
    ):
        with pytest.raises(UsageError, match=problem):
            read(file)


def _judged(
    outcomes: dict[str, Outcome],
    kinds: tuple[Kind, ...] = (OLD,),
    queries: tuple[str, ...] = (),
) -> tuple[Verdict, ...]:
    return tuple(
        replace(verdict, kinds=kinds, queries=queries) if verdict.outcome is FAILED else verdict
        for verdict in verdicts(outcomes)
    )


def _matched(
    entry: Entry,
    outcomes: dict[str, Outcome],
    kinds: tuple[Kind, ...] = (OLD,),
    chosen: str = "",
    queries: tuple[str, ...] = (),
) -> BaselineMatch:
    judged = tuple(
        v for v in _judged(outcomes, kinds, queries) if v.requirement.id.startswith(chosen)
    )
    baseline = Baseline("b.toml", (entry,))
    return apply(baseline, judged, LAW, binding={Level.MUST}, today=TODAY)


def _known(match: BaselineMatch) -> dict[str, Known]:
    return {v.requirement.id: v.known for v in match.verdicts if v.known is not None}


@pytest.mark.parametrize("fingerprints", [(), (OLD.fingerprint,), (OLD.fingerprint, "c" * 12)])
@pytest.mark.parametrize("expires", [None, TODAY, date(2027, 1, 1)])
def test_a_known_failure(fingerprints: tuple[str, ...], expires: date | None) -> None:
    entry = Entry("HTTP-01", "why", expires, fingerprints, ())
    match = _matched(entry, {"HTTP-01": FAILED})
    assert _known(match) == {"HTTP-01": Known("why", expires)}
    assert match.problems == ()
    assert [
        note.startswith("HTTP-01 no longer fails in 1 of the 2 ways") for note in match.notes
    ] == ([True] if len(fingerprints) == 2 else [])


STALE = Entry("HTTP-01", "why", date(2027, 1, 1))
UNKNOWN = "The baseline has an entry for "
NOWHERE = ", which is not in the contract; "
LIST = "see `conductor-conformance list`"


@pytest.mark.parametrize(
    ("entry", "failed", "kind", "message"),
    [
        (STALE, "", "stale", "HTTP-01 passes now: remove its entry"),
        (
            replace(STALE, expires=date(2026, 6, 14)),
            "HTTP-01",
            "expired",
            "HTTP-01 was accepted as a known failure until 2026-06-14: fix the failure",
        ),
        (
            replace(STALE, fingerprints=(OLD.fingerprint,)),
            "HTTP-01",
            "new",
            "HTTP-01 fails in a way that the baseline does not list (fingerprint bbbbbbbbbbbb): ",
        ),
        (Entry("HTTP-1", "why"), "", "unknown", f"{UNKNOWN}'HTTP-1'{NOWHERE}did you mean HTTP-0"),
        (Entry("zz", "why"), "", "unknown", f"{UNKNOWN}'zz'{NOWHERE}{LIST}"),
    ],
)
def test_an_entry_that_does_not_fit(entry: Entry, failed: str, kind: str, message: str) -> None:
    match = _matched(entry, dict.fromkeys(failed.split(), FAILED), (OLD, NEW))
    (problem,) = match.problems
    assert (str(problem.kind), problem.requirement) == (kind, entry.id)
    assert problem.message.startswith(message)
    assert not _known(match)


def test_many_unknown_entries_are_summed_up() -> None:
    entries = tuple(Entry(f"ZZ-{number}", "why") for number in range(20_000))
    match = apply(
        Baseline("b.toml", (*entries, STALE)), _judged({}), LAW, binding={Level.MUST}, today=TODAY
    )
    *unknown, stale, rest = match.problems
    assert [one.requirement for one in unknown] == [f"ZZ-{number}" for number in range(10)]
    assert stale.requirement == "HTTP-01"
    assert (str(rest.kind), rest.requirement) == ("unknown", "ZZ-10")
    assert rest.message.startswith("The baseline lists 19,990 further ids not in the contract; see")


GIT, EMAIL = "category=GIT", "category=EMAIL&activeOnly=true"


@pytest.mark.parametrize(
    ("listed", "queries", "where"),
    [
        ((EMAIL,), (GIT, EMAIL), "spread to GIT: the baseline does not list it for ?category=GIT."),
        ((), ("",), "spread to (no query): the baseline does not list it for (no query)."),
        (
            (EMAIL,),
            (EMAIL, "category=EMAIL"),
            "spread to ?category=EMAIL: the baseline does not list it for ?category=EMAIL.",
        ),
    ],
)
def test_a_known_failure_that_spread(
    listed: tuple[str, ...], queries: tuple[str, ...], where: str
) -> None:
    entry = Entry("HTTP-01", "why", None, (), listed)
    match = _matched(entry, {"HTTP-01": FAILED}, queries=queries)
    (problem,) = match.problems
    assert (str(problem.kind), problem.message) == ("new", f"HTTP-01 {where}")
    assert not _known(match)


def test_a_known_failure_that_shrank_is_noted() -> None:
    entry = Entry("HTTP-01", "why", None, (), (GIT, EMAIL))
    match = _matched(entry, {"HTTP-01": FAILED}, queries=(GIT,))
    assert _known(match)
    (note,) = match.notes
    assert note.startswith(f"HTTP-01 no longer fails for ?{EMAIL}; --update-baseline")


def test_an_entry_of_an_earlier_version_is_known_everywhere_and_says_how_to_renew_it() -> None:
    entry = Entry("HTTP-01", "why", None, (OLD.fingerprint,))
    match = _matched(entry, {"HTTP-01": FAILED}, queries=(GIT, EMAIL))
    assert _known(match)
    (note,) = match.notes
    assert "accepts HTTP-01" in note
    assert "--update-baseline adds the queries" in note


def test_a_new_failure_that_is_no_problem() -> None:
    # Without a list of fingerprints, every failure is known.
    assert _known(_matched(Entry("HTTP-01", "why"), {"HTTP-01": FAILED}, (OLD, NEW)))
    # It does not count because of its level.
    entry = Entry("SHAPE-06", "why", None, (OLD.fingerprint,))
    match = _matched(entry, {"SHAPE-06": FAILED}, (NEW,))
    assert not match.problems
    assert not _known(match)


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR])
def test_what_was_not_decided_is_not_stale_and_is_said(outcome: Outcome) -> None:
    match = _matched(Entry("HTTP-01", "why"), {"HTTP-01": outcome})
    assert match.problems == ()
    (note,) = match.notes
    assert note == "This run did not decide 1 known failure of the baseline: HTTP-01."
    (elsewhere,) = _matched(Entry("AUTH-01", "why"), {}, chosen="HTTP").notes
    assert "AUTH-01" in elsewhere


ENTRY, GOOD, BAD = Entry("HTTP-01", "why"), Conclusion.CONFORMANT, Conclusion.NON_CONFORMANT
PASSES = (
    "HTTP-01 passes now: remove its entry from the baseline, or let --update-baseline remove it."
)
ALL_MET = "Every requirement that applies is met."
UNCOUNTED = "Nothing that counts is broken except known failures"
ONE_UNKNOWN = "1 requirement could not be decided here."
TWO = {"HTTP-01": FAILED, "AUTH-01": FAILED}
MIXED = {"HTTP-01": FAILED, "SHAPE-06": FAILED, "HTTP-05": Outcome.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("entry", "outcomes", "conclusion", "reason"),
    [
        (None, {"HTTP-01": FAILED}, BAD, "1 requirement is broken: HTTP-01."),
        (ENTRY, {"HTTP-01": FAILED}, GOOD, "Nothing is broken except known failures: HTTP-01."),
        (ENTRY, TWO, BAD, "1 requirement is broken: AUTH-01."),
        (ENTRY, {"AUTH-01": FAILED}, BAD, f"1 requirement is broken: AUTH-01. {PASSES}"),
        (ENTRY, {}, BAD, f"{ALL_MET} However, the baseline does not fit. {PASSES}"),
        (ENTRY, MIXED, GOOD, f"{UNCOUNTED} (HTTP-01), though SHAPE-06 is not met; {ONE_UNKNOWN}"),
    ],
)
def test_the_gate(
    entry: Entry | None, outcomes: dict[str, Outcome], conclusion: Conclusion, reason: str
) -> None:
    baseline = Baseline("b.toml", (entry,)) if entry else None
    options: dict[str, Any] = {"fail_on": FailOn.MUST, "baseline": baseline, "today": TODAY}
    passage = gate(_judged(outcomes), LAW, require_evidence=False, **options)
    assert (passage.conclusion, passage.reason) == (conclusion, reason)
    alone = bool(passage.baseline and passage.baseline.alone)
    assert alone is ("However" in reason)
    strict = gate(_judged(MIXED), LAW, require_evidence=True, **options)
    assert strict.conclusion is BAD
