"""Comparisons of reports made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.checks.verdict import Kind, Known, Outcome
from conformance.contract.loader import default_path
from conformance.contract.model import Level
from conformance.report.compare.side import Cell
from conformance.report.render import json as as_json
from conformance.report.report import Report
from support.canned.reports import FINDING, report, verdicts

SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads(default_path().with_name("compare.schema.json").read_text("utf-8"))
)
STARTED = datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC)


def checked(text: str) -> dict[str, Any]:
    """Read a comparison and make sure that it has the published shape."""
    whole: dict[str, Any] = json.loads(text)
    SCHEMA.validate(whole)
    return whole


def cell(outcome: Outcome, **members: Any) -> Cell:
    """Return what a report says of a requirement."""
    finding = FINDING if outcome is Outcome.FAILED else None
    whole = {"level": Level.MUST, "statement": "It is so.", "reason": "a reason"}
    return Cell(**{**whole, "finding": finding, **members}, outcome=outcome)


def judged(
    outcomes: Mapping[str, Outcome] | None = None,
    otherwise: Outcome = Outcome.PASSED,
    *,
    known: Mapping[str, str] | None = None,
    ways: Mapping[str, Sequence[str]] | None = None,
    queries: Mapping[str, Sequence[str]] | None = None,
    only: Sequence[str] = (),
    later: int = 0,
    **members: Any,
) -> Report:
    """Return a report that began ``later`` days later than others.

    Some failures are ``known``, for a reason, and some have these ``ways``, by fingerprint;
    some occur for these documented ``queries``; ``only`` these requirements or families are in it.
    """
    found = []
    for verdict in verdicts(outcomes, otherwise):
        name = verdict.requirement.id
        if only and name not in only and verdict.requirement.family not in only:
            continue
        reason = (known or {}).get(name)
        kinds = tuple(Kind(print_, "a way") for print_ in (ways or {}).get(name, ()))
        wires = tuple((queries or {}).get(name, ()))
        entry = Known(reason) if reason else None
        found.append(replace(verdict, known=entry, kinds=kinds, queries=wires))
    run_id = f"{later:012x}"
    started = STARTED + timedelta(days=later)
    return report(tuple(found), **{"started": started, "run_id": run_id, **members})


def written(folder: Path, **reports: Report) -> list[str]:
    """Write reports to files of a folder, and return their names."""
    for name, one in reports.items():
        (folder / f"{name}.json").write_text(as_json.render(one), "utf-8")
    return [f"{name}.json" for name in reports]
