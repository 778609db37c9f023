"""The checks for Schemathesis find broken filters, in this contract and in another API's."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.processes.command import Result
from support.processes.outside import run
from support.repository import ROOT
from support.servers.clients import Reference, served
from support.servers.plain import answering

from conformance.selftest.catalogue import fault

CHECKS = "filters_keep_their_meaning,filters_lose_nothing,no_model_details"
BOOKS = ROOT / "tests" / "interop" / "books"
HOOKS = {"SCHEMATHESIS_HOOKS": "conformance.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
LIMITS = ("--max-examples", "20", "--seed", "1", "--generation-database", "none")

Book = dict[str, Any]
SHELF: tuple[Book, ...] = tuple(
    {"title": f"{kind} {number}", "kind": kind, "pages": 100 * number, "available": number != 2}
    for kind in ("novel", "poetry")
    for number in range(5)
)
Select = Callable[[dict[str, str]], list[Book]]


def checked(folder: Path, document: Path, url: str, *more: str) -> Result:
    words = ["schemathesis", "run", str(document), "--url", url, "--checks", CHECKS, *LIMITS, *more]
    return run(words, cwd=folder, env=HOOKS)


def checked_reference(folder: Path, server: Reference) -> Result:
    token = ("-H", f"X-Authorization: {server.token}")
    return checked(folder, ROOT / "spec" / "openapi.yaml", server.url, *token)


def test_the_reference_server_passes(tmp_path: Path, reference: Reference) -> None:
    done = checked_reference(tmp_path, reference)
    assert done.code == 0, done.out + done.err
    assert "No issues found" in done.out


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("filter-category-ignored", "filters_keep_their_meaning"),
        ("filter-active-absent-is-false", "filters_keep_their_meaning"),
        ("filter-category-joins-tags", "filters_lose_nothing"),
        ("model-apis-always", "no_model_details"),
        ("model-as-joined-rows", "no_model_details"),
    ],
)
def test_faults_of_the_reference_server_are_found(tmp_path: Path, name: str, check: str) -> None:
    with served(fault(name).make()) as wrong:
        done = checked_reference(tmp_path, wrong)
    assert done.code == 1, done.out + done.err
    assert f"`{check}`" in done.out


def right(query: dict[str, str]) -> list[Book]:
    return [
        book
        for book in SHELF
        if query.get("genre") in (None, book["kind"])
        and (query.get("inPrint") != "true" or book["available"])
        and book["pages"] >= int(query.get("least", 0))
    ]


def too_many_pages(query: dict[str, str]) -> list[Book]:
    """Confuses "at least" with "more than"."""
    least = int(query["least"]) if "least" in query else None
    return [book for book in right(query) if least is None or book["pages"] > least]


def too_few_pages(query: dict[str, str]) -> list[Book]:
    return right({name: value for name, value in query.items() if name != "least"})


def any_genre(query: dict[str, str]) -> list[Book]:
    return right({name: value for name, value in query.items() if name != "genre"})


def out_of_print(query: dict[str, str]) -> list[Book]:
    return right({name: value for name, value in query.items() if name != "inPrint"})


@contextmanager
def library(select: Select) -> Iterator[str]:
    def respond(_method: str, path: str, _headers: dict[str, str]) -> tuple[int, Any, bytes]:
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            body = ["novel"] if parts.path == "/genres" else select(query)
        except ValueError:
            return 400, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    with answering(respond) as (url, _):
        yield url


WRONG: Sequence[tuple[Select, str]] = (
    (too_few_pages, "filters_keep_their_meaning"),
    (any_genre, "filters_keep_their_meaning"),
    (out_of_print, "filters_keep_their_meaning"),
    (too_many_pages, "filters_lose_nothing"),
)


def test_another_api_that_is_right_passes(tmp_path: Path) -> None:
    with library(right) as url:
        done = checked(tmp_path, BOOKS / "openapi.yaml", url)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize(("select", "check"), WRONG)
def test_mistakes_of_another_api_are_found(tmp_path: Path, select: Select, check: str) -> None:
    with library(select) as url:
        done = checked(tmp_path, BOOKS / "openapi.yaml", url)
    assert done.code == 1, done.out + done.err
    assert f"`{check}`" in done.out


@pytest.mark.parametrize(("select", "code"), [(right, 0), (any_genre, 1)])
def test_the_checks_work_in_pytest(tmp_path: Path, select: Select, code: int) -> None:
    shutil.copy(BOOKS / "openapi.yaml", tmp_path)
    shutil.copy(BOOKS / "in_pytest.py", tmp_path / "test_books.py")
    with library(select) as url:
        env = {"PYTHONPATH": str(ROOT), "BOOKS_URL": url}
        done = run([sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, env=env)
    assert done.code == code, done.out + done.err
    assert ("should not be in the response" in done.out) is (code == 1)


def test_a_malformed_filter_is_named(tmp_path: Path) -> None:
    text = (BOOKS / "openapi.yaml").read_text("utf-8").replace("at-least", "about")
    document = tmp_path / "openapi.yaml"
    document.write_text(text, "utf-8")
    with library(right) as url:
        done = checked(tmp_path, document, url)
    assert done.code == 1
    assert "the filters of GET /shelf are not usable" in " ".join(done.out.split())
