"""SHAPE requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from typing import Any

from support.canned.exchanges import NOW, evidence, exchange, provider
from support.canned.verdicts import (
    UNFILTERED,
    Broken,
    answering,
    as_tests,
    only,
    replacing,
    verdict,
)

from conformance.checks.registry import all_checks
from conformance.checks.verdict import Outcome
from conformance.evidence.evidence import Evidence

DAY = 86_400_000
YEAR_2000 = 946_684_800_000
MILLISECONDS = "milliseconds since 1970, between the year 2000 and tomorrow"


def having(**members: Any) -> Evidence:
    """Return evidence in which the second of two providers has these fields, ``...`` for none."""
    return answering([provider("first"), provider(**{"name": "odd"} | members)])


def without(*members: str) -> Evidence:
    return having(**dict.fromkeys(members, ...))


def broken(requirement: str, observed: str, expected: str, **members: Any) -> Broken:
    """Return the case of one wrong field."""
    (member,) = members
    named = members[member] if member == "name" else "odd"
    who = f'"{named}"' if isinstance(named, str) else "number 2"
    found = f"{observed} in provider {who}"
    return Broken(requirement, having(**members), found, expected, "", f"/1/{member}")


STRING, OBJECT, BOOLEAN, INTEGER = "a string", "an object", "a boolean", "an integer"
FILLED = "a string that is not empty"
EPOCH = "an integer of milliseconds since 1970"

BROKEN = [
    *(
        Broken(
            "SHAPE-01", replacing("", body), f"the answer is {observed}", "an array of providers"
        )
        for body, observed in (
            (None, "null"),
            ({"content": []}, "object with content"),
            ("[]", 'the string "[]"'),
            (0, "the integer 0"),
            (True, "the boolean true"),
        )
    ),
    *(
        Broken(
            "SHAPE-01",
            replacing("", [provider(), element]),
            f"an element is {observed} in provider number 2",
            "a provider object",
            "",
            "/1",
        )
        for element, observed in (
            ("openAI", 'the string "openAI"'),
            (None, "null"),
            ([provider()], "array of 1 (object)"),
            (7, "the integer 7"),
        )
    ),
    *(
        Broken(
            "SHAPE-02",
            without(member),
            f'no field "{member}" in provider {who}',
            f'the field "{member}" in every provider',
            "",
            "/1",
        )
        for member, who in (
            ("name", "number 2"),
            *(
                (member, '"odd"')
                for member in ("category", "configuration", "enabled", "modelsCount")
            ),
        )
    ),
    broken("SHAPE-03", '"name" is null', STRING, name=None),
    broken("SHAPE-03", '"name" is the integer 7', STRING, name=7),
    broken("SHAPE-03", '"name" is the string ""', FILLED, name=""),
    broken("SHAPE-04", '"type" is null', STRING, type=None),
    broken("SHAPE-04", '"type" is the string ""', FILLED, type=""),
    broken("SHAPE-03", '"category" is array of 1 (string)', STRING, category=["GIT"]),
    broken("SHAPE-03", '"category" is the string ""', FILLED, category=""),
    broken("SHAPE-03", '"configuration" is string of 6 characters', OBJECT, configuration="s3cret"),
    broken("SHAPE-03", '"configuration" is empty array', OBJECT, configuration=[]),
    broken("SHAPE-03", '"enabled" is the string "true"', BOOLEAN, enabled="true"),
    broken("SHAPE-03", '"enabled" is the integer 1', BOOLEAN, enabled=1),
    broken("SHAPE-04", '"description" is null', STRING, description=None),
    broken("SHAPE-04", '"createdBy" is the integer 5', STRING, createdBy=5),
    broken("SHAPE-04", '"updatedBy" is object with id', STRING, updatedBy={"id": "me"}),
    broken("SHAPE-04", '"ownerApp" is null', STRING, ownerApp=None),
    broken("SHAPE-04", '"tags" is null', "an array", tags=None),
    broken("SHAPE-04", '"tags" is object with team', "an array", tags={"team": "docs"}),
    Broken(
        "SHAPE-10",
        without("type"),
        'no field "type" in provider "odd"',
        'the field "type" in every provider',
        "",
        "/1",
    ),
    broken("SHAPE-05", '"createTime" is the number 1.5', EPOCH, createTime=1.5),
    broken("SHAPE-05", '"updateTime" is the string "2026-01-01"', EPOCH, updateTime="2026-01-01"),
    *(
        broken("SHAPE-06", f'"createTime" is {value}', MILLISECONDS, createTime=value)
        for value in (0, -1, 1_700_000_000, YEAR_2000 - 1, NOW + DAY + 1, 1_700_000_000_000_000)
    ),
    broken("SHAPE-06", '"updateTime" is 9999999999999', MILLISECONDS, updateTime=9999999999999),
    Broken(
        "SHAPE-07",
        having(createTime=1_700_000_000_001, updateTime=1_700_000_000_000),
        '"updateTime" 1700000000000 is before "createTime" 1700000000001 in provider "odd"',
        "an updateTime at or after createTime",
        "",
        "/1/updateTime",
    ),
    *(
        Broken(
            "SHAPE-08",
            having(tags=[{"key": "k", "value": "v"}, value]),
            f'{observed} in provider "odd"',
            "an object with the strings key and value"
            if place != "/type"
            else 'a string as "type", or no such field',
            "",
            f"/1/tags/1{place}",
        )
        for value, observed, place in (
            ("team", 'an element of "tags" is the string "team"', ""),
            (None, 'an element of "tags" is null', ""),
            (["team", "docs"], 'an element of "tags" is array of 2 (string)', ""),
            ({"value": "docs"}, 'no field "key"', ""),
            ({"key": "team"}, 'no field "value"', ""),
            ({"key": 7, "value": "docs"}, '"key" is the integer 7', "/key"),
            ({"key": "team", "value": 7}, '"value" is the integer 7', "/value"),
            ({"key": "team", "value": "x", "type": 1}, '"type" is the integer 1', "/type"),
            ({"key": "team", "value": "x", "type": None}, '"type" is null', "/type"),
        )
    ),
    Broken(
        "SHAPE-09",
        answering([provider("a"), provider("b"), provider("a", type="other")]),
        'two providers with the name "a"',
        "each name once",
        "",
        "/2/name",
    ),
]

MODELS: tuple[Any, ...] = ([], {"gpt-4o": {}}, "gpt-4o", 3)
LEGAL = [
    ("SHAPE-01", answering([])),
    ("SHAPE-01", evidence(exchange(None, "category=NONE", status=400))),
    ("SHAPE-02", having(enabled=None, unknown=1)),
    ("SHAPE-03", having(type="brand_new", category="BRAND_NEW", configuration={})),
    ("SHAPE-03", having(modelsCount=2.0)),
    ("SHAPE-03", having(modelsCount=2**80)),
    # MODEL-04 judges negative numbers.
    ("SHAPE-03", having(modelsCount=-1)),
    ("SHAPE-04", having(description="", createdBy="", ownerApp="app", updatedBy="x", tags=[])),
    ("SHAPE-04", having(unknown=None, links={"self": 1})),
    # SHAPE-08 judges the elements of tags, and MODEL-01 models in apis.
    ("SHAPE-04", having(tags=[None], apis=[{}])),
    *(("SHAPE-04", having(apis=apis)) for apis in MODELS),
    ("SHAPE-05", having(createTime=1.7e12)),
    ("SHAPE-05", having(createTime=0, updateTime=-1)),
    ("SHAPE-05", without("createTime")),
    ("SHAPE-06", having(createTime=YEAR_2000, updateTime=NOW + DAY)),
    # SHAPE-05 judges values that are not numbers.
    ("SHAPE-06", having(createTime="yesterday", updateTime=None)),
    ("SHAPE-07", having(createTime=1_700_000_000_000, updateTime=1_700_000_000_000)),
    ("SHAPE-07", having(createTime=None, updateTime=1)),
    ("SHAPE-07", without("updateTime")),
    ("SHAPE-08", having(tags=[{"key": "", "value": "", "type": "METADATA", "more": None}])),
    ("SHAPE-08", having(tags=None)),
    ("SHAPE-09", answering([provider("a"), provider("A"), provider("a ")])),
    # SHAPE-03 judges providers without a valid name.
    ("SHAPE-09", answering([provider("a"), provider("b"), {"name": 1}, {"name": 1}, {}, {}])),
]

BARE = answering([provider(createTime=..., updateTime=..., tags=..., type=...)])

LACKING = [
    ("SHAPE-01", only(exchange([], UNFILTERED, status=500)), "no response with status 200"),
    *((f"SHAPE-{n}", answering([]), "no provider") for n in ("02", "03", "10")),
    ("SHAPE-04", BARE, "no optional field"),
    ("SHAPE-05", BARE, "no createTime or updateTime"),
    ("SHAPE-06", BARE, "no createTime or updateTime"),
    ("SHAPE-07", BARE, "no provider with createTime and updateTime"),
    ("SHAPE-08", answering([provider(tags=[])]), "no tag"),
    ("SHAPE-09", answering([provider()]), "only 1 provider (2 needed)"),
]
INCONCLUSIVE = [(name, shown, f"the target showed {what}") for name, shown, what in LACKING]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)


def test_examples_are_bounded_and_their_number_is_not() -> None:
    observed = all_checks()["SHAPE-02"](without("enabled"))
    assert (observed.found, observed.findings[0].query) == (1, "")
    bad = [provider(f"provider-{number}", enabled=None) for number in range(1200)]
    result = verdict("SHAPE-03", replacing("", bad))
    assert result.reason == "1,200 violations, 5 of them shown"
    assert len(result.findings) == 5


def test_requirements_that_were_not_fully_examined_do_not_pass() -> None:
    gathered = answering([{"name": str(number)} for number in range(1_000)])
    found = verdict("SHAPE-02", gathered)
    assert found.outcome is Outcome.FAILED
    assert found.reason.startswith("at least ")
    for requirement in ("SHAPE-01", "SHAPE-03", "MODEL-04"):
        other = verdict(requirement, gathered)
        assert other.outcome is Outcome.INCONCLUSIVE
        assert "only the first ones were examined" in other.reason
