"""SECRET: secret settings are not shown in clear text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.evidence import Evidence
from conformance.secret_values import in_clear, is_secret
from conformance.text import described_at, pointer, shown
from conformance.verdict import Observed


@check("SECRET-01")
def secrets_are_not_in_clear(evidence: Evidence) -> Observed:
    """Judge SECRET-01.

    Look at configuration members whose names say that they hold a secret; a mask, a reference,
    and an empty value are as they should be.
    """
    findings = Findings(evidence)
    seen = set()
    for exchange, place, element in evidence.elements():
        for where, value in _settings(element.get("configuration")):
            seen.add(hash((str(element.get("name")), where)))
            if in_clear(value):
                name = shown(element.get("name"))
                what = described_at(pointer("configuration"), value)
                findings.add(
                    (name, where),
                    exchange,
                    f"the secret setting {shown(where[-1])} of provider {name} "
                    f"is in clear text ({what})",
                    "a mask or a reference",
                    pointer=pointer(place, "configuration", *where),
                )
    looked = {"secretSettings": len(seen), "providers": len(evidence.providers)}
    return findings.observed(looked, by_element=True)


def _settings(configuration: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the secret members of a configuration at any depth: their place and value."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), configuration)]
    while stack:
        where, node = stack.pop()
        if isinstance(node, dict):
            for name, value in node.items():
                if isinstance(value, dict | list):
                    stack.append(((*where, name), value))
                elif is_secret(name):
                    yield (*where, name), value
        elif isinstance(node, list):
            stack.extend(((*where, place), value) for place, value in enumerate(node))
