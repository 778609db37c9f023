"""SECRET: secret settings are not in clear text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.checks.detectors.secret_values import in_clear, is_secret, secret_within
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.core.text import format_typed_value_at, format_value, pointer
from conformance.evidence.evidence import Evidence

PAIRED = ("name", "key")
"""Fields that name a setting next to a ``value``."""
MOST_SETTINGS = 10_000
"""Settings of one configuration that are searched, with the objects and arrays that hold them.

A provider has about ten.
"""


@check("SECRET-01")
def secrets_are_not_in_clear(evidence: Evidence) -> Observed:
    """Judge SECRET-01.

    Search configurations for settings whose names indicate a secret, and for values of any setting
    that are recognisable as credentials. Masks, references and empty values are accepted.
    """
    findings = Findings(evidence)
    seen = set()
    unable = None
    for exchange, place, element in evidence.elements():
        provider = format_value(element.get("name"))
        settings = list(islice(_settings(element.get("configuration")), MOST_SETTINGS + 1))
        if len(settings) > MOST_SETTINGS:
            unable = (
                f"the configuration of provider {provider} has more than {MOST_SETTINGS:,} "
                "settings; only the first were searched"
            )
        for where, setting, value in settings[:MOST_SETTINGS]:
            named = is_secret(setting) and not isinstance(value, dict | list)
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
    return findings.observed(measured, unable=unable, by_element=True)


def _settings(configuration: Any) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Yield the place, name and value of each setting of a configuration, at any depth.

    Objects and arrays are yielded as well, which are no secrets themselves.

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
                yield (*where, name), called, value
                if isinstance(value, dict | list):
                    stack.append(((*where, name), called, value))
        elif isinstance(node, list):
            for place, value in enumerate(node):
                yield (*where, place), setting if secret_within(value) else "", value
                if isinstance(value, dict | list):
                    stack.append(((*where, place), setting, value))
