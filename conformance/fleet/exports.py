"""The result of a fleet for monitoring: Prometheus text, and a badge of shields.io."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from conformance.checks.verdict import Outcome
from conformance.fleet import parts
from conformance.fleet.summary import Fleet, State
from conformance.report.render.badge import COLOURS

PREFIX = "conductor_conformance"


def prometheus(fleet: Fleet) -> str:
    """Return the metrics in the text format of Prometheus, for a textfile collector."""
    return "\n".join(_lines(fleet)) + "\n"


def badge(fleet: Fleet) -> str:
    """Return the badge as JSON of shields.io's endpoint schema, version 1."""
    shown = {
        "label": "Conductor fleet",
        "message": parts.headline(fleet),
        "color": COLOURS.get(parts.mark(fleet), "lightgrey"),
    }
    return json.dumps({"schemaVersion": 1, **shown}) + "\n"


def _lines(fleet: Fleet) -> Iterator[str]:
    counts = fleet.counts()
    yield from _metric(
        "fleet_targets",
        "Targets by outcome.",
        [({"outcome": str(state)}, counts.get(state, 0)) for state in State],
    )
    yield from _metric("fleet_not_asked", "Targets left out.", [({}, len(fleet.not_asked))])
    yield from _metric(
        "fleet_started_seconds", "Unix time of the start.", [({}, int(fleet.started.timestamp()))]
    )
    for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE):
        yield from _metric(
            f"fleet_requirement_{outcome}",
            f"Targets on which the requirement is {outcome}.",
            [({"requirement": name}, n) for name, n in fleet.requirements(outcome).items()],
        )
    yield from _metric(
        "target_exit_code",
        "0 conformant, 1 not conformant, 3 not tested.",
        [
            ({"target": one.name, **{f"label_{key}": v for key, v in one.labels.items()}}, code)
            for one in fleet.entries
            for code in [int(one.exit_code)]
        ],
    )


def _metric(name: str, text: str, samples: list[tuple[Mapping[str, str], int]]) -> Iterator[str]:
    full = f"{PREFIX}_{name}"
    yield f"# HELP {full} {text}"
    yield f"# TYPE {full} gauge"
    for labels, value in samples:
        pairs = ",".join(f'{key}="{_escaped(v)}"' for key, v in labels.items())
        yield f"{full}{{{pairs}}} {value}" if pairs else f"{full} {value}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
