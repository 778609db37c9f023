"""Requirements are selected by id or family; an unknown name is an error with a hint."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.clients import catalogue
from conformance.contract.loader import load
from conformance.contract.requirement_selection import select
from conformance.errors import UsageError

LAW = load()
ALL = [requirement.id for requirement in LAW.requirements]


def chosen(only: tuple[str, ...] = (), skip: tuple[str, ...] = ()) -> list[str]:
    return [requirement.id for requirement in select(LAW, only=only, skip=skip)]


def of(family: str, without: Collection[int] = ()) -> list[str]:
    return [
        name
        for name in ALL
        if name.startswith(family) and int(name.rpartition("-")[2]) not in without
    ]


@pytest.mark.parametrize(
    ("only", "skip", "expected"),
    [
        ((), (), ALL),
        (("HTTP-02",), (), ["HTTP-02"]),
        (("http-02",), (), ["HTTP-02"]),
        # The order is the contract's, whatever the order of the names.
        (("MODEL-03", "HTTP-01", "MODEL-03"), (), ["HTTP-01", "MODEL-03"]),
        (("auth",), ("AUTH-05", "AUTH-06"), of("AUTH", {5, 6})),
        (("HTTP", "HTTP-01"), (), of("HTTP")),
        ((), tuple(LAW.families.keys() - {"MODEL"}), of("MODEL")),
        (("MODEL-01",), ("AUTH",), ["MODEL-01"]),
    ],
)
def test_what_is_chosen(only: tuple[str, ...], skip: tuple[str, ...], expected: list[str]) -> None:
    assert chosen(only, skip) == expected


def test_the_hint_for_a_client_names_the_list_for_clients() -> None:
    with pytest.raises(UsageError, match="see `conductor-conformance list CLIENT`"):
        select(catalogue.load().contract, only=("FILTER",))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("HTTP-1", "did you mean HTTP-01?"),
        ("FILTER01", "did you mean FILTER-01?"),
        ("SHAPES", "did you mean SHAPE?"),
        ("auht", "did you mean AUTH?"),
        ("BRITTLE", "see `conductor-conformance list`"),
        ("", "see `conductor-conformance list`"),
        ("x\x1b[31m\n", "see `conductor-conformance list`"),
    ],
)
def test_an_unknown_name(name: str, hint: str) -> None:
    for arguments in ({"only": [name]}, {"skip": [name]}):
        with pytest.raises(UsageError) as caught:
            select(LAW, **arguments)
        assert str(caught.value) == f"the contract has no requirement {name!r}; {hint}"
        assert str(caught.value).isprintable()


NAMES = st.lists(st.sampled_from([*ALL, *LAW.families]), max_size=5)


@given(NAMES, NAMES)
@example(["HTTP-01"], ["HTTP"])
@example([], list(LAW.families))
def test_selection_agrees_with_sets(only: list[str], skip: list[str]) -> None:
    def named(names: list[str]) -> set[str]:
        return {name for name in ALL if name in names or name.partition("-")[0] in names}

    expected = (named(only) if only else set(ALL)) - named(skip)
    if expected:
        assert set(chosen(tuple(only), tuple(skip))) == expected
    else:
        with pytest.raises(UsageError, match="--skip excludes all that --only selects; skip fewer"):
            chosen(tuple(only), tuple(skip))
