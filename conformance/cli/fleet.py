"""The command ``fleet``: judge many servers, keep their reports in a folder, show what they say."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.cli import config_file
from conformance.cli.reports import FORMATS, deliver_result
from conformance.cli.run import RunRequest, check, run
from conformance.cli.shared_options import JudgingCommand, required
from conformance.core import interruption
from conformance.errors import UsageError, require_extra

if TYPE_CHECKING:
    from conformance.fleet.order import Order
    from conformance.fleet.summary import Fleet
    from conformance.fleet.targets import FleetTarget

FRESH = 24.0
"""Hours for which ``--resume`` takes a report for fresh: a nightly fleet asks every night."""
SLACK = 60.0
"""Seconds beyond the time of a run after which its process is killed: judging and writing take a
few, and nothing that works is to be stopped."""
EXCLUDED = frozenset(
    {
        *("url", "headers", "record_file", "quiet", "update_baseline", "dry_run"),
        *(f"{name}_file" for name in FORMATS),
        *("config", "target", "show_config", "with_fixtures", "receipt", "confirm"),
    }
)
"""Options of ``run`` that a fleet does not have. A header on a command line may be a credential."""
OF_RUN = {
    next(name for name in one.opts if name.startswith("--")).lstrip("-"): one
    for one in run.params
    if one.name not in EXCLUDED
}
"""The other ones, by their keys in a file of settings."""


class Label(click.ParamType[tuple[str, str]]):
    """A label with its value, written ``KEY=VALUE``."""

    name = "label"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split the label."""
        key, sign, text = str(value).partition("=")
        if not (key and sign and text):
            self.fail("write LABEL=VALUE, such as region=eu", param, ctx)
        return key, text


def _fleet(**options: Any) -> None:
    """Judge the servers that FILE lists, TOML or CSV, several at a time.

    The folder gets a JSON report of each server, and a summary as page (index.html), Markdown,
    JSON, Prometheus text and badge. If FILE is the folder of an earlier fleet, its summary is
    shown again, and nothing is sent. The exit code is the worst of all servers.
    """
    context = click.get_current_context()
    context.exit(execute(context, **options))


fleet = JudgingCommand(
    "fleet",
    callback=_fleet,
    help=_fleet.__doc__,
    params=[
        click.Argument(["file"], metavar="FILE", type=click.Path(exists=True, path_type=Path)),
        click.Option(
            ["--folder"],
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            default=Path("fleet"),
            show_default=True,
            help="Write reports and summary into this folder.",
        ),
        click.Option(
            ["--resume"],
            is_flag=True,
            help="Continue in that folder: do not ask targets again that have a fresh report.",
        ),
        click.Option(
            ["--fresh"],
            type=click.FloatRange(min=0),
            default=FRESH,
            show_default=True,
            metavar="HOURS",
            help="Age up to which --resume takes a report for fresh.",
        ),
        click.Option(
            ["--also"],
            type=click.Choice([name for name in FORMATS if name != "json"]),
            multiple=True,
            help="Write this report of each target as well; may be given several times.",
        ),
        click.Option(
            ["--since"],
            metavar="FOLDER|JSON",
            type=click.Path(exists=True, path_type=Path),
            help="Show the difference to this earlier fleet.",
        ),
        click.Option(
            ["--where"],
            metavar="SEARCH",
            default="",
            help="Show only these targets at the terminal, e.g. 'FILTER-04:failed region:eu'.",
        ),
        click.Option(
            ["--only-label", "only_labels"],
            type=Label(),
            multiple=True,
            metavar="LABEL=VALUE",
            help="Judge only targets with this label; may be given several times.",
        ),
        click.Option(
            ["--scheduler"],
            metavar="tcp://HOST:PORT",
            help="Use the workers of this Dask scheduler.  [default: processes of this machine]",
        ),
        click.Option(
            ["--workers"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Number of processes here, or of workers of --scheduler to wait for.  "
            "[default: one per usable processor, or 1]",
        ),
        click.Option(
            ["--limit-per-host"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Judge at most this many targets of one host and port at once.",
        ),
        *OF_RUN.values(),
    ],
)
"""The command ``fleet``, with the options of ``run`` that make sense for many servers."""


def execute(
    context: click.Context,
    *,
    file: Path,
    folder: Path,
    since: Path | None,
    where: str,
    also: tuple[str, ...],
    only_labels: tuple[tuple[str, str], ...],
    **options: Any,
) -> int:
    """Judge a fleet, or show an earlier one, and return the exit code.

    Raises:
        UsageError: an argument or the file makes no sense, or the folder cannot be written.
        CannotTest: there is no worker.
    """
    from conformance.fleet import search, summary, targets

    search.matching((), where)
    earlier = None if since is None else summary.read(since)
    shown_again = file.is_dir() or file.suffix == ".json"
    if shown_again:
        result = summary.read(file)
        folder = file if file.is_dir() else file.parent
    else:
        require_extra("fleet", "distributed", "a fleet")
        chosen = targets.labelled(targets.read(file), only_labels)
        if not chosen:
            raise UsageError("no target has these labels; see the labels in the file")
        result = _judged(context, chosen, file, folder, also, options)
    if earlier is not None:
        result = result.since(earlier, str(since))
    with interruption.deferred():
        _deliver(result, folder, where, kept=shown_again)
    return result.exit_code


def _deliver(result: Fleet, folder: Path, where: str, *, kept: bool) -> None:
    """Show a result and, unless it is ``kept`` as it is, write the summary into the folder."""
    from conformance.fleet import exports, html, markdown, search, terminal
    from conformance.fleet.summary import RESULT
    from conformance.report.render import json

    renderers = {
        RESULT: json.render,
        "index.html": html.render,
        "fleet.md": markdown.render,
        "fleet.prom": exports.prometheus,
        "badge.json": exports.badge,
    }
    found = search.matching(result.entries, where) if where else None
    deliver_result(
        result,
        {} if kept else {name: str(folder / name) for name in renderers},
        partial(terminal.render, folder=folder, found=found),
        renderers,
    )


def _judged(
    context: click.Context,
    chosen: Sequence[FleetTarget],
    file: Path,
    path: Path,
    also: tuple[str, ...],
    options: Mapping[str, Any],
) -> Fleet:
    from conformance.cli.progress import progress_of_fleet
    from conformance.contract.loader import load
    from conformance.fleet import cluster, running
    from conformance.fleet.folder import Folder
    from conformance.fleet.summary import Fleet
    from conformance.runner.run import seeded

    started, clock = datetime.now(UTC), time.perf_counter()
    seed = seeded(options["seed"])
    formats = tuple(dict.fromkeys(("json", *also)))
    scheduler = options["scheduler"]
    # Everything is checked before the folder is made.
    if scheduler is not None:
        cluster.check_address(scheduler)
    orders = tuple(_orders(context, chosen, file, seed, formats))
    with Folder(path, seed=seed, resume=options["resume"]) as kept:
        if options["seed"] is None and kept.seed != seed:
            settings = {"seed": kept.seed}
            orders = tuple(replace(one, values={**one.values, **settings}) for one in orders)
        entries = kept.fresh(orders, options["fresh"])
        left = [order for order in orders if order.name not in entries]
        warning = cluster.unencrypted(scheduler)
        if warning and left:
            click.echo(f"warning: {warning}", err=True)
        try:
            if left:
                with (
                    cluster.connected(scheduler, options["workers"]) as client,
                    progress_of_fleet(sys.stderr, len(orders), len(entries)) as (
                        update,
                        when_manned,
                    ),
                ):
                    for result in running.results(
                        client,
                        left,
                        limit_per_host=options["limit_per_host"],
                        when_manned=when_manned,
                    ):
                        kept.keep(result)
                        entries[result.entry.name] = result.entry
                        update(result.entry)
        except KeyboardInterrupt:
            interruption.acknowledge()
    return Fleet(
        contract=load(options["contract_file"]).version,
        started=started,
        duration=time.perf_counter() - clock,
        seed=kept.seed if options["seed"] is None else seed,
        # In the order of the file, whichever ended first.
        entries=tuple(entries[order.name] for order in orders if order.name in entries),
        not_asked=tuple(order.name for order in orders if order.name not in entries),
    )


def _orders(
    context: click.Context,
    chosen: Iterable[FleetTarget],
    file: Path,
    seed: int,
    formats: tuple[str, ...],
) -> Iterator[Order]:
    """Yield the orders for the targets, all of them checked.

    What is given on the command line goes before what the file has for a target, and that before
    the defaults.
    """
    from conformance.contract.loader import load
    from conformance.fleet.order import Order
    from conformance.report.run_metadata import Profile
    from conformance.runner.plan import MOST_REQUESTS
    from conformance.target import address
    from conformance.target.limits import Limits, parse_rate

    known = {key: kind for key, kind in config_file.known_settings(run).items() if key in OF_RUN}
    checked: dict[str, Mapping[str, Any]] = {}
    for target in chosen:
        try:
            # Most targets of a fleet have the same settings.
            same = repr(sorted(target.settings.items()))
            if same not in checked:
                checked[same] = _values(context, target, known, file) | {"seed": seed}
            values = checked[same]
            contract = load(values["contract_file"])
            address.parse(target.url, contract)
        except UsageError as error:
            raise UsageError(f"target {target.name}: {error}") from error
        rate = values["rate_limit"]
        limits = Limits(
            rate=None if rate is None else parse_rate(rate), seconds=values["run_timeout"]
        )
        most = values["max_requests"] or MOST_REQUESTS[Profile(values["profile"])]
        yield Order(
            name=target.name,
            url=target.url,
            labels=target.labels,
            variables=target.variables,
            values=values,
            formats=formats,
            deadline=limits.time_for(most) + values["wait"] + SLACK,
        )


def _values(
    context: click.Context,
    target: FleetTarget,
    known: Mapping[str, config_file.Kind],
    file: Path,
) -> dict[str, Any]:
    """Return the options of ``run`` for a target by the names of the parameters, checked."""
    values: dict[str, Any] = {"headers": ()}
    table = target.settings
    if file.suffix.lower() == ".csv":
        table = {key: config_file.typed(known.get(key), value) for key, value in table.items()}
    written = config_file.settings(file, table, known, Path.cwd())
    for key, parameter in OF_RUN.items():
        name = str(parameter.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        values[name] = context.params[name]
        if key in written and not given:
            try:
                values[name] = parameter.process_value(context, written[key])
            except click.BadParameter as error:
                raise UsageError(f"{key}: {error.message}") from error
    values["require_evidence"] = required(values)
    # What a fleet does not have is as if it had not been given.
    absent: dict[str, Any] = dict.fromkeys(one.name for one in fields(RunRequest))
    check(RunRequest(**{**absent, "reports": {}, **values}))
    return values
