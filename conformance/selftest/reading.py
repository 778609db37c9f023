"""Reading the JSON of a self-test back, to show it elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contract.loader import default_path
from conformance.contract.model import Requirement
from conformance.core import input_files
from conformance.core.text import clipped, visible
from conformance.errors import UsageError
from conformance.report.report import Conclusion
from conformance.selftest.matrix import Matrix
from conformance.selftest.trial import Code, FaultTrial, Problem, VariationTrial

AGAIN = "; write it with `conductor-conformance self-test --json FILE`"


def read(path: Path) -> Mapping[str, Any]:
    """Return the result of a self-test in the shape of ``spec/self-test.schema.json``.

    Raises:
        UsageError: the file cannot be read, or is no such result.
    """
    import jsonschema_rs

    try:
        result = json.loads(input_files.read_bytes(path))
    except (OSError, input_files.TooLarge) as error:
        reason = input_files.reason(error)
        raise UsageError(f"cannot read the self-test {path}: {reason}{AGAIN}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the self-test {path} is no JSON{AGAIN}") from error
    schema = json.loads((default_path().parent / "self-test.schema.json").read_bytes())
    for problem in jsonschema_rs.Draft202012Validator(schema).iter_errors(result):
        place = "/".join(map(str, problem.instance_path)) or "its top level"
        reason = clipped(visible(problem.message), 160)
        raise UsageError(
            f"the self-test {path} is not the result of one, at {place}: {reason}{AGAIN}"
        )
    found: Mapping[str, Any] = result
    return found


def matrix(
    result: Mapping[str, Any], requirements: Sequence[Requirement], families: Mapping[str, str]
) -> Matrix:
    """Return the matrix of a result that was read, for the contract that it was made by."""
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
