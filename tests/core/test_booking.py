"""Reserve, pay, cancel, one at a time; what came of it is counted in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boxoffice.core import errors
from boxoffice.core.references import parse_reservation
from tests.conftest import PRICE, import_plan, key, small_plan, staff
from tests.invariants import assert_consistent

ONE = staff("user1")
TWO = staff("user2")


def reserve(world, caller, *seats, **options):
    return world.office.reserve(world.performance, caller, seats=seats, key=key(), **options)


def buy(world, user, *seats):
    """Charge, reserve and pay, and return the paid reservation."""
    world.office.charge(PRICE * len(seats), user, key=key())
    held = reserve(world, staff(user), *seats)
    return world.office.pay(held.reservation, staff(user), key=key())


def states(world):
    return world.box.rows("SELECT state, count(*) FROM reservations GROUP BY 1 ORDER BY 1")


# --- holding ---


def test_a_held_seat_is_refused_to_anybody_else_and_named(world):
    reserve(world, ONE, "A-1")
    with pytest.raises(errors.SeatTaken, match="seat A-1 is already taken"):
        reserve(world, TWO, "A-1")
    assert world.seats("held") == 1


def test_a_sold_seat_is_refused_to_everybody_its_owner_too(world):
    buy(world, "user1", "A-1")
    for caller in (ONE, TWO):
        with pytest.raises(errors.SeatTaken, match="seat A-1 is already taken"):
            reserve(world, caller, "A-1")
    assert world.seats("sold") == 1
    assert states(world) == [("paid", 1)]


def test_one_taken_seat_of_three_leaves_the_others_untouched(world):
    reserve(world, ONE, "A-2")
    with pytest.raises(errors.SeatTaken, match="seat A-2 is already taken"):
        reserve(world, TWO, "A-1", "A-2", "A-3")
    assert world.seats("held") == 1
    assert world.box.one("SELECT count(*) FROM reservations") == 1
    assert world.box.one("SELECT max(version) FROM performance_seats WHERE seat_no <> 1") == 0


def test_a_hold_copies_the_price_that_the_server_knows(world):
    held = reserve(world, ONE, "A-1", "B-1")
    assert held.total.amount == 2 * PRICE
    world.box.execute("UPDATE prices SET amount = 1")
    world.office.charge(2 * PRICE, "user1", key=key())
    paid = world.office.pay(held.reservation, ONE, key=key())
    assert paid.paid.amount == 2 * PRICE
    assert world.balances() == 0
    assert_consistent(world.box)


def test_a_hold_lasts_as_the_settings_say_by_the_clock_of_the_database(world):
    office = world.box.office(hold_seconds=120)
    office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    assert world.box.rows(
        "SELECT r.held_until - r.created_at, s.held_until = r.held_until"
        " FROM reservations r JOIN performance_seats s ON s.reservation_id = r.id"
    ) == [(timedelta(seconds=120), True)]


def test_a_seat_of_another_performance_or_an_unknown_seat_is_not_found(world):
    import_plan(world.office, small_plan("Hall", rows=30, seats=2))
    other = world.office.create_concert("Other", "Hall", key=key())
    date = datetime(2099, 1, 1, tzinfo=UTC)
    elsewhere = world.office.create_performance(
        str(other.id), date, prices={"Standard": 1}, key=key()
    ).performance
    with pytest.raises(errors.SeatNotFound, match="has no seat Z-2"):
        reserve(world, ONE, "A-1", "Z-2")
    world.office.reserve(elsewhere, ONE, seats=["Z-2"], key=key())
    assert world.seats("held") == 1
    assert world.box.rows(
        "SELECT DISTINCT performance_id FROM performance_seats WHERE status = 'held'"
    ) == [(elsewhere,)]


def test_the_same_label_in_two_performances_is_two_seats(world):
    date = datetime(2099, 1, 1, tzinfo=UTC)
    second = world.office.create_performance(
        str(world.concert), date, prices={"Standard": 1}, key=key()
    ).performance
    reserve(world, ONE, "A-1")
    world.office.reserve(second, TWO, seats=["A-1"], key=key())
    assert world.seats("held") == 2


def test_a_seat_that_somebody_is_just_taking_is_refused_without_waiting(world):
    """The loser is told at once, though the winner has not even committed."""
    with world.office.stores.transaction() as winner:
        winner.exec_driver_sql("SELECT 1 FROM performance_seats WHERE seat_no = 1 FOR UPDATE")
        with pytest.raises(errors.SeatTaken, match="somebody is just taking one of A-1, A-2"):
            world.box.office().reserve(world.performance, TWO, seats=["A-1", "A-2"], key=key())
    assert world.seats("free") == 50
    assert world.box.one("SELECT count(*) FROM reservations") == 0


@pytest.mark.parametrize("performance", [0, -1, 99_999, 2**63 - 1, 2**63, 10**30, -(10**30)])
def test_an_unknown_performance_is_not_found_however_large_its_number(world, performance):
    with pytest.raises(errors.PerformanceNotFound):
        world.office.reserve(performance, ONE, seats=["A-1"], key=key())
    with pytest.raises(errors.PerformanceNotFound):
        world.office.reserve(performance, ONE, best=2, key=key())
    with pytest.raises(errors.PerformanceNotFound):
        world.office.list_seats(performance, ONE)
    assert world.seats("free") == 50


def test_a_seat_that_the_house_keeps_is_refused(world):
    world.box.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no = 0")
    with pytest.raises(errors.SeatBlocked, match="the house keeps A-1"):
        reserve(world, ONE, "A-1", "A-2")
    assert world.seats("held") == 0


def test_a_sale_that_is_not_open_is_refused_to_customers_and_to_staff(world):
    token = world.office.enqueue(str(world.concert), "user1", token=None, key=key()).token
    from boxoffice.core.model import Caller

    customer = Caller(token=token)
    world.box.execute("UPDATE performances SET sale_opens = now() + interval '1 hour'")
    with pytest.raises(errors.SaleNotOpen):
        reserve(world, customer, "A-1")
    with pytest.raises(errors.SaleNotOpen):
        reserve(world, TWO, "A-2")
    assert world.seats("held") == 0
    world.box.execute("UPDATE performances SET sale_opens = now() - interval '1 hour'")
    reserve(world, customer, "A-1")
    reserve(world, TWO, "A-2")
    assert world.seats("held") == 2


def test_a_sale_that_is_over_or_a_performance_that_is_called_off_is_refused_to_all(world):
    world.box.execute(
        "UPDATE performances SET sale_opens = now() - interval '2 h',"
        " sale_closes = now() - interval '1 s'"
    )
    with pytest.raises(errors.SaleClosed):
        reserve(world, ONE, "A-1")
    world.box.execute(
        "UPDATE performances SET sale_closes = now() + interval '1 h', cancelled_at = now()"
    )
    with pytest.raises(errors.SaleClosed):
        reserve(world, ONE, "A-1")
    assert world.seats("free") == 50


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"seats": []}, errors.InputInvalid),
        ({"seats": ["A-1"], "best": 1}, errors.InputInvalid),
        ({"seats": ["A-1", "A-1"]}, errors.InputInvalid),
        ({"best": 0}, errors.InputInvalid),
        ({"best": -3}, errors.InputInvalid),
        ({"best": 11}, errors.TooManySeats),
        ({"seats": [f"A-{n}" for n in range(1, 12)]}, errors.TooManySeats),
        ({"seats": ["A-1\x00"]}, errors.InputInvalid),
        ({"seats": ["A-1 "]}, errors.SeatNotFound),
        ({"best": 2, "section": "Moon"}, errors.InputInvalid),
        ({"best": 2, "category": "Moon"}, errors.InputInvalid),
    ],
)
def test_a_request_that_cannot_be_meant_holds_nothing(world, options, error):
    with pytest.raises(error):
        world.office.reserve(world.performance, ONE, key=key(), **options)
    assert world.seats("free") == 50
    assert world.box.one("SELECT count(*) FROM operations WHERE command = 'reserve'") == 0


def test_the_best_seats_are_held_together_and_never_twice(world):
    first = world.office.reserve(world.performance, ONE, best=4, key=key())
    second = world.office.reserve(world.performance, TWO, best=4, key=key())
    assert len(set(first.seats) | set(second.seats)) == 8
    assert world.seats("held") == 8


def test_more_best_seats_than_are_free_are_refused(world):
    world.box.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no > 1")
    with pytest.raises(errors.SeatTaken, match="no 3 seats are free"):
        world.office.reserve(world.performance, ONE, best=3, key=key())
    assert world.seats("free") == 2


# --- paying ---


def test_a_payment_moves_the_price_from_the_balance_to_the_ledger(world):
    world.office.charge(3 * PRICE, "user1", key=key())
    held = reserve(world, ONE, "A-1", "A-2")
    paid = world.office.pay(held.reservation, ONE, key=key())
    assert (paid.paid.amount, paid.balance.amount, paid.seats) == (2 * PRICE, PRICE, held.seats)
    assert world.balances() == PRICE
    assert world.seats("sold") == 2
    assert world.box.rows("SELECT type, amount FROM ledger_entries ORDER BY id") == [
        ("charge", 3 * PRICE),
        ("use", 2 * PRICE),
    ]
    assert_consistent(world.box)


def test_a_balance_that_does_not_cover_the_price_changes_nothing(world):
    world.office.charge(PRICE - 1, "user1", key=key())
    held = reserve(world, ONE, "A-1")
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay(held.reservation, ONE, key=key())
    penniless = reserve(world, TWO, "A-2")
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay(penniless.reservation, TWO, key=key())
    assert world.balances() == PRICE - 1
    assert (world.seats("held"), world.seats("sold")) == (2, 0)
    assert world.box.one("SELECT count(*) FROM outbox") == 0
    assert_consistent(world.box)


def test_the_hold_survives_a_refused_payment_and_can_be_paid_after_a_charge(world):
    held = reserve(world, ONE, "A-1")
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay(held.reservation, ONE, key=key())
    world.office.charge(PRICE, "user1", key=key())
    world.office.pay(held.reservation, ONE, key=key())
    assert (world.seats("sold"), world.balances()) == (1, 0)


def test_a_paid_reservation_is_not_paid_again(world):
    paid = buy(world, "user1", "A-1")
    world.office.charge(PRICE, "user1", key=key())
    with pytest.raises(errors.AlreadyPaid):
        world.office.pay(paid.reservation, ONE, key=key())
    assert world.balances() == PRICE
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'use'") == 1


def test_nobody_pays_with_anothers_balance_or_for_anothers_reservation(world):
    world.office.charge(PRICE, "user2", key=key())
    held = reserve(world, ONE, "A-1")
    with pytest.raises(errors.ReservationNotFound):
        world.office.pay(held.reservation, TWO, key=key())
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay(held.reservation, ONE, key=key())
    assert world.balances() == PRICE
    assert world.seats("sold") == 0


def test_a_seat_of_price_zero_is_paid_without_ever_having_charged(world):
    world.box.execute("UPDATE prices SET amount = 0")
    held = reserve(world, ONE, "A-1")
    paid = world.office.pay(held.reservation, ONE, key=key())
    assert (paid.paid.amount, paid.balance.amount) == (0, 0)
    assert world.seats("sold") == 1
    assert world.office.cancel(held.reservation, ONE, key=key()).refund.amount == 0
    assert_consistent(world.box)


@pytest.mark.parametrize("text", ["", "R-", "R-0000", "P-1234", "R-" + "Z" * 200, "'; DROP", "R-é"])
def test_a_text_that_is_no_reservation_is_not_found(world, text):
    for act in (world.office.pay, world.office.cancel):
        with pytest.raises(errors.ReservationNotFound):
            act(text, ONE, key=key())


def test_a_reservation_is_unguessable_and_one_wrong_character_names_none(world):
    held = reserve(world, ONE, "A-1")
    other = reserve(world, ONE, "A-2")
    nonces = {parse_reservation(r.reservation)[1] for r in (held, other)}
    assert len(nonces) == 2
    assert min(nonces) > 2**30  # not counted up from one
    wrong = held.reservation[:-1] + ("0" if held.reservation[-1] != "0" else "1")
    with pytest.raises(errors.ReservationNotFound):
        world.office.cancel(wrong, ONE, key=key())
    assert world.seats("held") == 2


# --- cancelling ---


def test_a_held_reservation_that_is_cancelled_frees_its_seats_and_refunds_nothing(world):
    held = reserve(world, ONE, "A-1", "A-2")
    cancelled = world.office.cancel(held.reservation, ONE, key=key())
    assert (cancelled.state, cancelled.refund.amount) == ("cancelled", 0)
    assert world.seats("free") == 50
    with pytest.raises(errors.AlreadyCancelled):
        world.office.pay(held.reservation, ONE, key=key())
    assert_consistent(world.box)


def test_a_paid_reservation_that_is_cancelled_is_refunded_and_its_seat_is_sold_again(world):
    paid = buy(world, "user1", "A-1")
    cancelled = world.office.cancel(paid.reservation, ONE, key=key())
    assert (cancelled.refund.amount, cancelled.balance.amount) == (PRICE, PRICE)
    buy(world, "user2", "A-1")
    assert states(world) == [("cancelled", 1), ("paid", 1)]
    assert world.box.rows("SELECT type FROM ledger_entries WHERE user_id = 1 ORDER BY id") == [
        ("charge",),
        ("use",),
        ("refund",),
    ]
    assert world.box.rows("SELECT state FROM payments ORDER BY 1") == [("paid",), ("refunded",)]
    assert_consistent(world.box)


def test_a_seat_is_sold_and_cancelled_any_number_of_times(world):
    for user in ("user1", "user2", "user1", "user3"):
        world.office.cancel(buy(world, user, "A-1").reservation, staff(user), key=key())
    assert states(world) == [("cancelled", 4)]
    assert world.box.one("SELECT version FROM performance_seats WHERE seat_no = 0") == 12
    assert_consistent(world.box)


def test_cancelling_twice_gives_the_same_answer_and_one_refund(world):
    paid = buy(world, "user1", "A-1")
    first = world.office.cancel(paid.reservation, ONE, key=key())
    second = world.office.cancel(paid.reservation, ONE, key=key())
    assert (second.replayed, second.reservation, second.state, second.refund, second.balance) == (
        (True, first.reservation, first.state, first.refund, first.balance)
    )
    assert world.balances() == PRICE
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'refund'") == 1


def test_cancelling_a_hold_twice_refunds_nothing_either_time(world):
    held = reserve(world, ONE, "A-1")
    answers = [world.office.cancel(held.reservation, ONE, key=key()) for _ in range(2)]
    assert [answer.refund.amount for answer in answers] == [0, 0]
    assert world.box.one("SELECT count(*) FROM ledger_entries") == 0


def test_nobody_cancels_anothers_reservation(world):
    paid = buy(world, "user1", "A-1")
    with pytest.raises(errors.ReservationNotFound):
        world.office.cancel(paid.reservation, TWO, key=key())
    assert (world.seats("sold"), world.balances()) == (1, 0)


def test_after_the_beginning_only_staff_refunds(world):
    from boxoffice.core.model import Caller

    token = world.office.enqueue(str(world.concert), "user1", token=None, key=key()).token
    paid = buy(world, "user1", "A-1")
    world.box.execute("UPDATE performances SET starts_at = now() - interval '1 minute'")
    with pytest.raises(errors.PerformanceBegun):
        world.office.cancel(paid.reservation, Caller(token=token), key=key())
    assert world.seats("sold") == 1
    world.office.cancel(paid.reservation, ONE, key=key())
    assert (world.seats("sold"), world.balances()) == (0, PRICE)


def test_looking_changes_nothing(world):
    """A list never cancels, expires or sweeps, whatever it is asked for."""
    reserve(world, ONE, "A-1")
    before = world.box.rows("SELECT * FROM performance_seats ORDER BY 2")
    world.office.list_seats(world.performance, ONE, everything=True)
    world.office.list_reservations("user1")
    world.office.list_concerts()
    world.office.balance("user1", history=True)
    assert world.box.rows("SELECT * FROM performance_seats ORDER BY 2") == before
    assert world.box.one("SELECT count(*) FROM operations WHERE command = 'reserve'") == 1
