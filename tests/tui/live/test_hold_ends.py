"""A hold counts down by the server's clock, ends, is told, and Enter tries the seats again."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.conftest import key, staff
from tests.invariants import assert_consistent
from tests.tui.live.watching import HELD, shows
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import played

COUNTDOWN = re.compile(r"hold 0:0[0-5]")


def short(world):
    return replace(world.box.settings, hold_seconds=5.0)


@played
async def test_a_hold_counts_down_ends_is_told_and_enter_takes_the_seats_again(world):
    async with at_map(world, settings=short(world)) as stage:
        await sells(stage, "space", seats=1)
        screen, (seat,) = stage.app.screen, stage.app.screen.till.seats
        await stage.until(lambda: COUNTDOWN.search(stage.text), "it counts down")
        await stage.until_seen(f"the hold has ended: {seat}")
        assert (screen.till.held, screen.till.lost) == (None, (seat,))
        first = world.box.one("SELECT id FROM reservations")
        await stage.press("escape", "enter")
        await stage.until(lambda: screen.till.seats == (seat,), "it is held again")
        assert labels(world, "held") == {seat}
        assert world.box.one("SELECT count(*) FROM reservations WHERE id <> %s", first) == 1
    assert_consistent(world.box)


@played
async def test_a_seat_that_somebody_took_after_the_hold_ended_is_refused_by_name(world):
    async with at_map(world, settings=short(world)) as stage:
        await sells(stage, "space", seats=1)
        screen, (seat,) = stage.app.screen, stage.app.screen.till.seats
        await stage.until_seen(f"the hold has ended: {seat}")
        world.office.reserve(world.performance, staff("user1"), seats=[seat], key=key())
        await shows(stage, seat, HELD)
        await stage.press("escape", "enter")
        await stage.until_seen(f"{seat} is already taken")
        assert screen.till.held is None
        assert world.box.one("SELECT user_id FROM reservations r JOIN performance_seats s"
                             " ON s.reservation_id = r.id") == world.users[0]  # fmt: skip
    assert_consistent(world.box)
