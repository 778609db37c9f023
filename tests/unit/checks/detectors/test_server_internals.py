"""Stack traces and database errors are detected; similar harmless texts are not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from support.canned.exchanges import exchange
from support.canned.json_values import json_values
from support.canned.verdicts import LAW

from conformance.checks.detectors.server_internals import exposed
from conformance.runner.unusual_queries import unusual

JAVA = "a stack trace of Java"
PYTHON = "a stack trace of Python"
JAVASCRIPT = "a stack trace of JavaScript"
DOTNET = "a stack trace of .NET"
GO = "a stack trace of Go"
RUBY = "a stack trace of Ruby"
PHP = "a stack trace of PHP"
RUST = "a panic of Rust"
DATABASE = "an error of a database"
STATEMENT = "a statement of a database"
EXCEPTION = "the class of an exception"
CLASS = "a class of its code"
SOURCE = "a place in its source code"


def found_in(body: Any) -> str | None:
    return exposed(exchange(body, status=400))


TRACES = [
    ("\tat com.example.Switches.parse(Switches.java:57)", JAVA),
    ("at com.example.ProviderResource$$Proxy.lambda$list$0(ProviderResource.java:112)", JAVA),
    ("at com.example.Conductor.<init>(Conductor.kt:9)", JAVA),
    ("at java.base/java.lang.Thread.run(Thread.java:829)", JAVA),
    ("at app//com.example.Switches.parse(Switches.java:57) ~[app.jar:1.0]", JAVA),
    ("at java.lang.reflect.Method.invoke(Native Method)", JAVA),
    ("at sun.reflect.GeneratedMethodAccessor12.invoke(Unknown Source)", JAVA),
    ('Traceback (most recent call last):\n  File "app.py", line 3', PYTHON),
    ('  File "/srv/app/routes.py", line 41, in list_providers', PYTHON),
    ("at parse (/srv/app/routes/providers.js:41:17)", JAVASCRIPT),
    ("at Object.<anonymous> (/srv/app/index.js:1:7)", JAVASCRIPT),
    ("at async Layer.handle [as handle_request] (/srv/node_modules/layer.js:95:5)", JAVASCRIPT),
    ("at node:internal/main/run_main_module:23:47", JAVASCRIPT),
    ("at file:///srv/app/index.mjs:3:9", JAVASCRIPT),
    ("at parse (C:\\srv\\providers.js:41:17)", JAVASCRIPT),
    ("at Api.Providers.List(String switch) in C:\\build\\Providers.cs:line 88", DOTNET),
    ("at Api.Cache`1.Get(Int32 a, Int32 b) in /build/Cache.cs:line 8", DOTNET),
    ("goroutine 18 [running]:\nmain.list(0x1)", GO),
    ("goroutine 1 [chan receive]:", GO),
    ("app/models/provider.rb:14:in `find'", RUBY),
    ("app/models/provider.rb:14:in 'Provider.find'", RUBY),
    ("Stack trace:\n#0 /var/www/index.php(12): run()", PHP),
    ("Uncaught Error in /var/www/html/index.php on line 12", PHP),
    ("Uncaught Error in /var/www/html/index.php:12", PHP),
    ("thread 'main' panicked at src/main.rs:4:5", RUST),
    ("called `Result::unwrap()` on an `Err` value: ParseBoolError, src/a.rs:57:41", RUST),
    ("called `Option::unwrap()` on a `None` value", RUST),
    ("SQLSTATE[42000]: Syntax error or access violation", DATABASE),
    ("ORA-00942: table or view does not exist", DATABASE),
    ("You have an error in your SQL syntax; check the manual", DATABASE),
    ('ERROR: syntax error at or near "OR"', DATABASE),
    ('near "OR": syntax error', DATABASE),
    ("org.postgresql.util.PSQLException: ERROR", DATABASE),
    ("org.hibernate.exception.SQLGrammarException: could not extract ResultSet", DATABASE),
    ("com.mongodb.MongoQueryException: Query failed", DATABASE),
    ("sqlite3.OperationalError: no such column", DATABASE),
    ("SELECT name, type FROM provider WHERE category = 'x'", DATABASE),
    ('SELECT p.* FROM "public"."provider"\n  WHERE p.category = $1', DATABASE),
    ('ERROR: invalid input syntax for type boolean: "maybe"', DATABASE),
    ('invalid input syntax for type double precision: "x"', DATABASE),
    ('ERROR: invalid input value for enum category: "X"', DATABASE),
    ("Error 1366 (HY000): Incorrect integer value: 'maybe' for column 'enabled'", DATABASE),
    ("ERROR 1064 (42000): near 'x'", DATABASE),
    ("Incorrect string value: '\\xF0\\x9F' for column 'category' at row 1", DATABASE),
    ("SQLITE_ERROR: no such column: maybe", DATABASE),
    ("SQLITE_BUSY: database is locked", DATABASE),
    ("Conversion failed when converting the varchar value 'maybe' to data type bit.", DATABASE),
    ("Unclosed quotation mark after the character string ''.", DATABASE),
    ("MongoServerError: unknown operator: $ne", DATABASE),
    ("select name, type from provider where enabled = maybe and tenant = 3", STATEMENT),
    ("select p1_0.name,p1_0.type from provider p1_0 where p1_0.enabled=?", STATEMENT),
    ('Select "a" from "b" as c\nwhere c.d in (1, 2)', STATEMENT),
    ("select distinct * from provider where name is not null", STATEMENT),
    ("select * from provider where name like '%x%'", STATEMENT),
    ("Caused by: org.hibernate.exception.DataException: could not execute", EXCEPTION),
    ("<div>org.springframework.web.bind.MethodArgumentTypeMismatchException</div>", EXCEPTION),
    ("Cannot deserialize value of type `com.example.Category` from String", CLASS),
    ("Cannot construct instance of `com.example.model.Category`", CLASS),
    ("Unexpected value in /usr/src/app/src/routes/list.js:41:17", SOURCE),
    ("list: /app/internal/providers/list.go:88", SOURCE),
    ("C:\\build\\api\\Providers.cs:88", SOURCE),
    ("in <b>/var/www/html/list.php</b> on line <b>12</b>", PHP),
]


@pytest.mark.parametrize(("trace", "what"), TRACES)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda trace: trace.encode(),
        lambda trace: f"<html><pre>{trace}</pre></html>".encode(),
        lambda trace: b"\xff\xfe" + trace.encode(),
        lambda trace: trace,
        lambda trace: {"status": 400, "message": "Bad Request", "trace": f"Error: x\n{trace}\n"},
        lambda trace: {"errors": [{"cause": {"frames": trace.split("\n")}}]},
        lambda trace: {trace: 1},
        lambda trace: [trace],
        lambda trace: [[None, 1, trace]],
    ],
    ids=["text", "html", "no UTF-8", "string", "member", "frames", "name", "array", "deep"],
)
def test_internals_are_detected(trace: str, what: str, wrap: Any) -> None:
    assert found_in(wrap(trace)) == what


CONVERSION = (
    "Failed to convert value of type 'java.lang.String' to required type 'java.lang.Boolean'; "
    "nested exception is java.lang.IllegalArgumentException"
)


@pytest.mark.parametrize(
    "message",
    [
        "",
        CONVERSION,
        "java.lang.IllegalArgumentException: Invalid boolean value [maybe]",
        "org.springframework.web.method.annotation.MethodArgumentTypeMismatchException",
        "ValueError: invalid literal for a boolean: 'maybe'",
        "SyntaxError: Unexpected token m in JSON at position 0",
        "activeOnly: must be true or false (at least one of the two)",
        "An error occurred at 10:20:30",
        "look at /api/integrations/provider",
        "at line 3 of the query",
        "Select one category from the list where providers are shown",
        "select the providers from the list WHERE one fits",
        "category 'SELECT * FROM x' is not supported",
        "1 OR 1=1 is no category",
        'near "maybe" a boolean was expected',
        "Request 0a1b-ORA-1 failed",
        "The thread pool is exhausted",
        "Caused by a wrong parameter",
        "main.rb is not a category",
        "in /index.php?x=1",
        "trace id 4bf92f3577b34da6a3ce929d0e0e4736",
        'invalid input syntax: "maybe" is no boolean',
        'invalid value for type boolean: "maybe"',
        "ERROR: activeOnly must be a boolean",
        "Error 400 (Bad Request): activeOnly",
        "Incorrect value: 'maybe' for parameter 'activeOnly'",
        "unknown category MONGO_DB or SQLITE_DB",
        "select true from the list where one is needed",
        "select category, type from the providers where they are shown",
        "select one from providers where enabled providers = all",
        "a nested exception is raised for com.example.Provider",
        "no access to com.example.orders.Broker",
        "provider io.orkes.ErrorMailer is not known",
        "Cannot deserialize value of type `java.lang.Boolean` from String",
        "Cannot deserialize value of type boolean from String",
        "see https://example.com/docs/app.js:41:17",
        "see //example.com/docs/app.js:41",
        "main.js:1:2 is no category",
        "/docs/app.js has 41 lines",
        "at /api/integrations/provider:80",
    ],
)
def test_similar_harmless_messages(message: str) -> None:
    for body in (message.encode(), {"status": 400, "message": message, "error": "Bad Request"}):
        assert found_in(body) is None


def test_a_query_repeated_in_a_message_is_not_internal() -> None:
    for query in unusual(LAW):
        values = [text for pair in query.pairs for text in pair]
        message = " ".join(f"{value!r} ({value}) is not supported." for value in values)
        assert found_in({"message": message, "query": query.wire}) is None, query


def test_frames_in_an_array_keep_their_order() -> None:
    body = {"stack": ["Stack trace:", "#0 run()"]}
    assert found_in(body) == PHP
    assert found_in({"stack": ["#0 run()", "Stack trace:"]}) is None


def test_only_the_beginning_of_a_long_body_is_searched() -> None:
    trace = TRACES[0][0]
    for wrap in (str.encode, lambda text: {"message": text}):
        assert found_in(wrap("." * 190_000 + trace)) == JAVA
        assert found_in(wrap("." * 250_000 + trace)) is None


PIECES = (
    "at |at a|at a.|at a(|at f(x) in |at x (/a|SELECT |SELECT a FROM |SELECT a FROM b |"
    'File "a|near "a|thread \'a|.rb:1:in `|in /a|goroutine 1 [a |Stack trace: |select |'
    "select a,|select a from b |select a from b where |a,|nested exception is a.|>a.|"
    "Cannot construct instance of a.|/a|(/a.|Incorrect a value: '|"
    'invalid input value for type a"'
)


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES.split("|"))
def test_no_body_takes_long_to_search(piece: str) -> None:
    # With a search time that grows with the square of the length, this would take minutes.
    assert found_in((piece * 200_000)[:200_000].encode()) is None


@given(json_values())
def test_random_text_contains_no_internals(body: Any) -> None:
    assert found_in(body) is None
