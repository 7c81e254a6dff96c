"""A wire between the counter and Postgres that a test can cut, before or after the answer."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

CHUNK_BYTES = 65_536
PORT = 5432


class Wire:
    """Passes bytes on; ``lose_answers`` swallows what the server says, ``cut`` passes nothing."""

    def __init__(self, server: str, folder) -> None:
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self._listener.listen()
        self._lose_answers = threading.Event()
        self._cut = threading.Event()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_answers(self) -> None:
        """Let requests through once more, and cut the wire instead of bringing the answer."""
        self._lose_answers.set()

    def cut(self) -> None:
        """Cut the wire now."""
        self._cut.set()
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Pass everything on from now on."""
        self._lose_answers.clear()
        self._cut.clear()

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._cut.is_set():
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open |= {client, server}
                for source, target, is_answer in ((client, server, False), (server, client, True)):
                    threading.Thread(
                        target=self._pass_on, args=(source, target, is_answer), daemon=True
                    ).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                if is_answer and self._lose_answers.is_set():
                    self.cut()
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.discard(source)
        source.close()


@contextmanager
def wired(box, folder):
    """Lend a wire, and settings whose database is at its end."""
    url = urlsplit(box.settings.database_url)
    asked = parse_qs(url.query)
    port = asked.get("port", [PORT])[0]
    wire = Wire(f"{asked['host'][0]}/.s.PGSQL.{port}", folder)
    through = url._replace(query=f"host={folder}&port={PORT}").geturl()
    try:
        yield wire, replace(box.settings, database_url=through)
    finally:
        wire.close()
