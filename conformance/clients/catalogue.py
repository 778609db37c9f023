"""The requirements for clients: ``spec/clients.yaml``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from conformance.clients.scenarios import SCENARIOS
from conformance.contract import loader, requirements
from conformance.contract.model import Contract
from conformance.core.own_json import spec_file
from conformance.core.yaml_document import DocumentError, at, read_yaml


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The requirements for clients.

    ``contract`` is the shipped contract with the requirements, families, kinds of evidence, version
    and digest of ``clients.yaml`` instead of its own. ``scenarios`` has for the id of each
    requirement the names of the scenarios in which it is judged.
    """

    contract: Contract
    scenarios: Mapping[str, tuple[str, ...]]


@cache
def load() -> Catalogue:
    """Return the shipped catalogue; it is part of the package, so a mistake in it is a bug.

    Raises:
        DocumentError: the file is not a catalogue.
    """
    return parse(spec_file("clients.yaml").read_bytes())


def parse(raw: bytes) -> Catalogue:
    """Parse the bytes of a catalogue.

    Raises:
        DocumentError: they are not a catalogue, or name a scenario that does not exist.
    """
    document = read_yaml(raw)
    found, families, measures = requirements.read_list(document)
    scenarios: dict[str, tuple[str, ...]] = {}
    for entry, requirement in zip(at(document, "requirements", kind=list), found, strict=True):
        names = tuple(at(entry, "scenarios", kind=list, place=requirement.id))
        unknown = [name for name in names if name not in SCENARIOS]
        if unknown or not names:
            raise DocumentError(f"{requirement.id} names no scenario, or an unknown one: {unknown}")
        if len(requirement.evidence) != 1:
            raise DocumentError(f"{requirement.id} needs more than one kind of evidence")
        scenarios[requirement.id] = names
    contract = replace(
        loader.load(),
        version=at(document, "version", kind=str),
        sha256=hashlib.sha256(raw).hexdigest(),
        requirements=found,
        families=families,
        measures=measures,
    )
    return Catalogue(contract, scenarios)
