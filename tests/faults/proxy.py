"""A wire to Postgres that knows the statement that decides, and fails around it.

It reads the messages of the protocol as far as needed: a request ends with Sync, its answer with
ReadyForQuery, which also tells whether a transaction is open. What decides is COMMIT, or outside
of a transaction a statement that writes its operation key, or the sweep.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.faults.levers import WIRE_FAULTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.levers import Levers

PORT = 5432
DECIDES_ALONE = (b"insert into operations", b"set state = 'expired'")
LATE_SECONDS = (0.05, 1.5)
STALL_SECONDS = (0.05, 1.5)
SILENT_SECONDS = (0.2, 2.0)
END_SECONDS = 5.0
HEAD = struct.Struct("!cI")
PEER = struct.Struct("3i")


class Proxy:
    """Listens in a folder as Postgres would, and passes on to the socket `server`."""

    def __init__(self, folder: Path, server: str, levers: Levers, seed: str) -> None:
        self.path = str(folder / f".s.PGSQL.{PORT}")
        self.server = server
        self.levers = levers
        self.dice = random.Random(seed)
        self.director = os.getppid()

    def run(self) -> None:
        """Serve until killed; to be run in a process of its own."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_unix_server(self._accept, self.path)
        await server.serve_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, reader, writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            await link.run()
        link.cut()
        if link.fault is not None:
            self.levers.late.value -= 1

    def draw(self) -> str | None:
        """Draw what happens to a deciding statement, and count it."""
        point = self.dice.random()
        for number, kind in enumerate(WIRE_FAULTS):
            point -= self.levers.rates[number]
            if point < 0:
                self.levers.counts[number] += 1
                return kind
        return None

    def kill(self, pid: int) -> None:
        """Kill a client, which is never the director itself."""
        if pid != self.director:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class Link:
    """One connection through the proxy."""

    def __init__(
        self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.proxy = proxy
        self.client, self.to_client = reader, writer
        self.to_server: asyncio.StreamWriter | None = None
        self.in_transaction = False
        self.prepared: dict[bytes, str | None] = {}
        self.fault: str | None = None
        sock = writer.get_extra_info("socket")
        self.pid = PEER.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))[0]

    async def run(self) -> None:
        server, self.to_server = await asyncio.open_unix_connection(self.proxy.server)
        length = await self.client.readexactly(4)
        rest = await self.client.readexactly(int.from_bytes(length) - 4)
        self.to_server.write(length + rest)
        answers = asyncio.create_task(self._answers(server))
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._requests()
        if self.fault in ("late", "cut at once", "kill at once"):
            with suppress(TimeoutError):
                await asyncio.wait_for(answers, END_SECONDS)
        answers.cancel()

    def cut(self) -> None:
        """Cut both ends."""
        for end in (self.to_client, self.to_server):
            if end is not None:
                end.transport.abort()

    async def _requests(self) -> None:
        """Pass requests on, one Sync at a time, until the client's wire ends."""
        request, decides = b"", False
        while True:
            head = await self.client.readexactly(HEAD.size)
            kind, length = HEAD.unpack(head)
            body = await self.client.readexactly(length - 4)
            request += head + body
            decides |= self._decides(kind, body)
            if kind in b"PBDECF":  # the parts of a request that a Sync ends
                continue
            if self.to_server.is_closing():
                return
            fault = self.proxy.draw() if decides and kind in b"SQ" else None
            if fault is None:
                self.to_server.write(request)
            elif not await self._fail(fault, request):
                return
            request, decides = b"", False

    def _decides(self, kind: bytes, body: bytes) -> bool:
        """Tell whether a message carries the statement that decides."""
        if kind == b"P":
            name, text = body.split(b"\0", 2)[:2]
            self.prepared[name] = _sort_of(text)
            return False
        if kind == b"Q":
            sort = _sort_of(body)
        else:
            sort = self.prepared.get(body.split(b"\0", 2)[1]) if kind == b"B" else None
        return sort == "commit" or (sort == "alone" and not self.in_transaction)

    async def _fail(self, fault: str, request: bytes) -> bool:
        """Fail around a request; tell whether the wire is still of use."""
        self.fault = fault
        self.proxy.levers.late.value += 1
        if fault in ("cut before", "kill before"):
            if fault == "kill before":
                self.proxy.kill(self.pid)
            return False
        if fault == "late":
            self.to_client.transport.abort()
            await asyncio.sleep(self.proxy.dice.uniform(*LATE_SECONDS))
        if fault == "stall":
            await asyncio.sleep(self.proxy.dice.uniform(*STALL_SECONDS))
            self.proxy.levers.late.value -= 1
            self.fault = None
        self.to_server.write(request)
        if fault in ("cut at once", "kill at once"):
            if fault == "kill at once":
                self.proxy.kill(self.pid)
            self.to_client.transport.abort()
        return fault not in ("late", "cut at once", "kill at once")

    async def _answers(self, server: asyncio.StreamReader) -> None:
        """Pass answers on; where one is to be lost, wait until it is whole, and lose it."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await server.readexactly(HEAD.size)
                kind, length = HEAD.unpack(head)
                body = await server.readexactly(length - 4)
                if kind == b"Z":
                    self.in_transaction = body != b"I"
                if self.to_client.is_closing() and self.fault is None:
                    break
                if self.fault is None:
                    self.to_client.write(head + body)
                elif kind == b"Z":
                    break
        if self.fault == "kill after":
            self.proxy.kill(self.pid)
        if self.fault == "half open":
            await asyncio.sleep(self.proxy.dice.uniform(*SILENT_SECONDS))
        self.cut()


def _sort_of(text: bytes) -> str | None:
    """Tell whether a statement is a commit, decides alone, or neither."""
    plain = text.rstrip(b"\0; ").lower()
    if plain == b"commit":
        return "commit"
    return "alone" if any(words in plain for words in DECIDES_ALONE) else None
