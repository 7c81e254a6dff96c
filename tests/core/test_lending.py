"""Connections of an office: how many it has, in which state it lends them, and what ends them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from boxoffice.core import errors, lending, reports
from boxoffice.core.database import allow, decide
from boxoffice.core.patience import STATEMENT_SECONDS
from tests.conftest import PRICE, key, plain, staff
from tests.invariants import assert_consistent
from tests.waiting import wait_until

OURS = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE application_name = 'boxoffice' AND datname = current_database()"
)
CUT = f"SELECT pg_terminate_backend(pid) FROM ({OURS}) ours"
PID = text("SELECT pg_backend_pid()")
NOTED = "SELECT count(*) FROM noted"
USERS = ("user1", "user2", "user3")
THREADS, SALES = 8, 12


@pytest.fixture
def office(box):
    with psycopg.connect(plain(box.settings.database_url), autocommit=True) as connection:
        connection.execute("CREATE TABLE noted (number int)")
    return box.office()


def note(connection):
    connection.execute(text("INSERT INTO noted VALUES (1)"))


def test_what_came_back_clean_is_lent_again_as_it_is(office):
    with office.stores.database() as first:
        note(first)
    with office.stores.looking() as again:
        assert again is first
        assert not again.in_transaction()


def test_after_its_moment_it_goes_through_the_pool_that_replaces_what_is_old(office, monkeypatch):
    monkeypatch.setattr(lending, "KEPT_SECONDS", 0.0)
    with office.stores.database() as first:
        pid = first.execute(PID).scalar()
    with office.stores.database() as again:
        assert again is not first
        assert again.execute(PID).scalar() == pid
        assert first.closed


def test_what_a_report_may_take_is_not_waited_for_by_what_comes_next(office):
    with office.stores.transaction() as connection:
        allow(connection, 600)
        patient = connection.connection.driver_connection
        assert patient.statement_seconds == 600
    with office.stores.database() as connection:
        assert connection.connection.driver_connection is patient
        assert patient.statement_seconds == STATEMENT_SECONDS


def committed(box, stores):
    """Tell whether a statement commits by itself, as others see it at once."""
    before = box.one(NOTED)
    with stores.database() as connection:
        note(connection)
        return box.one(NOTED) == before + 1


def test_after_a_transaction_each_statement_commits_again(box, office):
    with office.stores.transaction() as connection:
        note(connection)
        assert box.one(NOTED) == 0
    assert committed(box, office.stores)


def test_after_a_rehearsal_each_statement_commits_again(box, office):
    with office.stores.rehearsal() as connection:
        note(connection)
    assert box.one(NOTED) == 0
    assert committed(box, office.stores)


def test_after_a_report_that_can_change_nothing_it_can_change_again(box, office):
    with office.stores.looking() as connection, reports.snapshot(connection):
        pass
    assert committed(box, office.stores)


def test_what_somebody_left_begun_is_not_lent_on(box, office):
    with office.stores.database() as connection:
        driver = connection.connection.driver_connection
        driver.execute("BEGIN")
        driver.execute("INSERT INTO noted VALUES (1)")
    assert box.one(NOTED) == 0
    assert committed(box, office.stores)
    assert box.one(NOTED) == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, errors.SeatTaken])
def test_an_error_of_whoever_used_it_gives_it_back(box, office, error):
    with pytest.raises(error), office.stores.database():
        raise error
    assert committed(box, office.stores)
    assert len(box.rows(OURS)) == 1


def test_a_refused_statement_leaves_it_as_good_as_before(box, office):
    with pytest.raises(errors.SchemaOutdated), office.stores.database() as connection:
        connection.execute(text("SELECT * FROM nothing_of_this_name"))
    assert committed(box, office.stores)
    assert len(box.rows(OURS)) == 1


def test_nobody_gets_one_more_than_there_are(box, office, monkeypatch):
    monkeypatch.setattr(lending, "POOL_WAIT_SECONDS", 0.05)
    with (
        office.stores.database() as lent,
        pytest.raises(errors.DatabaseUnavailable, match="every database connection is busy"),
        office.stores.looking(),
    ):
        pass
    with office.stores.looking() as again:
        assert again is lent
    assert len(box.rows(OURS)) == 1


def test_whoever_waits_gets_what_another_gives_back(world):
    """Eight clerks of an office with two connections sell at once, and report beside it."""
    office = world.box.office(connections=2)
    for user in USERS:
        world.office.charge(THREADS * SALES * PRICE, user, key=key())
    start = Barrier(THREADS)

    def sell(number: int) -> int:
        start.wait()
        for sale in range(SALES):
            seat, clerk = f"{'ABCDE'[sale % 5]}-{number + 1}", staff(USERS[number % 3])
            held = office.reserve(world.performance, clerk, seats=[seat], key=key())
            office.pay(held.reservation, clerk, key=key())
            office.report_cash_up()
            office.cancel(held.reservation, clerk, key=key())
        return len(world.box.rows(OURS))

    with ThreadPoolExecutor(THREADS) as threads:
        seen = list(threads.map(sell, range(THREADS)))
    world.office.close()
    assert max(seen) <= 3  # with the one of the world's own office
    assert len(world.box.rows(OURS)) == 2
    assert world.box.one("SELECT count(*) FROM payments") == THREADS * SALES
    assert world.seats("free") == 50
    assert_consistent(world.box)


def with_three_cut(box):
    """Return the stores of an office whose three idle connections have just been cut."""
    stores = box.office(connections=3).stores
    with stores.database(), stores.database(), stores.database():
        pass
    box.rows(CUT)
    wait_until(lambda: not box.rows(OURS), "all are cut")
    return stores


def test_what_cuts_one_ends_all_that_lie_idle(box):
    """After the server came back, one caller is told, and not one for each connection."""
    stores = with_three_cut(box)
    with pytest.raises(errors.DatabaseUnavailable), stores.looking() as connection:
        connection.execute(PID)
    with stores.database(), stores.database(), stores.database() as third:
        assert third.execute(PID).scalar()
    assert len(box.rows(OURS)) == 3


def test_a_deciding_statement_that_was_cut_ends_them_too(box):
    """It goes to the driver itself, which tells no pool."""
    stores = with_three_cut(box)
    with pytest.raises(errors.OutcomeUnknown), stores.database(changing=True) as connection:
        decide(connection, "unknown_users", {"users": [1]})
    with stores.database(), stores.database(), stores.database() as third:
        assert decide(third, "unknown_users", {"users": [1]}) == (1,)


def test_an_office_that_closed_leaves_none_behind_not_even_what_comes_back_later(box):
    office = box.office(connections=2)
    with office.stores.database() as lent:
        with office.stores.database():
            pass
        office.close()
        assert lent.execute(PID).scalar()  # who works may finish
    wait_until(lambda: not box.rows(OURS), "all are closed")


def test_one_that_was_lent_and_unused_when_all_were_cut_is_not_lent_on(box):
    stores = box.office(connections=2).stores
    with stores.looking(), stores.looking() as other:
        box.rows(CUT)
        wait_until(lambda: not box.rows(OURS), "both are cut")
        with pytest.raises(DBAPIError):
            decide(other, "unknown_users", {"users": [1]})
    with stores.database(), stores.database() as again:
        assert decide(again, "unknown_users", {"users": [1]}) == (1,)


def test_what_cuts_one_ends_those_in_the_pool_too(box, monkeypatch):
    """As after an hour without a customer, or after transactions."""
    monkeypatch.setattr(lending, "KEPT_SECONDS", 0.0)
    stores = with_three_cut(box)
    with pytest.raises(errors.DatabaseUnavailable), stores.looking() as connection:
        decide(connection, "unknown_users", {"users": [1]})
    with stores.database() as one, stores.database() as two, stores.database() as three:
        for each in (one, two, three):
            assert decide(each, "unknown_users", {"users": [1]}) == (1,)
