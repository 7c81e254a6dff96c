"""Exchanging paid seats: given back, held and paid in one transaction, or nothing at all."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest

from boxoffice.core import errors
from boxoffice.core.audit import current_principal
from boxoffice.core.model import WALK_IN, Caller, Tender
from tests.clock import end_holds
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

ONE = staff("user1")
TWO = staff("user2")
WALKING = staff(WALK_IN)


def buy(world, user, *seats):
    world.office.charge(PRICE * len(seats), user, key=key())
    held = world.office.reserve(world.performance, staff(user), seats=seats, key=key())
    return world.office.pay(held.reservation, staff(user), key=key()).reservation


def exchange(world, reservation, *seats, caller=ONE, name=None, tender=None):
    return world.office.exchange(reservation, caller, seats=seats, key=name or key(), tender=tender)


def sold(world):
    """Which seats are sold, and by which state of reservation."""
    return world.box.rows(
        "SELECT v.label, r.state FROM performance_seats s"
        " JOIN venue_seats v USING (seat_no) JOIN reservations r ON r.id = s.reservation_id"
        " WHERE s.status = 'sold' ORDER BY s.seat_no"
    )


def everything(world):
    """All that an exchange may change."""
    tables = ("performance_seats", "reservations", "payments", "ledger_entries", "accounts")
    tables += ("operations", "outbox", "audit")
    return [world.box.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


@pytest.fixture
def priced(world):
    """Row A costs the usual, row B more and row C less."""
    for row, amount in ((1, PRICE + 500), (2, PRICE - 300)):
        world.box.execute("INSERT INTO categories VALUES (1, %s, %s)", row, f"row {row}")
        world.box.execute("INSERT INTO prices VALUES (1, %s, %s)", row, amount)
        world.box.execute(
            "UPDATE performance_seats SET category_no = %s WHERE seat_no / 10 = %s", row, row
        )
    return world


@pytest.mark.parametrize(("label", "difference"), [("A-9", 0), ("B-1", 500), ("C-1", -300)])
def test_seats_are_exchanged_for_equal_dearer_or_cheaper_ones(priced, label, difference):
    old = buy(priced, "user1", "A-1")
    priced.office.charge(500, "user1", key=key())
    done = exchange(priced, old, label)
    assert (done.difference.amount, done.replayed) == (difference, False)
    assert (done.cancelled.reservation, done.cancelled.refund.amount) == (old, PRICE)
    assert (done.paid.seats, done.paid.paid.amount) == ((label,), PRICE + difference)
    assert done.paid.balance.amount == priced.balances() == 500 - difference
    assert sold(priced) == [(label, "paid")]
    assert_consistent(priced.box)


def test_a_dearer_exchange_without_the_money_leaves_everything_as_it_was(priced):
    old = buy(priced, "user1", "A-1")
    before = everything(priced)
    with pytest.raises(errors.InsufficientBalance):
        exchange(priced, old, "B-1")
    assert everything(priced) == before
    priced.office.charge(500, "user1", key=key())
    assert exchange(priced, old, "B-1").paid.balance.amount == 0


def test_some_of_the_old_seats_may_be_among_the_new_ones(world):
    old = buy(world, "user1", "A-1", "A-2")
    done = exchange(world, old, "A-2", "A-3")
    assert done.paid.seats == ("A-2", "A-3")
    assert sold(world) == [("A-2", "paid"), ("A-3", "paid")]
    assert (world.seats("free"), world.balances()) == (48, 0)
    again = exchange(world, done.paid.reservation, "A-2", "A-3")
    assert again.paid.reservation != done.paid.reservation
    assert_consistent(world.box)


def test_an_exchange_may_be_for_more_or_fewer_seats(world):
    old = buy(world, "user1", "A-1", "A-2", "A-3")
    fewer = exchange(world, old, "A-1")
    assert (fewer.difference.amount, world.balances()) == (-2 * PRICE, 2 * PRICE)
    more = exchange(world, fewer.paid.reservation, "A-1", "B-1")
    assert (more.difference.amount, world.balances()) == (PRICE, PRICE)
    assert_consistent(world.box)


@pytest.mark.parametrize("taken", ["sold", "held", "blocked", "being taken", "unknown"])
def test_a_seat_that_cannot_be_had_leaves_the_old_ones_paid(world, taken):
    old = buy(world, "user1", "A-1", "A-2")
    error = errors.SeatTaken
    with ExitStack() as beside:
        if taken == "sold":
            buy(world, "user2", "B-1")
        elif taken == "held":
            world.office.reserve(world.performance, TWO, seats=["B-1"], key=key())
        elif taken == "blocked":
            world.office.block_seats(world.performance, seats=["B-1"], kind="house", key=key())
            error = errors.SeatBlocked
        elif taken == "unknown":
            world.box.execute("UPDATE venue_seats SET label = 'moved' WHERE seat_no = 10")
            error = errors.SeatNotFound
        else:
            other = beside.enter_context(world.box.office().stores.transaction())
            other.exec_driver_sql("SELECT 1 FROM performance_seats WHERE seat_no = 10 FOR UPDATE")
        before = everything(world)
        with pytest.raises(error, match="B-1"):
            exchange(world, old, "A-2", "B-1", name="k")
        assert everything(world) == before
    with pytest.raises(errors.OperationNotSeen):
        world.office.status("k")
    assert ("A-1", "paid") in sold(world)
    assert_consistent(world.box)


def test_each_reservation_is_refunded_and_paid_by_its_own_tender(world):
    held = world.office.reserve(world.performance, WALKING, seats=["A-1"], key=key())
    card = Tender(kind="card", note="first")
    world.office.pay(held.reservation, WALKING, key=key(), tender=card)
    with pytest.raises(errors.WalkInHasNoBalance):
        exchange(world, held.reservation, "B-1", caller=WALKING)
    cash = Tender(kind="cash", received=PRICE)
    done = exchange(world, held.reservation, "B-1", caller=WALKING, tender=cash)
    assert (done.cancelled.tender, done.paid.tender, done.paid.change.amount) == ("card", "cash", 0)
    assert world.box.rows("SELECT type, tender FROM ledger_entries ORDER BY id") == [
        ("use", "card"),
        ("refund", "card"),
        ("use", "cash"),
    ]
    assert world.balances() == 0
    assert_consistent(world.box)


def test_only_what_is_paid_is_exchanged(world):
    paid = buy(world, "user1", "E-1")
    world.office.cancel(paid, ONE, key=key())
    held, ended, swept = (
        world.office.reserve(world.performance, ONE, seats=[f"{row}-1"], key=key()).reservation
        for row in "ABC"
    )
    end_holds(world.box, swept)
    world.office.sweep()
    end_holds(world.box, ended)
    for reservation in (paid, held, ended, swept):
        before = everything(world)
        with pytest.raises(errors.ReservationNotPaid):
            exchange(world, reservation, "A-1", "D-1")
        assert everything(world) == before


def test_nobody_exchanges_anothers_reservation_and_no_customer_any(world):
    old = buy(world, "user1", "A-1")
    before = everything(world)
    with pytest.raises(errors.ReservationNotFound):
        exchange(world, old, "B-1", caller=TWO)
    with pytest.raises(errors.ReservationNotFound):
        exchange(world, "R-0000", "B-1")
    customer = replace(world, office=world.box.office(role="customer", user="user1"))
    for caller in (ONE, Caller(token="c1-" + "0" * 34)):
        with pytest.raises(errors.Forbidden):
            exchange(customer, old, "B-1", caller=caller)
    assert everything(world) == before


def test_a_sale_that_is_over_exchanges_nothing(world):
    old = buy(world, "user1", "A-1")
    world.box.execute(
        "UPDATE performances SET sale_opens = now() - interval '1 hour', sale_closes = now()"
    )
    with pytest.raises(errors.SaleClosed):
        exchange(world, old, "B-1")
    assert sold(world) == [("A-1", "paid")]


@pytest.mark.parametrize("name", ["k", "x" * 200])
def test_a_replayed_exchange_gets_the_same_answer_and_is_executed_once(world, name):
    old = buy(world, "user1", "A-1", "A-2")
    first = exchange(world, old, "A-3", "A-2", name=name)
    before = everything(world)
    again = exchange(world, old.lower(), "A-2", "A-3", name=name)
    assert again == replace(first, replayed=True)
    assert everything(world) == before
    told = world.office.status(name)
    assert (told.command, told.result) == ("exchange", first)


def test_a_key_of_another_request_is_refused(world):
    old = buy(world, "user1", "A-1")
    world.office.charge(1, "user1", key="c")
    for act in (
        lambda: exchange(world, old, "B-1", name="c"),
        lambda: exchange(world, old, "B-2", name="k"),
        lambda: exchange(world, old, "B-1", name="k", tender=Tender(kind="card", note="x")),
        lambda: world.office.charge(1, "user1", key="k"),
        lambda: world.office.cancel(old, ONE, key="k"),
    ):
        with pytest.raises(errors.KeyReused):
            act()
        exchange(world, old, "B-1", name="k")
    assert sold(world) == [("B-1", "paid")]


def test_an_exchange_in_flight_is_waited_for_and_then_replayed(world):
    old = buy(world, "user1", "A-1")
    other, third = world.box.office(), world.box.office()
    act = [
        lambda office=office: exchange(replace(world, office=office), old, "B-1", name="k")
        for office in (other, third)
    ]
    with ExitStack() as beside, world.office.stores.transaction() as flying:
        flying.exec_driver_sql("SELECT 1 FROM reservations FOR UPDATE")
        running = [beside.enter_context(blocked(world.box, each)) for each in act]
    assert sorted(each.result().replayed for each in running) == [False, True]
    assert sold(world) == [("B-1", "paid")]
    assert_consistent(world.box)


def test_a_cancel_that_came_first_leaves_nothing_to_exchange_and_one_refund(world):
    old = buy(world, "user1", "A-1")
    other = replace(world, office=world.box.office())
    from boxoffice.core import booking
    from boxoffice.core.access import Buyer

    with ExitStack() as beside, world.office.stores.transaction() as flying:
        booking.cancel(flying, old, Buyer(user=world.users[0]), key=key())
        late = beside.enter_context(blocked(world.box, lambda: exchange(other, old, "B-1")))
    with pytest.raises(errors.ReservationNotPaid):
        late.result()
    assert (world.seats("free"), world.balances()) == (50, PRICE)
    assert_consistent(world.box)


def test_an_exchange_is_audited_with_its_key_beside_its_three_steps(world):
    old = buy(world, "user1", "A-1")
    clerk = replace(world, office=world.box.office(role="clerk"))
    done = exchange(clerk, old, "B-1", name="k")
    name = current_principal("clerk").name
    assert world.box.rows(
        "SELECT action, user_id FROM audit WHERE principal = %s ORDER BY id", name
    ) == [(action, world.users[0]) for action in ("cancel", "reserve", "pay", "exchange")]
    assert world.box.rows(
        "SELECT detail #>> '{cancelled,reservation}', detail #>> '{paid,reservation}' FROM audit"
        " WHERE operation_key = 'k'"
    ) == [(old, done.paid.reservation)]
