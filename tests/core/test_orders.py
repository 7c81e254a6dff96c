"""Finding orders and customers the way somebody at a counter asks for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from boxoffice.core import counter, errors
from boxoffice.core.model import WALK_IN, Tender
from tests.clock import end_holds
from tests.conftest import PRICE, key, staff

ONE = staff("user1")


def hold(world, user, *seats, performance=None):
    return world.office.reserve(
        performance or world.performance, staff(user), seats=seats, key=key()
    ).reservation


def found(world, text, **filters):
    return [order.reservation for order in world.office.find_orders(text, **filters)]


def test_an_order_tells_all_that_a_counter_needs(world):
    held = hold(world, WALK_IN, "A-2", "A-1")
    kept = world.office.extend_hold(
        held, staff(WALK_IN), seconds=3_600, name="Kim", note="late", key=key()
    )
    cash = Tender(kind="cash", received=3 * PRICE)
    paid = world.office.pay(held, staff(WALK_IN), key=key(), tender=cash)
    order = world.office.show_order(held.lower())
    assert (order.reservation, order.user, order.user_name) == (held, 0, "walk-in")
    assert (order.concert, order.concert_name, order.venue) == (world.concert, "Concert", "Room")
    assert (order.performance, order.date.isoformat()) == (
        world.performance,
        "2099-12-24T19:30:00+09:00",
    )
    assert (order.seats, order.prices) == (("A-1", "A-2"), (PRICE, PRICE))
    assert (order.state, order.total.amount, order.tender) == ("paid", 2 * PRICE, "cash")
    assert (order.received.amount, order.note) == (3 * PRICE, None)
    assert (order.hold_name, order.hold_note, order.held_until) == ("Kim", "late", kept.held_until)
    assert (order.paid_at, order.cancelled_at) == (paid.paid_at, None)
    world.office.cancel(held, staff(WALK_IN), key=key())
    after = world.office.show_order(held)
    assert (after.state, after.seats, after.prices) == ("cancelled", order.seats, order.prices)
    assert after.cancelled_at is not None


def test_an_order_is_found_by_reference_customer_number_hold_name_and_seat(world):
    order = hold(world, "user1", "A-1", "A-2")
    other = hold(world, "user2", "B-1")
    world.office.extend_hold(order, ONE, name="김민수 Kim", key=key())
    for text in (
        order,
        order.lower().replace("-", ""),
        f"  {order} ",
        "user1",
        "SER1",
        str(world.users[0]),
        "민수",
        "kIM",
        "a-2",
    ):
        assert found(world, text) == [order], text
    assert found(world, "user") == [other, order]  # newest first
    for text in ("nobody", "R-0000", "C-1", "999", "A-"):
        assert found(world, text) == [], text
    with pytest.raises(errors.InputInvalid):
        found(world, "\x00")


def test_signs_of_patterns_stand_for_themselves(world):
    names = ("100% sure", "a_b", "axb", "back\\slash", "it's; --")
    made = {}
    for name, label in zip(names, ("A-1", "A-2", "A-3", "A-4", "A-5"), strict=True):
        world.office.add_user(name, key=key())
        made[name] = hold(world, name, label)
    for text, name in (
        ("100%", "100% sure"),
        ("%", "100% sure"),
        ("_", "a_b"),
        ("A_B", "a_b"),
        ("\\", "back\\slash"),
        ("'s; --", "it's; --"),
    ):
        assert found(world, text) == [made[name]]
        assert [customer.name for customer in world.office.find_users(text)] == [name]
    assert found(world, "a%b") == []


def test_a_name_is_found_however_its_letters_were_composed(world):
    world.office.add_user("Jos\u00e9", key=key())
    order = hold(world, "Jos\u00e9", "A-1")
    assert found(world, "Jose\u0301") == [order]
    assert [customer.name for customer in world.office.find_users("jose\u0301")] == ["Jos\u00e9"]


def test_a_seat_tells_who_has_it_now_and_not_who_had_it(world):
    gone = hold(world, "user1", "A-1")
    world.office.cancel(gone, ONE, key=key())
    assert found(world, "A-1") == []
    now = hold(world, "user2", "A-1")
    assert found(world, "A-1") == [now]
    assert found(world, gone) == [gone]


def test_an_ended_hold_reads_as_expired_though_nothing_swept(world):
    order = hold(world, "user1", "A-1")
    end_holds(world.box, order)
    assert [each.state for each in world.office.find_orders("user1")] == ["expired"]


def test_orders_are_found_within_one_performance_where_asked(world):
    date = datetime(2099, 1, 1, tzinfo=UTC)
    second = world.office.create_performance(
        str(world.concert), date, prices={"Standard": 1}, key=key()
    ).performance
    here, there = hold(world, "user1", "A-1"), hold(world, "user1", "A-1", performance=second)
    for text in ("user1", "A-1"):
        assert found(world, text) == [there, here]
        assert found(world, text, performance=world.performance) == [here]
        assert found(world, text, performance=second) == [there]
        assert found(world, text, performance=99_999) == []
    assert found(world, here, performance=second) == [here]  # a reference names one order


def test_no_more_is_found_than_a_screen_can_take(world):
    world.box.execute("INSERT INTO users (name) SELECT 'many ' || n FROM generate_series(1, 60) n")
    assert len(world.office.find_users("many")) == counter.FOUND_MAX
    assert world.office.find_users("many")[0].name == "many 1"
    for _ in range(counter.FOUND_MAX + 1):
        world.office.cancel(hold(world, "user1", "A-1"), ONE, key=key())
    last = hold(world, "user1", "A-1")
    orders = found(world, "user1")
    assert (len(orders), orders[0]) == (counter.FOUND_MAX, last)


def test_a_customer_is_found_by_a_part_of_the_name_or_by_number_with_the_balance(world):
    world.office.charge(PRICE, "user2", key=key())
    world.office.charge(7, "user2", currency="USD", key=key())
    for text in ("ser2", "USER2", str(world.users[1])):
        assert [
            (each.user, each.name, each.balance.amount, each.balance.currency)
            for each in world.office.find_users(text)
        ] == [(world.users[1], "user2", PRICE, "KRW")]
    assert [each.balance.amount for each in world.office.find_users("user1")] == [0]
    assert world.office.find_users("walk") == []  # nobody's account
    assert world.office.find_users("0") == []


def test_an_unknown_order_is_not_found(world):
    for text in ("", "R-", "A-1", "R-" + "Z" * 200):
        with pytest.raises(errors.ReservationNotFound):
            world.office.show_order(text)


def test_no_customer_looks_into_orders_or_accounts(world):
    order = hold(world, "user1", "A-1")
    customer = world.box.office(role="customer", user="user1")
    for act in (
        lambda: customer.find_orders("user1"),
        lambda: customer.show_order(order),
        lambda: customer.find_users("user"),
    ):
        with pytest.raises(errors.Forbidden):
            act()
