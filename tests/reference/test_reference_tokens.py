"""Test that a token is accepted exactly as signed and in no other form."""

from __future__ import annotations

import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference.tokens import ExpiredToken, InvalidToken, sign, verify

KEY = b"k" * 32
CLAIMS = {"sub": "somebody", "exp": 1000}
BASE64URL = string.ascii_letters + string.digits + "-_"


def test_a_signed_token_gives_back_its_claims_until_it_expires() -> None:
    token = sign(CLAIMS, KEY)
    assert verify(token, KEY, now=999.999) == CLAIMS
    with pytest.raises(ExpiredToken):
        verify(token, KEY, now=1000)


def test_a_token_is_a_json_web_token() -> None:
    parts = sign(CLAIMS, KEY).split(".")
    header, payload, signature = (base64.urlsafe_b64decode(part + "==") for part in parts)
    assert json.loads(header) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(payload) == CLAIMS
    assert len(signature) == 32
    # The example of RFC 7515, appendix A.1, differs only in the whitespace of its JSON.
    assert "=" not in "".join(parts)


def test_no_character_can_be_changed_dropped_or_added() -> None:
    token = sign(CLAIMS, KEY)
    for place, character in enumerate(token):
        # All 64 characters at the last place: some of them decode to the same signature.
        others = BASE64URL if place == len(token) - 1 else "AQ_."
        replacements = [other for other in others if other != character]
        for replacement in (*replacements, "", character * 2):
            changed = token[:place] + replacement + token[place + 1 :]
            if changed == token:
                continue
            with pytest.raises(InvalidToken) as refused:
                verify(changed, KEY, now=0)
            assert not isinstance(refused.value, ExpiredToken)


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "NONE"}, {"alg": "HS512"}, {}, {"alg": "HS256", "crit": ["exp"]}],
    ids=str,
)
def test_only_hs256_is_accepted_even_from_the_right_key(header: dict[str, object]) -> None:
    token = sign(CLAIMS, KEY, header=header)
    unsigned = token.rpartition(".")[0] + "."
    for forgery in (token, unsigned, unsigned.rstrip(".")):
        with pytest.raises(InvalidToken):
            verify(forgery, KEY, now=0)


@pytest.mark.parametrize("expiry", [None, "1000", True, [], {}, float("nan")], ids=repr)
def test_a_token_without_a_usable_expiry_is_refused(expiry: object) -> None:
    with pytest.raises(InvalidToken):
        verify(sign({"exp": expiry}, KEY), KEY, now=0)


def test_another_key_is_refused_before_expiry_is_told() -> None:
    with pytest.raises(InvalidToken) as refused:
        verify(sign(CLAIMS, b"another"), KEY, now=2000)
    assert not isinstance(refused.value, ExpiredToken)


@given(st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        verify(text, KEY, now=0)
    with pytest.raises(InvalidToken):
        verify("\ud800." + text, KEY, now=0)
