"""Running a reference server in a background thread or in the foreground.

The server is uvicorn with a different start and end: it uses a socket that is already bound,
reports when it accepts connections, leaves signals and logging alone, and stops quickly however
its clients behave.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Self
from urllib.parse import unquote

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.reference.listening import LOOPBACK, PortUnavailable, api_url, listen
from conformance.reference.replies import DROP
from conformance.reference.server import ReferenceServer

__all__ = ["EmbeddedServer", "PortUnavailable", "ServerDidNotStart", "ServerDidNotStop", "serve"]

_DEADLINE = 30.0  # seconds; generous, since a loaded machine is slow
_GRACE = 1.0  # seconds to finish running responses when the server stops
_TICK = 0.1  # seconds between checks of the flag that a signal sets

Around = Callable[[ASGIApp], ASGIApp]
"""Returns an application around another one, such as one that records."""


def _alone(app: ASGIApp) -> ASGIApp:
    return app


class ServerDidNotStart(Exception):
    """The embedded server failed to start, or did not accept connections in time."""


class ServerDidNotStop(Exception):
    """The embedded server's thread did not end in time: a handler is blocking the event loop."""


class EmbeddedServer:
    """A context manager that runs a server in a thread, on a free port of 127.0.0.1.

    Any number of servers may run at once, started from any thread. After ``close`` a server can be
    started again on another port; tokens already issued stay valid, since they belong to
    ``server``.
    """

    def __init__(self, server: ReferenceServer, around: Around = _alone) -> None:
        """Prepare to run ``server`` without listening yet; ``around`` may wrap its application."""
        self.server = server
        self._around = around
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port, while running; raises ``RuntimeError`` otherwise."""
        if self._thread is None:
            raise RuntimeError("the embedded server is not running")
        return self._port

    @property
    def url(self) -> str:
        """The API's URL, such as ``http://127.0.0.1:40123/api``; raises as ``port`` does."""
        return f"http://{LOOPBACK}:{self.port}{self.server.prefix}"

    def start(self) -> Self:
        """Start the server and return once it accepts connections.

        Raises :class:`ServerDidNotStart`, or ``RuntimeError`` if it is already running.
        """
        if self._thread is not None:
            raise RuntimeError("the embedded server is running already")
        accepting = threading.Event()
        failures: list[BaseException] = []
        listener = _Listener(self._around(self.server.app), accepting.set)
        try:
            listening = listen(LOOPBACK, 0)
        except PortUnavailable as problem:
            raise ServerDidNotStart(str(problem)) from problem

        def run() -> None:
            try:
                listener.run(sockets=[listening])
            except BaseException as failure:  # noqa: BLE001 - `start` raises it
                failures.append(failure)
            finally:
                listening.close()
                accepting.set()

        self._port = listening.getsockname()[1]
        self._listener = listener
        self._thread = threading.Thread(target=run, name="reference-server", daemon=True)
        self._thread.start()
        in_time = accepting.wait(_DEADLINE)
        if failures or not in_time:
            with suppress(ServerDidNotStop):
                self.close()
            reason = repr(failures[0]) if failures else f"not accepting after {_DEADLINE:g} s"
            raise ServerDidNotStart(reason) from next(iter(failures), None)
        return self

    def close(self) -> None:
        """Stop the server and return once its thread has ended; do nothing if it is not running.

        Running responses get one second to finish. Raises :class:`ServerDidNotStop`.
        """
        listener, thread = self._listener, self._thread
        self._listener = self._thread = None
        if listener is None or thread is None:
            return
        listener.stop()
        thread.join(_DEADLINE)
        if thread.is_alive():
            raise ServerDidNotStop(f"still running after {_DEADLINE:g} s")

    def __enter__(self) -> Self:
        """Start the server."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.close()


def serve(
    server: ReferenceServer,
    host: str,
    port: int,
    on_ready: Callable[[str], object],
    around: Around = _alone,
) -> None:
    """Run ``server`` in the foreground until SIGINT or SIGTERM, then return.

    ``on_ready`` is called with the API's URL once connections are accepted. Port 0 selects a free
    port; ``around`` may wrap the application. After a second signal running responses are aborted.
    Only the main thread receives signals: in another thread this runs until the process ends.

    Raises :class:`PortUnavailable` if it cannot listen on the address.
    """
    with listen(host, port) as listening:
        url = api_url(listening, server.prefix)
        listener = _Listener(around(server.app), lambda: on_ready(url))
        with _stopped_by_signals(listener):
            listener.run(sockets=[listening])


class _Listener(uvicorn.Server):
    """A uvicorn server that any thread can stop."""

    def __init__(self, app: ASGIApp, on_ready: Callable[[], object]) -> None:
        super().__init__(
            uvicorn.Config(
                self._answer,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                interface="asgi3",
                # uvicorn would otherwise read these two from the environment.
                workers=1,
                forwarded_allow_ips=[],
                proxy_headers=False,
                server_header=False,
                log_config=None,
                log_level="error",
                access_log=False,
                # Idle connections stay open for clients that space their requests.
                timeout_keep_alive=300,
                # Long parameters must reach the application and not fail as a protocol error.
                h11_max_incomplete_event_size=1024 * 1024,
            )
        )
        self._app = app
        self._on_ready = on_ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._abandoning = False

    def stop(self) -> None:
        """Request a stop; may be called from any thread and from a signal handler."""
        self.should_exit = True
        if self._loop is not None:
            # A closed loop has already ended.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_ready()

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running responses finish, then abort the rest without log messages."""
        for accepting in (*self.servers, *(sockets or ())):
            accepting.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        deadline = asyncio.get_running_loop().time() + _GRACE
        while (state.connections or state.tasks) and not self.force_exit:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.005)
        self._abandoning = True
        for connection in list(state.connections):
            connection.transport.abort()
        # The connections must notice before their tasks end, or uvicorn logs the missing responses
        # as errors.
        await asyncio.sleep(0)
        tasks = list(state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the caller; uvicorn would raise them again after it stopped."""
        yield

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_drop(message: Message) -> None:
            if message["type"] == DROP:
                # ``send`` is bound to uvicorn's request cycle, which has the connection.
                send.__self__.transport.abort()  # type: ignore[attr-defined]
            else:
                await send(message)

        try:
            await self._app(_in_origin_form(scope), receive, send_or_drop)
        except asyncio.CancelledError:
            if not self._abandoning:
                raise


def _in_origin_form(scope: Scope) -> Scope:
    """Return a scope with the path alone where the request had a whole URL.

    A server must accept that (RFC 9112, section 3.2.2).
    """
    if not scope["path"].startswith(("http://", "https://")):
        return scope
    raw = b"/" + b"".join(scope["raw_path"].split(b"/", 3)[3:])
    return {**scope, "path": unquote(raw.decode("latin-1")), "raw_path": raw}


@contextmanager
def _stopped_by_signals(listener: _Listener) -> Generator[None, None, None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        listener.force_exit = listener.should_exit
        listener.stop()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
