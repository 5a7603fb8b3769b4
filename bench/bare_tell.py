"""The least that live news from PostgreSQL can be: LISTEN, and a write to every socket.

`python -m bench.bare_tell PORT` answers every connection at once, and sends each the payload of every
notification of `bare_news`. DATABASE_URL names the database.
"""

from __future__ import annotations

import asyncio
import os
import sys

import psycopg

_clients: set[asyncio.WriteTransport] = set()


class _Client(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        _clients.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        _clients.discard(self._transport)


async def tell(conninfo: str, port: int) -> None:
    """Until cancelled, or killed."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as ear:
        await ear.execute("listen bare_news")
        await asyncio.get_running_loop().create_server(_Client, "127.0.0.1", port, backlog=1000)
        async for notice in ear.notifies():
            said = f"data: {notice.payload}\n\n".encode()
            for client in _clients:
                client.write(said)


if __name__ == "__main__":
    asyncio.run(tell(os.environ["DATABASE_URL"], int(sys.argv[1])))
