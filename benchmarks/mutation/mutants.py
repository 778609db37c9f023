"""The mutants of a source, made by the operators of cosmic-ray, and a sample that lasts.

A mutant is chosen by what it changes, not by the number of its line, so that the same mutants are
chosen again after a change elsewhere.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

OPERATORS = re.compile(
    r"core/(?:"
    r"NumberReplacer|AddNot|ZeroIterationForLoop|ExceptionReplacer"
    r"|Replace(?:AndWithOr|OrWithAnd|TrueWithFalse|FalseWithTrue)"
    r"|Replace(?:ContinueWithBreak|BreakWithContinue)"
    r"|ReplaceUnaryOperator_(?:Delete_Not|USub_UAdd)"
    r"|ReplaceComparisonOperator_(?:Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|In_NotIn|NotIn_In)"
    r"|ReplaceComparisonOperator_(?:Lt|LtE|Gt|GtE)_(?:Lt|LtE|Gt|GtE)"
    r"|ReplaceBinaryOperator_(?:Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul)"
    r"|ReplaceBinaryOperator_(?:BitOr_BitAnd|BitAnd_BitOr|BitOr_BitXor)"
    r")"
)
"""The operators in use: each changes a decision, a bound or a number.

Of the others, most make what any test kills (``a == b`` as ``a < b``), which would flatter the
result, or what none can (``is`` as ``==``; a cache that is left out).
"""


FIELD_OPTIONS = ("compare", "hash", "init", "kw_only", "repr")
"""Arguments of ``dataclasses.field``, which are for whoever makes or prints an object."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    ``module`` is the path of the file, relative to the checkout; ``place`` and ``end`` are lines
    and columns, counted from 1 and 0. ``key`` stays the same while the text of the line does.
    """

    module: str
    function: str
    operator: str
    occurrence: int
    place: tuple[int, int]
    end: tuple[int, int]
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a mutant changes: the lines before and after, each in one line, and the whole text."""

    was: str
    now: str
    code: str


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Yield the mutants of a source, except those of annotations and of ``@dataclass(…)``."""
    inert = list(_inert(ast.parse(source)))
    lines = source.splitlines()
    nodes = list(ast_nodes(get_ast(source)))
    seen: Counter[str] = Counter()
    for name in sorted(filter(OPERATORS.fullmatch, operator_names())):
        operator = get_operator(name)()
        places = ((node, at) for node in nodes for at in operator.mutation_positions(node))
        for occurrence, (node, (place, end)) in enumerate(places):
            if any(first <= place < last for first, last in inert):
                continue
            function = ASTQuery(node).get_definition_name() or ""
            identity = "\0".join((module, function, name, lines[place[0] - 1].strip()))
            seen[identity] += 1
            key = _digest(identity, seen[identity])
            yield Mutant(module, function, name, occurrence, place, end, key)


def shuffled(everything: Iterable[Mutant], seed: int) -> list[Mutant]:
    """Return one mutant of each place, chosen and ordered at random, but always the same."""
    chosen: dict[tuple[str, tuple[int, int]], Mutant] = {}
    for mutant in sorted(everything, key=lambda one: _digest(seed, one.key)):
        chosen.setdefault((mutant.module, mutant.place), mutant)
    return list(chosen.values())


def change(mutant: Mutant, source: str) -> Change | None:
    """Apply a mutant to its module; return ``None`` if that is no Python or means the same."""
    code = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    try:
        if code is None or ast.dump(ast.parse(code)) == ast.dump(ast.parse(source)):
            return None
    except SyntaxError:
        return None
    lines = list(difflib.ndiff(source.splitlines(), code.splitlines()))
    was, now = (
        " ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return Change(was, now, code)


def _inert(tree: ast.Module) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the spans of annotations, which are never evaluated, and of options of dataclasses."""
    for node in ast.walk(tree):
        spans: list[ast.expr | None] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            spans.append(node.annotation)
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call):
            spans += [one.value for one in node.value.keywords if one.arg in FIELD_OPTIONS]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            spans.append(node.returns)
        if isinstance(node, ast.ClassDef):
            spans += node.decorator_list
        for one in spans:
            if one is not None:
                end = one.end_lineno or 0, one.end_col_offset or 0
                yield (one.lineno, one.col_offset), end


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
