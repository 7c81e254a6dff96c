"""Changes that others make, and how soon the map shows them."""

from __future__ import annotations

import asyncio
import time

from boxoffice.core.live import LOOK_SECONDS
from tests.conftest import key, staff

# A change shows at the latest with the next look; the rest is for a machine that is busy.
SEEN_SECONDS_MAX = LOOK_SECONDS + 8.0
STEP_SECONDS = 0.001
HELD, SOLD = ord("h"), ord("s")


def state(stage, label: str) -> int:
    """Return how a seat stands on the map."""
    screen = stage.app.screen
    return screen.view.states[screen.seat_map.indexes[label]]


async def shows(stage, label: str, wanted: int) -> float:
    """Wait until the map shows a seat so, and return how many seconds it took."""
    began = time.monotonic()
    await stage.until(lambda: state(stage, label) == wanted, f"{label} is {chr(wanted)}")
    took = time.monotonic() - began
    assert took < SEEN_SECONDS_MAX
    return took


async def shows_at_once(stage, label: str, wanted: int) -> float:
    """Wait as `shows` does, and look as often as the counter can draw."""
    began = time.monotonic()
    while state(stage, label) != wanted:
        assert time.monotonic() - began < SEEN_SECONDS_MAX
        await asyncio.sleep(STEP_SECONDS)
    return time.monotonic() - began


async def reserves(world, label: str):
    """Hold a seat for somebody else, beside the counter."""
    office = world.box.office()  # its connections are older than no outage
    return await asyncio.to_thread(
        office.reserve, world.performance, staff("user1"), seats=[label], key=key()
    )


async def link_is(stage, wanted: str) -> None:
    await stage.until(lambda: stage.app.link.state == wanted, f"the link is {wanted}")
