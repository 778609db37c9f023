"""Choosing requirements by id or family (``--only``, ``--skip``)."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.contract.model import Contract, Requirement
from conformance.core.names import suggestion
from conformance.errors import UsageError


def select(
    contract: Contract, *, only: Iterable[str] = (), skip: Iterable[str] = ()
) -> tuple[Requirement, ...]:
    """Return the requirements that ``only`` names (all, if it is empty) without those of ``skip``.

    Each name is a requirement's id or a family; letter case does not matter.

    Raises:
        UsageError: a name is neither, or nothing is left.
    """
    wanted = _expand(contract, only)
    unwanted = _expand(contract, skip)
    chosen = tuple(
        requirement
        for requirement in contract.requirements
        if (not wanted or requirement.id in wanted) and requirement.id not in unwanted
    )
    if not chosen:
        raise UsageError(
            "no requirement is left to judge: --skip takes away all that --only names; skip less"
        )
    return chosen


def find(contract: Contract, name: str) -> tuple[Requirement, ...]:
    """Return the requirements that one name stands for.

    Raises:
        UsageError: the contract has neither a requirement nor a family of that name.
    """
    found = tuple(
        requirement
        for requirement in contract.requirements
        if name.upper() in (requirement.id, requirement.family)
    )
    if not found:
        known = [requirement.id for requirement in contract.requirements] + list(contract.families)
        hint = suggestion(name, known, otherwise="see `conductor-conformance list`")
        raise UsageError(f"the contract has no requirement {name!r}; {hint}")
    return found


def _expand(contract: Contract, names: Iterable[str]) -> set[str]:
    return {requirement.id for name in names for requirement in find(contract, name)}
