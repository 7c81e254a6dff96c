"""Limits that keep one session from everybody else's servers, and failing closed."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from boxoffice.core import errors
from boxoffice.core.model import Caller
from tests.conftest import PRICE, key, staff

LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "5s",
}
ENOUGH_SECONDS = 20


def test_every_connection_has_its_limits(box):
    with box.office().stores.database() as connection:
        found = {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in LIMITS}
    assert found == LIMITS


def test_a_statement_without_an_end_is_ended_and_told_as_busy(box):
    office = box.office()
    started = time.monotonic()
    with (
        pytest.raises(errors.DatabaseUnavailable, match="busy"),
        office.stores.database() as connection,
    ):
        connection.execute(text("SELECT pg_sleep(600)"))
    assert time.monotonic() - started < ENOUGH_SECONDS


NUMBERS = [
    ("charge", str(10**30), "--user", "user1"),
    ("charge", "9" * 4_301, "--user", "user1"),
    ("reserve", str(10**30), "--best", "1", "--staff", "--user", "user1"),
    ("reserve", "1", "--best", str(10**30), "--staff", "--user", "user1"),
    ("list-seats", str(-(10**30)), "--staff"),
    ("show-concert", str(10**30)),
    ("balance", "--user", str(10**30)),
    ("pay", "R-ZZZZ-ZZZZ-ZZZZ-ZZZ", "--staff", "--user", "user1"),
]


@pytest.mark.parametrize("arguments", NUMBERS, ids=" ".join)
def test_a_number_no_server_can_hold_is_refused_before_one_is_asked(world, arguments):
    ran = world.box.run(*arguments)
    assert ran.code in (2, 3, 4), ran.err
    assert "[bug]" not in ran.err
    assert world.balances() == 0


def test_without_redis_nobody_is_admitted_and_what_staff_sell_is_on_the_record(world):
    gone = {"redis_url": "unix:///nonexistent"}
    place = world.office.enqueue(str(world.concert), "user1", key=key())
    customer = world.box.office(role="customer", user="user2", **gone)
    for act in (
        lambda: customer.enqueue(str(world.concert), key=key()),
        lambda: customer.reserve(world.performance, Caller(token=place.token), best=1, key=key()),
    ):
        with pytest.raises(errors.QueueUnavailable):
            act()
    assert world.seats("free") == 50
    clerk = world.box.office(role="clerk", **gone)
    clerk.charge(PRICE, "user1", key=key())
    clerk.reserve(world.performance, staff("user1"), best=1, key="sold")
    acts = world.box.rows("SELECT action FROM audit WHERE operation_key = 'sold' ORDER BY id")
    assert acts == [("sell without the queue",), ("reserve",)]
