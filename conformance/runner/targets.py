"""Opening the target that arguments and environment name, and the embedded reference server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from conformance.contract.model import Contract
from conformance.errors import UsageError
from conformance.target import credentials, headers
from conformance.target.limits import Limits
from conformance.target.target import PARALLEL, Target
from conformance.target.transport import Sender, Settings, Transport

SERVER_VARIABLE = "CONDUCTOR_SERVER_URL"
NO_TARGET = (
    f"no server is named: give its URL, or set {SERVER_VARIABLE}; `conductor-conformance demo` "
    "judges the reference server instead"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """How to reach a target; see the arguments of ``Target``.

    Raises:
        UsageError: a header is given twice.
    """

    timeout: float = 10.0
    retry_budget: float = 60.0
    headers: tuple[tuple[str, str], ...] = ()
    ca_bundle: Path | None = None
    insecure: bool = False
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: str | None = None
    resolve: tuple[str, ...] = ()
    shown_headers: tuple[tuple[str, str], ...] = ()
    parallel: int = PARALLEL
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        names = [name.lower() for name, _ in self.headers]
        for place, (name, _) in enumerate(self.headers):
            if name.lower() in names[:place]:
                raise UsageError(f"the header {name} is given twice; leave one of them out")

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of ``Target``."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {
            "headers": dict(self.headers),
            "shown_headers": dict(self.shown_headers),
        }


def target_options(values: Mapping[str, Any], limits: Limits) -> TargetOptions:
    """Return the target options for the values of the command's options, by their names.

    Raises:
        UsageError: a header is given twice, or its file or variable cannot be read.
    """
    sent, shown = headers.collected(
        values["headers"], values["header_variables"], values["header_file"]
    )
    taken = (
        *("timeout", "retry_budget", "ca_bundle", "insecure", "client_cert", "client_key"),
        *("proxy", "resolve", "parallel"),
    )
    return TargetOptions(
        headers=sent,
        shown_headers=shown,
        limits=limits,
        **{name: values[name] for name in taken if name in values},
    )


@contextmanager
def configured_target(
    url: str | None,
    environment: Mapping[str, str],
    options: TargetOptions,
    *,
    contract: Contract,
    token_file: Path | None = None,
    token_command: str | None = None,
    sender: Callable[[Settings], Sender] = Transport,
) -> Iterator[Target]:
    """Yield the target at ``url``, else at ``$CONDUCTOR_SERVER_URL``.

    Raises:
        UsageError: there is no target, or an argument or a variable makes no sense.
    """
    url = url if url is not None else environment.get(SERVER_VARIABLE)
    if not url:
        raise UsageError(NO_TARGET)
    with Target(
        url,
        credential=credentials.from_environment(environment, token_file, token_command),
        expired_token=credentials.expired_token(environment),
        contract=contract,
        sender=sender,
        **options.arguments(),
    ) as target:
        yield target


@contextmanager
def embedded_target(**arguments: Any) -> Iterator[Target]:
    """Start the reference server on a free port of this machine and yield it as a target.

    The arguments are those of ``Target``, without ``url`` and ``credential``.
    """
    from conformance.reference.embedded import EmbeddedServer
    from conformance.reference.server import ReferenceServer

    server = ReferenceServer()
    with (
        EmbeddedServer(server) as embedded,
        Target(
            embedded.url,
            credential=server.issue_token(),
            expired_token=server.issue_token(expired=True),
            **arguments,
        ) as target,
    ):
        target.title = f"reference server (demo), {target.address}"
        target.remark = "This is a demo: it judged the reference server of this suite, not yours."
        yield target
