"""Simulate a distant server: a relay that forwards every byte with a delay.

    python benchmarks/far_away.py 127.0.0.1:8080 0.15

The second argument is the round-trip time in seconds. The first line of output is the address of
the relay. Connecting takes one round trip, too.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def relayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Forward each piece of data ``delay`` seconds after it arrived."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()

    writing = asyncio.create_task(write())
    with suppress(OSError):
        while piece := await reader.read(1 << 16):
            pieces.put_nowait((loop.time() + delay, piece))
    pieces.put_nowait((loop.time() + delay, b""))
    with suppress(OSError):
        await writing
    writer.close()


async def main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    seconds = float(sys.argv[2])

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The system completes the handshake at once, so its delay is added here.
        await asyncio.sleep(seconds)
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(
            relayed(reader, back, seconds / 2), relayed(there, writer, seconds / 2)
        )

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
