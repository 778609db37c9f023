"""Select requirements by id or family (``--only``, ``--skip``)."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.contract.model import Contract, Requirement
from conformance.core.suggestions import suggestion
from conformance.errors import UsageError


def select(
    contract: Contract, *, only: Iterable[str] = (), skip: Iterable[str] = ()
) -> tuple[Requirement, ...]:
    """Return the requirements that ``only`` names, without those that ``skip`` names.

    An empty ``only`` names all requirements. Each name is the id of a requirement or a family;
    letter case is ignored. The result is in the order of the contract.

    Raises:
        UsageError: a name is unknown, or no requirement is left.
    """
    wanted = {one.id for name in only for one in find(contract, name)}
    unwanted = {one.id for name in skip for one in find(contract, name)}
    chosen = tuple(
        one
        for one in contract.requirements
        if (not wanted or one.id in wanted) and one.id not in unwanted
    )
    if not chosen:
        raise UsageError(
            "no requirement is left to check: --skip excludes all that --only selects; skip fewer"
        )
    return chosen


def needing_evidence(contract: Contract, names: bool | Iterable[str]) -> bool | frozenset[str]:
    """Return the ids of the requirements that must be decided (``--require-evidence``).

    ``True`` stands for all that count against the target, ``False`` for none; other values are
    ids and families, of any level.

    Raises:
        UsageError: a name is unknown.
    """
    if isinstance(names, bool):
        return names
    return frozenset(one.id for name in names for one in find(contract, name))


OF_CLIENTS = "CLIENT"
"""The family of the requirements for clients, which are in no contract."""


def command_that_lists(contract: Contract) -> str:
    """Return the command that shows all requirements of a contract, in backquotes.

    Without names, it shows those for servers.
    """
    names = f" {OF_CLIENTS}" if [*contract.families] == [OF_CLIENTS] else ""
    return f"`conductor-conformance list{names}`"


def find(contract: Contract, name: str) -> tuple[Requirement, ...]:
    """Return the requirements with this id or of this family; letter case is ignored.

    Raises:
        UsageError: the contract has no requirement and no family with this name.
    """
    found = tuple(one for one in contract.requirements if name.upper() in (one.id, one.family))
    if not found:
        known = [*(one.id for one in contract.requirements), *contract.families]
        hint = suggestion(name, known, otherwise=f"see {command_that_lists(contract)}")
        raise UsageError(f"the contract has no requirement {name!r}; {hint}")
    return found
