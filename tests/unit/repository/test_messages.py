"""Every message of an error says what to do next: it has an instruction, or the rule that broke."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from support.repository import ROOT

PACKAGE = ROOT / "conformance"
ERRORS = {"UsageError", "CannotTest", "ContractError", "RecordingError", "Unreadable", "_Wrong"}
INSTRUCTION = re.compile(
    r"(^|[;,:] |, (and|or|so) )"
    r"(add|begin|change|check|confirm|continue|copy|correct|create|free|give|install|judge"
    r"|leave|let|merge|move|name|pass|publish|put|raise|remove|run|say|see|set"
    r"|skip|start|try|use|write)\b"
)
RULE = re.compile(
    r"\b(must|needs?|has to|exclude each other|is written|on the command line only, as)\b"
)
COMMAND = re.compile(r"`[^`]+`|--[a-z-]+ writes\b")
ADVICE = re.compile(
    r"\{(hint( if known else example)?|advice|fetch|problem|error|visible\(str\(error\)\)"
    r"|ADVICE|OTHERWISE|INSTEAD|CLIENT_CERTIFICATE|NO_FILE)\}"
)
"""The parts of a message that are composed elsewhere and say what to do."""


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(map(_text, node.values))
        case ast.FormattedValue():
            return f"{{{ast.unparse(node.value)}}}"
        case ast.BinOp():
            return _text(node.left) + _text(node.right)
        case _:
            return ""


def _messages() -> Iterator[tuple[str, str]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        if "reference" in file.relative_to(PACKAGE).parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in ERRORS:
                    # A text that another one ends with is judged where it is written.
                    if re.search(r"\w \w", text := _text(first)):
                        yield f"{file.relative_to(PACKAGE)}:{node.lineno}", text
                case _:
                    pass


MESSAGES = dict(_messages())


def _says_what_to_do(message: str) -> bool:
    return any(one.search(message) for one in (INSTRUCTION, RULE, COMMAND, ADVICE))


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) > 150


@pytest.mark.parametrize("place", MESSAGES)
def test_a_message_says_what_to_do_next(place: str) -> None:
    assert _says_what_to_do(MESSAGES[place]), MESSAGES[place]


def test_a_message_without_a_way_on_is_noticed() -> None:
    assert not _says_what_to_do("cannot read the file {file}: {reason}")
