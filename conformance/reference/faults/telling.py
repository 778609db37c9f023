"""Servers that disclose internals when they reject a query or a client."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from conformance.reference.faults.entries import Catalogue, is_listing
from conformance.reference.faults.robust import quoted, with_malformed_boolean
from conformance.reference.server import Handler, ReferenceServer

TELLING = Catalogue("robust")


class _Telling(ReferenceServer):
    """Discloses internals when it rejects a query or a client."""

    def __init__(
        self,
        answer: Callable[[], Response],
        concerns: Callable[[Request], bool] = with_malformed_boolean,
    ) -> None:
        super().__init__()
        self._answer = answer
        self._concerns = concerns

    async def respond(self, request: Request, handler: Handler) -> Response:
        if is_listing(request):
            refusal = self.authorise(request)
            if (refusal is None and self._concerns(request)) or (
                refusal is not None and self._concerns is _of_strangers
            ):
                answer = self._answer()
                if refusal is not None:
                    answer.status_code = refusal.status_code
                return answer
        return await super().respond(request, handler)


def _of_strangers(_: Request) -> bool:
    return False


def _python() -> Response:
    try:
        return Response(status_code=int("maybe"))
    except ValueError:
        return PlainTextResponse(traceback.format_exc(), status_code=400)


JAVA = (
    "java.lang.IllegalArgumentException: Invalid boolean value 'maybe'\n"
    "\tat com.example.conductor.Switches.parse(Switches.java:57)\n"
    "\tat com.example.conductor.ProviderResource.list(ProviderResource.java:112)\n"
)


def _java() -> Response:
    body = {"status": 400, "message": "Invalid boolean value", "trace": JAVA}
    return JSONResponse(body, status_code=400)


def _frames() -> Response:
    frames = ["at parse (/srv/app/routes/providers.js:41:17)", "at next (/srv/app/node.js:9:2)"]
    return JSONResponse({"error": "SyntaxError", "stack": frames}, status_code=400)


def _database() -> Response:
    message = (
        "ERROR: syntax error at or near \"OR\" in SELECT name FROM provider WHERE category = ''"
    )
    return JSONResponse({"message": message}, status_code=400)


def _dotnet() -> Response:
    trace = "at Conductor.Api.Providers.List(String switch) in C:\\build\\Providers.cs:line 88"
    return JSONResponse({"title": "Bad Request", "detail": trace}, status_code=400)


def _go() -> Response:
    return PlainTextResponse("panic: bad switch\n\ngoroutine 18 [running]:\nmain.list(0x1)\n", 400)


for _name, _what, _answer in (
    ("python", "a Python stack trace", _python),
    ("java", "a Java stack trace in JSON", _java),
    ("javascript", "a list of stack frames", _frames),
    ("database", "a database error with its statement", _database),
    ("dotnet", "a .NET stack frame", _dotnet),
    ("go", "a Go panic", _go),
):
    TELLING.add(
        f"tells-{_name}",
        f"The error response to a malformed boolean contains {_what}.",
        partial(_Telling, _answer),
        "ROBUST-02",
    )
TELLING.add(
    "tells-quotes",
    "The error response to a category with a quote contains a database error.",
    partial(_Telling, _database, quoted),
    "ROBUST-02",
)
TELLING.add(
    "tells-strangers",
    "The error response to unauthenticated clients contains a stack trace.",
    partial(_Telling, _java, _of_strangers),
    "ROBUST-02",
    besides=("AUTH-09", "AUTH-12"),
)


# In one sentence --------------------------------------------------------------------------------

SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("postgresql", "a PostgreSQL error", 'ERROR: invalid input syntax for type boolean: "maybe"'),
    (
        "mysql",
        "a MySQL error",
        "Error 1366 (HY000): Incorrect integer value: 'maybe' for column 'enabled' at row 1",
    ),
    ("sqlite", "an SQLite error", "SQLITE_ERROR: no such column: maybe"),
    (
        "sql-server",
        "an SQL Server error",
        "Conversion failed when converting the varchar value 'maybe' to data type bit.",
    ),
    ("mongodb", "a MongoDB error", "MongoServerError: unknown operator: $ne"),
    (
        "statement",
        "the failed statement",
        "could not execute: select name, type from provider where enabled = maybe and tenant = 3",
    ),
    (
        "class",
        "a class name",
        'Cannot deserialize value of type `com.example.conductor.Switch` from String "maybe"',
    ),
    (
        "source",
        "a line of source code",
        "Unexpected value in /usr/src/app/src/routes/list.js:41:17",
    ),
)


def _sentence(message: str) -> Response:
    return JSONResponse({"status": 400, "message": message}, status_code=400)


for _name, _what, _message in SENTENCES:
    TELLING.add(
        f"tells-in-words-of-{_name}",
        f"The error message for a malformed boolean discloses {_what}.",
        partial(_Telling, partial(_sentence, _message)),
        "ROBUST-02",
    )

PAGES: tuple[tuple[str, str, str], ...] = (
    (
        "php",
        "a PHP file and line",
        "<b>Warning</b>: Undefined array key in <b>/var/www/html/list.php</b> on line <b>12</b>",
    ),
    (
        "exception",
        "an exception class",
        "<h1>Error Page</h1><div>org.springframework.web.bind.MethodArgumentException</div>",
    ),
)
for _name, _what, _page in PAGES:
    TELLING.add(
        f"tells-on-page-{_name}",
        f"The error page for a malformed boolean contains {_what}.",
        partial(_Telling, partial(HTMLResponse, _page, status_code=400)),
        "ROBUST-02",
    )
