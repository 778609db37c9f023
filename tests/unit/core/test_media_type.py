"""Any Content-Type is read, in linear time."""

from __future__ import annotations

import pytest

from conformance.core.media_type import MediaType, parse

JSON = "application/json"
ACCENTED = '["é"]'.encode()


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("Application/JSON", None),
        ("application/json ; charset=UTF-8", "utf-8"),
        ('application/json;charset="ut\\f8"', "utf8"),
        ("application/json; a=b; charset=latin-1 ; charset=utf-8", "latin-1"),
        ('application/json; a="; charset=latin-1"; charset=utf-8', "utf-8"),
        ("application/json; charset*=utf-8'en'utf%2D8", "utf-8"),
        ("application/json; charset*=a\0b''x", "x"),
        ("application/json; charset=\0", "\0"),
        ("application/json; charset", ""),
        ('application/json; charset="', '"'),
        ("application/json; charset=utf-8, application/json", "utf-8, application/json"),
    ],
)
def test_name_and_charset(value: str, charset: str | None) -> None:
    assert parse(value) == MediaType(JSON, charset)


@pytest.mark.parametrize(
    ("charset", "same"),
    [
        (None, True),
        ("utf8", True),
        ("utf-8-sig", True),
        ("us-ascii", False),
        ("iso-8859-1", False),
        ("klingon", False),
        *((one, False) for one in ("hex", "rot13", "undefined", "\0", "\ud800", "x" * 99)),
    ],
)
def test_whether_a_body_decodes_like_utf_8(charset: str | None, same: bool) -> None:
    assert MediaType(JSON, charset).decodes_like_utf_8(ACCENTED) is same
    assert not MediaType(JSON, "utf-16").decodes_like_utf_8(b"[]")
    assert MediaType(JSON, "us-ascii").decodes_like_utf_8(b"[]")


@pytest.mark.parametrize("charset", ["idna", "punycode", "unicode_escape", "raw_unicode_escape"])
def test_codecs_that_are_not_charsets(charset: str) -> None:
    # They would read these bytes, and two of them take quadratic time for many.
    assert not MediaType(JSON, charset).decodes_like_utf_8(b"[]")
