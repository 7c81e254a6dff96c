"""What others do is on the map soon after they did it."""

from __future__ import annotations

import asyncio
import statistics
from functools import partial

from tests.conftest import key, staff
from tests.tui.live.watching import HELD, link_is, reserves, shows, shows_at_once
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import played

CHANGES = 50
FREE = ord("f")


@played
async def test_a_reservation_of_another_process_shows_on_the_map(world):
    async with at_map(world) as stage:
        await link_is(stage, "live")
        ran = await asyncio.to_thread(
            world.box.run, "reserve", str(world.performance), "--seat", "C-5",
            "--staff", "--user", "user1", "--json",
        )  # fmt: skip
        assert ran.code == 0, ran.err
        await shows(stage, "C-5", HELD)
        await stage.until_seen("free 49 (-1)")
        assert labels(world, "held") == {"C-5"}


@played
async def test_changes_show_soon_after_their_commit(world, record_property):
    took = []
    async with at_map(world) as stage:
        await link_is(stage, "live")
        for _ in range(CHANGES // 2):
            held = await reserves(world, "C-5")
            took.append(await shows_at_once(stage, "C-5", HELD))
            cancel = partial(world.office.cancel, held.reservation, staff("user1"), key=key())
            await asyncio.to_thread(cancel)
            took.append(await shows_at_once(stage, "C-5", FREE))
    for name, seconds in (("median", statistics.median(took)), ("longest", max(took))):
        record_property(f"{name}_seconds", seconds)
    print(sorted(round(1000 * each) for each in took))  # noqa: T201 - shown by pytest -s
    assert len(took) == CHANGES


@played
async def test_a_cart_that_somebody_else_cancels_is_told_at_once(world):
    async with at_map(world) as stage:
        await sells(stage, "space", "right", "space", seats=2)
        screen = stage.app.screen
        (first, second), reservation = screen.till.seats, screen.till.held.reservation
        await asyncio.to_thread(
            world.office.release_seats, reservation, staff("0"), seats=[first], key=key()
        )
        await stage.until(lambda: screen.till.seats == (second,), "one is left")
        await stage.until_seen(f"the cart holds {second}")
        await asyncio.to_thread(world.office.cancel, reservation, staff("0"), key=key())
        await stage.until(lambda: screen.till.held is None, "the cart is gone")
        await stage.until_seen(f"the hold has ended: {second}")
        assert world.seats("free") == 50
