"""A real browser without a window, driven over its DevTools protocol.

    async with open_browser(folder) as page:
        await page.open(address)
        await page.saw("TEXT")
        await page.click(column, row)

Cells count from 0. `page.requests` and `page.complaints` hold every address that was asked for
and everything that the browser logged, refusals of the content policy among it.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from boxoffice.core.text import cells
from tests.tui.web.served import WAIT_SECONDS, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="NO BROWSER HERE: install chromium to run the tests of the page"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL, which the terminal draws with, without a GPU
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,800",
    "--remote-debugging-port=0",
]
TOKENS = re.compile(r"\x1b\[([\d;?<>=]*)[ $]?([@-~])|\x1b.|([^\x1b])", re.DOTALL)
CELL = """(() => {
  const box = document.querySelector(".xterm-screen").getBoundingClientRect();
  return [box.x, box.y, box.width, box.height];
})()"""


class Page:
    """A page of the browser and all that went over its wires."""

    def __init__(self, devtools: aiohttp.ClientWebSocketResponse) -> None:
        self._devtools = devtools
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Condition()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.drawn = ""
        self.columns = self.rows = self.loads = 0
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self._devtools:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                async with self._changed:
                    self._note(told["method"], told["params"])
                    self._changed.notify_all()

    def _note(self, method: str, said: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(said["url"])
        elif method == "Network.webSocketFrameReceived" and said["response"]["opcode"] == 2:
            self.drawn += base64.b64decode(said["response"]["payloadData"]).decode()
        elif method == "Network.webSocketFrameSent":
            kind, *what = json.loads(said["response"]["payloadData"])
            if kind == "resize":
                self.columns, self.rows = what[0]["width"], what[0]["height"]
        elif method == "Page.loadEventFired":
            self.loads += 1
        elif method == "Log.entryAdded":
            self.complaints.append(said["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(said["exceptionDetails"]))

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command of the protocol and return its result."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._devtools.send_json({"id": number, "method": method, "params": parameters})
        told = await asyncio.wait_for(answer, WAIT_SECONDS)
        assert "error" not in told, told
        return told["result"]

    async def evaluate(self, script: str) -> Any:
        """Run a script in the page and return its value."""
        told = await self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def wait(self, condition: Callable[[], object]) -> None:
        """Wait until what was noted fulfils a condition."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(condition), WAIT_SECONDS)

    async def visit(self, address: str) -> str:
        """Go to an address and return the text of the page that was loaded."""
        for domain in ("Network", "Log", "Runtime", "Page"):
            await self.ask(f"{domain}.enable")
        before = self.loads
        await self.ask("Page.navigate", url=address)
        await self.wait(lambda: self.loads > before)
        return await self.evaluate("document.body.innerText")

    async def open(self, address: str) -> None:
        """Go to an address and wait until a terminal of known size stands there."""
        await self.visit(address)
        await self.wait(lambda: self.columns)

    @property
    def lines(self) -> list[str]:
        """Return what stands on the screen, as far as the counter's own sequences tell."""
        grid: dict[tuple[int, int], str] = {}
        row = column = 0
        for numbers, end, character in TOKENS.findall(self.drawn):
            if end == "H":
                row, column = (int(number or 1) - 1 for number in (numbers or "1;1").split(";"))
            elif character == "\n":
                row, column = row + 1, 0
            elif character == "\r":
                column = 0
            elif character:
                wide = cells(character)
                grid |= {(row, column + at): "" if at else character for at in range(wide)}
                column += wide
        columns = range(self.columns)
        return ["".join(grid.get((at, x), " ") for x in columns) for at in range(self.rows)]

    def place(self, text: str) -> tuple[int, int]:
        """Return the column and row of the first cell of a text on the screen."""
        row, line = next((at, line) for at, line in enumerate(self.lines) if text in line)
        return cells(line.partition(text)[0]), row

    async def saw(self, text: str) -> None:
        """Wait until the counter has drawn a text in one piece."""
        await self.wait(lambda: text in self.drawn)

    async def click(self, column: int, row: int) -> None:
        """Click into the middle of a cell."""
        x, y, width, height = await self.evaluate(CELL)
        place = {
            "x": x + (column + 0.5) * width / self.columns,
            "y": y + (row + 0.5) * height / self.rows,
            "button": "left",
            "clickCount": 1,
        }
        await self.ask("Input.dispatchMouseEvent", type="mousePressed", buttons=1, **place)
        await self.ask("Input.dispatchMouseEvent", type="mouseReleased", **place)

    async def type(self, text: str) -> None:
        """Press the keys of a text; Enter is a carriage return."""
        for key in text:
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=key)
            await self.ask("Input.dispatchKeyEvent", type="keyUp")

    async def picture(self, file: Path) -> None:
        """Save what the page looks like as PNG."""
        told = await self.ask("Page.captureScreenshot")
        await asyncio.to_thread(file.write_bytes, base64.b64decode(told["data"]))

    async def close(self) -> None:
        """End the connection."""
        await self._devtools.close()
        await self._listening


@asynccontextmanager
async def open_browser(folder: Path) -> AsyncIterator[Page]:
    """Start a browser that keeps its data in a folder, and end all its processes."""
    assert CHROMIUM is not None
    process = subprocess.Popen(  # noqa: ASYNC220 - it starts in a millisecond
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        ready = folder / "DevToolsActivePort"
        await until(lambda: ready.exists() and "\n" in ready.read_text(), "the browser runs")
        port = ready.read_text().split()[0]
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/json/list") as answer:
                (tab,) = [tab for tab in await answer.json() if tab["type"] == "page"]
            async with client.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as devtools:
                page = Page(devtools)
                yield page
                await page.close()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
