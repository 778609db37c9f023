"""The hostile servers that never come to a proper answer."""

from __future__ import annotations

from functools import partial

from support.servers.hostile_behaviour import add, wires
from support.servers.hostile_wire import (
    CLOSE,
    LOOPBACK,
    MIB,
    OK,
    Behave,
    banner,
    behaving,
    bomb,
    bombing,
    certified,
    closing,
    dripping,
    endless,
    holding,
    layered,
    nobody,
    redirecting,
    refusing,
    replying,
    reset,
    with_body,
)

JSON = b"Content-Type: application/json"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HEADER = b"X-A: b\r\n"
SPACES = b" " * MIB
ENDS_AFTER_CHUNKS = b"2\r\n[]\r\n0\r\n"

# No answer ------------------------------------------------------------------------------------

add("closed-port", "Nothing listens on the port.", nobody, 3, words="refused", standard=True)
wires(
    3,
    "no complete response within",
    ("silent", "It accepts connections and sends nothing.", holding(b"")),
    ("headers-drip", "It sends headers one byte at a time, without end.", dripping(OK, b"X")),
    (
        "body-drips",
        "It sends a body one byte at a time, without end.",
        dripping(OK + CLOSE + b"\r\n[", b" "),
    ),
    (
        "chunks-drip",
        "It sends a body in chunks of one byte, without end.",
        dripping(CHUNKED + b"1\r\n[\r\n", b"1\r\n \r\n"),
    ),
    (
        "holds-the-rest-back",
        "It sends less than it announces, and keeps the connection open.",
        holding(OK + b"Content-Length: 99\r\n\r\n[]"),
    ),
)
wires(3, "does not speak HTTP", ("not-http", "It sends the greeting of an SSH server.", banner))
wires(
    3,
    "more than 256 MiB",
    (
        "endless-body",
        "It sends an endless body as fast as it is read.",
        endless(OK + CLOSE + b"\r\n[", SPACES),
    ),
    brief=(),
)
wires(
    3,
    "",
    ("endless-status-line", "The status line never ends.", endless(b"HTTP/1.1 200 ", b"O" * 65536)),
    ("endless-headers", "It sends headers without end.", endless(OK, HEADER * 999)),
    (
        "endless-continues",
        "It sends interim responses (100) without end.",
        endless(b"", CONTINUE * 999),
    ),
    (
        "endless-trailers",
        "It sends a complete body and then endless trailers.",
        endless(CHUNKED + ENDS_AFTER_CHUNKS, HEADER * 999),
    ),
)
wires(
    1,
    "HTTP-03",
    (
        "endless-chunk-size",
        "The size of a chunk has endless digits.",
        endless(CHUNKED, b"0" * 65536),
    ),
    (
        "negative-chunk-size",
        "The size of a chunk is -1, which could mean unlimited, and the chunk never ends.",
        endless(CHUNKED + b"-1\r\n", b"[" * 65536),
    ),
)

# Broken off -----------------------------------------------------------------------------------

wires(3, "closed", ("resets", "It reads the request and resets the connection.", reset))
wires(
    3,
    "",
    ("closes-at-once", "It closes the connection without reading.", closing),
    ("closes-before-anything", "It reads the request and closes the connection.", replying()),
    (
        "closes-in-status-line",
        "It closes the connection within the status line.",
        replying(b"HTTP/1.1 2"),
    ),
    (
        "closes-in-headers",
        "It closes the connection within the headers.",
        replying(OK + b"Content-Le"),
    ),
)
wires(
    1,
    "HTTP-03",
    (
        "closes-in-body",
        "Every body is shorter than its Content-Length.",
        replying(OK + b'Content-Length: 99\r\n\r\n[{"name": "x"'),
    ),
    (
        "closes-in-chunk",
        "It closes the connection within a chunk.",
        replying(CHUNKED + b'99\r\n[{"name": "x"'),
    ),
)

# Redirects ------------------------------------------------------------------------------------


def _away(what: str, place: str) -> tuple[str, str, Behave]:
    text = f"Every path redirects to another {what}, which must not get the credential."
    return f"redirect-to-another-{what}", text, redirecting(lambda _path: place)


wires(
    3,
    "",
    (
        "redirect-loop",
        "Two paths redirect to each other.",
        redirecting(lambda path: "/b" if path.startswith("/a") else "/a"),
    ),
    ("redirect-to-itself", "Every path redirects to itself.", redirecting(lambda path: path)),
    (
        "redirect-with-endless-body",
        "A redirect has a body that never ends.",
        endless(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n" + CLOSE + b"\r\n", SPACES),
    ),
    (
        "redirect-with-bomb",
        "A redirect has a body that decompresses to 1 GiB (gzip).",
        bombing(partial(bomb, 31), b"gzip", b"302 Found", b"Location: /b"),
    ),
)
wires(
    3,
    "another origin",
    _away("host", "http://127.0.0.2:9/api"),
    _away("port", "http://127.0.0.1:9/api"),
    _away("scheme", "https://127.0.0.1/api"),
    _away("file", "file:///etc/hosts"),
    (
        "redirect-to-another-nonsense",
        "Every path redirects to a malformed address with terminal escapes.",
        redirecting(lambda _path: "http://[::1\x1b[31m:x/\xff"),
    ),
)

# Refusals and trouble that stays --------------------------------------------------------------

for _status, _exit, _words in (
    (401, 3, "needs credentials"),
    (403, 3, "needs credentials"),
    (404, 1, "has no /api/integrations/provider"),
    (410, 1, "status 410"),
    (429, 3, "did not recover"),
    (500, 3, "no documented query returned 200"),
    (503, 3, "did not recover"),
    (999, 3, "status 999"),
):
    _said = f"It returns status {_status} for every request."
    wires(_exit, _words, (f"always-{_status}", _said, refusing(b"%d Anything" % _status)))
for _status in (429, 503):
    for _what, _value, _wait in (
        ("day", b"86400", "a day"),
        ("eternity", b"9" * 400, "a number of seconds with 400 digits"),
    ):
        _said = f"It returns status {_status} and asks to wait for {_wait}."
        _behave = refusing(b"%d Wait" % _status, b"Retry-After: " + _value)
        _server = (f"retry-after-{_what}-{_status}", _said, _behave)
        wires(3, "asks for a longer wait", _server, brief=())

# Size and headers -----------------------------------------------------------------------------

wires(
    3,
    "more than 256 MiB",
    (
        "gzip-bomb",
        "A body of about 1 MiB decompresses to 1 GiB (gzip).",
        bombing(partial(bomb, 31), b"gzip"),
    ),
    (
        "deflate-bomb",
        "A body of about 1 MiB decompresses to 1 GiB (deflate).",
        bombing(partial(bomb, 15), b"deflate"),
    ),
    (
        "gzip-in-gzip",
        "A gzip bomb is compressed two more times.",
        bombing(partial(layered, 3), b"gzip, gzip, gzip"),
    ),
    brief=(),
)
wires(
    1,
    "HTTP-03",
    (
        "fifty-codings",
        "A body claims to be compressed fifty times.",
        with_body(b"[]", JSON, b"Content-Encoding: " + b", ".join([b"gzip"] * 50)),
    ),
    (
        "no-compression",
        "A body is not compressed as its header says.",
        with_body(b"[]", JSON, b"Content-Encoding: gzip"),
    ),
)
wires(
    3,
    "too many to be read",
    (
        "values-bomb",
        "A body of less than 1 MiB decompresses to 50 million empty objects.",
        bombing(partial(bomb, 31, 200, b"{}, "), b"gzip"),
    ),
    brief=(),
)
for _name, _said, _words, _headers in (
    (
        "thousands-of-headers",
        "It sends 5,000 headers.",
        "more than 100 headers",
        [b"X-%d: x" % number for number in range(5000)],
    ),
    ("long-header", "It sends a header of a megabyte.", "over 64 KiB", [b"X-Long: " + b"x" * MIB]),
    (
        "conflicting-lengths",
        "It sends two different Content-Length headers.",
        "contradict each other",
        [b"Content-Length: 7"],
    ),
):
    wires(3, _words, (_name, _said, with_body(b"[]", JSON, *_headers)))
wires(
    1,
    "",
    (
        "nonsense-length",
        "Its Content-Length is not a number, and HEAD gets a body.",
        replying(OK + CLOSE + b"Content-Length: -1x\r\n\r\n[]"),
    ),
)
for _name, _said, _parameters in (
    ("nul", "a NUL byte in a charset", b"charset*=a\0b''utf-8"),
    ("punycode", "punycode as its charset", b"charset=punycode"),
    ("parameters", "30,000 parameters", b"a;" * 30_000 + b"charset=latin-1"),
):
    wires(
        1,
        "HTTP-04",
        (
            f"content-type-{_name}",
            f"The Content-Type has {_said}.",
            with_body(b'[{"a": 1, "a": "\xc3\xa9"}]', JSON + b"; " + _parameters),
        ),
    )
_HEADERS = (b"Content-Type: text/\x1b[31m::error::hostile-mark##vso[x]\xe2\x80\xae", b"\x1b: \x07")
add(
    "hostile-headers",
    "Its headers contain terminal escapes and commands of CI servers.",
    partial(behaving, with_body(b"[]", *_HEADERS)),
    1,
    shown=True,
)

# Certificates ---------------------------------------------------------------------------------

for _name, _what, _start in (
    (
        "self-signed",
        "is not signed by a trusted authority",
        partial(certified, LOOPBACK, known=False),
    ),
    ("expired", "has expired", partial(certified, LOOPBACK, known=True, days=-1)),
    ("another-name", "is for another name", partial(certified, "elsewhere.example", known=True)),
):
    _said = f"Its certificate {_what}."
    add(f"certificate-{_name}", _said, _start, 3, words="the TLS connection failed")
