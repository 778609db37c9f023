"""Test that secrets are found at the exact place, however their characters are escaped."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers.canaries import needles, secret, spellings

from conformance.target.secret_search import Secrets, cut_spans, spans

OUTER: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a URL": quote,
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in XML": html.escape,
}
WHOLE = [
    name
    for name in spellings("x" * 40)
    if name not in ("basic", "other case", "cut short", "its end")
]
TEXT = "Secret-\"&<+/'%\\>=;é0123456789"


@pytest.mark.parametrize("spelling", WHOLE)
@pytest.mark.parametrize("outer", OUTER)
def test_no_spelling_of_a_secret_is_left(spelling: str, outer: str) -> None:
    value = secret("one")
    secrets = Secrets()
    secrets.add(value)
    text = OUTER[outer](spellings(value)[spelling])
    redacted, found = secrets.redacted(f"before {text} between {text} after".encode())
    assert found
    assert not [piece for piece in needles(value) if piece in redacted.lower()]
    assert redacted.startswith(b"before [credential]")
    assert redacted.endswith(b"[credential] after") or "base64" in spelling
    assert redacted.count(b" between ") == 1


@pytest.mark.parametrize("spelling", [name for name in WHOLE if "base64" not in name])
@pytest.mark.parametrize("left", [20, 40, 60])
def test_the_beginning_of_a_secret_is_not_left_before_an_ellipsis(spelling: str, left: int) -> None:
    value = secret("one", '"&<')
    secrets = Secrets()
    secrets.add(value)
    text = spellings(value)[spelling]
    cut = text[:left]
    # A cut inside an escape leaves a part of it, so the text before it is not recognised.
    if any(text[place : left + 1].startswith(("&", "\\", "%")) for place in range(left - 7, left)):
        cut = value[:left]
    redacted, found = secrets.redacted(f"the string {cut}… in a provider".encode())
    assert found
    assert not [piece for piece in needles(value) if piece in redacted.lower()]
    assert "canary-one" not in redacted.decode()
    assert redacted.endswith("… in a provider".encode())


@pytest.mark.parametrize("spell", [str.upper, str.lower, lambda text: text.encode().hex().upper()])
def test_other_cases_and_hexadecimal_are_found(spell: Callable[[str], str]) -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    redacted, found = secrets.redacted(f"before {spell(TEXT)} after".encode())
    assert (redacted, found) == (b"before [credential] after", True)


@pytest.mark.parametrize("safe", ["", "/"])
def test_a_secret_in_base64_is_found_in_an_address(safe: str) -> None:
    text = "~~pass/word>>>?s3cret~"
    secrets = Secrets()
    secrets.add(text)
    plain = quote(base64.b64encode(text.encode()).decode(), safe=safe)
    redacted, _ = secrets.redacted(f"/next?a={plain}".encode())
    assert redacted.startswith(b"/next?a=[credential]")
    assert len(redacted) < 30


def test_places_are_exact() -> None:
    wire = quote(TEXT, safe="")
    data = f"ab{wire}cd{TEXT}ef".encode()
    found = [data[begin:end].decode() for begin, end in spans(data, TEXT.encode())]
    assert found == [wire, TEXT]


@pytest.mark.parametrize(
    "text",
    ["nothing of it", TEXT[:-1], TEXT[1:], TEXT.lower(), "0123456789", "%", "&amp;", "\\u00e9", ""],
)
def test_what_is_something_else_is_left_alone(text: str) -> None:
    assert list(spans(text.encode(), TEXT.encode())) == []


@pytest.mark.parametrize("data", ["Secret…", "…", "a…b", "Secret-", "another-secret…"])
def test_a_short_beginning_is_no_secret(data: str) -> None:
    assert list(cut_spans(data.encode(), TEXT.encode(), 8)) == []


PRINTABLE = st.characters(exclude_categories=["C", "Z"])


@given(st.text(PRINTABLE, max_size=20), st.binary(max_size=60), st.sampled_from(sorted(OUTER)))
def test_whatever_stands_around_it_it_is_found_once(end: str, around: bytes, outer: str) -> None:
    text = f"Abcd{end}"
    data = around + b"|" + OUTER[outer](text).encode() + b"|"
    assert len(list(spans(data, text.encode()))) >= 1
    for begin, stop in spans(data, text.encode()):
        assert 0 <= begin < stop <= len(data)


def test_a_large_answer_without_it_takes_no_time_to_speak_of() -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    body = json.dumps([{"name": f"ü & {number}", "x": "é\\u"} for number in range(50_000)]).encode()
    assert secrets.redacted(body) == (body, False)
