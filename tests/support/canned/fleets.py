"""Results of fleets, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from conformance.checks.verdict import Kind, Outcome
from conformance.fleet.order import Order
from conformance.fleet.summary import Entry, Fleet
from conformance.report.report import Conclusion, Report
from support.canned.reports import LAW, report, verdicts

STARTED = datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC)
VALUES: Mapping[str, Any] = {
    "profile": "quick",
    "seed": 7,
    "only": (),
    "skip": (),
    "fail_on": "must",
    "contract_file": None,
}


def entry(name: str, judged: Report | None = None, **members: Any) -> Entry:
    """Return the entry of a target with this report; by default it is conformant."""
    given: dict[str, Any] = {
        "url": f"https://{name}.example.com/api",
        "labels": {},
        "formats": ("json",),
        "attempts": 1,
        "digest": "0" * 64,
    }
    return Entry.of(report() if judged is None else judged, name=name, **(given | members))


def failing(*ids: str, way: str = "0123456789ab") -> Report:
    """Return a report in which these requirements fail in this way."""
    judged = verdicts(dict.fromkeys(ids, Outcome.FAILED))
    return report(
        tuple(
            replace(one, kinds=(Kind(way, "…"),)) if one.outcome is Outcome.FAILED else one
            for one in judged
        )
    )


def undecided(*ids: str) -> Report:
    """Return a report in which these requirements are inconclusive."""
    return report(verdicts(dict.fromkeys(ids, Outcome.INCONCLUSIVE)))


def untested(reason: str) -> Report:
    """Return the report of a target that could not be tested."""
    judged = verdicts(otherwise=Outcome.ERROR)
    return report(judged, conclusion=Conclusion.ERROR, reason=reason)


def fleet(*entries: Entry, **members: Any) -> Fleet:
    """Return the result of a fleet with these targets."""
    given: dict[str, Any] = {
        "contract": LAW.version,
        "started": STARTED,
        "duration": 12.5,
        "seed": 7,
    }
    return Fleet(entries=entries, **(given | members))


def order(name: str, **members: Any) -> Order:
    """Return an order to judge a target."""
    given: dict[str, Any] = {
        "url": f"https://{name}.example.com/api",
        "values": VALUES,
        "deadline": 5.0,
    }
    return Order(name=name, **(given | members))


def mixed() -> Fleet:
    """Return a fleet with every kind of outcome."""
    eu, us = {"region": "eu", "stage": "prod"}, {"region": "us"}
    alike = failing("FILTER-01", "FILTER-04")
    return fleet(
        entry("eu-1", labels=eu),
        entry("eu-2", alike, labels=eu),
        entry("eu-3", alike, labels=eu),
        entry("us-1", alike, labels=us),
        entry("us-2", failing("FILTER-04", way="ba9876543210"), labels=us),
        entry("us-3", undecided("STABLE-01", "STABLE-02"), labels=us),
        entry("down-1", untested("https://down-1.example.com/api refused after 3 tries")),
        entry("down-2", untested("https://down-2.example.com/api refused after 4 tries")),
    )


SEARCHES = [
    ("", "eu-1 eu-2 eu-3 us-1 us-2 us-3 down-1 down-2"),
    ("FILTER-04:failed region:eu", "eu-2 eu-3"),
    ("FILTER:failed region:us", "us-1 us-2"),
    ("FILTER-0:failed", ""),
    ("FILTER-04:passed", "eu-1 us-3"),
    ("STABLE-01:inconclusive", "us-3"),
    ("FILTER-01:failed,error", "eu-2 eu-3 us-1 down-1 down-2"),
    ("region:eu,us -stage:prod", "us-1 us-2 us-3"),
    ("-region:eu exit:1", "us-1 us-2"),
    ("outcome:undecided", "us-3"),
    ("outcome:error,conformant", "eu-1 down-1 down-2"),
    ("DOWN -1", "down-2"),
    ("https://us-2", "us-2"),
    ("nothing:here", ""),
]
"""Searches in the fleet above, and what each finds."""
