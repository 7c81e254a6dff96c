"""A server of the counter as a process of its own, and what a stranger may send to it."""

from __future__ import annotations

import asyncio
import http.client
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from tests.waiting import wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Coroutine

WAIT_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """An answer in plain HTTP."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass(frozen=True)
class Served:
    """A running server; `address` is what it printed."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    @property
    def origin(self) -> str:
        return self.address.partition("/?")[0]

    @property
    def path(self) -> str:
        """The address without its origin: the token."""
        return self.address.removeprefix(self.origin)

    def get(self, path: str, **headers: str) -> Answer:
        """Ask without cookies, redirects or an Origin, unless they are given."""
        place = urlsplit(self.origin)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=WAIT_SECONDS)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return Answer(
                response.status, response.headers, response.read().decode(errors="replace")
            )
        finally:
            connection.close()

    def enter(self) -> dict[str, str]:
        """Change the token for the cookie, and return the headers of the page that was let in."""
        answer = self.get(self.path)
        assert answer.status == 303, answer
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return {"Cookie": cookie, "Origin": self.origin}

    @asynccontextmanager
    async def connect(self, headers: dict[str, str]):
        """Open the websocket of a tab."""
        address = f"{self.origin}/ws?width=80&height=24"
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address, headers=headers) as websocket,
        ):
            yield websocket

    async def refusal(self, headers: dict[str, str]) -> int:
        """Open the websocket and return the status with which it was refused."""
        try:
            async with self.connect(headers):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status

    async def told(self, what: str, times: int = 1) -> None:
        """Wait until the counters have written this as often."""
        await until(
            lambda: self.log.exists() and self.log.read_text().count(what) >= times,
            f"{what}, {times} times",
        )

    def children(self) -> list[int]:
        """Return the processes of the tabs."""
        pid = self.process.pid
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition beside the event loop."""
    await asyncio.to_thread(wait_until, condition, what)


def play(scenario: Coroutine[object, object, None]) -> None:
    """Play a scenario to its end."""
    asyncio.run(asyncio.wait_for(scenario, 2 * WAIT_SECONDS))
