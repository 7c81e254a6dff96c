"""A seat is sold once, over any number of processes."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from boxoffice.core import errors
from tests.conftest import key, make_world, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

PRICE = 1_000
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
ROUNDS = 5


def take_each(office, together, performance, user):
    """Go for the same seats as all others, one after the other; tell which ones were won."""
    won = []
    for number in range(1, ROUNDS + 1):
        together.wait(DEADLINE_SECONDS)
        try:
            office.reserve(performance, staff(user), seats=[f"A-{number}"], key=key())
            won.append(number)
        except errors.SeatTaken:
            pass
    return won


def test_two_hundred_processes_on_one_seat_have_exactly_one_winner(world):
    users = [f"user{number % 3 + 1}" for number in range(200)]
    wins = rush(world.box, take_each, [(world.performance, user) for user in users])
    assert Counter(seat for won in wins for seat in won) == dict.fromkeys(range(1, ROUNDS + 1), 1)
    assert world.seats("held") == ROUNDS
    assert world.box.one("SELECT count(*) FROM reservations") == ROUNDS
    assert world.box.one("SELECT max(version) FROM performance_seats") == 1
    assert_consistent(world.box)


def take_and_return(office, _, performance, user, wins):
    """Go for overlapping sets of eight seats in any order, giving back what was won."""
    outcomes = Counter()
    while outcomes["won"] < wins:
        wanted = random.sample([f"A-{number}" for number in range(1, 9)], random.randint(2, 5))
        try:
            held = office.reserve(performance, staff(user), seats=wanted, key=key())
            office.cancel(held.reservation, staff(user), key=key())
            outcomes["won"] += 1
        except errors.SeatTaken:
            outcomes["lost"] += 1
    return outcomes


def test_overlapping_sets_in_any_order_are_all_or_nothing_and_never_deadlock(world):
    crowd = [(world.performance, f"user{number % 3 + 1}", 5) for number in range(16)]
    outcomes = sum(rush(world.box, take_and_return, crowd), Counter())
    assert outcomes["won"] == 16 * 5  # nobody starves, however unlucky
    assert outcomes["lost"] > 0
    assert world.seats("free") == 50
    cancelled = "SELECT count(*) FROM reservations WHERE state = 'cancelled'"
    assert world.box.one(cancelled) == outcomes["won"]
    assert world.box.one(DEADLOCKS) == 0
    assert_consistent(world.box)


def buy_until_sold_out(office, _, performance, user):
    """Buy what is listed as free, four seats at a time, until nothing is."""
    office.charge(2_000 * PRICE, user, key=key())
    bought = 0
    while free := [seat.seat for seat in office.list_seats(performance, staff(user))]:
        random.shuffle(free)
        for first in range(0, min(len(free), 24), 4):
            try:
                held = office.reserve(
                    performance, staff(user), seats=free[first : first + 4], key=key()
                )
            except errors.SeatTaken:
                continue
            bought += len(office.pay(held.reservation, staff(user), key=key()).seats)
    return bought


def test_thirty_two_workers_sell_two_thousand_seats_and_money_is_conserved(box):
    world = make_world(box, rows=40, seats=50, users=32)
    box.execute("UPDATE prices SET amount = %s", PRICE)
    crowd = [(world.performance, str(user)) for user in world.users]
    bought = rush(box, buy_until_sold_out, crowd)
    assert (sum(bought), world.seats("sold")) == (2_000, 2_000)
    assert box.one("SELECT max(version) FROM performance_seats") == 2  # one hold, one sale each
    assert world.balances() == 32 * 2_000 * PRICE - 2_000 * PRICE
    assert box.one("SELECT sum(amount)::bigint FROM ledger_entries WHERE type = 'use'") == (
        2_000 * PRICE
    )
    assert box.one("SELECT count(*) FROM outbox") == box.one(
        "SELECT count(*) FROM reservations WHERE state = 'paid'"
    )
    assert box.one(DEADLOCKS) == 0
    assert_consistent(box)


def take_the_best(office, _, performance, user):
    """Take the best three together until no three are left."""
    labels = []
    while True:
        try:
            labels += office.reserve(performance, staff(user), best=3, key=key()).seats
        except errors.SeatTaken as error:
            if "are free" in error.message:
                return labels


def test_the_best_seats_of_eight_processes_never_double(box):
    world = make_world(box, rows=10, seats=15)
    crowd = [(world.performance, f"user{number % 3 + 1}") for number in range(8)]
    labels = [label for each in rush(box, take_the_best, crowd) for label in each]
    assert len(labels) == len(set(labels)) == world.seats("held")
    assert world.seats("free") < 3
    assert_consistent(box)
