"""Redirects that were followed are named in notes, but not thousands of them."""

from __future__ import annotations

from conformance.target.redirects import MOST_NAMED, Redirects


def test_many_redirects_are_summed_up() -> None:
    redirects = Redirects()
    redirects.followed.update((f"/a to /{number}", None) for number in range(MOST_NAMED))
    assert redirects.notes() == [
        f"A redirect was followed: /a to /{number}." for number in range(MOST_NAMED)
    ]
    redirects.followed.update((f"/b to /{number}", None) for number in range(2000))
    assert redirects.notes()[MOST_NAMED:] == ["So were 2,000 other redirects."]
