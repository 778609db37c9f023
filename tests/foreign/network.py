"""A network between judge and server: slow, and out of order for a second now and then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

from foreign.serving import LOOPBACK

BLIP = 1.0
"""Seconds that each trouble lasts."""
BETWEEN = 0.25
"""Seconds from the first connection to the first trouble, and from one to the next."""
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Trouble(StrEnum):
    """What goes wrong for a second."""

    UNAVAILABLE = "503"
    REFUSED = "refused"
    HANGS = "hangs"


@dataclass(frozen=True)
class Link:
    """A port that leads to a server; ``used`` is set once somebody has connected."""

    port: int
    used: threading.Event


@contextmanager
def link(port: int, *, latency: float = 0.0, blips: Sequence[Trouble] = ()) -> Iterator[Link]:
    """Lead to ``port`` from a port of its own; each request takes ``latency`` seconds longer.

    The troubles come one after the other, once each, as soon as somebody has connected.
    """
    network = _Link(port, latency, blips)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="link")
    thread.start()
    try:
        own = asyncio.run_coroutine_threadsafe(network.open(), loop).result()
        yield Link(own, network.used)
    finally:
        asyncio.run_coroutine_threadsafe(network.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Link:
    def __init__(self, port: int, latency: float, blips: Sequence[Trouble]) -> None:
        self.port = port
        self.latency = latency
        self.blips = blips
        self.listening = 0
        self.used = threading.Event()
        self.server: asyncio.Server | None = None
        self.trouble: Trouble | None = None
        self.well = asyncio.Event()
        self.weather: asyncio.Task[None] | None = None
        self.connections: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        self.well.set()
        await self._listen()
        return self.listening

    async def close(self) -> None:
        tasks = [*self.connections, *([self.weather] if self.weather else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.server is not None:
            self.server.close()

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(self._connected, LOOPBACK, self.listening)
        self.listening = self.server.sockets[0].getsockname()[1]

    async def _happen(self) -> None:
        for trouble in self.blips:
            await asyncio.sleep(BETWEEN)
            self.trouble = trouble
            self.well.clear()
            if trouble is Trouble.REFUSED and self.server is not None:
                self.server.close()
                for task in self.connections:
                    task.cancel()
            await asyncio.sleep(BLIP)
            if trouble is Trouble.REFUSED:
                await self._listen()
            self.trouble = None
            self.well.set()

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.used.set()
        if self.blips and self.weather is None:
            self.weather = asyncio.create_task(self._happen())
        if self.trouble is Trouble.REFUSED:
            # It was accepted just before.
            back.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            await self._carry(near, back)
        # The task has nobody who waits for it.
        except asyncio.CancelledError:
            pass
        finally:
            self.connections.discard(task)
            back.transport.abort()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, forth = await asyncio.open_connection(LOOPBACK, self.port)
        except OSError:
            return
        try:
            async with asyncio.TaskGroup() as both:
                answers = both.create_task(_pump(far, back))
                await self._ask(near, back, forth)
                answers.cancel()
        finally:
            forth.close()

    async def _ask(
        self,
        near: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        forth: asyncio.StreamWriter,
    ) -> None:
        with suppress(ConnectionError):
            while chunk := await near.read(65536):
                await asyncio.sleep(self.latency)
                if self.trouble is Trouble.UNAVAILABLE:
                    back.write(UNAVAILABLE)
                    await back.drain()
                    back.close()
                    return
                await self.well.wait()
                forth.write(chunk)
                await forth.drain()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65536):
            sink.write(chunk)
            await sink.drain()
    sink.close()
