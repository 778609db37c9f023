"""A fingerprint distinguishes kinds of failure and does not depend on the run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from support.canned.reports import HOSTILE, LAW

from conformance.checks.fingerprints import (
    generalised_expected,
    generalised_observed,
    kind,
    kinds,
    shape,
)
from conformance.checks.verdict import Finding
from conformance.contract.query import Query

FINDING = Finding(
    message="GET /api/integrations/provider?category=GIT: …",
    query="category=GIT",
    curl="curl http://127.0.0.1:1234/api/integrations/provider?category=GIT",
    pointer="/3/category",
    observed='provider "openAI" of category "AI_MODEL"',
    expected='only providers of category "GIT"',
)


def test_the_recipe_is_the_documented_one() -> None:
    recipe = [
        "FILTER-01",
        "/*/category",
        "category=supported",
        'provider "…"',
        'only providers of category "…"',
    ]
    text = json.dumps(recipe, separators=(",", ":")).encode("ascii")
    found = kind(LAW, "FILTER-01", FINDING)
    assert found.fingerprint == hashlib.sha256(text).hexdigest()[:12]
    assert found.description == (
        '?category=supported: provider "…" at /*/category; expected only providers of category "…"'
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"pointer": "/12/category"},
        {"query": "category=EMAIL", "expected": 'only providers of category "EMAIL"'},
        {"observed": 'provider "a "quoted" name" of category "B"'},
        {"curl": "curl https://elsewhere.example.com", "message": "another one"},
    ],
)
def test_differences_between_runs_do_not_matter(changes: dict[str, Any]) -> None:
    other = replace(FINDING, **changes)
    assert kind(LAW, "FILTER-01", other) == kind(LAW, "FILTER-01", FINDING)
    assert kinds(LAW, "FILTER-01", [FINDING, other]) == (kind(LAW, "FILTER-01", FINDING),)


def test_what_only_generated_queries_show_does_not_depend_on_them() -> None:
    one, other = (replace(FINDING, query=query) for query in ("category=x", "a=1&category=y"))
    found = kinds(LAW, "FILTER-03", [one, other], generated=True)
    assert found == (kind(LAW, "FILTER-03", one, generated=True),)
    assert found[0].description.startswith("?generated: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"pointer": "/3/categories"},
        {"pointer": ""},
        {"query": "category=GIT&activeOnly=false"},
        {"query": "category=nothing"},
        {"observed": "status 500"},
        {"expected": "something else"},
    ],
)
def test_another_kind_has_another_fingerprint(changes: dict[str, Any]) -> None:
    usual = kind(LAW, "FILTER-01", FINDING).fingerprint
    assert kind(LAW, "FILTER-01", replace(FINDING, **changes)).fingerprint != usual
    assert kind(LAW, "FILTER-08", FINDING).fingerprint != usual


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("", ""),
        ("category=GIT", "category=supported"),
        ("activeOnly=false&category=GIT", "activeOnly=false&category=supported"),
        ("category=git", "category=other"),
        ("category=", "category=empty"),
        ("category=%20", "category=empty"),
        ("category=%FF%00", "category=other"),
        ("category=GIT&category=GIT", "category=repeated"),
        ("activeOnly=TRUE&x=1&y=2", "activeOnly=other&unknown"),
    ],
)
def test_the_shape_of_a_query(wire: str, expected: str) -> None:
    assert shape(LAW, Query(wire)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status 500", "status 500"),
        ("status 401 with the names of 12 providers", "status 401 with the names of N provider"),
        ('1 provider, without provider "a"', 'N provider, without provider "…"'),
        ('16 providers, without provider "b"', 'N provider, without provider "…"'),
        ("provider null with enabled false", 'provider "…" with enabled boolean'),
        ("an element is null in provider number 7", 'an element is null in provider "…"'),
        ("object with a, b, c and 3 more", "object"),
        ("empty array", "array"),
        ("array of 2 (integer or object)", "array"),
        ("string of 1,204 characters", "string"),
        ("-5 of 3.25 or 1e9", "N of N or N"),
        ("Content-Type: text/json; charset=utf-8", "Content-Type: text/json; charset=utf-8"),
        ("status 302, a redirect to /login?next=/api", "status 302, a redirect to /…"),
        ("status 302, a redirect to https://a.example/b", "status 302, a redirect to /…"),
        ("though ?activeOnly=true holds it", "though ?… holds it"),
        ("though (no query) holds it", "though ?… holds it"),
        ('provider "a" is missing this time; x', 'provider "…" is missing this time; x'),
        ('provider "a" and 2 others are missing this time', 'provider "…" is missing this time'),
        ("byte 7 is not UTF-8", "byte N is not UTF-8"),
    ],
)
def test_the_observed_text_loses_everything_that_depends_on_the_data(
    text: str, expected: str
) -> None:
    assert generalised_observed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('the field "name" in every provider', 'the field "name" in every provider'),
        ("the same response as to ?category=GIT&activeOnly=true", "the same response as to ?…"),
        ("modelsCount from 3 to 12", "modelsCount from N to N"),
    ],
)
def test_the_expected_text_keeps_the_names_of_fields(text: str, expected: str) -> None:
    assert generalised_expected(LAW, text) == expected


def test_a_hostile_place_stays_text() -> None:
    found = kind(LAW, "SHAPE-01", replace(FINDING, pointer=f"/0/{HOSTILE}", observed=HOSTILE))
    assert found.description.isprintable()
    assert len(found.fingerprint) == 12
