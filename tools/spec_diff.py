"""Show what changed in the contract, whom it breaks, and whether its version is high enough.

    python tools/spec_diff.py [OLD [NEW]] [--same-meaning ID] [--json]

Exit codes: 0 if `info.version` of NEW is high enough, 1 if it is too low, 2 if a file cannot be
read. spec/README.md documents the rules, and which changes are major, minor and patch.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from released import CONTRACT, NothingReleased, last_release, release
from spec_changes import BrokenDocument, Change, Version, changes, demanded
from spec_changes.table import show

from conformance.core.yaml_document import DocumentError, read_yaml

ROOT = Path(__file__).resolve().parent.parent


class Unusable(Exception):
    """The comparison is impossible; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract to compare, and a name for its origin."""

    name: str
    version: Version
    document: Mapping[str, Any]


def main(words: Sequence[str], root: Path = ROOT) -> int:
    """Compare two contracts, print the result, and return the exit code."""
    options = _parser().parse_args(words)
    try:
        old = _older(options.old, root)
        new = _read(Path(options.new) if options.new else root / CONTRACT, options.new or CONTRACT)
        _check_vouched(options.same_meaning, old, new)
        found = _compared(old, new, options.same_meaning)
    except (Unusable, NothingReleased) as error:
        sys.stderr.write(f"spec-diff: {error}\n")
        return 2
    needed = demanded(old.version, found)
    enough = new.version >= needed
    if options.json:
        print(json.dumps(_told(old, new, found, needed), indent=2, ensure_ascii=False))
    else:
        heads = (f"{one.version} ({one.name})" for one in (old, new))
        show(" → ".join(heads), found, _verdict(old, new, found, needed))
    return 0 if enough else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spec-diff",
        description="Show what changed in the contract and whether info.version is high enough.",
    )
    parser.add_argument(
        "old",
        nargs="?",
        help="a file, or a released version such as 0.2.0; by default the last released one",
    )
    parser.add_argument("new", nargs="?", help=f"a file; by default {CONTRACT}")
    parser.add_argument(
        "--same-meaning",
        metavar="ID",
        action="append",
        default=[],
        help="confirm that the new statement of a requirement means the same as the old one",
    )
    parser.add_argument("--json", action="store_true", help="write JSON to standard output")
    return parser


def _older(name: str | None, root: Path) -> Contract:
    if name is not None and Path(name).exists():
        return _read(Path(name), name)
    try:
        version = None if name is None else Version.parse(name)
    except ValueError:
        raise Unusable(f"there is no file {name!r}; give a file or a released version") from None
    found = last_release(root) if version is None else release(root, version)
    return _parsed(found.raw, found.name)


def _read(path: Path, name: str) -> Contract:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{name} cannot be read: {error.strerror}; give another file") from error
    return _parsed(raw, name)


def _parsed(raw: bytes, name: str) -> Contract:
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    try:
        document = read_yaml(raw)
    except DocumentError as error:
        place = f"{error.line}: " if error.line else ""
        raise Unusable(f"{name} is not YAML: {place}{error}; correct it there") from error
    if not isinstance(document, dict) or not isinstance(document.get("openapi"), str):
        raise Unusable(f"{name} is not an OpenAPI document; give one")
    old_kind = document["openapi"].startswith("3.0")
    validator = (OpenAPIV30SpecValidator if old_kind else OpenAPIV31SpecValidator)(document)
    problem: Exception | None
    try:
        problem = next(iter(validator.iter_errors()), None)
    except Exception as error:  # noqa: BLE001 - the validator fails in many ways on unexpected documents
        problem = error
    if problem is not None:
        reason = str(problem).partition("\n")[0][:200] or type(problem).__name__
        raise Unusable(f"{name} is not valid OpenAPI: {reason}; `tox -e spec` shows more")
    try:
        version = Version.parse(str(document["info"]["version"]))
    except ValueError as error:
        raise Unusable(f"{name} cannot be compared: info.version {error}; correct it") from error
    try:
        changes(document, document)
    except BrokenDocument as error:
        raise Unusable(f"{name} cannot be compared: {error}; correct it there") from error
    return Contract(name, version, document)


def _check_vouched(ids: Sequence[str], old: Contract, new: Contract) -> None:
    statements = [
        {one.get("id"): one.get("statement") for one in contract.document.get("x-requirements", ())}
        for contract in (old, new)
    ]
    for name in ids:
        before, after = (some.get(name) for some in statements)
        if before is None or after is None or before == after:
            raise Unusable(f"--same-meaning {name}: its statement did not change; leave it out")


def _compared(old: Contract, new: Contract, same_meaning: Sequence[str]) -> tuple[Change, ...]:
    try:
        return changes(old.document, new.document, same_meaning)
    except BrokenDocument as error:
        raise Unusable(f"{old.name} and {new.name} cannot be compared: {error}") from error


def _verdict(old: Contract, new: Contract, found: Sequence[Change], needed: Version) -> str:
    if not found:
        if new.version < old.version:
            return f"TOO LOW  nothing changed, and info.version went down to {new.version}"
        return f"UNCHANGED  it is the same contract as {old.version}"
    gravest = max(change.bump for change in found)
    count = f"{len(found)} changes" if len(found) > 1 else "1 change"
    grave = f"up to {gravest.word}" if len(found) > 1 else gravest.word
    verb = "require" if len(found) > 1 else "requires"
    below = " (below 1.0.0 a raised minor number)" if _below_one(old, gravest.word) else ""
    demand = f"{count}, {grave}{below}, {verb} version {needed} or higher"
    if new.version >= needed:
        return f"HIGH ENOUGH  {demand}; info.version is {new.version}"
    return (
        f"TOO LOW  {demand}, but info.version is {new.version}. Raise it in {new.name}, and "
        "describe the changes in spec/CHANGELOG.md."
    )


def _below_one(old: Contract, gravest: str) -> bool:
    return old.version.major == 0 and gravest == "major"


def _told(old: Contract, new: Contract, found: Sequence[Change], needed: Version) -> dict[str, Any]:
    return {
        "old": {"name": old.name, "version": str(old.version)},
        "new": {"name": new.name, "version": str(new.version)},
        "demanded": str(needed),
        "enough": new.version >= needed,
        "changes": [
            {
                "rule": change.rule,
                "place": change.place,
                "what": change.what,
                "breaks": sorted(change.breaks),
                "bump": change.bump.word,
            }
            for change in found
        ],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
