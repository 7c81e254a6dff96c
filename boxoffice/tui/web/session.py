"""One tab of a browser: a process of the counter that talks over pipes."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import TYPE_CHECKING

from textual_serve.app_service import AppService

if TYPE_CHECKING:
    from aiohttp import web
    from textual_serve.download_manager import DownloadManager

QUIT_SECONDS = 2.0  # the counter itself leaves within 1


class CounterSession(AppService):
    """Runs the counter without a shell, and stays until it has ended."""

    def __init__(
        self, words: list[str], websocket: web.WebSocketResponse, downloads: DownloadManager
    ) -> None:
        super().__init__(
            "",
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=downloads,
        )
        self._words = words
        self._websocket = websocket

    async def _close(self) -> None:
        await self._websocket.close()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start it in a session of its own, so that Ctrl-C reaches the server alone."""
        process = await asyncio.create_subprocess_exec(
            *self._words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def run(self) -> None:
        """Pass on what the counter draws, and let the page know its end, however it ended."""
        await super().run()
        await self.remote_close()

    async def on_data(self, payload: bytes) -> None:
        """Draw, and read on when the browser has gone: a full pipe would keep the counter."""
        with suppress(ConnectionError):
            await super().on_data(payload)

    async def stop(self) -> None:
        """Ask the counter to leave, by word and by the end of its input, then end it."""
        assert self._process is not None
        assert self._task is not None
        await self._download_manager.cancel_app_downloads(self.app_service_id)
        await self.send_meta({"type": "quit"})
        self.stdin.close()
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._task
