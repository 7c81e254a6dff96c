"""Money at the counter: every tender, the last question, the receipt, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import assert_looks, played

PAYMENT = "SELECT state, tender, received, note FROM payments"


async def choose(stage, words):
    """Open the question how it is paid, and take an answer."""
    await stage.press("enter")
    await stage.until_seen("how?")
    await stage.type(words)
    await stage.press("enter")


async def confirm(stage):
    """Go from the safe button to the other one and press it."""
    await stage.press("right", "enter")


@played
async def test_two_seats_are_sold_for_cash_with_change(world):
    async with at_map(world, size=(100, 30)) as stage:
        await sells(stage, "2", "b", seats=2)
        seats = set(stage.app.screen.till.seats)
        await choose(stage, "cash")
        await stage.type("150000")
        await stage.until_seen("change ₩50,000")
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("PAID")
        assert labels(world, "sold") == seats
        assert world.box.rows(PAYMENT) == [("paid", "cash", 150_000, None)]
        await stage.until_gone("together: ")
        assert_looks(stage, "receipt")
        await stage.press("escape")
        assert stage.app.screen.till.held is None
        assert_consistent(world.box)


@pytest.mark.parametrize(
    ("tender", "note"), [("card", "0042-7781"), ("complimentary", "press ticket")]
)
@played
async def test_card_and_complimentary_say_their_reference_or_reason(world, tender, note):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await choose(stage, tender)
        await stage.press("enter")  # nothing is typed yet
        await confirm(stage)
        await stage.until_seen("something must stand here")
        await stage.type(note)
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("PAID")
        assert world.box.rows(PAYMENT) == [("paid", tender, None, note)]
        assert_consistent(world.box)


@played
async def test_enter_alone_however_often_moves_no_money(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        for _ in range(30):
            await stage.press("enter")
        assert world.box.one("SELECT count(*) FROM ledger_entries") == 0
        assert world.seats("held") == 1


@played
async def test_too_little_cash_charges_nothing(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await choose(stage, "cash")
        await stage.type("1000")
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("that is less than")
        assert world.box.rows(PAYMENT) == [("waiting", "balance", None, None)]


async def sell_to(stage, name):
    """Look a customer up and take the first that is found."""
    await stage.press("v")
    await stage.type(name)
    await stage.press("enter")
    await stage.until_seen("new customer" if name == "nobody" else "₩")
    await stage.press("enter")
    await stage.until(lambda: not stage.app.screen.till.buyer.is_walk_in, "a customer is chosen")


@played
async def test_a_customers_cart_is_paid_from_the_balance_after_a_top_up(world):
    world.office.charge(PRICE // 2, "user2", key=key())
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await sell_to(stage, "user2")
        await choose(stage, "top up")
        await stage.type("100000")
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("how?")
        await stage.type("balance")
        await stage.press("enter")
        await stage.until_seen("Charge ₩50,000?")
        await confirm(stage)
        await stage.until_seen("PAID")
        assert world.office.balance("user2").balance.amount == 100_000 - PRICE // 2
        assert world.box.one("SELECT user_id FROM reservations") == world.users[1]
        assert_consistent(world.box)


@played
async def test_a_balance_that_does_not_cover_it_charges_nothing_and_keeps_the_cart(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await sell_to(stage, "user1")
        await choose(stage, "balance")
        await stage.until_seen("Charge ₩50,000?")
        await confirm(stage)
        await stage.until_seen("Not charged")
        await stage.press("escape")
        assert len(stage.app.screen.till.seats) == 1
        assert world.seats("held") == 1
        assert world.box.one("SELECT count(*) FROM ledger_entries") == 0


@played
async def test_a_new_customer_is_added_on_the_way(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await sell_to(stage, "nobody")
        assert world.box.one("SELECT count(*) FROM users WHERE name = 'nobody'") == 1
        owner = "SELECT u.name FROM reservations r JOIN users u ON u.id = r.user_id"
        assert world.box.one(owner) == "nobody"


@played
async def test_a_customer_from_the_queue_is_served_and_leaves_it(world):
    world.office.configure_queue(str(world.concert), capacity=1)
    for user in ("user1", "user2"):
        world.office.enqueue(str(world.concert), user)
    async with at_map(world) as stage:
        await stage.press("w")
        await stage.until_seen("user2")
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen.till.buyer.name == "user2", "user2 is served")
        await sells(stage, "space", seats=1)
        await choose(stage, "cash")
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("PAID")
        await stage.until(
            lambda: world.office.show_queue(world.concert).line.waiting == 0, "the place has ended"
        )
        assert world.office.show_queue(world.concert).line.admitted == 1
        assert world.box.one("SELECT user_id FROM reservations") == world.users[1]


@played
async def test_a_hold_that_ends_is_told_and_enter_tries_the_seats_again(world):
    settings = replace(world.box.settings, hold_seconds=1.0)
    async with at_map(world, settings=settings) as stage:
        await stage.press("space")
        await stage.until_seen("the hold has ended")
        lost = stage.app.screen.till.lost
        assert stage.app.screen.till.held is None
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen.till.seats == lost, "they are held again")


@played
async def test_a_payment_that_meets_the_end_of_the_hold_charges_nothing(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await choose(stage, "cash")
        await stage.press("enter")
        reservation = stage.app.screen_stack[1].till.held.reservation
        world.office.cancel(reservation, staff("0"), key=key())
        await confirm(stage)
        await stage.until_seen("Not charged")
        await stage.press("escape")
        assert stage.app.screen.till.held is None
        assert world.box.one("SELECT count(*) FROM ledger_entries") == 0
        assert_consistent(world.box)


@played
async def test_the_last_receipt_can_be_seen_again_and_written_down(world):
    async with at_map(world) as stage:
        await sells(stage, "space", seats=1)
        await choose(stage, "cash")
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("PAID")
        await stage.press("escape", "R")
        await stage.until_seen("PAID")
        name = world.box.one("SELECT result ->> 'reservation' FROM operations"
                             " WHERE command = 'pay'")  # fmt: skip
        receipt = world.box.home / "receipts" / f"{name}.txt"
        await stage.until(receipt.exists, "the receipt is a file")
        assert name in receipt.read_text()


@played
async def test_a_long_hold_is_found_again_and_paid_when_the_customer_comes(world):
    held = world.office.reserve(world.performance, staff("0"), seats=["B-1", "B-2"], key=key())
    world.office.extend_hold(
        held.reservation, staff("0"), key=key(), seconds=3_600, name="Ms Kim", note="at 8"
    )
    async with at_map(world) as stage:
        await stage.press("o")
        await stage.until_seen("Ms Kim")
        await stage.press("t")
        await stage.until(
            lambda: getattr(getattr(stage.app.screen, "till", None), "seats", ()) == held.seats,
            "they are in the cart",
        )
        await stage.until_seen("for Ms Kim")
        await choose(stage, "cash")
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("PAID")
        assert labels(world, "sold") == {"B-1", "B-2"}
        assert_consistent(world.box)


@played
async def test_a_cart_that_grew_elsewhere_is_not_charged_at_the_price_of_before(world):
    """Two counters may have taken the same kept hold; the dialog's price is what is agreed."""
    held = world.office.reserve(world.performance, staff("0"), seats=["B-1"], key=key())
    world.office.extend_hold(held.reservation, staff("0"), key=key(), seconds=3_600, name="Kim")
    async with at_map(world) as stage:
        await stage.press("o")
        await stage.until_seen("Kim")
        await stage.press("t")
        await stage.until_seen("for Kim")
        await choose(stage, "card")
        await stage.type("4711")
        world.office.add_seats(held.reservation, staff("0"), seats=["B-2"], key=key())
        await stage.press("enter")
        await confirm(stage)
        await stage.until_seen("Not charged")
        assert world.box.one("SELECT count(*) FROM ledger_entries") == 0
        assert_consistent(world.box)
