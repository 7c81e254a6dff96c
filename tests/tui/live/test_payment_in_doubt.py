"""A payment whose answer is lost: it ends as paid once or not at all, as the database says."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg

from boxoffice.tui.checking import Checking
from tests.clock import END
from tests.conftest import PRICE, plain
from tests.invariants import assert_consistent
from tests.tui.live.selling import charges
from tests.tui.live.watching import link_is
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import played
from tests.waiting import BLOCKED

ENTRIES = "SELECT type, tender, amount FROM ledger_entries"
LOCK = "SELECT 1 FROM performance_seats FOR UPDATE"
WAITING = f"{BLOCKED} AND application_name = 'boxoffice'"


@contextmanager
def somebody_elses_lock(world):
    """Hold every seat locked, so that a payment waits half way."""
    with psycopg.connect(plain(world.box.settings.database_url)) as locker:
        locker.execute(LOCK)
        yield locker


async def payment_waits(stage, world) -> int:
    """Press the key that moves the money, and return the backend where the payment waits."""
    await charges(stage)
    ((backend,),) = await stage.until(lambda: world.box.rows(WAITING), "the payment waits")
    return backend


async def is_being_checked(stage) -> Checking:
    await stage.until(lambda: isinstance(stage.app.screen, Checking), "it is being checked")
    await stage.until_seen("Checking, do not charge again")
    return stage.app.screen


async def nothing_can_be_pressed(stage) -> None:
    checking = stage.app.screen
    await stage.press("enter", "space", "escape", "x", "f9", "v", "p")
    assert stage.app.screen is checking


@played
async def test_a_payment_that_was_cut_off_is_checked_and_done_once(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        seats = set(stage.app.screen.till.seats)
        with somebody_elses_lock(world) as locker:
            backend = await payment_waits(stage, world)
            world.box.rows("SELECT pg_terminate_backend(%s)", backend)
            checking = await is_being_checked(stage)
            await nothing_can_be_pressed(stage)
            assert world.box.rows(ENTRIES) == []
            locker.rollback()
        await stage.until(lambda: stage.app.screen is not checking, "the outcome is known")
        await stage.until_seen("PAID")
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
        assert labels(world, "sold") == seats
        assert not stage.app.desk.unknown
        await stage.press("escape")
        assert stage.app.screen.till.held is None
    assert_consistent(world.box)


@played
async def test_a_payment_that_was_cut_off_and_whose_hold_has_ended_charges_nothing(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        with somebody_elses_lock(world) as locker:
            backend = await payment_waits(stage, world)
            world.box.rows("SELECT pg_terminate_backend(%s)", backend)
            await is_being_checked(stage)
            await nothing_can_be_pressed(stage)
            locker.execute(END.replace("%(id)s", "NULL"))
            locker.commit()
        await stage.until_seen("Not charged")
        assert world.box.rows(ENTRIES) == []
        assert world.seats("sold") == 0
        assert not stage.app.desk.unknown
        await stage.press("escape")
        assert stage.app.screen.till.held is None
    assert_consistent(world.box)


@played
async def test_postgres_killed_in_the_middle_of_a_payment_ends_with_one_payment(sale, pair):
    async with at_map(sale) as stage:
        await sells(stage, "space", seats=1)
        seats = set(stage.app.screen.till.seats)
        with somebody_elses_lock(sale) as locker:
            await payment_waits(stage, sale)
            pair.lose_postgres()
            await is_being_checked(stage)
            await link_is(stage, "offline")
            await nothing_can_be_pressed(stage)
            locker.close()
        pair.start()
        await stage.until_seen("PAID")
        await link_is(stage, "live")
        assert sale.box.rows(ENTRIES) == [("use", "cash", PRICE)]
        assert labels(sale, "sold") == seats
    assert_consistent(sale.box)
