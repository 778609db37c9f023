"""The command ``fixtures``: plan, create, remove and list providers that a verdict needs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from conformance.cli.reaching import (
    RATE_LIMIT,
    RETRY_BUDGET,
    TIMEOUT,
    reaching_options,
    trusted,
)
from conformance.cli.shared_options import CONTRACT, Command, with_options
from conformance.core.text import counted, listed, visible
from conformance.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from conformance.contract.model import Contract
    from conformance.fixtures.plan import Plan, PlannedProvider
    from conformance.fixtures.planning import Targets
    from conformance.report.fixtures_used import Leftover
    from conformance.target.target import Target

_AGE = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
RECEIPT = click.option(
    "--receipt", type=click.Path(path_type=Path), metavar="FILE", help="File of the receipt."
)
CONFIRM = click.option(
    "--confirm", metavar="HOST", help="Confirm the server's host, unless it is this machine."
)


class Age(click.ParamType[timedelta]):
    """An age such as ``24h``."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Parse the age."""
        if isinstance(value, timedelta):
            return value
        found = _AGE.fullmatch(str(value))
        if found is None:
            self.fail("write an age like 30m, 24h or 7d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _target_command(command: Command) -> Command:
    """Add the argument and the options that say which server is meant."""
    url = click.argument("url", required=False, envvar="CONDUCTOR_SERVER_URL")
    options = (TIMEOUT, RETRY_BUDGET, RATE_LIMIT, reaching_options, CONTRACT)
    return with_options(url, *options)(command)


@click.group()
def fixtures() -> None:
    """Create the providers that a verdict needs, and remove them again.

    `run` is read-only; this command is not. docs/fixtures.md says what it sends.
    """


@fixtures.command("plan")
@_target_command
def show_plan(**options: Any) -> None:
    """Show what undecided requirements lack, and the requests that would supply it.

    Nothing is written.
    """
    contract, targets, _ = _opened(options)
    made = _planned(contract, targets)
    for line in described(made, contract):
        click.echo(line)


@fixtures.command()
@RECEIPT
@CONFIRM
@_target_command
@click.pass_context
def create(
    context: click.Context, /, receipt: Path | None, confirm: str | None, **options: Any
) -> None:
    """Create the providers that undecided requirements lack.

    The receipt lists them; `fixtures remove --receipt` removes them.
    """
    from conformance.fixtures.client import writing
    from conformance.fixtures.keeping import Kept
    from conformance.fixtures.receipt import ReceiptFile
    from conformance.report.fixtures_used import removal

    if receipt is None:
        raise UsageError("name a file with --receipt, from which the providers can be removed")
    if receipt.exists():
        raise UsageError(
            f"there is a file {receipt} already; it may list other providers, so name another file"
        )
    contract, targets, target = _opened(options)
    confirmed(target, confirm)
    made = _planned(contract, targets)
    if not made.providers:
        click.echo("Nothing is undecided that a provider could decide; nothing was created.")
        return
    kept = Kept(contract, targets, made, ReceiptFile(receipt))
    with targets(sender=writing(contract, made.run)) as writer:
        try:
            kept.create(writer)
        except BaseException:
            kept.finish()
            left = kept.used(writer).left
            _show_left(left)
            raise
    for provider in made.providers:
        click.echo(f"created {_outline(provider)}")
    for text in kept.refused:
        click.echo(f"refused: {text}", err=True)
    if hidden := kept.hidden:
        click.echo(f"Not every result shows {listed(hidden)}.", err=True)
    click.echo(f"To remove them: {removal(str(receipt), str(target.address))}")
    context.exit(ExitCode.NOT_CONFORMANT if hidden else ExitCode.CONFORMANT)


@fixtures.command()
@RECEIPT
@click.option(
    "--stale",
    type=Age(),
    metavar="AGE",
    help="Remove what any run made at least this long ago, e.g. 24h; found by marks.",
)
@CONFIRM
@_target_command
@click.pass_context
def remove(
    context: click.Context,
    /,
    receipt: Path | None,
    stale: timedelta | None,
    confirm: str | None,
    **options: Any,
) -> None:
    """Remove what a receipt lists, or what earlier runs left behind.

    Without URL, the server is that of $CONDUCTOR_SERVER_URL or of the receipt.
    """
    from conformance.fixtures import removing
    from conformance.fixtures.client import FixtureClient, writing
    from conformance.fixtures.receipt import ReceiptFile

    if (receipt is None) is (stale is None):
        raise UsageError("give either --receipt or --stale, to say what to remove")
    file = None if receipt is None else ReceiptFile(receipt)
    found = [] if file is None else [file.read()]
    if file is not None:
        options["url"] = options["url"] or found[0].target
    contract, targets, target = _opened(options)
    confirmed(target, confirm)
    if stale is not None:
        with targets() as reader:
            client = FixtureClient.opened(reader)
            found = list(removing.leftovers(client, age=stale, now=datetime.now(UTC)))
    runs = [one.run for one in found]
    with targets(sender=writing(contract, *runs, removing=True)) as writer:
        client = FixtureClient.opened(writer)
        if file is not None and found[0].target != str(writer.address):
            raise UsageError(
                f"the receipt {receipt} is of {found[0].target}, not of {writer.address}; "
                "give that server"
            )
        done = [removing.remove(client, one, file) for one in found]
        left = [
            removing.leftover(writer, entry.name) for receipt_ in done for entry in receipt_.open
        ]
    gone = sum(len(one.open) for one in found) - sum(len(one.open) for one in done)
    click.echo(f"{counted(gone, 'provider')} removed or not there.")
    if file is not None and not left:
        file.remove()
    _show_left(left)
    context.exit(ExitCode.NOT_CONFORMANT if left else ExitCode.CONFORMANT)


@fixtures.command("list")
@_target_command
def list_marked(**options: Any) -> None:
    """List the providers that runs made and that still exist, with their time."""
    from conformance.fixtures import removing
    from conformance.fixtures.client import FixtureClient

    _, targets, _ = _opened(options)
    with targets() as target:
        found = removing.marked(FixtureClient.opened(target))
    for name, made in found:
        click.echo(f"{name}  made on {made:%Y-%m-%d} at {made:%H:%M:%S} UTC")
    click.echo(f"{counted(len(found), 'provider')} of earlier runs.", err=True)


def confirmed(target: Target, given: str | None) -> None:
    """Check that the user meant to write to this server; on a terminal, ask.

    Raises:
        UsageError: the host was not named, or another one was.
    """
    if target.address.loopback:
        return
    host = urlsplit(target.address.origin).hostname or ""
    if given is None and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        given = click.prompt(
            f"Providers will be created or removed at {host}. Type its name to go on", err=True
        )
    if given is None:
        raise UsageError(f"this writes to {host}; confirm it with --confirm {host}")
    if given.strip().lower() != host.lower():
        raise UsageError(
            f"{given!r} was confirmed, but the server is {host}; nothing was sent; confirm it with "
            f"--confirm {host}"
        )


def described(plan: Plan, contract: Contract) -> Iterator[str]:
    """Yield the lines of a plan: what lacks, the providers, and each request."""
    from conformance.fixtures.plan import fixtures_of

    supplied = [one for one in plan.needs if one.supplied]
    if not plan.needs:
        yield "Nothing is undecided that depends on the providers of this cluster."
        return
    yield f"{counted(len(plan.needs), 'requirement')} undecided:"
    for need in plan.needs:
        hint = "" if need.supplied else "; no provider supplies it"
        yield f"  {need.requirement:<12}{visible(need.reason)}{hint}"
    if not plan.providers:
        yield "There is nothing to create."
        return
    yield ""
    yield f"{counted(len(plan.providers), 'provider')} would decide {len(supplied)} of them:"
    for provider in plan.providers:
        yield f"  {_outline(provider)}"
    yield ""
    yield "Requests:"
    for write in plan.writes(fixtures_of(contract)):
        body = json.dumps(write.body, ensure_ascii=False)
        yield f"  {write.method} {write.path}"
        yield f"      {body}"


def _outline(provider: PlannedProvider) -> str:
    parts = [provider.kind.type, provider.kind.category]
    parts.append("active" if provider.enabled else "inactive")
    parts += [f"model {model}" for model in provider.models]
    parts += ["with a tag"] if provider.tagged else []
    return f"{provider.name}  {', '.join(parts)}"


def _show_left(left: Iterable[Leftover]) -> None:
    for one in left:
        click.secho(f"{one.name} could not be removed; remove it with", fg="red", err=True)
        click.echo(f"  {visible(one.curl)}", err=True)


def _opened(options: dict[str, Any]) -> tuple[Contract, Targets, Target]:
    """Return the contract, what opens targets, and a target that nothing was sent to yet."""
    from conformance.contract.loader import load
    from conformance.runner.targets import configured_target, target_options
    from conformance.target.limits import Limits, parse_rate

    contract = load(options["contract_file"])
    options["ca_bundle"] = trusted(options)
    rate = options["rate_limit"]
    limits = Limits(rate=None if rate is None else parse_rate(rate))
    targets = partial(
        configured_target,
        options["url"],
        os.environ,
        target_options(options, limits),
        contract=contract,
        token_file=options["token_file"],
        token_command=options["token_command"],
    )
    with targets() as target:
        return contract, targets, target


def _planned(contract: Contract, targets: Targets) -> Plan:
    from uuid import uuid4

    from conformance.fixtures.planning import planned

    made, _ = planned(targets, contract, uuid4().hex[:12])
    return made
