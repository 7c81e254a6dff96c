"""`verify` on the database: every check finds its violation, names its keys, and is fast."""

from __future__ import annotations

import random

import psycopg
import pytest

from boxoffice.core import errors, verify
from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.model import BALANCE, WALK_IN, Tender
from boxoffice.core.references import reservation_reference
from tests.clock import end_holds
from tests.conftest import PRICE, key, plain, staff
from tests.core.verify_seeds import EXCHANGE, SEEDS

# Past the constraints and triggers, as no operation can go.
BARE = "SET LOCAL session_replication_role = replica"
STEPS, SUCCESSES_MIN = 150, 50
TENDERS = [BALANCE, Tender(kind="cash", received=9 * PRICE), Tender(kind="card", note="T-1")]


@pytest.fixture
def sold(world):
    """Two seats sold to one user after an exchange, one for cash, and one held by another."""
    one, walking = staff("user1"), staff(WALK_IN)
    world.office.charge(3 * PRICE, "user1", key=key())
    given = world.office.reserve(world.performance, one, seats=["A-1", "A-2"], key=key())
    world.office.pay(given.reservation, one, key=key())
    world.office.exchange(given.reservation, one, seats=["A-2", "A-3"], key=EXCHANGE)
    cash = world.office.reserve(world.performance, walking, seats=["C-1"], key=key())
    received = Tender(kind="cash", received=PRICE + 7)
    world.office.pay(cash.reservation, walking, key=key(), tender=received)
    world.office.reserve(world.performance, staff("user2"), seats=["B-1"], key="the hold")
    return world


def references(box) -> dict[str, str]:
    """Name the reservations as the seeds do."""
    rows = box.rows("SELECT user_id, state, performance_id, id FROM reservations")
    names = {(1, "cancelled"): "given", (1, "paid"): "paid", (0, "paid"): "cash"}
    return {
        reservation_reference(performance, nonce): names.get((user, state), "held")
        for user, state, performance, nonce in rows
    }


def _named(keys: dict, names: dict) -> list[tuple[str, str]]:
    return sorted((name, str(names.get(value, value))) for name, value in keys.items())


def test_every_check_has_a_violation_that_shows_it_at_work():
    assert {name.partition(":")[0] for name in SEEDS} == verify.checks().keys()


def test_each_check_finds_its_violation_with_its_keys_and_a_working_box_office_has_none(sold):
    named = references(sold.box)
    with psycopg.connect(plain(sold.box.settings.database_url), autocommit=True) as connection:
        assert verify.find_violations(connection) == []
        for name, seed in SEEDS.items():
            check = name.partition(":")[0]
            with connection.transaction(force_rollback=True):
                connection.execute(BARE)
                for statement in seed.statements:
                    connection.execute(statement)
                found = verify.find_violations(connection)
            assert {violation.check for violation in found} == {check, *seed.also}, name
            told = [_named(v.keys, named) for v in found if v.check == check]
            assert sorted(told) == sorted(_named(keys, {}) for keys in seed.keys), name
            assert all(violation.detail for violation in found), name
        assert verify.find_violations(connection) == []


def test_a_long_random_history_leaves_no_violation(world):
    office, chance, done = world.office, random.Random(4), 0
    open_reservations: list[tuple[str, str]] = []
    for user in ("user1", "user2", "user3"):
        office.charge(20 * PRICE, user, key=key())
    for _ in range(STEPS):
        try:
            _act(world, chance, open_reservations)
            done += 1
        except BoxOfficeError:
            continue  # a taken seat, an empty balance, a hold that has ended
    assert done >= SUCCESSES_MIN
    assert world.box.one("SELECT count(*) FROM reservations WHERE state = 'paid'") > 0
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'refund'") > 0
    inspected = office.inspect()
    assert (inspected.violations, inspected.queue) == ((), "checked")


def _act(world, chance, booked) -> None:
    """Do one thing that somebody at the counter might do."""
    office, user = world.office, f"user{chance.randint(1, 3)}"
    labels = [f"{row}-{number}" for row in "ABC" for number in range(1, 5)]
    wanted = chance.sample(labels, chance.randint(1, 3))
    what = chance.choice(["reserve", "reserve", "pay", "pay", "cancel", "exchange", "add", "end"])
    if what == "end":
        end_holds(world.box)
        office.sweep()
        office.relay_events()
        return
    if what == "reserve" or not booked:
        held = office.reserve(world.performance, staff(user), seats=wanted, key=key())
        booked.append((held.reservation, user))
        return
    reservation, owner = chance.choice(booked)
    if what == "pay":
        office.pay(reservation, staff(owner), key=key(), tender=chance.choice(TENDERS))
    elif what == "cancel":
        office.cancel(reservation, staff(owner), key=key())
    elif what == "add":
        office.add_seats(reservation, staff(owner), seats=wanted, key=key())
    else:
        told = office.exchange(reservation, staff(owner), seats=wanted, key=key())
        booked.append((told.paid.reservation, owner))


def test_no_more_than_a_thousand_violations_of_one_check_are_told(world):
    world.box.execute(
        "INSERT INTO operations (key, command, request, result)"
        " SELECT 'k' || n, 'charge', '', '{}' FROM generate_series(1, 1200) n"
    )
    assert len(world.office.verify()) == verify.VIOLATIONS_MAX


def test_the_snapshot_can_change_nothing(world):
    with world.office.stores.database() as connection, verify.snapshot(connection) as driver:
        assert driver.execute("SHOW transaction_isolation").fetchone() == ("repeatable read",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            driver.execute("UPDATE accounts SET balance = 0")
    world.office.charge(5, "user1", key=key())  # the connection is as it was before


def test_what_others_lock_or_have_not_committed_is_not_waited_for(sold):
    with psycopg.connect(plain(sold.box.settings.database_url)) as connection:
        connection.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no = 30")
        connection.execute("LOCK TABLE accounts IN EXCLUSIVE MODE")
        assert sold.office.verify() == ()


def test_a_customer_is_told_nothing(world):
    office = world.box.office(role="customer")
    with pytest.raises(errors.Forbidden):
        office.verify()
    assert world.box.office(role="clerk").verify() == ()
