"""Postgres away: the map stays as it was, dimmed, and nothing is sold until it is back."""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg

from boxoffice.tui.sell.cart import short_list
from tests.conftest import key, plain, staff
from tests.invariants import assert_consistent
from tests.tui.live.selling import charges, pays_cash
from tests.tui.live.watching import HELD, link_is, reserves, shows
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import counter, played
from tests.tui.wire import wired

OFFLINE = re.compile(r"offline since \d\d:\d\d")
SELL_KEYS = ("space", "x", "X", "u", "b", "n", "e", "H", "enter", "f9", "v")


@played
async def test_without_postgres_everything_stays_on_the_screen_and_no_key_sells(sale, pair):
    async with at_map(sale) as stage:
        await sells(stage, "space", "right", "space", seats=2)
        seats, screen = stage.app.screen.till.seats, stage.app.screen
        for seat in seats:  # the watch tells of one's own seats, too, and a little later
            await shows(stage, seat, HELD)
        states = bytes(screen.view.states)
        pair.stop_postgres()
        await link_is(stage, "offline")
        await stage.until(lambda: OFFLINE.search(stage.text), "since when it is offline")
        assert screen.view.dimmed
        await stage.press("left", *SELL_KEYS)
        assert stage.app.screen is screen
        assert not stage.app.desk.busy
        assert (screen.till.seats, bytes(screen.view.states)) == (seats, states)
        await stage.until_seen("Cart 2")
        pair.start()
        await link_is(stage, "live")
        await stage.until(lambda: not screen.view.dimmed, "the map is bright again")
        assert screen.till.seats == seats
        assert labels(sale, "held") == set(seats)
        await reserves(sale, "C-5")
        await shows(stage, "C-5", HELD)
        await pays_cash(stage)
        assert labels(sale, "sold") == set(seats)
    assert_consistent(sale.box)


@played
async def test_a_hold_that_was_cancelled_meanwhile_is_told_when_postgres_is_back(world, tmp_path):
    with wired(world.box, tmp_path) as (wire, settings):
        async with at_map(world, settings=settings) as stage:
            await sells(stage, "space", "right", "space", seats=2)
            screen = stage.app.screen
            seats, reservation = screen.till.seats, screen.till.held.reservation
            wire.cut()
            await link_is(stage, "offline")
            world.office.cancel(reservation, staff("0"), key=key())
            assert screen.till.seats == seats
            wire.mend()
            await stage.until(lambda: screen.till.held is None, "the cart is gone")
            await stage.until_seen(f"the hold has ended: {short_list(seats)}")
            await stage.press("escape", "enter")
            await stage.until(lambda: screen.till.seats == seats, "they are held again")
            assert labels(world, "held") == set(seats)
    assert_consistent(world.box)


@played
async def test_a_seat_that_was_given_back_meanwhile_leaves_the_cart(world, tmp_path):
    with wired(world.box, tmp_path) as (wire, settings):
        async with at_map(world, settings=settings) as stage:
            await sells(stage, "space", "right", "space", seats=2)
            screen = stage.app.screen
            (first, second), reservation = screen.till.seats, screen.till.held.reservation
            wire.cut()
            await link_is(stage, "offline")
            world.office.release_seats(reservation, staff("0"), seats=[first], key=key())
            wire.mend()
            await stage.until(lambda: screen.till.seats == (second,), "one is left")
            await stage.until_seen(f"the cart holds {second}")
            await pays_cash(stage)
            assert labels(world, "sold") == {second}
    assert_consistent(world.box)


@played
async def test_a_payment_that_waited_too_long_does_not_leave_the_counter_offline(world):
    """Postgres answers all the time, and Redis, whose answers would tell so, is away."""
    settings = replace(world.box.settings, redis_url="unix:///nonexistent/socket")
    async with counter(settings, performance=world.performance) as stage:
        await stage.until_seen("without queue")
        await stage.press("enter")
        await stage.until(lambda: getattr(stage.app.screen, "seat_map", None), "the map is open")
        await stage.until(lambda: stage.app.screen.view.cursor is not None, "the hall is shown")
        await sells(stage, "space", seats=1)
        with psycopg.connect(plain(world.box.settings.database_url)) as locker:
            locker.execute("SELECT 1 FROM performance_seats FOR UPDATE")
            await charges(stage)
            await stage.until_seen("Not charged")
            locker.rollback()
        await link_is(stage, "polling")
        await stage.press("escape")
        await pays_cash(stage)
        assert world.seats("sold") == 1
    assert_consistent(world.box)
