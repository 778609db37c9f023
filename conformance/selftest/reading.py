"""Read the JSON of a self-test back, to show it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contract.model import Requirement
from conformance.core.own_json import FileKind
from conformance.report.report import Conclusion
from conformance.selftest.matrix import Matrix
from conformance.selftest.trial import Code, FaultTrial, Problem, VariationTrial

RESULT = FileKind(
    "self-test result",
    "self-test.schema.json",
    "write it with `conductor-conformance self-test --json FILE`",
)


def read(path: Path) -> Mapping[str, Any]:
    """Return the result of a self-test in the shape of ``spec/self-test.schema.json``.

    Raises:
        UsageError: the file cannot be read, or is not such a result.
    """
    result: Mapping[str, Any] = RESULT.read(path)
    return result


def matrix(
    result: Mapping[str, Any], requirements: Sequence[Requirement], families: Mapping[str, str]
) -> Matrix:
    """Return the matrix of a result that ``read`` returned.

    ``requirements`` and ``families`` are those of the contract that the self-test used.
    """
    return Matrix(
        contract_version=result["contract"]["version"],
        contract_sha256=result["contract"]["sha256"],
        requirements=tuple(requirements),
        families=families,
        declared={entry["id"]: tuple(entry["faults"]) for entry in result["requirements"]},
        faults=tuple(_fault(entry) for entry in result["faults"]),
        variations=tuple(_variation(entry) for entry in result["variations"]),
        seed=result["seed"],
        profile=result["profile"],
        duration=result["durationSeconds"],
        whole=result["whole"],
        interrupted=result["interrupted"],
        left=tuple(result["notTried"]),
    )


def _fault(entry: Mapping[str, Any]) -> FaultTrial:
    tripped = tuple(entry["tripped"])
    permitted = {*entry["besides"], *(_family(name) for name in entry["breaks"])}
    return FaultTrial(
        **_common(entry),
        breaks=tuple(entry["breaks"]),
        besides=tuple(entry["besides"]),
        tripped=tripped,
        uncalled_for=tuple(name for name in tripped if not permitted & {name, _family(name)}),
    )


def _variation(entry: Mapping[str, Any]) -> VariationTrial:
    return VariationTrial(
        **_common(entry),
        failed_must=tuple(entry["failedMust"]),
        failed_should=tuple(entry["failedShould"]),
        undecided=tuple(entry["undecided"]),
    )


def _common(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": entry["name"],
        "description": entry["description"],
        "profile": entry["profile"],
        "outcome": None if entry["outcome"] is None else Conclusion(entry["outcome"]),
        "problems": tuple(
            Problem(Code(one["code"]), one["about"], one["message"]) for one in entry["problems"]
        ),
        "duration": entry["durationSeconds"],
        "requests": entry["requests"],
    }


def _family(name: str) -> str:
    return name.partition("-")[0]
