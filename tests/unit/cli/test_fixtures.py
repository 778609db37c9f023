"""The command `fixtures`: what it asks for, and how it shows a plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest
from support.canned.exchanges import evidence, provider
from support.canned.verdicts import LAW

from conformance.checks.judging import judge
from conformance.cli.fixtures import Age, confirmed, described
from conformance.errors import UsageError
from conformance.fixtures.plan import Plan, plan
from conformance.target.target import Target

RUN = "0123456789ab"


def planned(*ids: str) -> Plan:
    cluster = [provider("openAI", tags=[])]
    verdicts = judge(evidence(cluster=cluster), [LAW.requirement(one) for one in ids])
    return plan(LAW, verdicts, cluster, run=RUN, created=datetime(2026, 2, 1, tzinfo=UTC))


def test_a_plan_says_what_lacks_and_what_would_be_sent() -> None:
    lines = list(described(planned("FILTER-04", "SHAPE-08", "HTTP-07"), LAW))
    assert lines[:9] == [
        "3 requirements undecided:",
        "  FILTER-04   the target showed no inactive provider",
        "  SHAPE-08    the target showed no tag",
        (
            "  HTTP-07     the target showed no response to an Accept header that admits JSON "
            "(3 needed); no provider supplies it"
        ),
        "",
        "1 provider would decide 2 of them:",
        f"  conformance-{RUN}-1  openai, AI_MODEL, inactive, with a tag",
        "",
        "Requests:",
    ]
    assert lines[9] == f"  POST /api/integrations/provider/conformance-{RUN}-1"
    assert '"enabled": false' in lines[10]
    assert lines[11] == f"  PUT /api/integrations/provider/conformance-{RUN}-1/tags"
    assert len(lines) == 13


def test_a_plan_without_a_need_is_one_line() -> None:
    assert len(list(described(planned("SHAPE-02"), LAW))) == 1


@pytest.mark.parametrize(
    ("text", "age"),
    [("30m", timedelta(minutes=30)), ("24h", timedelta(days=1)), ("7d", timedelta(days=7))],
)
def test_an_age_has_a_unit(text: str, age: timedelta) -> None:
    assert Age().convert(text, None, None) == age
    for wrong in ("24", "h", "-1h", "1 h", "1w", f"{10**9}d", f"{10**400}m"):
        with pytest.raises(click.BadParameter, match="write an age like"):
            Age().convert(wrong, None, None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_this_machine_needs_no_confirmation(url: str) -> None:
    with Target(url) as target:
        confirmed(target, None)


def test_another_machine_has_to_be_named() -> None:
    with Target("https://Conductor.example.com:8443/x") as target:
        confirmed(target, "conductor.example.com")
        with pytest.raises(UsageError, match=r"--confirm conductor\.example\.com"):
            confirmed(target, None)
        with pytest.raises(UsageError, match="nothing was sent"):
            confirmed(target, "localhost")
