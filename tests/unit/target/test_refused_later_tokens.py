"""Test that the forms of one token are also refused when applied to a later token."""

from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import GRANTED

from conformance.target.refused_credentials import CLAIMS, forms

SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLXRva2Vu"
TOKENS = st.one_of(
    st.just(SIGNED),
    st.sampled_from(["a", "7", "a.b.c", "..", "0123456789abcdef" * 3, "123", "A-" * 100]),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60),
)


@given(TOKENS, TOKENS)
def test_a_form_never_is_the_token(first: str, later: str) -> None:
    for form in forms(first):
        if form.make is None:
            continue
        value = form.make(later)
        assert value.strip() != later, form.access.form
        prepared = requests.Request("GET", "http://host", headers={"x": value}).prepare()
        assert prepared.headers["x"] == value
        assert form.access != GRANTED


@pytest.mark.parametrize("later", ["opaque", "a.b.c.d"])
def test_claims_of_a_token_that_has_none_are_made_up(later: str) -> None:
    made = [form.make(later) for form in forms(SIGNED) if form.make is not None]
    assert sum(CLAIMS in value for value in made) == 6
    assert len(set(made)) == len(made)
