"""The mode Orders: finding, receipts, refunds and other seats, counted in the database."""

from __future__ import annotations

import pytest

from boxoffice.core.model import Tender
from tests.clock import end_holds
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.tui.stage import counter, played

CASH, CARD = Tender(kind="cash", received=3 * PRICE), Tender(kind="card", note="T-4711")


def hold(world, user, *seats):
    return world.office.reserve(world.performance, staff(user), seats=seats, key=key()).reservation


def sell(world, user, *seats, tender=None):
    """Sell seats to a user and return the reservation."""
    if tender is None:
        world.office.charge(len(seats) * PRICE, user, key=key())
    name = hold(world, user, *seats)
    return world.office.pay(name, staff(user), key=key(), tender=tender).reservation


async def in_orders(stage, *, seen):
    await stage.until(lambda: stage.app.current_mode == "sell", "the start is over")
    await stage.press("o")
    await stage.until_seen(seen)


def found(stage):
    """Return the reservations in the table."""
    table = stage.app.screen.query_one("#orders")
    return {table.get_row_at(row)[0].plain for row in range(table.row_count)}


async def find(stage, text):
    await stage.press("/", "ctrl+u")
    await stage.type(text)
    await stage.press("enter")


def state(world, reservation):
    return world.office.show_order(reservation).state


@pytest.fixture
def sold(world):
    """Three orders: paid by balance, paid by card, and held."""
    return (
        sell(world, "user1", "A-1", "A-2"),
        sell(world, "user2", "B-1", tender=CARD),
        hold(world, "user3", "C-1"),
    )


@played
async def test_the_newest_orders_are_shown_and_found_by_reference_name_and_seat(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[2])
        assert found(stage) == set(sold)
        for text, expected in (("user2", 1), (sold[0], 0), ("c-1", 2)):
            await find(stage, text)
            await stage.until(
                lambda wanted=sold[expected]: found(stage) == {wanted}, f"{text} is found"
            )
        await stage.press("escape")
        await stage.until(lambda: found(stage) == set(sold), "all are shown again")


@played
async def test_what_is_not_found_is_said(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "[b]nobody")
        await stage.until_seen("nothing found for [b]nobody")
        await stage.press("enter", "x", "e", "r")
        assert stage.app.screen.query_one("#wanted").value == "[b]nobodyxer"


@played
async def test_a_house_without_orders_says_so(world):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen="no orders yet")
        await stage.press("x", "e", "r", "enter")
        assert len(stage.app.screen_stack) == 1


@played
async def test_details_and_receipt_of_the_order_under_the_cursor(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "user2")
        await stage.until(lambda: found(stage) == {sold[1]}, "it is found")
        await stage.press("enter")
        await stage.until_seen("reference: T-4711")
        await stage.press("escape", "ㄱ")
        await stage.until_seen("PAID")
        await stage.press("s")
        path = world.box.settings.data_dir / "receipts" / f"{sold[1]}.txt"
        await stage.until(path.exists, "the receipt is in a file")
        assert "T-4711" in path.read_text()


@played
async def test_a_cancel_is_asked_first_and_refunds_as_it_was_paid(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, sold[1])
        await stage.until(lambda: found(stage) == {sold[1]}, "it is found")
        await stage.press("x")
        await stage.until_seen("Give ₩50,000 back to the card (T-4711)")
        await stage.press("enter")
        await stage.until_gone("back to the card")
        assert state(world, sold[1]) == "paid"
        await stage.press("x")
        await stage.until_seen("back to the card")
        await stage.press("right", "enter")
        await stage.until_seen("is cancelled")
        assert "Give ₩50,000 back to the card" in stage.text
        assert state(world, sold[1]) == "cancelled"
        assert (world.seats("sold"), world.balances()) == (2, 0)
        assert_consistent(world.box)


@played
async def test_a_balance_is_refunded_to_the_balance(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "user1")
        await stage.until(lambda: found(stage) == {sold[0]}, "it is found")
        await stage.press("delete")
        await stage.until_seen("₩100,000 goes back to the balance.")
        await stage.press("right", "enter")
        await stage.until_seen("₩100,000 went to the balance, now ₩100,000.")
        assert world.balances() == 2 * PRICE
        await stage.press("enter")
        await stage.until_seen(f"{sold[0]}  cancelled")
        assert state(world, sold[0]) == "cancelled"


@played
async def test_a_hold_is_given_back_without_a_refund(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "user3")
        await stage.until(lambda: found(stage) == {sold[2]}, "it is found")
        await stage.press("x")
        await stage.until_seen("Nothing was paid")
        await stage.press("right", "enter")
        await stage.until_seen("Nothing to give back.")
        assert (state(world, sold[2]), world.seats("held")) == ("cancelled", 0)


@played
async def test_an_order_that_changed_meanwhile_is_refused_and_not_refunded_twice(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "user1")
        await stage.until(lambda: found(stage) == {sold[0]}, "it is found")
        await stage.press("x")
        await stage.until_seen("goes back to the balance")
        world.office.cancel(sold[0], staff("user1"), key=key())
        await stage.press("right", "enter")
        await stage.until(lambda: not stage.app.desk.busy, "it is answered")
        assert world.balances() == 2 * PRICE
        assert_consistent(world.box)


@played
async def test_what_is_over_can_be_neither_cancelled_nor_exchanged(world, sold):
    end_holds(world.box)
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "user3")
        await stage.until_seen("expired")
        assert "cancel" not in stage.text.splitlines()[-1]
        await stage.press("x", "e")
        assert len(stage.app.screen_stack) == 1
        await find(stage, "user1")
        await stage.until_seen("paid")
        await stage.until(lambda: "exchange" in stage.text.splitlines()[-1], "it can be exchanged")


@pytest.mark.parametrize(
    ("tender", "words", "balance"),
    [
        (None, "Collect ₩50,000 (balance).", 4 * PRICE),
        (CASH, "Collect ₩50,000 (cash).", 5 * PRICE),
        (CARD, "Collect ₩50,000 (card).", 5 * PRICE),
    ],
    ids=["balance", "cash", "card"],
)
@played
async def test_an_exchange_says_the_difference_and_moves_it_the_way_it_came(
    world, tender, words, balance
):
    name = sell(world, "user1", "A-1", tender=tender)
    world.office.charge(5 * PRICE, "user1", key=key())
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=name)
        await stage.press("e")
        await stage.until_seen("now: A-1")
        await stage.type("a-1 b-2,")
        await stage.type("b-3")
        await stage.until_seen("A-1 B-2..3  ₩150,000")
        await stage.press("ctrl+u")
        await stage.type("b-2 b-3")
        await stage.until_seen(words)
        await stage.press(*(["enter"] * (2 if tender is CARD else 1)))
        await stage.until_seen("A-1 -> B-2 B-3")
        assert world.seats("sold") == 1
        await stage.press("right", "enter")
        await stage.until_seen("Exchanged: now R-")
        assert words in stage.text
        assert (state(world, name), world.seats("sold")) == ("cancelled", 2)
        assert world.balances() == balance
        assert_consistent(world.box)


@played
async def test_fewer_seats_give_the_difference_back(world):
    name = sell(world, "user1", "A-1", "A-2", tender=CASH)
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=name)
        await stage.press("e")
        await stage.until_seen("now: A-1 A-2")
        await stage.type("C-5")
        await stage.until_seen("Give back ₩50,000 (cash).")
        await stage.press("enter")
        await stage.until_seen("A-1 A-2 -> C-5")
        await stage.press("right", "enter")
        await stage.until_seen("Exchanged: now R-")
        assert "Give back ₩50,000 (cash)." in stage.text
        assert world.seats("sold") == 1


@played
async def test_a_seat_that_does_not_exist_goes_no_further_and_a_taken_one_is_refused(world, sold):
    async with counter(world.box.settings) as stage:
        await in_orders(stage, seen=sold[0])
        await find(stage, "user1")
        await stage.until(lambda: found(stage) == {sold[0]}, "it is found")
        await stage.press("e")
        await stage.until_seen("now: A-1 A-2")
        await stage.type("Z-99")
        await stage.press("enter")
        await stage.until_seen("no such seat: Z-99")
        await stage.press("ctrl+u")
        await stage.type("b-1")
        await stage.press("enter")
        await stage.until_seen("taken: B-1")
        await stage.press("ctrl+u")
        await stage.type("D 1-2")
        await stage.press("enter")
        await stage.until_seen("A-1 A-2 -> D-1 D-2")
        world.office.reserve(world.performance, staff("user3"), seats=["D-2"], key=key())
        await stage.press("right", "enter")
        await stage.until(lambda: not stage.app.desk.busy, "it is answered")
        assert (state(world, sold[0]), world.seats("sold")) == ("paid", 3)
        assert_consistent(world.box)
