"""One HTTP request after the other over a kept connection, each within its time to the end.

h11 speaks the protocol; the socket is ours, so that a receiver that answers a byte a second is
given up when its time is over, as one that says nothing.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache

import h11

from boxoffice.core.delivery.addresses import find_addresses

READ_BYTES = 65_536
# Nobody reads what a receiver says; one that says more is not listened to.
ANSWER_BYTES_MAX = 65_536

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request goes; ``private`` allows addresses that are not of the open internet."""

    secure: bool
    host: str
    port: int
    target: str
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said, without its body."""

    status: int
    headers: dict[str, str]


class Wire:
    """A connection to a receiver."""

    def __init__(self, place: Place, deadline: float) -> None:
        """Connect until `deadline`, by the monotonic clock; raises OSError."""
        self._socket = _connect(place, deadline)
        self._protocol = h11.Connection(h11.CLIENT)

    def post(self, target: str, headers: Headers, body: bytes, deadline: float) -> Answer:
        """Send a request and read its answer; raises OSError, h11.RemoteProtocolError."""
        said = self._protocol
        request = h11.Request(method="POST", target=target, headers=headers)
        sent = [said.send(part) or b"" for part in (request, h11.Data(body), h11.EndOfMessage())]
        self._socket.settimeout(_left(deadline))
        self._socket.sendall(b"".join(sent))
        answer: Answer | None = None
        read = 0
        while True:
            event = said.next_event()
            if event is h11.NEED_DATA:
                self._socket.settimeout(_left(deadline))
                data = self._socket.recv(READ_BYTES)
                if not data and answer is None:
                    raise ConnectionResetError
                said.receive_data(data)
            elif isinstance(event, h11.Response):
                answer = _answer(event)
            elif isinstance(event, h11.Data):
                read += len(event.data)
            if answer and (isinstance(event, h11.EndOfMessage) or read > ANSWER_BYTES_MAX):
                return answer

    def rewind(self) -> bool:
        """Make ready for another request; False where this connection takes no more."""
        try:
            self._protocol.start_next_cycle()
        except h11.ProtocolError:
            return False
        return True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _answer(event: h11.Response) -> Answer:
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in event.headers}
    return Answer(status=event.status_code, headers=headers)


def _connect(place: Place, deadline: float) -> socket.socket:
    failed: OSError | None = None
    for address in find_addresses(place.host, place.port, private=place.private):
        try:
            plain = socket.create_connection((address, place.port), timeout=_left(deadline))
        except OSError as error:
            failed = error
            continue
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not place.secure:
                return plain
            plain.settimeout(_left(deadline))
            return _trust().wrap_socket(plain, server_hostname=place.host)
        except OSError:
            plain.close()
            raise
    raise failed or ConnectionRefusedError


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
