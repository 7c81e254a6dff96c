"""TLS before a server that speaks none: it ends TLS as the server would and passes bytes on.

Neither of the bundled servers is built with TLS. What a client sees is the same: Postgres's
question whether TLS is wanted, or Redis's handshake from the first byte.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TLS_WANTED = bytes.fromhex("0000000804d2162f")
CHUNK_BYTES = 65_536


@contextlib.contextmanager
def tls_front(target: str, certificate: tuple[Path, Path] | None, *, asked: bool) -> Iterator[int]:
    """Listen on a port of this host before the socket `target`, and give the port.

    Where it is `asked` for, TLS begins with Postgres's question. Without a certificate the
    server speaks none.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(
            target=_accept, args=(listener, target, certificate, asked), daemon=True
        ).start()
        yield listener.getsockname()[1]


def _accept(
    listener: socket.socket, target: str, certificate: tuple[Path, Path] | None, asked: bool
) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # the test is over
            return
        threading.Thread(
            target=_serve, args=(client, target, certificate, asked), daemon=True
        ).start()


def _serve(
    client: socket.socket, target: str, certificate: tuple[Path, Path] | None, asked: bool
) -> None:
    with contextlib.suppress(OSError), client, socket.socket(socket.AF_UNIX) as server:
        first = client.recv(len(TLS_WANTED), socket.MSG_WAITALL) if asked else b""
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            if asked:
                client.sendall(b"S")
            with context.wrap_socket(client, server_side=True) as inside:
                _join(inside, server, target)
        else:
            if first == TLS_WANTED:
                client.sendall(b"N")
            _join(client, server, target)


def _join(client: socket.socket, server: socket.socket, target: str) -> None:
    server.connect(target)
    back = threading.Thread(target=_pass, args=(server, client), daemon=True)
    back.start()
    _pass(client, server)
    back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
