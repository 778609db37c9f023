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


def test_every_part_is_needed_by_some_family() -> None:
    assert set().union(*NEEDS.values()) >= set(Part) - ONLY_AFTER_OTHERS


@pytest.mark.parametrize(
    ("family", "parts"),
    [
        ("AUTH", {Part.STRANGERS}),
        ("FILTER", {Part.VARIANTS, Part.CATEGORIES, Part.MODELS}),
        ("HTTP", set(Part)),
        ("LIFECYCLE", set()),
        ("MODEL", {Part.MODELS}),
        ("ROBUST", {Part.INPUTS, Part.STRANGERS, Part.PROBES}),
        ("SECRET", set()),
        ("SHAPE", set()),
        ("STABLE", {Part.ROUNDS, Part.VARIANTS}),
    ],
)
def test_what_a_family_cannot_do_without(family: str, parts: set[Part]) -> None:
    assert parts | {Part.VIEWS} <= NEEDS[family]
    # Refused credentials are tried only for those who judge them.
    assert Part.STRANGERS in parts or Part.STRANGERS not in NEEDS[family]


@given(st.sets(st.sampled_from(FAMILIES)), st.sampled_from(Profile))
def test_several_families_need_what_each_needs(families: set[str], profile: Profile) -> None:
    together = {part for family in families for part in needed_parts([family], profile)}
    assert needed_parts(families, profile) == together


@pytest.mark.parametrize("profile", Profile)
def test_a_quick_run_generates_nothing(profile: Profile) -> None:
    quick = profile is Profile.QUICK
    # A family that is not known needs everything.
    for families in (FAMILIES, ["BRITTLE"]):
        parts = needed_parts(families, profile)
        assert parts == set(Part) - ({Part.PROBES} if quick else set())
    assert (PROBES[profile] == 0) is quick
    assert needed_parts([], profile) == set()


def test_each_profile_asks_more_than_the_one_before() -> None:
    assert sorted(ROUNDS) == sorted(PROBES) == sorted(Profile)
    for asked in (ROUNDS, PROBES):
        numbers = [asked[profile] for profile in Profile]
        assert numbers == sorted(set(numbers))
    # Answers can only be compared with each other if each query is asked more than once.
    assert min(ROUNDS.values()) >= 1
    # A plan without more is a quick one.
    plan = Plan(frozenset({Part.VIEWS}))
    assert (plan.probes, plan.rounds, plan.seed, plan.crossed) == ((), 1, 0, False)
