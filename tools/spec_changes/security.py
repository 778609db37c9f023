"""Compare required credentials: the alternatives of an operation, and the schemes they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_changes.change import CLIENTS, SERVERS, Change, Direction, Spot, canonical, differing
from spec_changes.content import words
from spec_changes.keywords import WORDS
from spec_changes.references import BrokenDocument, resolved
from spec_changes.schemas import Pair

Changes = Iterator[Change]
Alternative = frozenset[tuple[str, tuple[str, ...]]]
OPEN: Alternative = frozenset()
DESCRIPTIVE = WORDS | {"deprecated", "bearerFormat"}


def security_changes(pair: Pair, spot: Spot, old: Any, new: Any) -> Changes:
    """Yield the differences between the credentials that an operation requires.

    ``old`` and ``new`` are the lists of alternatives that apply to it; ``None`` is no list.
    """
    spot = spot.at("credentials", direction=Direction.REQUEST)
    renamed = _renamed(pair)
    before = _alternatives(old, dict.fromkeys(_schemes(pair.old)))
    after = _alternatives(new, {**dict.fromkeys(_schemes(pair.new)), **renamed})
    if OPEN in after and OPEN not in before:
        yield spot.broken(
            "security-removed", "requests without a credential must be accepted", SERVERS
        )
    elif OPEN in before and OPEN not in after:
        yield spot.broken("security-added", "requests without a credential are refused", CLIENTS)
    for one in sorted(before - after - {OPEN}, key=_words):
        if OPEN not in after:
            yield spot.broken("credential-removed", f"no longer {_words(one)}", CLIENTS)
        else:
            yield spot.new("credential-removed", f"no longer {_words(one)}")
    for one in sorted(after - before - {OPEN}, key=_words):
        yield spot.new("credential-added", _words(one))


def scheme_changes(pair: Pair, spot: Spot) -> Changes:
    """Yield the differences between the schemes that both documents have, by name."""
    before, after = _schemes(pair.old), _schemes(pair.new)
    for name in sorted(before.keys() & after.keys()):
        below = spot.at(f"credential {name}", direction=Direction.REQUEST)
        one, other = before[name], after[name]
        yield from words(below, one, other)
        for keyword, what in differing(one, other, {*one, *other} - WORDS - {"deprecated"}):
            if keyword in DESCRIPTIVE:
                yield below.reworded("credential-reworded", f"{keyword}: {what}")
            else:
                yield below.broken("credential-changed", f"{keyword}: {what}")


def _schemes(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    return {name: resolved(document, scheme).node for name, scheme in schemes.items()}


def _renamed(pair: Pair) -> dict[str, str]:
    """Return the old names of schemes that were only renamed."""
    before, after = _schemes(pair.old), _schemes(pair.new)
    gone = {_meaning(before[name]): name for name in before.keys() - after.keys()}
    return {
        name: gone[_meaning(after[name])]
        for name in after.keys() - before.keys()
        if _meaning(after[name]) in gone
    }


def _meaning(scheme: Mapping[str, Any]) -> str:
    return canonical({key: value for key, value in scheme.items() if key not in DESCRIPTIVE})


def _alternatives(security: Any, schemes: Mapping[str, str | None]) -> frozenset[Alternative]:
    """Return the alternatives by scheme names; ``schemes`` maps known names to older names."""
    found = set()
    for one in security or [{}]:
        names = set()
        for name, scopes in one.items():
            if name not in schemes:
                raise BrokenDocument(f"security names the unknown scheme {name}")
            names.add((schemes[name] or name, tuple(sorted(scopes))))
        found.add(frozenset(names))
    return frozenset(found)


def _words(alternative: Alternative) -> str:
    return " and ".join(
        f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in sorted(alternative)
    )
