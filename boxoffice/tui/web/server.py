"""The server of the page: textual-serve's protocol behind a gate, on one loopback address."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from aiohttp import web
from textual_serve.server import Server, to_int

from boxoffice.core.errors import InputInvalid
from boxoffice.core.language import tr
from boxoffice.tui.web.gate import Gate
from boxoffice.tui.web.session import CounterSession

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SLOT_SECONDS = 3.0  # a tab that reloads waits for its own process to end
HEARTBEAT_SECONDS = 15.0  # a browser that says nothing for so long has gone
CLOSE_SECONDS = 1.0  # for a browser to answer a goodbye
SHUTDOWN_SECONDS = 1.0  # for what is left after the sessions have ended
MESSAGE_BYTES_MAX = 1 << 20
WIDTH_DEFAULT, HEIGHT_DEFAULT, SIDE_CELLS_MAX = 80, 24, 1000
NO_PROTOCOL = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
)


class CounterServer(Server):
    """Serves the page, its files and one process of the counter a tab."""

    def __init__(
        self,
        words: list[str],
        host: str,
        port: int,
        *,
        announce: Callable[[str], None],
        sessions_max: int,
    ) -> None:
        self._listener = _listen(host, port)
        port = self._listener.getsockname()[1]
        super().__init__("", host, port)
        self._words = words
        self._announce = announce
        self._slots = asyncio.Semaphore(sessions_max)
        self._sessions: set[CounterSession] = set()
        self._gate = Gate(host, port)
        page = Template((HERE / "page.html").read_text())
        self._page = page.substitute(
            socket=f"{self._gate.socket_origin}/ws",
            opening=tr("Opening the counter ..."),
            closed=tr("This session has ended, or too many are open."),
            again=tr("Open it again"),
        )

    def run(self) -> None:
        """Serve until a signal, then end every session."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        leave = asyncio.Event()
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, leave.set)
        runner = web.AppRunner(
            await self._make_app(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        await runner.setup()
        try:
            await web.SockSite(runner, self._listener).start()
            self._announce(self._gate.address)
            await leave.wait()
        finally:
            await runner.cleanup()

    async def _make_app(self) -> web.Application:
        """Route to our page, and to the terminal's script, style and fonts."""
        app = web.Application(middlewares=[self._gate.admit])
        app.add_routes(
            [
                web.get("/", self.handle_index, allow_head=False),
                web.get("/ws", self.handle_websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/terminal", self.statics_path),
                web.static("/static", HERE / "static"),
            ]
        )
        app.on_response_prepare.append(self._gate.harden)
        app.on_shutdown.append(self._end_sessions)
        return app

    async def _end_sessions(self, _app: web.Application) -> None:
        """End every counter; their websockets close with them."""
        await asyncio.gather(*(session.stop() for session in self._sessions))

    async def handle_index(self, _request: web.Request) -> web.Response:
        """Answer with the page."""
        return web.Response(text=self._page, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Give a tab its counter; too many at once are refused with 503."""
        try:
            async with asyncio.timeout(SLOT_SECONDS):
                await self._slots.acquire()
        except TimeoutError:
            raise web.HTTPServiceUnavailable(text=tr("503: too many are open") + "\n") from None
        try:
            return await self._attend(request)
        finally:
            self._slots.release()

    async def _attend(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, heartbeat=HEARTBEAT_SECONDS, max_msg_size=MESSAGE_BYTES_MAX
        )
        await websocket.prepare(request)
        session = CounterSession(self._words, websocket, self.download_manager)
        await session.start(
            _side(request, "width", WIDTH_DEFAULT), _side(request, "height", HEIGHT_DEFAULT)
        )
        self._sessions.add(session)
        try:
            await self._process_messages(websocket, session)
        except NO_PROTOCOL:
            await websocket.close(code=1002)
        finally:
            self._sessions.discard(session)
            await session.stop()
        return websocket


def _side(request: web.Request, name: str, default: int) -> int:
    """Read a side of the terminal in cells."""
    return min(max(to_int(request.query.get(name, ""), default), 1), SIDE_CELLS_MAX)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port now, so that the address is known before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputInvalid(
            tr("port {port} of {host} cannot be used: {error}", port=port, host=host, error=error),
            hint=tr("choose another port, or none: then a free one is found"),
        ) from error
