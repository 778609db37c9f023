"""The hostile servers that never come to a proper answer."""

from __future__ import annotations

from functools import partial

from support.servers import hostile_wire as wire
from support.servers.hostile_behaviour import Gallery
from support.servers.hostile_wire import CLOSE, OK

GALLERY = Gallery()
JSON = b"Content-Type: application/json"

# No answer ------------------------------------------------------------------------------------

GALLERY.add(
    "closed-port", "Nothing listens on the port.", wire.nobody, 3, words="refused", standard=True
)
GALLERY.wire(
    "silent",
    "It accepts connections and sends nothing.",
    wire.silent,
    3,
    words="no complete answer within",
)
GALLERY.wire(
    "not-http",
    "It sends the greeting of an SSH server.",
    wire.banner,
    3,
    words="does not speak HTTP",
)
GALLERY.wire(
    "headers-drip",
    "It sends headers one byte at a time, without end.",
    wire.dripping_headers,
    3,
    words="no complete answer within",
)
GALLERY.wire(
    "body-drips",
    "It sends a body one byte at a time, without end.",
    wire.dripping_body,
    3,
    words="no complete answer within",
)
GALLERY.wire(
    "chunks-drip",
    "It sends a body in chunks of one byte, without end.",
    wire.dripping_chunks,
    3,
    words="no complete answer within",
)
GALLERY.wire(
    "endless-body",
    "It sends an endless body as fast as it is read.",
    wire.endless(OK + CLOSE + b"\r\n[", b" " * wire.MIB),
    3,
    words="more than 256 MiB",
    brief=(),
)
GALLERY.wire(
    "endless-status-line",
    "The status line never ends.",
    wire.endless(b"HTTP/1.1 200 ", b"O" * 65536),
    3,
)
GALLERY.wire(
    "endless-headers", "It sends headers without end.", wire.endless(OK, b"X-A: b\r\n" * 999), 3
)
GALLERY.wire(
    "endless-continues",
    "It sends interim responses (100) without end.",
    wire.endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999),
    3,
)
GALLERY.wire(
    "endless-chunk-size",
    "The size of a chunk has endless digits.",
    wire.endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
    1,
    words="HTTP-03",
)
GALLERY.wire(
    "negative-chunk-size",
    "The size of a chunk is -1, which could mean unlimited, and the chunk never ends.",
    wire.endless(OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"[" * 65536),
    1,
    words="HTTP-03",
)
GALLERY.wire(
    "endless-trailers",
    "It sends a complete body and then endless trailers.",
    wire.endless(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", b"X-A: b\r\n" * 999),
    3,
)

# Broken off -----------------------------------------------------------------------------------

GALLERY.wire("closes-at-once", "It closes the connection without reading.", wire.closing, 3)
GALLERY.wire(
    "resets", "It reads the request and resets the connection.", wire.reset, 3, words="closed"
)
GALLERY.wire(
    "closes-before-anything", "It reads the request and closes the connection.", wire.replying(), 3
)
GALLERY.wire(
    "closes-in-status-line",
    "It closes the connection within the status line.",
    wire.replying(b"HTTP/1.1 2"),
    3,
)
GALLERY.wire(
    "closes-in-headers",
    "It closes the connection within the headers.",
    wire.replying(OK + b"Content-Le"),
    3,
)
GALLERY.wire(
    "closes-in-body",
    "Every body is shorter than its Content-Length.",
    wire.replying(OK + b'Content-Length: 99\r\n\r\n[{"name": "x"'),
    1,
    words="HTTP-03",
)
GALLERY.wire(
    "closes-in-chunk",
    "It closes the connection within a chunk.",
    wire.replying(OK + b'Transfer-Encoding: chunked\r\n\r\n99\r\n[{"name": "x"'),
    1,
    words="HTTP-03",
)
GALLERY.wire(
    "holds-the-rest-back",
    "It sends less than it announces, and keeps the connection open.",
    wire.holding(OK + b"Content-Length: 99\r\n\r\n[]"),
    3,
    words="no complete answer within",
)

# Redirects ------------------------------------------------------------------------------------

GALLERY.wire(
    "redirect-loop", "Two paths redirect to each other.", wire.redirecting(wire.in_circles), 3
)
GALLERY.wire(
    "redirect-to-itself", "Every path redirects to itself.", wire.redirecting(wire.same), 3
)
for _name, _place in (
    ("host", "http://127.0.0.2:9/api"),
    ("port", "http://127.0.0.1:9/api"),
    ("scheme", "https://127.0.0.1/api"),
    ("file", "file:///etc/hosts"),
    ("nonsense", "http://[::1\x1b[31m:x/\xff"),
):
    GALLERY.wire(
        f"redirect-to-another-{_name}",
        f"Every path redirects to another {_name}, which must not get the credential."
        if _name != "nonsense"
        else "Every path redirects to a malformed address with terminal escapes.",
        wire.redirecting(partial(wire.constant, _place)),
        3,
        words="another origin",
    )

GALLERY.wire(
    "redirect-with-endless-body",
    "A redirect has a body that never ends.",
    wire.endless(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n" + CLOSE + b"\r\n", b" " * wire.MIB),
    3,
)
GALLERY.wire(
    "redirect-with-bomb",
    "A redirect has a body that decompresses to 1 GiB (gzip).",
    wire.bombing(partial(wire.bomb, 31), b"gzip", b"302 Found", b"Location: /b"),
    3,
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
    GALLERY.wire(
        f"always-{_status}",
        f"It returns status {_status} for every request.",
        wire.refusing(b"%d Anything" % _status),
        _exit,
        words=_words,
    )
for _status in (429, 503):
    for _what, _value in (("day", b"86400"), ("eternity", b"9" * 400)):
        GALLERY.wire(
            f"retry-after-{_what}-{_status}",
            f"It returns status {_status} and asks to wait for "
            + ("a day." if _what == "day" else "a number of seconds with 400 digits."),
            wire.refusing(b"%d Wait" % _status, b"Retry-After: " + _value),
            3,
            words="asks for a longer wait",
            brief=(),
        )

# Size and headers -----------------------------------------------------------------------------

for _name, _wbits, _coding in (("gzip", 31, b"gzip"), ("deflate", 15, b"deflate")):
    GALLERY.wire(
        f"{_name}-bomb",
        f"A body of about 1 MiB decompresses to 1 GiB ({_name}).",
        lambda connection, wbits=_wbits, coding=_coding: wire.with_body(  # type: ignore[misc]
            wire.bomb(wbits), JSON, b"Content-Encoding: " + coding
        )(connection),
        3,
        words="more than 256 MiB",
        brief=(),
    )
GALLERY.wire(
    "gzip-in-gzip",
    "A gzip bomb is compressed two more times.",
    lambda connection: wire.with_body(wire.layered(3), JSON, b"Content-Encoding: gzip, gzip, gzip")(
        connection
    ),
    3,
    words="more than 256 MiB",
    brief=(),
)
GALLERY.wire(
    "fifty-codings",
    "A body claims to be compressed fifty times.",
    wire.with_body(b"[]", JSON, b"Content-Encoding: " + b", ".join([b"gzip"] * 50)),
    1,
    words="HTTP-03",
)
GALLERY.wire(
    "no-compression",
    "A body is not compressed as its header says.",
    wire.with_body(b"[]", JSON, b"Content-Encoding: gzip"),
    1,
    words="HTTP-03",
)
GALLERY.wire(
    "values-bomb",
    "A body of less than 1 MiB decompresses to 50 million empty objects.",
    wire.bombing(partial(wire.bomb, 31, 200, b"{}, "), b"gzip"),
    3,
    words="too many to be read",
    brief=(),
)
GALLERY.wire(
    "thousands-of-headers",
    "It sends 5,000 headers.",
    wire.with_body(b"[]", JSON, *(b"X-%d: x" % number for number in range(5000))),
    3,
    words="more than 100 headers",
)
GALLERY.wire(
    "long-header",
    "It sends a header of a megabyte.",
    wire.with_body(b"[]", JSON, b"X-Long: " + b"x" * wire.MIB),
    3,
    words="over 64 KiB",
)
GALLERY.wire(
    "conflicting-lengths",
    "It sends two different Content-Length headers.",
    wire.with_body(b"[]", JSON, b"Content-Length: 7"),
    3,
    words="contradict each other",
)
GALLERY.wire(
    "nonsense-length",
    "Its Content-Length is not a number.",
    wire.replying(OK + CLOSE + b"Content-Length: -1x\r\n\r\n[]"),
    0,
)
GALLERY.wire(
    "hostile-headers",
    "Its headers contain terminal escapes and commands of CI servers.",
    wire.with_body(
        b"[]",
        b"Content-Type: text/\x1b[31m::error::hostile-mark##vso[x]\xe2\x80\xae",
        b"\x1b: \x07",
    ),
    1,
    shown=True,
)

# Certificates ---------------------------------------------------------------------------------

for _name, _what, _start in (
    (
        "self-signed",
        "is not signed by a trusted authority",
        partial(wire.certified, wire.LOOPBACK, known=False),
    ),
    ("expired", "has expired", partial(wire.certified, wire.LOOPBACK, known=True, days=-1)),
    (
        "another-name",
        "is for another name",
        partial(wire.certified, "elsewhere.example", known=True),
    ),
):
    GALLERY.add(
        f"certificate-{_name}",
        f"Its certificate {_what}.",
        _start,
        3,
        words="the TLS connection failed",
    )
