"""Which parts of a run the chosen requirements need."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.verdicts import LAW

from conformance.report.run_metadata import Profile
from conformance.runner.plan import NEEDS, PROBES, ROUNDS, Part, Plan, needed_parts

FAMILIES = sorted(LAW.families)
ONLY_AFTER_OTHERS = {Part.AGAIN, Part.WATCH}
"""Parts that follow from what other parts have shown."""


def test_every_family_says_what_it_needs() -> None:
    assert sorted(NEEDS) == FAMILIES
    assert all(NEEDS.values())


@pytest.mark.parametrize("part", sorted(set(Part) - ONLY_AFTER_OTHERS))
def test_every_part_is_needed_by_some_family(part: Part) -> None:
    assert any(part in NEEDS[family] for family in FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_asks_the_documented_queries(family: str) -> None:
    assert Part.VIEWS in NEEDS[family]


@pytest.mark.parametrize(
    ("family", "parts"),
    [
        ("AUTH", {Part.STRANGERS}),
        ("FILTER", {Part.VARIANTS, Part.CATEGORIES, Part.MODELS}),
        ("MODEL", {Part.MODELS}),
        ("ROBUST", {Part.INPUTS, Part.STRANGERS, Part.PROBES}),
        ("STABLE", {Part.ROUNDS, Part.VARIANTS}),
    ],
)
def test_what_a_family_cannot_do_without(family: str, parts: set[Part]) -> None:
    assert parts <= NEEDS[family]


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"AUTH", "ROBUST", "HTTP", "STABLE"}))
def test_refused_credentials_are_tried_for_those_who_judge_them(family: str) -> None:
    assert Part.STRANGERS not in NEEDS[family]


@given(st.sets(st.sampled_from(FAMILIES)), st.sampled_from(Profile))
def test_several_families_need_what_each_needs(families: set[str], profile: Profile) -> None:
    together = {part for family in families for part in needed_parts([family], profile)}
    assert needed_parts(families, profile) == together


@pytest.mark.parametrize("profile", Profile)
def test_a_quick_run_generates_nothing(profile: Profile) -> None:
    quick = profile is Profile.QUICK
    parts = needed_parts(FAMILIES, profile)
    assert parts == set(Part) - ({Part.PROBES} if quick else set())
    assert (PROBES[profile] == 0) is quick


def test_a_family_that_is_not_known_needs_everything() -> None:
    assert needed_parts(["BRITTLE"], Profile.THOROUGH) == set(Part)
    assert needed_parts([], Profile.THOROUGH) == set()


def test_each_profile_asks_more_than_the_one_before() -> None:
    assert sorted(ROUNDS) == sorted(PROBES) == sorted(Profile)
    for asked in (ROUNDS, PROBES):
        numbers = [asked[profile] for profile in Profile]
        assert numbers == sorted(set(numbers))
    # Answers can only be compared with each other if each query is asked more than once.
    assert min(ROUNDS.values()) >= 1


def test_a_plan_without_more_is_a_quick_one() -> None:
    plan = Plan(frozenset({Part.VIEWS}))
    assert (plan.probes, plan.rounds, plan.seed, plan.crossed) == ((), 1, 0, False)
