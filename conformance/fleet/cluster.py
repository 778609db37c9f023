"""The Dask cluster that judges a fleet: one on this machine, or the one at a scheduler."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.core.own_process import usable_cpus
from conformance.errors import CannotTest, UsageError, require_extra

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

FIRST_WORKER = 60.0
"""Seconds to wait for the first worker of a scheduler."""
REPLACED = 2.0
"""Seconds until a worker that Dask gave up is replaced."""
_ADDRESS = re.compile(r"([a-z]+://)?[^\s/]+:[0-9]{1,5}/?")
_SETTINGS = {
    # A target ends the process that judges it, not the worker; so a lost worker is the machine's
    # trouble. Where a random one of two is lost every three seconds and a target takes four, half
    # of the attempts survive: of 2,000 targets, one is given up after eleven.
    "distributed.scheduler.allowed-failures": 10,
    # Otherwise an order that only waited at a lost worker would count as one that was there.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.work-stealing": False,
    # Nobody looks at the profile of threads that wait for a process.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
}
"""Settings of the local cluster; one that is given has its own."""
_OF_SEMAPHORES = "ignore::UserWarning:multiprocessing.resource_tracker"


@contextmanager
def connected(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """Yield a client of the scheduler at an address, else of a cluster of processes started here.

    By default there is one process per processor. TLS is that of Dask's configuration.

    Raises:
        UsageError: the extra is missing, or Dask cannot use the address.
        CannotTest: there is no scheduler, or it has no worker.
    """
    require_extra("fleet", "distributed", "a fleet")
    import dask
    from distributed import Client, LocalCluster

    # What becomes of workers is told by the progress and the results.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is None:
        # Interrupted workers release no semaphores; Python then does it, with a warning.
        warnings = (os.environ.get("PYTHONWARNINGS"), _OF_SEMAPHORES)
        os.environ["PYTHONWARNINGS"] = ",".join(filter(None, warnings))
        with dask.config.set(_SETTINGS):
            try:
                cluster = LocalCluster(
                    n_workers=workers or usable_cpus(),
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    # It listens even without a dashboard, and on 8787 warns of a neighbour.
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    memory_limit=None,
                    silence_logs=logging.CRITICAL,
                )
            except (OSError, RuntimeError) as error:
                raise CannotTest(
                    "the processes that judge could not be started; try fewer --workers"
                ) from error
            with (
                cluster,
                _kept(cluster, len(cluster.workers)),
                Client(cluster, set_as_default=False) as client,
            ):
                yield client
        return
    try:
        client = Client(scheduler, set_as_default=False, timeout=10)
    except (ValueError, TypeError) as error:
        raise _no_address() from error
    except OSError as error:
        raise CannotTest(
            f"there is no Dask scheduler at {scheduler}; start one with `dask scheduler`"
        ) from error
    with client:
        try:
            client.wait_for_workers(workers or 1, timeout=FIRST_WORKER)
        except TimeoutError:
            raise CannotTest(
                f"the scheduler at {scheduler} has less than {workers or 1} workers; start them "
                f"with `dask worker {scheduler}`"
            ) from None
        yield client


@contextmanager
def _kept(cluster: LocalCluster, number: int) -> Iterator[None]:
    """Keep this many workers: Dask gives up one that is lost again while it starts."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(REPLACED):
            cluster.scale(number)

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def check_address(scheduler: str) -> None:
    """Check the form of a scheduler's address.

    Dask takes 20 s to refuse one without a port, and then shows a traceback.

    Raises:
        UsageError: the address makes no sense.
    """
    if not _ADDRESS.fullmatch(scheduler):
        raise _no_address()


def _no_address() -> UsageError:
    return UsageError(
        "the address of the scheduler is not one; write tcp://HOST:PORT or tls://HOST:PORT"
    )


def unencrypted(scheduler: str | None) -> str | None:
    """Return a clause if what is sent to this scheduler can be read on the way.

    A loopback address leaves nothing to read, and neither does TLS.
    """
    if scheduler is None or scheduler.startswith("tls://"):
        return None
    host = urlsplit(scheduler if "//" in scheduler else f"//{scheduler}").hostname or ""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return None
    if host == "localhost":
        return None
    return (
        "the connection to the scheduler is not encrypted, so the network can read URLs and "
        "reports, and change tasks; configure TLS for Dask (distributed.comm.tls)"
    )
