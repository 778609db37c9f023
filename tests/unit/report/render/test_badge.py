"""Test the badge in the format of shields.io."""

from __future__ import annotations

import json

import pytest
from support.canned.reports import report, verdicts

from conformance.checks.verdict import Outcome
from conformance.report.render import badge
from conformance.report.report import Conclusion, FailOn, Report

BROKEN = {"HTTP-01": Outcome.FAILED, "AUTH-01": Outcome.FAILED, "SHAPE-06": Outcome.FAILED}


@pytest.mark.parametrize(
    ("whole", "message", "colour"),
    [
        (report(), "conformant", "brightgreen"),
        (report(verdicts({"SHAPE-06": Outcome.FAILED})), "conformant", "brightgreen"),
        (report(verdicts(BROKEN)), "not conformant (2 broken)", "red"),
        (report(verdicts(BROKEN), fail_on=FailOn.SHOULD), "not conformant (3 broken)", "red"),
        (report(conclusion=Conclusion.NON_CONFORMANT), "not conformant", "red"),
        (report(conclusion=Conclusion.ERROR), "not tested", "lightgrey"),
        (report(conclusion=Conclusion.ERROR, interrupted=True), "interrupted", "lightgrey"),
    ],
)
def test_message_and_colour(whole: Report, message: str, colour: str) -> None:
    assert json.loads(badge.render(whole)) == {
        "schemaVersion": 1,
        "label": "Conductor contract",
        "message": message,
        "color": colour,
    }
