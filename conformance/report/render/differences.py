"""Find the differences between observed and expected texts, for renderers that mark them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

ALIKE = 0.5
"""Share of common words above which two texts are treated as variants of one sentence."""
LONGEST = 500
"""Words and blanks of a text that is aligned with another, which takes their product in time."""
_TOKEN = re.compile(r'"[^"]*"|\s+|[^\s",;:]+|.', re.DOTALL)
_DATA = re.compile(r'["\d\[\]{}/]|^(?:true|false|null)$')


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it differs from the other text."""

    text: str
    differs: bool


def marked(observed: str, expected: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return both texts in parts, with the differences marked.

    If more than half of the words of the shorter text occur in the other one, all differing words
    are marked. Otherwise only differing data (strings, numbers, JSON) is marked, and only if both
    texts contain some: a mark without a counterpart does not help a reader.
    """
    one, other = _TOKEN.findall(observed), _TOKEN.findall(expected)
    short = max(len(one), len(other)) <= LONGEST
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    blocks = matcher.get_matching_blocks() if short else []
    common = [token for block in blocks for token in one[block.a : block.a + block.size]]
    shorter = min(_words(one), _words(other))
    if shorter and _words(common) / shorter > ALIKE:
        same_one = {block.a + offset for block in blocks for offset in range(block.size)}
        same_other = {block.b + offset for block in blocks for offset in range(block.size)}
        mine, its = {*range(len(one))} - same_one, {*range(len(other))} - same_other
    else:
        mine, its = _data(one, other), _data(other, one)
        if not mine or not its:
            mine = its = set()
    return _parts(one, mine), _parts(other, its)


def _words(tokens: Iterable[str]) -> int:
    return sum(any(map(str.isalnum, token)) for token in tokens)


def _data(tokens: Sequence[str], others: Sequence[str]) -> set[int]:
    """Return the indices of tokens that are data and do not occur in the other text."""
    there = set(others)
    return {
        place for place, token in enumerate(tokens) if token not in there and _DATA.search(token)
    }


def _parts(tokens: Sequence[str], places: set[int]) -> tuple[Part, ...]:
    differing = [place in places for place in range(len(tokens))]
    for place, token in enumerate(tokens):
        # Whitespace is marked like its neighbours, so that marks are not interrupted.
        if token.isspace():
            around = differing[max(place - 1, 0) : place] + differing[place + 1 : place + 2]
            differing[place] = len(around) == 2 and all(around)
    pairs = zip(tokens, differing, strict=True)
    return tuple(
        Part("".join(token for token, _ in group), differs)
        for differs, group in groupby(pairs, key=lambda pair: pair[1])
    )
