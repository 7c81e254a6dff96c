"""The till without a screen: one cart in step with the server, also when somebody is faster."""

from __future__ import annotations

import pytest

from boxoffice.core import errors
from boxoffice.core.model import Tender
from boxoffice.tui.sell.till import Buyer, Till, Wanted
from tests.conftest import key, staff
from tests.invariants import assert_consistent


@pytest.fixture
def till(world):
    return Till(world.office, world.performance)


def held(world):
    """The labels of all seats held now."""
    return {
        label
        for (label,) in world.box.rows(
            "SELECT v.label FROM performance_seats s JOIN venue_seats v USING (seat_no)"
            " WHERE s.status = 'held' AND s.held_until > now()"
        )
    }


def test_picks_make_one_reservation(world, till):
    till.take(till.pick(key(), ["A-1"]))
    till.take(till.pick(key(), ["A-2", "A-3"]))
    assert till.seats == ("A-1", "A-2", "A-3")
    assert held(world) == set(till.seats)
    assert world.box.one("SELECT count(*) FROM reservations WHERE state = 'held'") == 1


def test_a_seat_that_somebody_else_has_leaves_the_cart_as_it_was(world, till):
    world.office.reserve(world.performance, staff("user1"), seats=["A-2"], key=key())
    till.take(till.pick(key(), ["A-1"]))
    with pytest.raises(errors.SeatTaken, match="A-2"):
        till.pick(key(), ["A-2", "A-3"])
    assert till.seats == ("A-1",)
    assert held(world) == {"A-1", "A-2"}


def test_releasing_the_last_seat_ends_the_reservation(world, till):
    till.take(till.pick(key(), ["A-1", "A-2"]))
    till.take(till.release(key(), ["A-1"]))
    assert till.seats == ("A-2",)
    assert till.take(till.release(key(), ["A-2"])) is None
    assert held(world) == set()
    assert world.box.one("SELECT state FROM reservations") == "cancelled"


def test_the_best_are_added_to_the_cart_and_the_next_best_replace_them(world, till):
    till.take(till.pick(key(), ["E-1"]))
    first = till.best(key(), Wanted(count=2))
    till.take(first)
    assert set(till.seats) == {"E-1", *first.best.seats}
    following = till.best(key(), Wanted(count=2, nth=1), instead_of=first.best.seats)
    till.take(following)
    assert set(till.seats) == {"E-1", *following.best.seats}
    assert set(following.best.seats) != set(first.best.seats)
    assert held(world) == set(till.seats)
    before = till.best(key(), Wanted(count=2, nth=0), instead_of=following.best.seats)
    assert set(before.best.seats) == set(first.best.seats)
    assert_consistent(world.box)


def test_a_cart_whose_hold_has_ended_is_noticed_by_the_next_call(world, till):
    till.take(till.pick(key(), ["A-1"]))
    world.box.execute("UPDATE reservations SET held_until = now() - interval '1 second'")
    world.box.execute("UPDATE performance_seats SET held_until = now() - interval '1 second'"
                      " WHERE status = 'held'")  # fmt: skip
    with pytest.raises(errors.HoldExpired):
        till.pick(key(), ["A-2"])
    assert till.held is None
    till.take(till.pick(key(), ["A-1", "A-2"]))
    assert held(world) == {"A-1", "A-2"}


def test_the_same_key_holds_once_whatever_the_till_knew(world, till):
    again = key()
    first = till.pick(again, ["A-1"])  # the answer is lost: nobody takes it
    assert till.held is None
    second = till.pick(again, ["A-1"])
    assert second.replayed
    assert second.reservation == first.reservation
    assert world.box.one("SELECT count(*) FROM reservations") == 1


def test_a_cart_given_to_a_customer_is_paid_from_their_balance(world, till):
    world.office.charge(200_000, "user2", key=key())
    till.take(till.pick(key(), ["A-1"]))
    buyer = Buyer(user="2", name="user2")
    till.take(till.assign(key(), buyer))
    till.buyer = buyer
    till.pay(key(), Tender(kind="balance"))
    assert world.office.balance("user2").balance.amount == 150_000
    assert world.box.one("SELECT user_id FROM reservations") == 2
    assert_consistent(world.box)
