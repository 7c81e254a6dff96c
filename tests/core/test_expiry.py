"""The end of a hold: at once and for everybody, whether or not anything sweeps."""

from __future__ import annotations

import pytest

from boxoffice.core import booking, errors
from boxoffice.core.access import Buyer
from tests.clock import end_holds
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent

ONE = staff("user1")
TWO = staff("user2")


@pytest.fixture
def ended(world):
    """A world with money for all, where user1's hold of A-1 and A-2 has ended unswept."""
    for user in ("user1", "user2"):
        world.office.charge(2 * PRICE, user, key=key())
    held = world.office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key=key())
    end_holds(world.box, held.reservation)
    return world, held


def test_a_hold_that_has_ended_cannot_be_paid_though_nothing_swept(ended):
    world, held = ended
    with pytest.raises(errors.HoldExpired):
        world.office.pay(held.reservation, ONE, key=key())
    assert (world.seats("sold"), world.balances()) == (0, 4 * PRICE)


def test_a_hold_that_has_ended_cannot_be_cancelled(ended):
    world, held = ended
    with pytest.raises(errors.HoldExpired, match="nothing to cancel"):
        world.office.cancel(held.reservation, ONE, key=key())


def test_a_real_hold_ends_by_the_clock_of_the_database(world):
    """No process waits for it: the seat is taken over as soon as the database says so."""
    office = world.box.office(hold_seconds=0.05)
    held = office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    world.box.rows("SELECT pg_sleep_until(max(held_until)) FROM reservations")
    with pytest.raises(errors.HoldExpired):
        office.pay(held.reservation, ONE, key=key())
    world.office.reserve(world.performance, TWO, seats=["A-1"], key=key())
    assert_consistent(world.box)


def test_seats_of_an_ended_hold_are_listed_and_counted_as_free_without_a_sweep(ended):
    world, _ = ended
    assert len(world.office.list_seats(world.performance, ONE)) == 50
    assert world.office.list_dates(str(world.concert), ONE)[0].free_seats == 50
    assert world.office.show_concert(str(world.concert)).free_seats == 50
    (reservation,) = world.office.list_reservations("user1")
    assert reservation.state == "expired"
    assert world.seats("held") == 2  # looking did not tidy


def test_an_ended_hold_gives_way_to_a_new_one_and_never_comes_back(ended):
    world, held = ended
    new = world.office.reserve(world.performance, TWO, seats=["A-1"], key=key())
    with pytest.raises(errors.HoldExpired):
        world.office.pay(held.reservation, ONE, key=key())
    world.office.pay(new.reservation, TWO, key=key())
    assert (world.seats("sold"), world.balances()) == (1, 3 * PRICE)
    assert_consistent(world.box)


def test_the_sweep_tidies_what_has_ended_and_nothing_else(ended):
    world, held = ended
    paid = world.office.reserve(world.performance, TWO, seats=["B-1"], key=key())
    world.office.pay(paid.reservation, TWO, key=key())
    world.office.reserve(world.performance, TWO, seats=["B-2"], key=key())
    assert world.office.sweep() == 1
    assert world.office.sweep() == 0
    assert (world.seats("sold"), world.seats("held"), world.seats("free")) == (1, 1, 48)
    with pytest.raises(errors.HoldExpired):
        world.office.pay(held.reservation, ONE, key=key())
    assert_consistent(world.box)


def test_the_sweep_never_frees_a_sold_seat_however_old_its_hold(world):
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    world.office.pay(held.reservation, ONE, key=key())
    world.box.execute("UPDATE reservations SET held_until = now() - interval '1 year'")
    assert world.office.sweep() == 0
    assert world.seats("sold") == 1


def test_a_swept_reservation_that_lost_a_seat_leaves_the_new_owners_seat_alone(ended):
    world, _ = ended
    new = world.office.reserve(world.performance, TWO, seats=["A-1"], key=key())
    assert world.office.sweep() == 1
    assert (world.seats("held"), world.seats("free")) == (1, 49)
    world.office.pay(new.reservation, TWO, key=key())
    assert_consistent(world.box)


def test_a_reservation_that_lost_every_seat_is_swept_too(ended):
    world, _ = ended
    world.office.reserve(world.performance, TWO, seats=["A-1", "A-2"], key=key())
    assert world.office.sweep() == 1
    assert world.box.rows("SELECT state FROM reservations ORDER BY 1") == [("expired",), ("held",)]
    assert_consistent(world.box)


def test_the_sweep_leaves_alone_what_a_payment_has_locked(ended):
    world, _ = ended
    with world.office.stores.transaction() as paying:
        paying.exec_driver_sql("SELECT 1 FROM performance_seats WHERE seat_no = 0 FOR UPDATE")
        assert world.box.office().sweep() == 0
    assert world.office.sweep() == 1
    assert world.seats("free") == 50


def test_a_payment_that_locked_its_seats_in_time_is_honoured_though_the_hold_ends_meanwhile(world):
    """The statement's own beginning decides, so it is enough to begin in time."""
    world.office.charge(PRICE, "user1", key=key())
    office = world.box.office(hold_seconds=0.5)
    held = office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    with world.office.stores.transaction() as paying:  # now() stands still in a transaction
        paying.exec_driver_sql("SELECT now()")
        world.box.rows("SELECT pg_sleep_until(max(held_until)) FROM reservations")
        booking.pay(paying, held.reservation, Buyer(user=world.users[0]), key=key())
        with pytest.raises(errors.SeatTaken):
            world.box.office().reserve(world.performance, TWO, seats=["A-1"], key=key())
    assert world.seats("sold") == 1
    assert_consistent(world.box)


def test_a_payment_that_began_in_time_but_lost_a_seat_before_it_locked_it_is_refused(world):
    """The fence is the seat's own reservation: a paused process cannot pay for a stolen seat."""
    world.office.charge(2 * PRICE, "user1", key=key())
    office = world.box.office(hold_seconds=0.5)
    held = office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key=key())
    with world.office.stores.transaction() as paying:  # now() stands still in a transaction
        paying.exec_driver_sql("SELECT now()")
        world.box.rows("SELECT pg_sleep_until(max(held_until)) FROM reservations")
        world.box.office().reserve(world.performance, TWO, seats=["A-1"], key=key())
        with pytest.raises(errors.HoldExpired):
            booking.pay(paying, held.reservation, Buyer(user=world.users[0]), key=key())
    assert (world.seats("sold"), world.balances()) == (0, 2 * PRICE)
    assert_consistent(world.box)


def test_lists_and_the_sweep_find_their_rows_by_an_index_led_by_the_performance(world):
    """Among many performances, one performance's rows are read and no others."""
    plans = {
        "SELECT * FROM performance_seats WHERE performance_id = 1": "performance_seats_pkey",
        "SELECT * FROM reservations WHERE performance_id = 1 AND state = 'held'"
        " AND held_until <= now()": "reservations_hold_expiry",
        "SELECT * FROM reservations WHERE user_id = 1": "reservations_of_user",
        "SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY performance_id, id LIMIT 9": (
            "outbox_unsent"
        ),
    }
    with world.office.stores.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for question, index in plans.items():
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {question}").scalars())
            assert index in plan, plan


def test_the_sweep_finds_ended_holds_by_their_index(world):
    """Spelled as a parameter the state would hide the partial index from a generic plan."""
    from sqlalchemy.dialects import postgresql

    from boxoffice.core import reservations

    with world.office.stores.database() as connection:
        text = reservations.performances_with_ended_holds().compile(dialect=postgresql.dialect())
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {text}").scalars().all()
    assert "reservations_hold_expiry" in "\n".join(plan)
