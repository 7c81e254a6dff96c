"""The programme as staff change it: dates, sale windows, and what is called off."""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from boxoffice.core import booking, errors
from boxoffice.core.access import Buyer
from boxoffice.core.model import WALK_IN, Refunded, Tender
from boxoffice.core.office import Office
from tests.clock import end_holds
from tests.conftest import PRICE, SHOW, key, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

LATER = SHOW + timedelta(days=1)
WHY = "the singer is ill"
KRW = "KRW"


def programme(world):
    """All that a refused change must leave as it was."""
    return [
        world.box.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("performances", "outbox", "operations", "audit", "prices", "reservations")
    ]


def refused(world, error, act):
    before = programme(world)
    with pytest.raises(error) as caught:
        act()
    assert programme(world) == before
    return str(caught.value)


def book(world, *seats, user="user1", tender=None, pay=True):
    """Hold seats and, where asked, pay them; a balance is charged first with what it takes."""
    office = world.office
    held = office.reserve(world.performance, staff(user), seats=list(seats), key=key())
    if pay:
        if tender is None:
            office.charge(held.total.amount, user, key=key())
        office.pay(held.reservation, staff(user), key=key(), tender=tender)
    return held.reservation


def money_by_tender(world):
    return world.box.rows(
        "SELECT tender, sum(CASE type WHEN 'use' THEN amount ELSE -amount END)::bigint"
        " FROM ledger_entries WHERE type IN ('use', 'refund') GROUP BY 1 ORDER BY 1"
    )


# --- dates and sale windows ---


def test_a_moved_performance_keeps_what_is_held_and_sold_and_its_sale_closes_at_the_new_start(
    world,
):
    sold, held = book(world, "A-1"), book(world, "A-2", pay=False)
    moved = world.office.reschedule(world.performance, LATER, key="move")
    assert moved.date.replace(tzinfo=None) == LATER
    assert (moved.sale_closes, moved.date.utcoffset()) == (moved.date, timedelta(hours=9))
    states = {r.reservation: (r.state, r.date) for r in world.office.list_reservations("user1")}
    assert states == {sold: ("paid", moved.date), held: ("held", moved.date)}
    assert_consistent(world.box)


def test_a_move_is_told_once_with_the_former_date_and_audited_with_both(world):
    for _ in range(2):
        world.office.reschedule(world.performance, LATER, key="move")
    assert world.box.rows(
        "SELECT dedupe_key, type, payload ->> 'date', payload ->> 'former_date' FROM outbox"
    ) == [
        (
            "performance reschedule:move",
            "performance.rescheduled",
            "2099-12-25T19:30:00+09:00",
            "2099-12-24T19:30:00+09:00",
        )
    ]
    assert world.box.rows(
        "SELECT before ->> 'date', detail ->> 'date' FROM audit WHERE operation_key = 'move'"
    ) == [("2099-12-24T19:30:00+09:00", "2099-12-25T19:30:00")]
    world.office.reschedule(world.performance, LATER, key=key())  # already so: nobody is told
    assert world.box.one("SELECT count(*) FROM outbox") == 1
    assert_consistent(world.box)


def test_a_date_that_the_concert_has_already_is_refused(world):
    office = world.office
    office.create_performance(str(world.concert), LATER, prices={"Standard": 1}, key=key())
    refused(world, errors.DateTaken, lambda: office.reschedule(world.performance, LATER, key="k"))


def test_a_sale_window_is_set_and_heeded_by_the_next_buyer(world):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    set_to = world.office.set_sale(world.performance, opens=tomorrow, key="window")
    assert set_to.sale_opens == tomorrow
    with pytest.raises(errors.SaleNotOpen):
        book(world, "A-1")
    world.office.set_sale(world.performance, opens=SHOW - timedelta(days=40_000), key=key())
    book(world, "A-1")
    assert world.office.set_sale(world.performance, opens=tomorrow, key="window").replayed
    (before,) = world.box.rows("SELECT before FROM audit WHERE operation_key = 'window'")
    assert before[0]["sale_closes"] == "2099-12-24T19:30:00+09:00"


def test_a_window_that_closes_before_it_opens_or_says_nothing_is_refused(world):
    office, number = world.office, world.performance
    refused(world, errors.InputInvalid, lambda: office.set_sale(number, key="k"))
    refused(
        world,
        errors.InputInvalid,
        lambda: office.set_sale(number, opens=SHOW, closes=SHOW, key="k"),
    )
    year = datetime(9999, 1, 1, tzinfo=UTC)
    refused(world, errors.InputInvalid, lambda: office.reschedule(number, year, key="k"))


def test_an_unknown_performance_is_not_found(world):
    office = world.office
    for number in (99, 0, -1, 2**70):
        for act in (
            lambda n=number: office.reschedule(n, LATER, key="k"),
            lambda n=number: office.set_sale(n, opens=SHOW, key="k"),
            lambda n=number: office.cancel_performance(n, reason=WHY, key="k"),
        ):
            refused(world, errors.PerformanceNotFound, act)


def test_only_an_admin_changes_the_programme_and_clerks_may_look(world):
    clerk, customer = (world.box.office(role=role) for role in ("clerk", "customer"))
    for office in (clerk, customer):
        for act in (
            lambda o=office: o.reschedule(world.performance, LATER, key="k"),
            lambda o=office: o.set_sale(world.performance, opens=SHOW, key="k"),
            lambda o=office: o.cancel_performance(world.performance, reason=WHY, key="k"),
            lambda o=office: o.cancel_concert("Concert", reason=WHY, key="k"),
            lambda o=office: o.import_season(io.BytesIO(b""), key="k"),
        ):
            refused(world, errors.Forbidden, act)
    assert len(clerk.list_performances("Concert")) == len(clerk.list_programme()) == 1
    refused(world, errors.Forbidden, customer.list_programme)
    refused(world, errors.Forbidden, lambda: customer.list_performances("Concert"))


def test_staff_see_every_performance_with_its_seats_counted(world):
    office = world.office
    book(world, "A-1", "A-2")
    book(world, "A-3", pay=False)
    ended = book(world, "A-4", pay=False)
    end_holds(world.box, ended)
    world.box.execute("UPDATE performance_seats SET status = 'blocked' WHERE seat_no = 49")
    closed = office.create_performance(
        "Concert",
        LATER,
        prices={"Standard": 1},
        sale_opens=datetime(2020, 1, 1, tzinfo=UTC),
        sale_closes=datetime(2020, 1, 2, tzinfo=UTC),
        key=key(),
    )
    office.create_concert("Another", "Room", key=key())
    office.cancel_performance(closed.performance, reason=WHY, key=key())
    on_sale, gone = office.list_performances("Concert")
    assert (on_sale.state, gone.state) == ("open", "cancelled")
    counted = (on_sale.free_seats, on_sale.held_seats, on_sale.sold_seats, on_sale.blocked_seats)
    assert counted == (46, 1, 2, 1)
    another, concert = office.list_programme()
    assert (another.name, another.performances, another.on_sale) == ("Another", 0, False)
    assert (concert.performances, concert.cancelled, concert.on_sale) == (1, 1, True)
    assert concert.first_date == concert.last_date == on_sale.date


# --- cancelling ---


def sell_some(world):
    """Three sold (balance, cash, card), one held, one whose hold has ended."""
    cash, card = Tender(kind="cash", received=PRICE), Tender(kind="card", note="T-1")
    made = {
        "balance": book(world, "A-1", "A-2"),
        "cash": book(world, "A-3", user=WALK_IN, tender=cash),
        "card": book(world, "A-4", user="user2", tender=card),
        "held": book(world, "A-5", pay=False),
        "ended": book(world, "A-6", pay=False),
    }
    end_holds(world.box, made["ended"])
    return made


def assert_all_given_back(world, states=("cancelled", "expired")):
    found = world.box.rows("SELECT DISTINCT state FROM reservations ORDER BY 1")
    assert [state for (state,) in found] == sorted(states)
    assert world.seats("free") == 50
    assert all(amount == 0 for _, amount in money_by_tender(world))
    assert_consistent(world.box)


def test_a_cancelled_performance_gives_everything_back_the_way_it_was_paid(world):
    sell_some(world)
    done = world.office.cancel_performance(world.performance, reason=WHY, key="off")
    assert (done.state, done.released, done.refunded) == ("cancelled", 1, 3)
    assert [(r.by, r.reservations, r.amount.amount) for r in done.refunds] == [
        ("balance", 1, 2 * PRICE),
        ("card", 1, PRICE),
        ("cash", 1, PRICE),
    ]
    assert isinstance(done.refunds[0], Refunded)
    assert world.balances() == 2 * PRICE
    assert_all_given_back(world)
    assert world.box.rows(
        "SELECT type, count(*), count(DISTINCT dedupe_key) FROM outbox"
        " WHERE type <> 'reservation.paid' GROUP BY 1 ORDER BY 1"
    ) == [("performance.cancelled", 1, 1), ("reservation.refunded", 3, 3)]
    again = world.office.cancel_performance(world.performance, reason=WHY, key="off")
    assert again == replace(done, replayed=True)
    assert world.office.status("off").result.refunds == done.refunds


def test_the_record_says_who_called_it_off_why_and_each_thing_given_back(world):
    sell_some(world)
    world.office.cancel_performance(world.performance, reason=WHY, key="off")
    ((detail, before),) = world.box.rows(
        "SELECT detail, before FROM audit WHERE operation_key = 'off'"
    )
    assert detail == {"performance": world.performance, "reason": WHY}
    assert before == {"since": {str(world.performance): None}}
    assert world.box.one("SELECT count(*) FROM audit WHERE action = 'cancel'") == 4


def test_what_is_cancelled_is_not_sold_paid_moved_or_opened_any_more(world):
    office, number = world.office, world.performance
    office.cancel_performance(number, reason=WHY, key=key())
    with pytest.raises(errors.SaleClosed):
        book(world, "A-1")
    refused(world, errors.PerformanceCancelled, lambda: office.reschedule(number, LATER, key="k"))
    refused(
        world, errors.PerformanceCancelled, lambda: office.set_sale(number, opens=SHOW, key="k")
    )
    assert office.show_concert("Concert").dates == ()


def test_a_hold_that_a_cancellation_did_not_see_is_never_paid(world):
    """The hold is there, as one would be whose statement began before the cancellation."""
    held = book(world, "A-1", pay=False)
    world.office.charge(PRICE, "user1", key=key())
    world.box.execute("UPDATE performances SET cancelled_at = now()")
    for tender in (None, Tender(kind="cash", received=PRICE)):
        with pytest.raises(errors.PerformanceCancelled):
            world.office.pay(held, staff("user1"), key=key(), tender=tender)
    assert (world.balances(), world.seats("sold")) == (PRICE, 0)


def test_a_payment_under_way_is_waited_for_and_refunded(world):
    """It claimed its reservation before the cancellation began, and commits in its middle."""
    held = book(world, "A-1", pay=False)
    office = world.office
    office.charge(PRICE, "user1", key=key())
    with ExitStack() as paying:
        connection = paying.enter_context(world.box.office().stores.transaction())
        booking.pay(connection, held, Buyer(user=world.users[0]), key=key())

        def call_off():
            return office.cancel_performance(world.performance, reason=WHY, key="off")

        with blocked(world.box, call_off) as cancelling:
            paying.close()
            assert cancelling.result().refunded == 1
    assert world.balances() == PRICE
    assert_all_given_back(world, ["cancelled"])


def test_one_that_was_called_off_before_is_asked_for_what_is_left(world):
    sell_some(world)
    world.box.execute("UPDATE performances SET cancelled_at = now()")
    done = world.office.cancel_performance(world.performance, reason=WHY, key="again")
    assert (done.released, done.refunded) == (1, 3)
    nothing = world.office.cancel_performance(world.performance, reason=WHY, key="thrice")
    assert (nothing.released, nothing.refunded, nothing.refunds) == (0, 0, ())
    assert nothing.cancelled_at == done.cancelled_at
    assert_all_given_back(world)


class Interrupted(Exception):
    """Stands for a process that ended there."""


def test_whoever_is_interrupted_anywhere_goes_on_with_the_same_key_and_counts_all(world):
    sell_some(world)

    def stop(_done, _total):
        raise Interrupted

    with pytest.raises(Interrupted):
        world.office.cancel_performance(world.performance, reason=WHY, key="off", told=stop)
    half = world.office.status("off").result
    assert (half.state, half.refunded) == ("cancelling", 0)
    done = world.office.cancel_performance(world.performance, reason=WHY, key="off")
    assert (done.state, done.released, done.refunded, done.replayed) == ("cancelled", 1, 3, False)
    assert_all_given_back(world)


def test_a_concert_is_called_off_with_its_performances_to_come_and_no_other(world):
    office = world.office
    played = office.create_performance(
        "Concert", datetime(2020, 1, 2, tzinfo=UTC), prices={"Standard": 1}, key=key(),
        sale_opens=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    later = office.create_performance("Concert", LATER, prices={"Standard": 1}, key=key())
    sell_some(world)
    office.reserve(later.performance, staff("user3"), seats=["A-1"], key=key())
    done = office.cancel_concert("Concert", reason=WHY, key="off")
    assert done.performances == (world.performance, later.performance)
    assert (done.state, done.released, done.refunded) == ("cancelled", 2, 3)
    states = {p.performance: p.state for p in office.list_performances("Concert")}
    assert states[played.performance] == "closed"
    assert office.cancel_concert("Concert", reason=WHY, key="off") == replace(done, replayed=True)
    assert_consistent(world.box)


def test_a_rehearsal_says_what_it_would_come_to_and_changes_nothing(world):
    sell_some(world)
    before, seats = (
        programme(world),
        world.box.rows("SELECT * FROM performance_seats ORDER BY 1, 2"),
    )
    office = Office(world.box.settings, dry_run=True)
    try:
        would = office.cancel_performance(world.performance, reason=WHY, key="k")
        assert (would.state, would.released, would.refunded) == ("cancelled", 1, 3)
        assert sum(refund.amount.amount for refund in would.refunds) == 4 * PRICE
        office.reschedule(world.performance, LATER, key="k")
        office.set_sale(world.performance, opens=SHOW, closes=LATER, key="k")
        office.cancel_concert("Concert", reason=WHY, key="k")
    finally:
        office.close()
    assert programme(world) == before
    assert world.box.rows("SELECT * FROM performance_seats ORDER BY 1, 2") == seats
