"""What fuzzing starts from: answers of the reference server, and what is known to be odd."""

from __future__ import annotations

import json
from collections.abc import Iterator

from support.canned.exchanges import exchange
from support.canned.recordings import written

from conformance.evidence.evidence import Evidence
from conformance.reference.data import default_cluster
from fuzzing.evidences import (
    EVERYWHERE,
    IN_SIBLINGS,
    IN_WHOLE,
    LAW,
    NOW_AND_THEN,
    TO_STRANGERS,
    WHOLE,
)
from fuzzing.structures import MEMBERS, STRINGS

LAYOUTS = (
    EVERYWHERE,
    EVERYWHERE - IN_WHOLE,
    IN_WHOLE | IN_SIBLINGS,
    EVERYWHERE | NOW_AND_THEN,
    EVERYWHERE | 3 << 6,
    TO_STRANGERS | 2 << 6,
)
ERROR = {
    "status": 500,
    "message": "Traceback (most recent call last)",
    "trace": ["at com.example.A.b(A.java:1)", 'File "a.py", line 1'],
}


def bodies() -> Iterator[bytes]:
    """Yield bodies of answers: listings, wrong ones, errors, and what is no JSON."""
    cluster = [provider.as_dict() for provider in default_cluster()]
    models = [
        model.as_dict(provider.name)
        for provider in default_cluster()[:2]
        for model in provider.models
    ]
    yield _json(cluster)
    yield _json(cluster[:2])
    yield _json([provider | {"apis": models} for provider in cluster[:2]])
    yield _json([provider | {"modelNames": ["gpt-4o", "gpt-4"]} for provider in cluster[:3]])
    yield _json([{**cluster[0], "configuration": {"api_key": "hunter2", "models": models}}])
    yield _json([{**cluster[0], "configuration": json.dumps({"models": models})}])
    yield _json(models)
    yield _json(cluster[0])
    yield _json(ERROR)
    yield from (b"", b"[]", b"{}", b"null", b"[null, 1, [], {}]", b'{"token": "abc"}')
    yield b'[{"name": "openAI", "name": "openAI", "modelsCount": NaN, "enabled": 1e400}]'
    yield b'[{"name": "\\ud800\\u202e", "tags": [{"key": 1, "value": null, "models": [1]}]}]'
    yield b'\xef\xbb\xbf["byte order mark"]'
    yield b"<html><body>Whitelabel Error Page</body></html>"


def listings() -> Iterator[bytes]:
    """Yield inputs of targets that take a layout and a body."""
    for number, body in enumerate(bodies()):
        for layout in (EVERYWHERE, LAYOUTS[number % len(LAYOUTS)]):
            yield bytes([layout]) + body


def recordings() -> Iterator[bytes]:
    """Yield recordings: whole, without any evidence, cut short, and files of other kinds."""
    short = Evidence(LAW, exchange([], WHOLE), now=1, refusal="it is made up")
    whole = written(short).encode()
    yield from (whole, written(None, reason="it is made up").encode(), whole[: len(whole) // 2])
    yield from (b'{"log": {"version": "1.2", "entries": []}}', b"[]", b"{}", b"\xff")


HEADS = (
    "200\nContent-Type: application/json",
    "200\nContent-Type: application/json; charset=utf-16",
    "200\nContent-Type: text/html; charset=utf-8\nContent-Encoding: gzip",
    "200\nContent-Type: application/json; charset*=utf-8''%ff; boundary=\"a",
    "429\nRetry-After: 120",
    "503\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\nDate: Fri, 31 Dec 1999 23:59:00 GMT",
    "503\nRetry-After: Friday, 31-Dec-99 23:59:59 GMT\nRetry-After: 5",
    "503\nRetry-After: 31 Dec 9999 23:59:59 +9999",
    "302\nLocation: /api/integrations/provider/",
    "307\nLocation: https://other.example.com/\nSet-Cookie: a=b",
    "308\nLocation: //[::1",
    "301\nLocation: ?a=1#b\nContent-Location: x",
    '401\nWWW-Authenticate: Bearer realm="x"',
)


def heads() -> Iterator[bytes]:
    """Yield statuses with headers, a line each."""
    return (head.encode("latin-1") for head in HEADS)


def token_answers() -> Iterator[bytes]:
    """Yield bodies of two answers with tokens, a line each."""
    signed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLXRva2Vu"
    for first in (signed, "opaque-token-0123456789", "x", "a.b.c", "bnVsbA.b.c", " a ", ""):
        yield _json({"token": first}) + b"\n" + _json({"token": "another-token-987654321"})
    yield _json({"token": signed}) + b"\n" + _json({"token": signed[::-1]})
    yield b'["token"]\n{"token": 1}'
    yield b'{"token": null}\n[[[['


def texts() -> Iterator[bytes]:
    """Yield what names, settings and error messages may be."""
    for text in (*STRINGS, *MEMBERS, *map(str, ERROR.values())):
        yield text.encode("utf-8", "surrogatepass")
    yield b"at a.b (/x/y.js:1:1)\nat C:\\x\\y.js:1:1 SELECT a, b FROM c WHERE d"
    yield b"goroutine 1 [running]:\nthread 'main' panicked at x.rb:1:in `x' SQLSTATE ORA-00001"


WIRE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n[]\r\n0\r\nTrailer: a\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n[]",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nA: b\r\n\r\n",
    b"HTTP/1.0 503\r\nRetry-After: 1\r\nConnection: keep-alive\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
    (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
        b"\x8b\x8e\x05\x00)\xbbL\r\x02\x00\x00\x00"
    ),
    b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate, gzip\r\nContent-Length: 1\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n folded: x\r\n\r\n[]",
    b"HTTP/2 999 \xff\r\n: \r\n\r\n",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"",
)


def wire() -> Iterator[bytes]:
    """Yield answers as the bytes of a connection."""
    return iter(WIRE)


DICTIONARY = (
    *MEMBERS[:32],
    *STRINGS[:14],
    *("true", "false", "null", "NaN", "-Infinity", "1e400", "\\ud800", "\\u202e", "\\u0000"),
    *("[{", "}]", '":', '","', "application/json", "charset=", "utf-7", "idna", "punycode"),
    *("Retry-After: ", "Date: ", "Location: ", "Content-Type: ", "Content-Encoding: "),
    *("Content-Length: ", "Transfer-Encoding: chunked", "gzip", "deflate", "HTTP/1.1 200 OK\r\n"),
    *("Fri, 31 Dec 1999 23:59:59 GMT", "+9999", "//", "http://", "[::1]", "\r\n\r\n", "0\r\n"),
    *("Exception", "SELECT ", " FROM ", ".java:", "panicked at ", "goroutine ", "SQLSTATE"),
)


def dictionary() -> str:
    """Return words of what is read, in the form that libFuzzer takes."""
    lines = []
    for word in dict.fromkeys(DICTIONARY):
        data = word.encode("utf-8", "surrogatepass")
        if 0 < len(data) <= 64:
            lines.append('"' + "".join(f"\\x{byte:02x}" for byte in data) + '"')
    return "\n".join(lines) + "\n"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
