"""The hostile servers whose answers are HTTP, and well-formed in everything but one."""

from __future__ import annotations

from functools import partial

from support.servers import hostile_values as values
from support.servers.hostile_behaviour import add, body

for _name, _open, _close in (("arrays", b"[", b"]"), ("objects", b'{"a":', b"}")):
    _nested = _open * values.DEEP + b"0" + _close * values.DEEP
    body(
        f"nested-{_name}",
        f"The response is nested 200,000 {_name} deep.",
        3,
        partial(values.instead, _nested),
        words="nested too deeply",
    )
    body(
        f"nested-{_name}-inside",
        f"An unknown field of each provider is nested 200,000 {_name} deep.",
        0,
        values.put(_nested, "extra"),
        words="could not be decided",
    )
    body(
        f"nested-{_name}-250",
        f"An unknown field of each provider is nested 250 {_name} deep, which is legal.",
        0,
        values.put(_open * 250 + b"0" + _close * 250, "extra"),
    )
# A time that cannot be is a SHOULD, and a number without a fraction that JSON can hold is legal.
for _what, _digits, _in_times in (
    ("3,000 digits", "9" * 3000, 0),
    ("100,000 digits", "9" * 100_000, 1),
    ("a value of 1e999", "1e999", 1),
    ("a value of -1e999", "-1e999", 1),
    ("a value of 1e-999", "1e-999", 0),
):
    _short = _what.replace(",", "").replace("a value of ", "").replace(" ", "-")
    for _place, _members, _exit in (
        ("count", ("modelsCount",), 1),
        ("times", ("createTime", "updateTime"), _in_times),
        ("unknown", ("score",), 0),
    ):
        body(
            f"number-{_short}-{_place}",
            f"Every provider has a number with {_what} in {' and '.join(_members)}.",
            _exit,
            values.put(_digits.encode(), *_members),
        )
for _name, _what, _element in (
    ("empty", "empty objects", b"{}"),
    ("no-objects", "numbers", b"0"),
    ("broken", "providers that break the schema", b'{"name":1,"type":[],"enabled":null}'),
):
    body(
        f"million-{_name}",
        f"The response is an array of a million {_what}.",
        1,
        partial(values.many, _element),
        words="1,000,000 elements",
    )
body(
    "many-tags",
    "A provider has 100,000 tags, all of them malformed.",
    1,
    values.tagged,
    words="SHAPE-08",
)
_ROWS = b"[" + b",".join(b'{"a": %d}' % number for number in range(20_000)) + b"]"
body(
    "long-field-name",
    "A provider has a field whose name has 200,000 characters and which holds 20,000 objects.",
    0,
    partial(values.first, ("n" * 200_000,), _ROWS),
)
body(
    "deep-long-names",
    "A provider has 20,000 objects below 90 fields whose names have 5,000 characters each.",
    0,
    partial(values.first, tuple(f"{number}{'n' * 5000}" for number in range(90)), _ROWS),
)
body(
    "many-settings",
    "A provider has 20,000 settings, all of them objects.",
    0,
    partial(
        values.first,
        ("configuration",),
        b"{" + b",".join(b'"s%d": {}' % number for number in range(20_000)) + b"}",
    ),
)
body(
    "many-repeated",
    "In an unknown field of a provider are 20,000 objects that repeat a name.",
    1,
    partial(
        values.first,
        ("x" * 500,),
        b"[" + b",".join([b'{"%b":1,"%b":2}' % (b"n" * 50, b"n" * 50)] * 20_000) + b"]",
    ),
)
body(
    "mixed-elements",
    "Among the providers are elements that are not objects.",
    1,
    values.mixed,
    standard=True,
)
for _name, (_what, _text) in values.TEXTS.items():
    for _broken in (True, False):
        add(
            f"text-{_name}{'' if _broken else '-legal'}",
            f"Names, types, tags and unknown fields contain {_what}"
            + ("; much else is broken." if _broken else ", which is legal."),
            partial(values.texts, _text, broken=_broken),
            1 if _broken else 0,
            brief=(),
            shown=_broken,
            standard=_broken,
        )
ENCODED: tuple[tuple[str, str, values.Body], ...] = (
    ("utf-16", "UTF-16", lambda text: text.decode().encode("utf-16")),
    ("latin-1", "Latin-1", lambda text: text.decode().encode("latin-1", "replace")),
    ("utf-7", "UTF-8, but declared as UTF-7", bytes),
    ("idna", "UTF-8, but declared as punycode", bytes),
    ("invalid-utf-8", "invalid UTF-8 in one place", lambda text: text + b" \xff"),
    ("bom", "UTF-8 with a byte order mark", lambda text: b"\xef\xbb\xbf" + text),
    ("repeated-members", "an object with a repeated field", values.put(b'{"a":1,"a":2}', "extra")),
)
DECLARED = {"utf-7": "; charset=utf-7", "idna": "; charset=punycode"}
for _name, _what, _changed in ENCODED:
    _media_type = values.JSON + DECLARED.get(_name, "")
    body(f"body-{_name}", f"The body is {_what}.", 1, _changed, _media_type)
