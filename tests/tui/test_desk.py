"""Calls of the office: once each, in order, and never with an outcome that nobody hears of."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
from textual.message import Message

from boxoffice.core import errors
from boxoffice.tui.screen import CounterScreen
from tests.conftest import PRICE, plain
from tests.invariants import assert_consistent
from tests.tui.stage import counter, played
from tests.tui.wire import wired
from tests.waiting import BLOCKED

CHECKING = "Checking, do not charge again"


class Answered(Message):
    def __init__(self, answer) -> None:
        super().__init__()
        self.answer = answer


class Ear(CounterScreen):
    """A screen that notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = []

    def on_answered(self, told) -> None:
        self.heard.append(told.answer)

    def on_call_refused(self, refused) -> None:
        refused.stop()
        self.heard.append(refused.error.code)


async def listening(stage):
    """Open a screen that notes what it is told, and return it with the desk."""
    await stage.until_seen("Concert")  # read: from now on only the test asks for anything
    ear = Ear()
    await stage.app.push_screen(ear)
    return ear, stage.app.desk


@asynccontextmanager
async def wired_counter(world):
    """Run the counter at the end of a wire that can be cut."""
    with (
        tempfile.TemporaryDirectory(prefix="wire") as folder,
        wired(world.box, Path(folder)) as (wire, settings),
    ):
        async with counter(settings) as stage:
            yield stage, wire


def charge(desk, ear):
    """Charge a customer, as a change with an answer that the screen notes."""
    return desk.change(
        ear, "a charge", lambda key: desk.office.charge(PRICE, "user1", key=key), Answered
    )


def charges(world):
    return world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'charge'")


@played
async def test_changes_are_done_in_the_order_of_asking_with_a_key_each(world):
    async with counter(world.box.settings) as stage:
        ear, desk = await listening(stage)
        done = []
        keys = [
            desk.change(ear, "change", lambda key, n=n: done.append((n, key)) or n, Answered)
            for n in range(20)
        ]
        await stage.until(lambda: len(ear.heard) == 20, "all are answered")
        assert ear.heard == list(range(20))
        assert done == list(enumerate(keys))
        assert len(set(keys)) == 20
        await stage.until(lambda: not desk.busy, "nothing is left")
        assert not desk.unknown


@played
async def test_a_refused_change_is_told_and_the_next_one_is_done(world):
    async with counter(world.box.settings) as stage:
        ear, desk = await listening(stage)
        desk.change(ear, "too much", lambda key: desk.office.charge(-1, "user1", key=key), Answered)
        charge(desk, ear)
        await stage.until(lambda: len(ear.heard) == 2, "both are answered")
        assert ear.heard[0] == "amount_invalid"
        assert charges(world) == 1


@played
async def test_a_lost_answer_is_asked_for_by_its_key_and_nothing_is_done_twice(world):
    async with wired_counter(world) as (stage, wire):
        ear, desk = await listening(stage)
        wire.lose_answers()
        charge(desk, ear)
        await stage.until_seen(CHECKING)
        assert desk.unknown
        await stage.press("escape", "w", "o", "x", "enter")
        assert CHECKING in stage.text
        assert stage.app.current_mode == "sell"
        assert ear.heard == []
        wire.mend()
        await stage.until_gone(CHECKING)
        await stage.until(lambda: ear.heard, "the answer arrives after all")
        assert ear.heard[0].balance.amount == PRICE
        assert (charges(world), world.balances()) == (1, PRICE)
        await stage.until_seen("it was done once")
        assert_consistent(world.box)


@played
async def test_a_change_that_never_arrived_is_done_once_when_the_database_is_back(world):
    async with wired_counter(world) as (stage, wire):
        ear, desk = await listening(stage)
        desk.read(ear, "look", desk.office.clock, Answered, group="look")
        await stage.until(lambda: ear.heard, "there is a connection to lose")
        with accounts_locked(world):
            charge(desk, ear)
            await stage.until(lambda: world.box.rows(BLOCKED), "the change waits for a lock")
            wire.cut()
            await stage.until_seen(CHECKING)
            await stage.until_seen("offline since")
            assert charges(world) == 0
        wire.mend()
        await stage.until(lambda: len(ear.heard) == 2, "it is concluded")
        assert (charges(world), world.balances()) == (1, PRICE)
        await stage.until_gone(CHECKING)
        await stage.until_seen("live")


@played
async def test_what_was_asked_meanwhile_waits_until_the_outcome_is_known(world):
    async with wired_counter(world) as (stage, wire):
        ear, desk = await listening(stage)
        wire.lose_answers()
        charge(desk, ear)
        charge(desk, ear)
        await stage.until_seen(CHECKING)
        assert len(desk.unknown) == 1
        wire.mend()
        await stage.until(lambda: len(ear.heard) == 2, "both are answered")
        assert (charges(world), world.balances()) == (2, 2 * PRICE)


@played
async def test_leaving_without_knowing_says_how_to_learn_it(world):
    async with wired_counter(world) as (stage, wire):
        ear, desk = await listening(stage)
        wire.lose_answers()
        key = charge(desk, ear)
        await stage.until_seen(CHECKING)
        await stage.press("q")
        await stage.until_seen("Leave without knowing?")
        await stage.press("enter")
        await stage.until_seen(CHECKING)
        assert stage.app.return_code is None
        await stage.press("q", "right", "enter")
        await stage.until(lambda: stage.app.return_code is not None, "the counter is left")
        assert stage.app.return_code == 7
        assert key in desk.unknown


@played
async def test_the_answer_of_a_screen_that_was_left_is_told_by_the_app(world):
    async with counter(world.box.settings) as stage:
        ear, desk = await listening(stage)
        with accounts_locked(world):
            desk.change(
                ear, "a charge", lambda key: desk.office.charge(-1, "user1", key=key), Answered
            )
            desk.change(
                ear, "late", lambda key: desk.office.charge(10**14, "user1", key=key), Answered
            )
            stage.app.pop_screen()
        await stage.until_seen("late: ")
        assert charges(world) == 0


@played
async def test_a_bug_in_a_change_is_told_with_the_key_that_says_what_became_of_it(world):
    async with counter(world.box.settings) as stage:
        ear, desk = await listening(stage)
        key = desk.change(ear, "broken", lambda _: 1 // 0, Answered)
        await stage.until_seen("a bug: ZeroDivisionError")
        assert key in stage.text
        assert key in desk.unknown
        await stage.press("enter")
        await stage.until_gone("a bug")
        charge(desk, ear)
        await stage.until(lambda: ear.heard, "the next one is done")
        assert charges(world) == 1


@played
async def test_a_later_look_makes_an_earlier_one_of_its_group_worthless(world):
    async with counter(world.box.settings) as stage:
        ear, desk = await listening(stage)
        desk.read(ear, "look", desk.office.clock, lambda _: Answered("early"), group="look")
        desk.read(ear, "look", desk.office.clock, lambda _: Answered("late"), group="look")
        await stage.until(lambda: "late" in ear.heard, "the later one is answered")
        assert ear.heard == ["late"]


@played
async def test_a_refused_look_is_told_to_whoever_asked(world):
    async with counter(world.box.settings) as stage:
        ear, desk = await listening(stage)
        desk.read(ear, "map", lambda: desk.office.seat_map(999), Answered, group="map")
        await stage.until(lambda: ear.heard, "it is told")
        assert ear.heard == [errors.PerformanceNotFound.code]


@contextmanager
def accounts_locked(world):
    """Lock the accounts of a world for a while."""
    with psycopg.connect(plain(world.box.settings.database_url)) as connection:
        connection.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
