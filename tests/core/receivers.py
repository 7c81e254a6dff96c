"""Receivers of events on sockets of this machine: some as they should be, most not."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgbG9uZyE="
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """What came: the first line, headers with small letters, and the body."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A server; ``act`` answers a request on its connection and says whether to go on with it."""

    port: int
    act: Callable[[socket.socket, Request], bool]
    requests: list[Request] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=box"

    @property
    def ids(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests]


def answering(answer: bytes) -> Callable[[socket.socket, Request], bool]:
    """Answer every request with the same bytes."""

    def act(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(answer)
        return True

    return act


def status(code: int, *headers: str) -> Callable[[socket.socket, Request], bool]:
    """Answer with a status and nothing else."""
    lines = [f"HTTP/1.1 {code} So", "Content-Length: 0", *headers]
    return answering(("\r\n".join(lines) + "\r\n\r\n").encode())


TAKING = answering(OK)


@contextmanager
def receiving(act: Callable[[socket.socket, Request], bool] = TAKING) -> Iterator[Receiver]:
    """Run a receiver."""
    with serving(lambda connection: _converse(connection, receiver)) as (port, connections):
        receiver = Receiver(port, act, connections=connections)
        yield receiver


@contextmanager
def serving(
    converse: Callable[[socket.socket], None],
) -> Iterator[tuple[int, list[socket.socket]]]:
    """Hold a conversation of its own with each who connects."""
    connections: list[socket.socket] = []

    def hold(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            converse(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                connections.append(connection)
                threading.Thread(target=hold, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], connections
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _converse(connection: socket.socket, receiver: Receiver) -> None:
    with connection.makefile("rb") as lines:
        while True:
            line = lines.readline().decode()
            if not line:
                return
            headers = {}
            while (header := lines.readline().decode().strip()) != "":
                name, _, value = header.partition(": ")
                headers[name.lower()] = value
            body = lines.read(int(headers["content-length"]))
            request = Request(line.strip(), headers, body)
            receiver.requests.append(request)
            if not receiver.act(connection, request):
                return
