"""A settled key: what was done under it, or that nothing ever will be."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import psycopg
import pytest

from boxoffice.core import errors, plans
from boxoffice.core.journal import journal_of
from boxoffice.core.model import Caller
from boxoffice.core.outcomes import conclude
from tests.conftest import PRICE, SHOW, key, plain, small_plan, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

ONE = staff("user1")
STATE = (
    "SELECT (SELECT count(*) FROM ledger_entries), (SELECT sum(version) FROM performance_seats),"
    " (SELECT count(*) FROM reservations), (SELECT count(*) FROM users),"
    " (SELECT count(*) FROM venues), (SELECT count(*) FROM concerts),"
    " (SELECT count(*) FROM performances), (SELECT count(*) FROM operations)"
)


@pytest.fixture
def locker(world):
    """A connection of somebody else, which holds what it locks until the test is over."""
    with psycopg.connect(plain(world.box.settings.database_url)) as connection:
        yield connection


@pytest.fixture
def customer(world):
    """The session of user1, a customer, on an office of its own."""
    return world.box.office(role="customer", user="user1")


def settled(world):
    """Settle a new key."""
    name = key()
    assert world.office.settle(name).state == "abandoned"
    return name


def import_plan(office, name):
    file = io.BytesIO()
    plans.write_plan(replace(small_plan(), name="Another"), file)
    file.seek(0)
    office.import_venue(file, key=name)


def changes(world):
    """Every change there is, as the use of a key."""
    office = world.office
    office.charge(9 * PRICE, "user1", key=key())
    held, other = (
        office.reserve(world.performance, ONE, seats=[seat], key=key()).reservation
        for seat in ("A-1", "A-2")
    )
    paid = office.reserve(world.performance, ONE, seats=["A-3", "A-4"], key=key()).reservation
    office.pay(paid, ONE, key=key())
    grown = office.reserve(world.performance, ONE, seats=["A-5", "A-6"], key=key()).reservation
    return {
        "reserve": lambda k: office.reserve(world.performance, ONE, seats=["B-1"], key=k),
        "best": lambda k: office.reserve(world.performance, ONE, best=2, key=k),
        "pay": lambda k: office.pay(held, ONE, key=k),
        "cancel": lambda k: office.cancel(other, ONE, key=k),
        "charge": lambda k: office.charge(7, "user1", key=k),
        "add seats": lambda k: office.add_seats(held, ONE, seats=["B-2"], key=k),
        "release seats": lambda k: office.release_seats(grown, ONE, seats=["A-5"], key=k),
        "extend": lambda k: office.extend_hold(held, ONE, seconds=9_000, key=k),
        "assign": lambda k: office.assign(held, ONE, user="user2", key=k),
        "exchange": lambda k: office.exchange(paid, ONE, seats=["C-1", "C-2"], key=k),
        "add user": lambda k: office.add_user("new", key=k),
        "venue": lambda k: import_plan(office, k),
        "concert": lambda k: office.create_concert("New", "Room", key=k),
        "performance": lambda k: office.create_performance(
            str(world.concert), SHOW.replace(year=2098), prices={"Standard": 1}, key=k
        ),
    }


def test_no_operation_happens_under_a_settled_key_and_nothing_changes(world):
    for name, change in changes(world).items():
        dead = settled(world)
        before = world.box.rows(STATE)
        with pytest.raises(errors.OperationAbandoned):
            change(dead)
        with pytest.raises(errors.OperationAbandoned):
            change(dead)
        assert world.box.rows(STATE) == before, name
        assert world.office.status(dead).state == "abandoned"
    assert_consistent(world.box)


def test_a_step_of_an_exchange_that_was_settled_undoes_the_whole_exchange(world):
    exchange = changes(world)["exchange"]
    world.office.settle(hashlib.sha256(b"k:pay").hexdigest())
    before = world.box.rows(STATE)
    with pytest.raises(errors.KeyReused):
        exchange("k")
    assert world.box.rows(STATE) == before


def test_settling_what_was_done_tells_the_answer_and_changes_nothing(world):
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key="k")
    before = world.box.rows(STATE)
    operation = world.office.settle("k")
    assert (operation.state, operation.command, operation.result) == ("done", "reserve", held)
    assert world.office.status("k") == operation
    assert world.box.rows(STATE) == before
    again = world.office.reserve(world.performance, ONE, seats=["A-1"], key="k")
    assert again == replace(held, replayed=True)


def test_settling_is_audited_once_and_final(world):
    first = world.office.settle("k")
    assert (first.state, first.result) == ("abandoned", None)
    assert world.office.settle("k") == first == world.office.status("k")
    assert world.box.rows("SELECT operation_key FROM audit WHERE action = 'settle'") == [("k",)]


def test_settling_waits_for_an_operation_in_flight_and_tells_its_answer(world, locker):
    office = world.box.office()
    locker.execute("INSERT INTO operations VALUES ('k', 'user add', 'r', NULL, '{}')")
    locker.execute(
        'UPDATE operations SET result = \'{"user": 9, "name": "kim"}\' WHERE key = \'k\''
    )
    with blocked(world.box, lambda: office.settle("k")) as settling:
        locker.commit()
        assert settling.result(timeout=30).result.name == "kim"


def test_an_operation_in_flight_that_ends_undone_leaves_the_key_to_the_tombstone(world, locker):
    office = world.box.office()
    locker.execute("INSERT INTO operations VALUES ('k', 'user add', 'r', NULL, '{}')")
    with blocked(world.box, lambda: office.settle("k")) as settling:
        locker.rollback()
        assert settling.result(timeout=30).state == "abandoned"


def test_what_is_in_flight_for_too_long_is_in_progress_and_no_tombstone_is_left(world, locker):
    locker.execute("INSERT INTO operations VALUES ('k', 'user add', 'r', NULL, '{}')")
    told = world.office.status("k")
    assert (told.key, told.state, told.command, told.result) == ("k", "in_progress", None, None)
    assert world.office.settle("k") == told
    locker.rollback()
    with pytest.raises(errors.OperationNotSeen):
        world.office.status("k")
    assert world.office.add_user("kim", key="k").name == "kim"


def test_an_operation_that_comes_after_the_tombstone_was_written_waits_and_is_refused(
    world, locker
):
    """The tombstone is not committed yet: the late one waits for it and changes nothing."""
    for name, change in changes(world).items():
        dead = key()
        before = world.box.rows(STATE)
        locker.execute(
            "INSERT INTO operations VALUES (%s, 'settle', '', NULL, '{}', now(), 'abandoned')",
            [dead],
        )
        with blocked(world.box, lambda c=change, k=dead: c(k)) as late:
            locker.commit()
            with pytest.raises(errors.OperationAbandoned):
                late.result(timeout=30)
        world.box.execute("DELETE FROM operations WHERE key = %s", dead)
        assert world.box.rows(STATE) == before, name
    assert_consistent(world.box)


def test_a_payment_that_waits_for_its_seats_is_fenced_off_by_settling_its_key(world, locker):
    """Its key is not inserted yet, so nothing waits; it is refused when it comes to it."""
    pay = changes(world)["pay"]
    before = world.box.rows("SELECT type, amount FROM ledger_entries ORDER BY id")
    locker.execute("SELECT 1 FROM performance_seats FOR UPDATE")
    with blocked(world.box, lambda: pay("k")) as late:
        assert world.box.office().settle("k").state == "abandoned"
        locker.rollback()
        with pytest.raises(errors.OperationAbandoned):
            late.result(timeout=30)
    assert world.box.rows("SELECT type, amount FROM ledger_entries ORDER BY id") == before
    assert_consistent(world.box)


def test_a_customer_settles_own_and_unseen_keys_and_learns_nothing_of_others(world, customer):
    world.office.charge(5, "user1", key="own")
    world.office.charge(5, "user2", key="anothers")
    assert customer.settle("own").state == "done"
    with pytest.raises(errors.Forbidden):
        customer.settle("anothers")
    with pytest.raises(errors.OperationNotSeen):
        customer.status("anothers")
    unseen = key()
    assert customer.settle(unseen).state == "abandoned"
    of_whom = "SELECT user_id FROM operations WHERE key = %s"
    assert world.box.one(of_whom, unseen) == world.users[0]
    world.office.settle("by staff")
    assert customer.status("by staff").state == "abandoned"
    assert world.office.status("anothers").state == "done"
    with pytest.raises(errors.InputInvalid):
        world.box.office(role="customer").settle("whose")


GUESSABLE = [
    "order-124",
    "order-124:pay",
    "trip:" + "0" * 32,
    "0" * 31,
    "0" * 33,
    "g" * 32,
    "0" * 32 + "pay",
    hashlib.sha256(b"order-124:pay").hexdigest(),  # a step of an exchange, as anybody can reckon
]


def test_no_customer_bars_a_key_that_they_may_have_guessed_to_its_owner(world, customer, subtests):
    world.office.charge(5, "user2", key="anothers")
    for name in (*GUESSABLE, "anothers"):
        with subtests.test(name):
            with pytest.raises(errors.Forbidden, match="settled by staff"):
                customer.settle(name)
            if name != "anothers":
                assert not world.office.charge(1, "user2", key=name).replayed
    assert world.balances() == 5 + len(GUESSABLE)


def test_a_customer_learns_the_end_that_a_guessable_key_has(world, customer):
    customer.charge(5, key="trip")
    assert customer.settle("trip").state == "done"
    world.office.settle("by staff")
    assert customer.settle("by staff").state == "abandoned"


def test_a_customer_settles_a_new_key_and_the_steps_of_one(customer):
    for name in (key(), f"{key()}:reserve"):
        assert customer.settle(name).state == "abandoned"
        with pytest.raises(errors.OperationAbandoned):
            customer.charge(1, key=name)


def test_a_refusal_after_a_doubt_is_not_taken_on_trust_where_the_key_cannot_be_settled(
    world, customer
):
    """The first statement may still come, so it stays unknown; a key of ours ends as refused."""
    journal = journal_of(world.box.settings)

    def buy(name):
        journal.begin(name, "reserve")
        journal.release(name)
        return conclude(
            customer,
            name,
            "reserve",
            lambda k: customer.reserve(world.performance, Caller(token="x"), best=1, key=k),
            about={},
            deadline_seconds=1,
        )

    with pytest.raises(errors.OutcomeUnknown):
        buy("trip")
    with pytest.raises(errors.TokenInvalid):
        buy(key())


def test_a_key_that_is_no_key_is_not_settled(world):
    for wrong in ("", " ", "a\nb", "x" * 201):
        with pytest.raises(errors.InputInvalid):
            world.office.settle(wrong)


def test_a_customer_whose_turn_is_over_is_refused_by_the_tombstone_too(world):
    place = world.office.enqueue(str(world.concert), "user1")
    caller = Caller(token=place.token)
    dead = settled(world)
    with pytest.raises(errors.OperationAbandoned):
        world.office.reserve(world.performance, caller, seats=["A-1"], key=dead)
    world.office.leave(place.token)
    with pytest.raises(errors.OperationAbandoned):
        world.office.reserve(world.performance, caller, seats=["A-1"], key=dead)
    assert world.seats("free") == 50
