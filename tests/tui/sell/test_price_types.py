"""A child's ticket at the counter: the type of a seat, its price, and the total on the server."""

from __future__ import annotations

from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.tui.sell.desk import at_map, sells
from tests.tui.stage import counter, played

CHILD = PRICE // 2


async def press_t(stage):
    """Press it when the change before is done, as whoever watches the cart does."""
    await stage.until(lambda: not stage.app.desk.busy, "nothing is under way")
    await stage.press("t")


@played
async def test_t_goes_through_the_price_types_of_the_seat_under_the_cursor(world):
    world.office.set_prices(world.performance, {"Standard:child": CHILD}, key=key())

    def total():
        return world.box.one("SELECT total FROM reservations")

    async with at_map(world, size=(120, 40)) as stage:
        till = stage.app.screen.till
        await stage.press("t")
        await stage.until_seen("pick the seat first")
        await sells(stage, "space", "right", "space", seats=2)
        await press_t(stage)
        await stage.until(lambda: "child" in till.held.types, "a child sits there")
        assert total() == till.held.total.amount == PRICE + CHILD
        await stage.until_seen("yours child  Standard ₩25,000")
        await stage.until_seen("₩75,000")
        await press_t(stage)
        await stage.until(lambda: till.held.types == (), "an adult again")
        assert total() == 2 * PRICE
        await press_t(stage)
        await stage.until(lambda: "child" in till.held.types, "a child again")
    assert_consistent(world.box)


@played
async def test_where_there_is_one_price_for_everybody_t_says_so(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await stage.press("t")
        await stage.until_seen("this seat has one")


@played
async def test_a_childs_seat_is_exchanged_for_a_childs_seat(world):
    office, one = world.office, staff("user1")
    office.set_prices(world.performance, {"Standard:child": CHILD}, key=key())
    office.charge(PRICE, "user1", key=key())
    held = office.reserve(world.performance, one, seats=["A-1"], types=["child"], key=key())
    office.pay(held.reservation, one, key=key())
    async with counter(world.box.settings) as stage:
        await stage.until(lambda: stage.app.current_mode == "sell", "the start is over")
        await stage.press("o")
        await stage.until_seen(held.reservation)
        await stage.press("e")
        await stage.until_seen("now: A-1")
        await stage.type("b-2")
        await stage.until_seen("B-2  ₩25,000")
        await stage.press("enter")
        await stage.until_seen("A-1 -> B-2")
        await stage.press("right", "enter")
        await stage.until_seen("Exchanged: now R-")
    told = "SELECT price_type, price FROM reservation_seats WHERE live"
    assert world.box.rows(told) == [("child", CHILD)]
    assert_consistent(world.box)


@played
async def test_a_price_that_changes_meanwhile_is_told_as_soon_as_a_seat_is_held(world):
    dearer = PRICE + 10_000
    async with at_map(world, size=(120, 40)) as stage:
        screen = stage.app.screen
        await sells(stage, "space", "right", seats=1)
        world.office.set_prices(world.performance, {"Standard": dearer}, key=key())
        await sells(stage, "space", seats=2)
        await stage.until(lambda: screen.seat_map.prices[0] == dearer, "the prices are read anew")
        assert screen.till.held.total.amount == PRICE + dearer
        await stage.until_seen("yours  Standard ₩60,000")
        await stage.press("left")
        await stage.until_seen("yours  Standard ₩50,000")
    assert_consistent(world.box)


@played
async def test_an_exchange_whose_price_changed_since_it_was_told_changes_nothing(world):
    office, one = world.office, staff("user1")
    office.charge(2 * PRICE, "user1", key=key())
    held = office.reserve(world.performance, one, seats=["A-1"], key=key())
    office.pay(held.reservation, one, key=key())
    async with counter(world.box.settings) as stage:
        await stage.until(lambda: stage.app.current_mode == "sell", "the start is over")
        await stage.press("o")
        await stage.until_seen(held.reservation)
        await stage.press("e")
        await stage.until_seen("now: A-1")
        await stage.type("b-2")
        await stage.press("enter")
        await stage.until_seen("A-1 -> B-2")
        office.set_prices(world.performance, {"Standard": PRICE + 1}, key=key())
        await stage.press("right", "enter")
        await stage.until_seen("costs another price")
    assert world.box.rows("SELECT seat_no FROM reservation_seats WHERE live") == [(0,)]
    assert_consistent(world.box)
