"""The same races where Postgres is told to be SERIALIZABLE, by callers that try again."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest
from sqlalchemy import make_url

from boxoffice.core import errors
from tests.conftest import PRICE, key, make_world, staff
from tests.invariants import assert_consistent
from tests.races.crowd import rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

PROCESSES = 8
TRIES = 8  # of each process
DEADLINE_SECONDS = 60
PAUSE_SECONDS_MAX = 0.02


@pytest.fixture
def box(box):
    """Make every statement of the test's database a serializable transaction."""
    name = make_url(box.settings.database_url).database
    box.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    return box


def again(office, command, *arguments, **options):
    """Repeat an operation, under one key, while the database finds it in another's way."""
    name, end = key(), time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            return getattr(office, command)(*arguments, key=name, **options)
        except errors.DatabaseUnavailable:
            assert time.monotonic() < end
            time.sleep(random.uniform(0, PAUSE_SECONDS_MAX))


def sell(office, _, performance, user):
    """Charge, and go for two seats of eight; pay for what was held, and cancel every other."""
    done = Counter()
    for _try in range(TRIES):
        again(office, "charge", PRICE, user)
        seats = random.sample([f"A-{seat}" for seat in range(1, 9)], 2)
        try:
            held = again(office, "reserve", performance, staff(user), seats=seats)
        except errors.SeatTaken:
            done["refused"] += 1
            continue
        try:
            done[again(office, "pay", held.reservation, staff(user)).state] += 1
        except errors.InsufficientBalance:
            done["short"] += 1
        again(office, "cancel", held.reservation, staff(user))
        done["cancelled"] += 1
    return done


def test_sales_of_overlapping_seats_are_right_under_serializable_too(box):
    world = make_world(box, users=PROCESSES)
    assert box.one("SHOW default_transaction_isolation") == "serializable"
    crowd = [(world.performance, str(user)) for user in world.users]
    done = sum(rush(box, sell, crowd), Counter())
    assert done["cancelled"] >= PROCESSES
    assert box.one("SELECT count(*) FROM ledger_entries WHERE type = 'use'") == done["paid"]
    assert world.balances() == PROCESSES * TRIES * PRICE
    assert world.seats("free") == 50
    assert_consistent(box)
