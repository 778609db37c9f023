"""Finding the target and its credential where people put them: arguments, then the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from conformance.contract.model import Contract
from conformance.errors import UsageError
from conformance.target import credentials
from conformance.target.limits import Limits
from conformance.target.target import Target
from conformance.target.transport import Sender, Settings, Transport

SERVER_VARIABLE = "CONDUCTOR_SERVER_URL"


@contextmanager
def configured_target(
    url: str | None,
    environment: Mapping[str, str],
    *,
    contract: Contract,
    timeout: float = 10.0,
    retry_budget: float = 60.0,
    headers: Iterable[tuple[str, str]] = (),
    token_file: Path | None = None,
    ca_bundle: Path | None = None,
    insecure: bool = False,
    parallel: int = 8,
    limits: Limits | None = None,
    sender: Callable[[Settings], Sender] = Transport,
) -> Iterator[Target]:
    """Yield the target at ``url``, else at ``$CONDUCTOR_SERVER_URL``, else the embedded server.

    The embedded server has a credential of its own; the environment's is not shown to it.

    Raises:
        UsageError: an argument or a variable makes no sense.
    """
    if url is None:
        url = environment.get(SERVER_VARIABLE) or None
    sent = _without_doubles(headers)
    if url is None:
        with embedded_target(
            contract=contract,
            timeout=timeout,
            retry_budget=retry_budget,
            headers=sent,
            ca_bundle=ca_bundle,
            insecure=insecure,
            parallel=parallel,
            limits=limits,
            sender=sender,
        ) as target:
            yield target
        return
    with Target(
        url,
        credential=credentials.from_environment(environment, token_file),
        contract=contract,
        timeout=timeout,
        retry_budget=retry_budget,
        headers=sent,
        ca_bundle=ca_bundle,
        insecure=insecure,
        parallel=parallel,
        limits=limits,
        sender=sender,
    ) as target:
        yield target


def _without_doubles(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        if name.lower() in {known.lower() for known in headers}:
            raise UsageError(f"the header {name} is given twice; leave one of them out")
        headers[name] = value
    return headers


@contextmanager
def embedded_target(**arguments: object) -> Iterator[Target]:
    """Start the reference server on a free port of this machine and yield it as a target.

    The arguments are those of ``Target``, without ``url`` and ``credential``.
    """
    from conformance.reference.embedded import EmbeddedServer
    from conformance.reference.server import ReferenceServer

    server = ReferenceServer()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token(), **arguments) as target,  # type: ignore[arg-type]
    ):
        target.remark = "No URL was given: this is the reference server, not yours."
        yield target
