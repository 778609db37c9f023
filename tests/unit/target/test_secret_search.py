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

from conformance.core.text import pointer
from conformance.target.secret_search import Secrets, base64url, cut_spans, spans

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
    found = [data[begin:end].decode() for begin, end in spans(data, [TEXT.encode()])]
    assert found == [wire, TEXT]


@pytest.mark.parametrize(
    "text",
    ["nothing of it", TEXT[:-1], TEXT[1:], TEXT.lower(), "0123456789", "%", "&amp;", "\\u00e9", ""],
)
def test_what_is_something_else_is_left_alone(text: str) -> None:
    assert list(spans(text.encode(), [TEXT.encode()])) == []


@pytest.mark.parametrize("data", ["Secret…", "…", "a…b", "Secret-", "another-secret…"])
def test_a_short_beginning_is_no_secret(data: str) -> None:
    assert list(cut_spans(data.encode(), [TEXT.encode()], 8)) == []


BYTES = TEXT.encode()
DISGUISES = {
    "percent-encoded": "".join(f"%{one:02x}" for one in BYTES),
    "percent-encoded twice": "".join(f"%25{one:02X}" for one in BYTES),
    "every other byte": "".join(f"%{one:02X}" if one % 2 else chr(one) for one in BYTES),
    "unicode escapes": "".join(f"\\u{ord(one):04x}" for one in TEXT),
    "XML": "".join(f"&#x{ord(one):X};" for one in TEXT),
    "hexadecimal with colons": BYTES.hex(":"),
    "hexadecimal with hyphens": BYTES.hex("-").upper(),
    "a list of bytes": ", ".join(f"0x{one:02x}" for one in BYTES),
    "quoted-printable": "".join(f"={one:02X}" for one in BYTES),
    "quoted-printable, in two lines": f"{quote(TEXT)[:20]}=\r\n{quote(TEXT)[20:]}",
    "that in JSON": json.dumps(f"{TEXT[:9]}=\r\n{TEXT[9:]}")[1:-1],
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_secret_is_masked(disguise: str) -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    data = f"before {DISGUISES[disguise]} after".encode()
    assert secrets.masked(data) == b"before [credential] after"


@pytest.mark.parametrize("disguise", [name for name in DISGUISES if "list" not in name])
@pytest.mark.parametrize("ellipsis", ["…", "...", "\\u2026", "&#8230;"])
def test_the_beginning_of_a_disguised_secret_is_masked(disguise: str, ellipsis: str) -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    text = f"before {DISGUISES[disguise][:75]}{ellipsis} after".encode()
    masked = secrets.masked(text)
    assert masked.startswith(b"before [credential]")
    # At most a broken escape is left.
    assert len(masked) <= len(f"before [credential]1234567{ellipsis} after".encode())


def test_a_token_is_masked_as_a_whole_although_its_signature_is_a_secret_too() -> None:
    token = f"{base64url('{}')}.{base64url('{}')}.{'s1gnature' * 3}"
    secrets = Secrets()
    secrets.add(token)
    text = f"{token[:4]}=\n{token[4:]} and {token[-27:]}"
    assert secrets.masked(text.encode()) == b"[credential] and [credential]"


@pytest.mark.parametrize(
    "text", ["gate/Rr5~Tt9+x8Wq2Zp7", "a/b~c/d~e/f~1g", "~0~1~0~1~0", "~/~/~/~/~/"]
)
def test_a_secret_in_a_json_pointer_is_found(text: str) -> None:
    secrets = Secrets()
    secrets.add(text)
    data = f"at {pointer(0, text, 'a')}".encode()
    assert secrets.masked(data) == secrets.redacted(data)[0] == b"at /0/[credential]/a"
    # Cut within an escape, as in a long line.
    cut = pointer(text).rpartition("~")[0] + "~…"
    if len(cut) > 12:
        assert secrets.masked(cut.encode()).decode() in ("/[credential]~…", "/[credential]…")


@pytest.mark.parametrize("text", ["nothing", TEXT[:-1], TEXT[1:], "Secret-...", "53:65:63:72"])
def test_what_is_something_else_is_not_masked(text: str) -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    assert secrets.masked(text.encode()) == text.encode()


PRINTABLE = st.characters(exclude_categories=["C", "Z"])


@given(st.text(PRINTABLE, max_size=20), st.binary(max_size=60), st.sampled_from(sorted(OUTER)))
def test_whatever_stands_around_it_it_is_found_once(end: str, around: bytes, outer: str) -> None:
    text = f"Abcd{end}"
    data = around + b"|" + OUTER[outer](text).encode() + b"|"
    assert len(list(spans(data, [text.encode()]))) >= 1
    for begin, stop in spans(data, [text.encode()]):
        assert 0 <= begin < stop <= len(data)


def test_a_large_answer_without_it_takes_no_time_to_speak_of() -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    body = json.dumps([{"name": f"ü & {number}", "x": "é\\u"} for number in range(50_000)]).encode()
    assert secrets.redacted(body) == (body, False)


def in_lines(text: str, width: int, end: str) -> str:
    return end.join(text[place : place + width] for place in range(0, len(text), width))


@pytest.mark.parametrize("width", [16, 64, 76])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", "\\r\\n"])
@pytest.mark.parametrize("around", [10, 20_000])
def test_a_secret_in_lines_is_found(width: int, end: str, around: int) -> None:
    value = f"{TEXT}{secret('one')}"
    secrets = Secrets()
    secrets.add(value)
    filler = "a text of some length, in lines" * (around // 10) + "\n"
    for text in (
        in_lines(base64.b64encode(value.encode()).decode(), width, end),
        in_lines(base64.b64encode(f"user:{value}".encode()).decode(), width, end),
        in_lines(base64url(value), width, end).replace("/", "\\/"),
    ):
        data = f"{filler}{text}{filler}".encode()
        redacted, found = secrets.redacted(data)
        assert found
        assert len(redacted) < 2 * len(filler) + 40
        assert len(secrets.masked(data)) < 2 * len(filler) + 40


def test_lines_without_a_secret_stay_as_they_are() -> None:
    secrets = Secrets()
    secrets.add(TEXT)
    for data in (b"one\ntwo\\nthree", b"a line\n" * 3000):
        assert secrets.redacted(data) == (data, False)
        assert secrets.masked(data) == data


def test_backslashes_before_punctuation_do_not_hide_a_secret() -> None:
    value = "head-er.pay_load*2.signature9"
    secrets = Secrets()
    secrets.add(value)
    escaped = "".join(one if one.isalnum() else f"\\{one}" for one in value)
    for text in (escaped, json.dumps(escaped)[1:-1]):
        assert secrets.redacted(f"bad {text}!".encode()) == (b"bad [credential]!", True)
