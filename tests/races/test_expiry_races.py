"""Payments, new holds and sweeps around the end of a hold: one of them wins, wholly."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.races.crowd import FORK, Crowd, for_seconds

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

HOLD_SECONDS = 0.15
OUTCOMES = ("pay", "cancel", "too late", "taken", "swept")
# However fast the machine is, everybody goes on until each outcome was seen so often.
ENOUGH = 15
RACE_SECONDS_MAX = 90
SEATS = [f"A-{number}" for number in range(1, 7)]
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
# Whoever paid has the seats or had the money back; a lost reservation has no seat.
TORN = """
    SELECT r.id, r.state, count(s.seat_no)
    FROM reservations r
    LEFT JOIN performance_seats s ON s.performance_id = r.performance_id AND s.reservation_id = r.id
    WHERE r.state IN ('paid', 'expired', 'cancelled')
    GROUP BY r.performance_id, r.id, r.state, r.seat_count
    HAVING count(s.seat_no) <> CASE r.state WHEN 'paid' THEN r.seat_count ELSE 0 END
"""


class Race:
    """What all processes have seen together: it goes on until all of it was seen enough."""

    def __init__(self):
        self.seen = FORK.Array("i", len(OUTCOMES))
        self.in_time = for_seconds(RACE_SECONDS_MAX)

    def going(self):
        return min(self.seen) < ENOUGH and self.in_time()

    def saw(self, outcome, times=1):
        with self.seen.get_lock():
            self.seen[OUTCOMES.index(outcome)] += times


def buy_late(office, _, race, performance, user):
    """Hold two of six seats, pay about when the hold ends, give back most of what was bought."""
    caller = staff(user)
    while race.going():
        wanted = random.sample(SEATS, 2)
        try:
            held = office.reserve(performance, caller, seats=wanted, key=key())
        except errors.SeatTaken:
            race.saw("taken")
            continue
        time.sleep(random.uniform(0.4, 1.05) * HOLD_SECONDS)  # to be about as late as the end
        act = random.choice([office.pay, office.pay, office.cancel])
        try:
            act(held.reservation, caller, key=key())
        except errors.HoldExpired:
            race.saw("too late")
            continue
        race.saw(act.__name__)
        if act == office.pay:
            office.cancel(held.reservation, caller, key=key())


def sweep(office, _, race):
    while race.going():
        race.saw("swept", office.sweep())


def short_holds(box):
    return replace(box, settings=replace(box.settings, hold_seconds=HOLD_SECONDS))


def role(office, together, work, *arguments):
    return work(office, together, *arguments)


def test_a_reservation_is_paid_with_its_seats_or_its_seats_are_elsewhere_never_both(world):
    """Six buyers pay around the end of their holds, others steal the seats, two sweep."""
    box = world.box
    for user in ("user1", "user2", "user3"):
        world.office.charge(100 * PRICE, user, key=key())
    race = Race()
    buyers = [(buy_late, race, world.performance, f"user{number % 3 + 1}") for number in range(6)]
    crowd = Crowd(short_holds(box), role, [*buyers, (sweep, race), (sweep, race)])
    checks = 0
    while crowd.busy() and checks < 40:
        assert box.rows(TORN) == []
        assert_consistent(box)
        checks += 1
    crowd.results()
    seen = dict(zip(OUTCOMES, race.seen, strict=True))
    assert min(race.seen) >= ENOUGH, seen
    world.box.office().sweep()
    assert box.rows(TORN) == []
    assert world.balances() == 300 * PRICE
    assert box.one(DEADLOCKS) == 0
    assert_consistent(box)
