"""SECRET: secret settings are not in clear text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.detectors.secret_values import in_clear, is_secret, secret_within
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.core.text import format_typed_value_at, format_value, pointer
from conformance.evidence.evidence import Evidence

PAIRED = ("name", "key")
"""Fields that name a setting next to a ``value``."""


@check("SECRET-01")
def secrets_are_not_in_clear(evidence: Evidence) -> Observed:
    """Judge SECRET-01.

    Search configurations for settings whose names indicate a secret, and for values of any setting
    that are recognisable as credentials. Masks, references and empty values are accepted.
    """
    findings = Findings(evidence)
    seen = set()
    for exchange, place, element in evidence.elements():
        provider = format_value(element.get("name"))
        for where, setting, value in _settings(element.get("configuration")):
            named = is_secret(setting)
            within = None if named else secret_within(value)
            if not named and within is None:
                continue
            seen.add(hash((str(element.get("name")), where)))
            if within is None and not in_clear(value):
                continue
            outline = format_typed_value_at(pointer("configuration"), value)
            called = format_value(
                next((part for part in reversed(where) if isinstance(part, str)), "")
            )
            if within is not None:
                observed = f"the setting {called} of provider {provider} holds {within}"
            elif setting in where:
                observed = f"the secret setting {called} of provider {provider} is in clear text"
            else:
                observed = f"a {called} beside the name of a secret is in clear text, "
                observed += f"of provider {provider}"
            findings.add(
                (provider, where),
                exchange,
                f"{observed} ({outline})",
                "a mask or a reference",
                pointer=pointer(place, "configuration", *where),
            )
    measured = {"secretSettings": len(seen), "providers": len(evidence.held)}
    return findings.observed(measured, by_element=True)


def _settings(configuration: Any) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Yield the place, name and value of each setting of a configuration, at any depth.

    If an object contains a setting as a pair, such as ``{"name": …, "value": …}``, the name of the
    setting is the value of ``name``.
    """
    stack: list[tuple[tuple[str | int, ...], str, Any]] = [((), "", configuration)]
    while stack:
        where, setting, node = stack.pop()
        if isinstance(node, dict):
            paired = next((node[key] for key in PAIRED if isinstance(node.get(key), str)), None)
            for name, value in node.items():
                called = paired if name == "value" and paired is not None else name
                if isinstance(value, dict | list):
                    stack.append(((*where, name), called, value))
                else:
                    yield (*where, name), called, value
        elif isinstance(node, list):
            for place, value in enumerate(node):
                if isinstance(value, dict | list):
                    stack.append(((*where, place), setting, value))
                elif secret_within(value):
                    yield (*where, place), setting, value
