"""The mode Queue: what staff see of a line, and what they may change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import PRICE, SHOW, key, staff
from tests.tui.stage import counter, played

NO_REDIS = "unix:///nonexistent/socket"


def line_up(world, *users, capacity=1):
    """Let users queue, of whom so many are admitted."""
    world.office.configure_queue(str(world.concert), capacity=capacity)
    return [world.office.enqueue(str(world.concert), user, key=key()) for user in users]


async def in_queue(stage):
    await stage.until(lambda: stage.app.current_mode == "sell", "the start is over")
    await stage.press("w")
    await stage.until_gone("reading ...")


def lines(stage, name):
    """Return the names in one of the lists."""
    table = stage.app.screen.query_one(f"#{name}")
    return [table.get_row_at(row)[1].plain for row in range(table.row_count)]


def state(world):
    return world.office.show_queue(world.concert).line.state


@played
async def test_it_shows_who_waits_who_is_in_and_what_is_held(world):
    line_up(world, "user1", "user2", "user3")
    world.office.reserve(world.performance, staff("user1"), seats=["A-1", "A-2"], key=key())
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        assert (lines(stage, "waiting"), lines(stage, "admitted")) == (
            ["user2", "user3"],
            ["user1"],
        )
        for figure in ("waiting 2", "admitted 1 of 1", "let in 600 a minute", "held seats 2"):
            assert figure in stage.text


@played
async def test_nobody_waiting_is_said(world):
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        assert "nobody waiting" in stage.text


@played
async def test_a_house_without_concerts_says_how_to_make_one(box):
    async with counter(box.settings) as stage:
        await in_queue(stage)
        assert "`boxoffice demo` makes one" in stage.text
        await stage.press("s", "c", "enter", "]")
        assert stage.app.current_mode == "queue"


@played
async def test_it_is_read_again_by_itself_and_keeps_the_cursor_on_its_customer(world):
    places = line_up(world, "user1", "user2", "user3")
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        await stage.press("ㅓ")
        assert stage.app.screen.query_one("#waiting").chosen == str(world.users[2])
        world.office.leave(places[0].token)
        await stage.until(lambda: lines(stage, "admitted") == ["user2"], "the line moved")
        assert lines(stage, "waiting") == ["user3"]
        assert stage.app.screen.query_one("#waiting").chosen == str(world.users[2])


@pytest.mark.parametrize("moves", [(), ("tab",)], ids=["waiting", "admitted"])
@played
async def test_enter_sells_to_the_customer_under_the_cursor(world, moves):
    line_up(world, "user1", "user2")
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        await stage.press(*moves, "enter")
        await stage.until(lambda: getattr(stage.app.screen, "performance", 0), "a map is open")
        assert stage.app.current_mode == "sell"
        await stage.until_seen("user1" if moves else "user2")


@played
async def test_stopping_and_going_on_change_the_queue_itself(world):
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        await stage.press("s")
        await stage.until_seen("queue paused")
        assert state(world) == "paused"
        await stage.press("s")
        await stage.until_seen("queue open")
        assert state(world) == "open"


@played
async def test_a_queue_that_is_closed_is_not_opened_by_accident(world):
    world.office.configure_queue(str(world.concert), state="closed")
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        await stage.press("s")
        await stage.until_seen("the queue is closed;")
        assert state(world) == "closed"


@played
async def test_the_capacity_is_asked_for_and_checked(world):
    line_up(world, "user1", "user2")
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        await stage.press("c", "end", "backspace", "0", "enter")
        await stage.until_seen("a whole number from 1")
        await stage.press("end", "backspace", "backspace", "2", "enter")
        await stage.until_seen("admitted 2 of 2")
        assert world.office.show_queue(world.concert).line.capacity == 2


@played
async def test_a_clerk_may_do_so_too(world):
    async with counter(replace(world.box.settings, role="clerk")) as stage:
        await in_queue(stage)
        await stage.press("s")
        await stage.until_seen("queue paused")
        assert state(world) == "paused"


@played
async def test_concerts_are_turned_over(world):
    second = world.office.create_concert("Second", "Room", key=key()).id
    world.office.create_performance(
        str(second), SHOW.replace(day=25), prices={"Standard": PRICE}, key=key()
    )
    async with counter(world.box.settings) as stage:
        await in_queue(stage)
        seen = set()
        for _ in range(2):
            await stage.press("]")
            await stage.until(lambda: stage.text.splitlines()[0] not in seen, "another concert")
            seen.add(stage.text.splitlines()[0])
        assert {"Second" in line for line in seen} == {True, False}


@played
async def test_without_redis_it_says_so_and_goes_on_looking(world):
    async with counter(replace(world.box.settings, redis_url=NO_REDIS)) as stage:
        await stage.until_seen("start Redis")
        await stage.press("enter")
        await in_queue(stage)
        await stage.until_seen("the queue cannot be reached")
        assert "polling 2 s" in stage.text
        await stage.press("s", "c", "enter")
        assert stage.app.current_mode == "queue"
