"""A server that is away, emptied, or cut off in the middle: what is told, and what stays true."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from functools import partial

import psycopg
import pytest

from boxoffice.core import errors
from boxoffice.core.model import Caller
from boxoffice.core.patience import SILENCE_SECONDS
from tests.conftest import PRICE, key, plain, staff
from tests.invariants import assert_consistent
from tests.waiting import BLOCKED, blocked

ONE = staff("user1")
NOWHERE = "unix:///nonexistent/socket"
NO_DATABASE = "postgresql://boxoffice@/boxoffice?host=/nonexistent"


def flush(world):
    with world.office.stores.redis() as redis:
        redis.flushall()


def enqueue(world, user):
    place = world.office.enqueue(str(world.concert), user, token=None, key=key())
    return Caller(token=place.token)


def test_redis_emptied_in_the_middle_of_a_sale_costs_no_seat_and_no_money(world):
    customer = world.box.office(role="customer")
    first, second = enqueue(world, "user1"), enqueue(world, "user2")
    for user in ("user1", "user2"):
        world.office.charge(PRICE, user, key=key())
    paid = customer.reserve(world.performance, first, seats=["A-1"], key=key())
    customer.pay(paid.reservation, first, key=key())
    held = customer.reserve(world.performance, second, seats=["A-2"], key=key())
    flush(world)
    with pytest.raises(errors.TokenInvalid):
        customer.pay(held.reservation, second, key=key())
    assert (world.seats("sold"), world.seats("held"), world.balances()) == (1, 1, PRICE)
    again = enqueue(world, "user2")  # the queue is joined again, and the hold is still there
    customer.pay(held.reservation, again, key=key())
    with pytest.raises(errors.SeatTaken):
        world.office.reserve(world.performance, staff("user3"), seats=["A-1"], key=key())
    assert (world.seats("sold"), world.balances()) == (2, 0)
    assert_consistent(world.box)


def test_redis_away_stops_customers_and_not_the_counter(world):
    token = enqueue(world, "user1")
    customer = world.box.office(role="customer", redis_url=NOWHERE)
    counter = world.box.office(redis_url=NOWHERE)
    for act in (
        lambda: customer.list_seats(world.performance, token),
        lambda: customer.reserve(world.performance, token, seats=["A-1"], key=key()),
        lambda: customer.position(token.token),
        lambda: customer.leave(token.token),
        lambda: counter.enqueue(str(world.concert), "user1", token=None, key=key()),
    ):
        with pytest.raises(errors.QueueUnavailable):
            act()
    assert world.seats("free") == 50
    counter.charge(PRICE, "user1", key=key())
    held = counter.reserve(world.performance, ONE, seats=["A-1"], key=key())
    counter.pay(held.reservation, ONE, key=key())
    assert (world.seats("sold"), world.balances()) == (1, 0)
    counter.cancel(held.reservation, ONE, key=key())
    assert len(counter.list_seats(world.performance, ONE)) == 50
    assert_consistent(world.box)


def test_a_payment_that_committed_is_told_though_redis_was_lost_before_the_token_ended(world):
    """Redis goes away in the middle of the command, after the check and before the end."""
    token = enqueue(world, "user1")
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    customer = world.box.office(role="customer")
    lock = "SELECT 1 FROM performance_seats WHERE seat_no = 0 FOR UPDATE"
    with ExitStack() as beside, psycopg.connect(plain(world.box.settings.database_url)) as locker:
        locker.execute(lock)
        pay = partial(customer.pay, held.reservation, token, key=key())
        paying = beside.enter_context(blocked(world.box, pay))
        flush(world)
        locker.rollback()
    assert paying.result().state == "paid"
    assert world.seats("sold") == 1


def test_postgres_away_is_told_as_such_for_every_operation(world):
    token = enqueue(world, "user1")
    office = world.box.office(database_url=NO_DATABASE)
    for act in (
        lambda: office.show_concert("Concert"),
        lambda: office.list_dates("Concert", token),
        lambda: office.list_seats(world.performance, token),
        lambda: office.reserve(world.performance, token, seats=["A-1"], key=key()),
        lambda: office.charge(1, "user1", key=key()),
        lambda: office.balance("user1"),
        lambda: office.list_reservations("user1"),
        lambda: office.add_user("new", key=key()),
        lambda: office.status("k"),
        office.sweep,
        office.relay_events,
    ):
        with pytest.raises(errors.DatabaseUnavailable):
            act()
    assert office.position(token.token).state == "admitted"  # the queue goes on


@pytest.fixture
def locker(world):
    """A connection of somebody else, to lock with."""
    with psycopg.connect(plain(world.box.settings.database_url)) as connection:
        yield connection
        connection.rollback()


def locks(world):
    """For each change: a lock that stops it half way, and the change."""
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key()).reservation
    taken = "INSERT INTO operations VALUES ('the key', 'x', 'x', NULL, '{\"x\": 1}')"
    seat = "SELECT 1 FROM performance_seats WHERE seat_no = 0 FOR UPDATE"
    office = world.box.office()
    return {
        "reserve": (
            taken,
            lambda: office.reserve(world.performance, ONE, seats=["B-1"], key="the key"),
        ),
        "pay": (seat, lambda: office.pay(held, ONE, key="the key")),
        "cancel": (seat, lambda: office.cancel(held, ONE, key="the key")),
        "charge": (
            "SELECT 1 FROM accounts FOR UPDATE",
            lambda: office.charge(7, "user1", key="the key"),
        ),
        "add_user": (taken, lambda: office.add_user("new", key="the key")),
    }


@pytest.mark.parametrize("change", ["reserve", "pay", "cancel", "charge"])
def test_a_connection_cut_during_a_change_leaves_the_outcome_unknown_until_it_is_tried_again(
    world, locker, change
):
    lock, act = locks(world)[change]
    locker.execute(lock)
    with blocked(world.box, act) as running:
        ((pid,),) = world.box.rows(BLOCKED)
        assert world.box.one("SELECT pg_terminate_backend(%s)", pid)
        with pytest.raises(errors.OutcomeUnknown) as unknown:
            running.result(timeout=30)
    assert unknown.value.code == "outcome_unknown"
    locker.rollback()
    with pytest.raises(errors.OperationNotSeen):
        world.office.status("the key")
    assert not act().replayed
    assert act().replayed
    assert_consistent(world.box)


def test_a_transaction_cut_before_its_commit_was_sent_is_known_not_to_have_happened(world, locker):
    lock, act = locks(world)["add_user"]
    locker.execute(lock)
    with blocked(world.box, act) as running:
        ((pid,),) = world.box.rows(BLOCKED)
        assert world.box.one("SELECT pg_terminate_backend(%s)", pid)
        with pytest.raises(errors.DatabaseUnavailable):
            running.result(timeout=30)
    locker.rollback()
    assert not act().replayed


@pytest.mark.parametrize("change", ["reserve", "pay"])
def test_a_change_that_waits_too_long_is_given_up_and_did_not_happen(world, locker, change):
    lock, act = locks(world)[change]
    before = world.box.rows("SELECT status, count(*) FROM performance_seats GROUP BY 1 ORDER BY 1")
    locker.execute(lock)
    with pytest.raises(errors.DatabaseUnavailable, match="too busy"):
        act()
    locker.rollback()
    assert before == world.box.rows(
        "SELECT status, count(*) FROM performance_seats GROUP BY 1 ORDER BY 1"
    )
    assert not act().replayed
    assert_consistent(world.box)


def test_a_connection_cut_during_a_look_is_an_unavailable_database_and_the_next_look_works(world):
    office = world.box.office()
    office.balance("user1")
    world.box.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'boxoffice' AND datname = current_database()"
    )
    with pytest.raises(errors.DatabaseUnavailable):
        office.balance("user1")
    assert office.balance("user1").balance.amount == 0


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(world):
    """Its process is stopped in the middle of a charge, and goes on after nobody waits any more."""
    office, charge_key = world.box.office(), key()
    with office.stores.database() as connection:
        driver = connection.connection.driver_connection
        driver.statement_seconds = 0.5 - SILENCE_SECONDS
        server = driver.info.backend_pid
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(errors.OutcomeUnknown):
            office.charge(PRICE, "user1", key=charge_key)
    finally:
        os.kill(server, signal.SIGCONT)
    assert office.charge(PRICE, "user1", key=charge_key).balance.amount == PRICE
    assert world.balances() == PRICE
    assert_consistent(world.box)


def test_no_word_of_the_database_reaches_the_message_of_an_error(world):
    """DETAIL carries keys and rows of other people; the message must not."""
    for act in (
        lambda: world.office.add_user("user1", key=key()),
        lambda: world.office.create_concert("Concert", "Room", key=key()),
    ):
        with pytest.raises(errors.NameTaken) as refused:
            act()
        assert "Key (" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__


@pytest.mark.parametrize("url", ["bogus://x", "redis://a..b:1/0", "redis://localhost:1/0?foo=bar"])
def test_what_was_committed_is_answered_though_nobody_can_be_told_of_it(world, url):
    office = world.box.office(redis_url=url)
    held = office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    assert held.state == "held"
    assert world.seats("held") == 1
