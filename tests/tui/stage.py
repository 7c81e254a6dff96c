"""The counter on a stage without a terminal: played by keys, watched as lines of text."""

from __future__ import annotations

import asyncio
import functools
import os
import re
from contextlib import asynccontextmanager, suppress
from difflib import unified_diff
from pathlib import Path

from boxoffice.tui.app import CounterApp
from tests.waiting import DEADLINE_SECONDS, LOOK_SECONDS

SNAPSHOTS = Path(__file__).parent / "snapshots"
CHANGING = (
    (re.compile(r"\d{4}-\d{2}-\d{2} (?=\d{2}:\d{2}:\d{2})"), "YYYY-MM-DD "),
    (re.compile(r"\b\d{2}:\d{2}:\d{2}\b"), "HH:MM:SS"),
    (re.compile(r"since \d{2}:\d{2}"), "since HH:MM"),
    (re.compile(r"wait( +)\d+:\d{2}"), "wait M:SS"),
    (re.compile(r"(?<= )\d+(\.\d+)+$", re.MULTILINE), "N"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "0" * 32),
    (re.compile(r"hold \d:\d{2} [▓░]{8}"), "hold M:SS ▓▓▓▓▓▓▓▓"),
    (re.compile(r"hold \d:\d{2}$", re.MULTILINE), "hold M:SS"),
)


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def played(test):
    """Let pytest run a test that awaits."""

    @functools.wraps(test)
    def run(*arguments, **named):
        asyncio.run(test(*arguments, **named))

    return run


class Stage:
    """A running counter, and what a person in front of it does and sees."""

    def __init__(self, app: CounterApp, pilot, clock: Clock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock

    async def press(self, *keys: str) -> None:
        """Press keys as a person does: one after the other, none of them held down."""
        for key in keys:
            self.clock.pass_by(1)
            await self.pilot.press(key)

    async def type(self, text: str) -> None:
        await self.pilot.press(*text)

    async def until(self, condition, what: str):
        """Wait until the answer is yes, and return it."""
        deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
        while not (answer := condition()):
            assert asyncio.get_running_loop().time() < deadline, f"not in time: {what}\n{self.text}"
            await self.pilot.pause()
            await asyncio.sleep(LOOK_SECONDS)
        return answer

    async def until_seen(self, words: str) -> None:
        await self.until(lambda: words in self.text, f"{words!r} is seen")

    async def until_gone(self, words: str) -> None:
        await self.until(lambda: words not in self.text, f"{words!r} is gone")

    @property
    def text(self) -> str:
        """Return the screen as lines of text, dialogs and toasts and all."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()


@asynccontextmanager
async def counter(settings, *, size=(80, 24), **options):
    """Run the counter; leaving ends it."""
    clock = Clock()
    app = CounterApp(settings, clock=clock, **options)
    app.clerk = "clerk 00"  # not the account that runs the tests
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Stage(app, pilot, clock)
    finally:
        app.desk.close()


def plain(text: str) -> str:
    """Return a screen without what differs from run to run; references may be half covered."""
    text = re.sub(r"(?<=\bR-)[0-9A-Z-]+", lambda found: re.sub(r"\w", "X", found[0]), text)
    for pattern, instead in CHANGING:
        text = pattern.sub(lambda found, to=instead: to.ljust(len(found[0])), text)
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n"))


def assert_looks(stage: Stage, name: str) -> None:
    """Compare the screen with the text kept of it; WRITE_SNAPSHOTS=1 keeps a new one."""
    text, path = plain(stage.text), SNAPSHOTS / f"{name}.txt"
    if os.environ.get("WRITE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    kept = path.read_text()
    changes = unified_diff(kept.splitlines(), text.splitlines(), str(path), "now", lineterm="")
    assert text == kept, "\n" + "\n".join(changes)


async def until_looks(stage: Stage, name: str) -> None:
    """Wait until the screen is the text kept of it, and else say what differs."""
    path = SNAPSHOTS / f"{name}.txt"
    with suppress(AssertionError):
        if path.exists() and not os.environ.get("WRITE_SNAPSHOTS"):
            await stage.until(lambda: plain(stage.text) == path.read_text(), "it looks so")
    await stage.pilot.pause()
    assert_looks(stage, name)
