"""Put a server on this machine far away: a relay that hands on every byte later.

    python benchmarks/far_away.py 127.0.0.1:8080 0.15

The second argument is how many seconds a byte takes there and back. The first line that is printed
is the address to ask instead. Connecting takes as long, too.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def relayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Hand on what is read, each piece ``delay`` seconds after it came."""
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
        # The handshake is made by the system at once, so its way is waited for here.
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
