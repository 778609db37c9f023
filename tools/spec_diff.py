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
from pathlib import Path
from typing import Any, NamedTuple

from openapi_spec_validator import validate
from released import CONTRACT, NothingReleased, Version, last_release, release
from rich.console import Console
from rich.table import Table
from rich.text import Text
from spec_changes import CannotCompare, Change, changes, merged

from conformance.contract.loader import beside
from conformance.contract.requirements import is_one_file
from conformance.core.yaml_document import DocumentError, read_yaml

ROOT = Path(__file__).resolve().parent.parent
STYLES = {"major": "bold red", "minor": "yellow", "patch": ""}


class Contract(NamedTuple):
    """A contract to compare, as one document, and a name for its origin."""

    name: str
    version: Version
    document: Mapping[str, Any]


def main(words: Sequence[str], root: Path = ROOT) -> int:
    """Compare two contracts, print the result, and return the exit code."""
    options = _options(words)
    try:
        old = _older(options.old, root)
        new = _read(Path(options.new or root / CONTRACT), options.new or CONTRACT)
        found = changes(old.document, new.document, options.same_meaning)
    except (NothingReleased, CannotCompare) as error:
        sys.stderr.write(f"spec-diff: {error}\n")
        return 2
    needed = old.version.raised({change.effect.bump for change in found})
    if options.json:
        print(json.dumps(_json(old, new, found, needed), indent=2, ensure_ascii=False))
    else:
        print(f"{old.version} ({old.name}) → {new.version} ({new.name})\n")
        _show(found, _verdict(old, new, found, needed))
    return 0 if new.version >= needed else 1


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="spec-diff",
        description="Show what changed in the contract and whether info.version is high enough.",
    )
    older = "a file, or a released version such as 0.2.0; by default the last released one"
    same = "confirm that the new statement of a requirement means the same as the old one"
    parser.add_argument("old", nargs="?", help=older)
    parser.add_argument("new", nargs="?", help=f"a file; by default {CONTRACT}")
    parser.add_argument("--same-meaning", metavar="ID", action="append", default=[], help=same)
    parser.add_argument("--json", action="store_true", help="write JSON to standard output")
    return parser.parse_args(words)


def _older(name: str | None, root: Path) -> Contract:
    if name is not None and Path(name).exists():
        return _read(Path(name), name)
    try:
        found = last_release(root) if name is None else release(root, Version.parse(name))
    except ValueError:
        reason = f"there is no file {name!r}; give a file or a released version"
        raise CannotCompare(reason) from None
    return _parsed(found.raw, found.rules, found.name)


def _read(path: Path, name: str) -> Contract:
    try:
        rules = beside(path)
        return _parsed(path.read_bytes(), rules.read_bytes() if rules.exists() else b"", name)
    except OSError as error:
        reason = f"{name} cannot be read: {error.strerror}; give another file"
        raise CannotCompare(reason) from error


def _parsed(raw: bytes, rules: bytes, name: str) -> Contract:
    try:
        document = read_yaml(raw)
        validate(document)
        version = Version.parse(str(document["info"]["version"]))
        if not is_one_file(document):
            document = merged(document, _rules(rules, version))
        changes(document, document)
        return Contract(name, version, document)
    except DocumentError as error:
        place = f"{error.line}: " if error.line else ""
        reason = f"is not YAML: {place}{error}; correct it there"
    except (CannotCompare, ValueError) as error:
        reason = f"cannot be compared: {error}; correct it there"
    except Exception as error:  # noqa: BLE001 - the validator fails in many ways
        text = str(error).partition("\n")[0][:200] or type(error).__name__
        reason = f"is not valid OpenAPI: {text}; `tox -e spec` shows more"
    raise CannotCompare(f"{name} {reason}")


def _rules(raw: bytes, version: Version) -> Mapping[str, Any]:
    try:
        rules = read_yaml(raw)
    except DocumentError as error:
        raise ValueError(f"requirements.yaml beside it is not YAML: {error}") from error
    if not isinstance(rules, Mapping) or rules.get("version") != str(version):
        raise ValueError(f"requirements.yaml beside it is missing or not of {version}")
    return rules


def _show(found: Sequence[Change], verdict: str) -> None:
    console = Console(highlight=False, emoji=False)
    if not sys.stdout.isatty():
        # Logs of CI servers would be narrower.
        console.width = max(console.width, 100)
    if found:
        table = Table("what", "where", "breaks", "bump", box=None, padding=(0, 2, 0, 0))
        for (bump, breaks), place, rule, what in found:
            cells = f"{rule}: {what}" if what else rule, place, " and ".join(breaks) or "nobody"
            table.add_row(
                *(Text(cell, overflow="fold") for cell in cells), Text(bump, STYLES[bump])
            )
        console.print(table)
        console.print()
    console.print(Text(verdict))


def _verdict(old: Contract, new: Contract, found: Sequence[Change], needed: Version) -> str:
    if not found:
        if new.version < old.version:
            return f"TOO LOW  nothing changed, and info.version went down to {new.version}"
        return f"UNCHANGED  it is the same contract as {old.version}"
    # The gravest change is the first.
    bump = found[0].effect.bump
    below = " (below 1.0.0 a raised minor number)" if bump == "major" and not old.version[0] else ""
    count, verb = f"{len(found)} changes, up to", "require"
    if len(found) == 1:
        count, verb = "1 change,", "requires"
    demand = f"{count} {bump}{below}, {verb} version {needed} or higher"
    if new.version >= needed:
        return f"HIGH ENOUGH  {demand}; info.version is {new.version}"
    return (
        f"TOO LOW  {demand}, but info.version is {new.version}. Raise it in {new.name} "
        "and in requirements.yaml, and "
        "describe the changes in spec/CHANGELOG.md."
    )


def _json(old: Contract, new: Contract, found: Sequence[Change], needed: Version) -> dict[str, Any]:
    return {
        "old": {"name": old.name, "version": str(old.version)},
        "new": {"name": new.name, "version": str(new.version)},
        "demanded": str(needed),
        "enough": new.version >= needed,
        "changes": [
            {"rule": rule, "place": place, "what": what, "breaks": breaks, "bump": bump}
            for (bump, breaks), place, rule, what in found
        ],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
