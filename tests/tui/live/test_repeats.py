"""Keys and clicks that come faster than the counter draws do their one thing once."""

from __future__ import annotations

from textual import events

from tests.conftest import PRICE
from tests.invariants import assert_consistent
from tests.tui.live.selling import reaches_the_charge_button
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import played

REPEATS = 30
ENTRIES = "SELECT type, tender, amount FROM ledger_entries"


def hold_enter_down(stage) -> None:
    """Let Enter repeat as a terminal does: all of it is read at once."""
    for _ in range(REPEATS):
        stage.app.post_message(events.Key("enter", "\r"))


def click_twice(stage, widget) -> None:
    """Double-click, as fast as a terminal can tell."""
    x, y = (round(each) for each in widget.region.center)
    for kind in (events.MouseDown, events.MouseUp) * 2:
        stage.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


@played
async def test_enter_held_down_at_the_map_asks_one_question(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        below = list(stage.app.screen_stack)
        stage.clock.pass_by(1)
        hold_enter_down(stage)
        await stage.until_seen("how?")
        await stage.press("escape")  # behind all of them
        await stage.until_gone("how?")
        assert list(stage.app.screen_stack) == below
        assert world.box.rows(ENTRIES) == []


@played
async def test_enter_held_down_on_the_charge_button_charges_once(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await reaches_the_charge_button(stage)
        stage.clock.pass_by(1)
        hold_enter_down(stage)
        await stage.until_seen("PAID")
        await stage.press("escape")
        await stage.until_seen("Cart empty")
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
    assert_consistent(world.box)


@played
async def test_a_double_click_on_the_charge_button_charges_once(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        seats, sell = set(stage.app.screen.till.seats), stage.app.screen
        await reaches_the_charge_button(stage)
        click_twice(stage, stage.app.focused)
        await stage.until_seen("PAID")
        await stage.press("escape")
        await stage.until_seen("Cart empty")
        assert stage.app.screen is sell
        assert labels(world, "sold") == seats
        assert world.box.rows(ENTRIES) == [("use", "cash", PRICE)]
    assert_consistent(world.box)
