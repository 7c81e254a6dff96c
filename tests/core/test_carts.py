"""A cart is one hold that grows and shrinks: what a clerk does for one customer before paying."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from boxoffice.core import carts, errors, idempotency, terms
from boxoffice.core.access import Buyer
from boxoffice.core.audit import current_principal
from boxoffice.core.database import lost_a_seat, statement
from boxoffice.core.model import WALK_IN, Caller
from tests.clock import end_holds
from tests.conftest import PRICE, key, plain, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

ONE = staff("user1")
TWO = staff("user2")
HELD_UNTIL = "SELECT held_until FROM reservations"
NOTED = "SELECT action, user_id, operation_key FROM audit WHERE action <> 'reserve' AND user_id > 0"


def hold(world, caller, *seats):
    return world.office.reserve(world.performance, caller, seats=seats, key=key())


def add(world, held, *seats, caller=ONE, name=None):
    return world.office.add_seats(held.reservation, caller, seats=seats, key=name or key())


def release(world, held, *seats, caller=ONE, name=None):
    return world.office.release_seats(held.reservation, caller, seats=seats, key=name or key())


def buyer(world):
    return Buyer(user=world.users[0], staff=current_principal("admin"))


def changes(office, held):
    """Every change of a hold, as a function of the key."""
    reservation = held.reservation
    return {
        "add": partial(office.add_seats, reservation, ONE, seats=["A-3"]),
        "release": partial(office.release_seats, reservation, ONE, seats=["A-1"]),
        "extend": partial(office.extend_hold, reservation, ONE, seconds=3_600, name="Kim"),
        "assign": partial(office.assign, reservation, ONE, user="user2"),
    }


CHANGES = ("add", "release", "extend", "assign")


# --- adding and releasing ---


def test_added_seats_join_the_hold_with_its_end_and_the_price_of_now(world):
    held = hold(world, ONE, "A-2")
    world.box.execute("UPDATE prices SET amount = 7")
    grown = add(world, held, "A-1", "B-1")
    assert grown == replace(
        held, seats=("A-1", "A-2", "B-1"), total=replace(held.total, amount=PRICE + 14)
    )
    assert world.seats("held") == 3
    assert world.box.one("SELECT count(*) FROM reservations") == 1
    assert_consistent(world.box)


def test_one_taken_seat_of_three_adds_none_and_is_named(world):
    held = hold(world, ONE, "A-1")
    hold(world, TWO, "A-3")
    with pytest.raises(errors.SeatTaken, match="seat A-3 is already taken"):
        add(world, held, "A-2", "A-3", "A-4")
    assert world.seats("held") == 2
    assert world.box.one("SELECT max(seat_count) FROM reservations") == 1


def test_seats_that_are_kept_unknown_sold_or_in_the_hold_already_are_refused_by_name(world):
    held = hold(world, ONE, "A-1")
    world.office.block_seats(world.performance, seats=["A-9"], kind="house", key=key())
    world.office.charge(PRICE, "user2", key=key())
    world.office.pay(hold(world, TWO, "B-1").reservation, TWO, key=key())
    for label, error, words in (
        ("A-9", errors.SeatBlocked, "the house keeps A-9"),
        ("Z-9", errors.SeatNotFound, "Z-9"),
        ("B-1", errors.SeatTaken, "seat B-1 is already taken"),
        ("A-1", errors.SeatTaken, "seat A-1 is already taken"),
    ):
        with pytest.raises(error, match=words):
            add(world, held, "A-2", label)
    assert (world.seats("held"), world.seats("sold")) == (1, 1)
    assert_consistent(world.box)


def test_a_seat_whose_hold_has_ended_is_added_and_its_former_hold_lets_go(world):
    lost, held = hold(world, TWO, "A-2", "A-3"), hold(world, ONE, "A-1")
    end_holds(world.box, lost.reservation)
    assert add(world, held, "A-2").seats == ("A-1", "A-2")
    assert world.office.sweep() == 1
    assert_consistent(world.box)
    assert world.seats("held") == 2


def test_a_cart_has_at_most_the_seats_of_one_reservation(world):
    world = replace(world, office=world.box.office(seats_per_reservation_max=3))
    held = hold(world, ONE, "A-1", "A-2")
    with pytest.raises(errors.TooManySeats):
        add(world, held, "A-3", "A-4")
    with pytest.raises(errors.TooManySeats):
        add(world, held, "B-1", "B-2", "B-3", "B-4")
    add(world, held, "A-3")
    with pytest.raises(errors.TooManySeats):
        add(world, held, "A-4")
    assert world.seats("held") == 3


def test_a_released_seat_is_free_for_anybody_and_for_the_cart_again(world):
    held = hold(world, ONE, "A-1", "A-2", "A-3")
    shrunk = release(world, held, "A-3", "A-1")
    assert (shrunk.seats, shrunk.total.amount) == (("A-2",), PRICE)
    assert shrunk.held_until == held.held_until
    hold(world, TWO, "A-1")
    assert add(world, held, "A-3").seats == ("A-2", "A-3")
    assert world.seats("held") == 3
    assert_consistent(world.box)


def test_releasing_all_seats_or_a_seat_of_somebody_else_is_refused_and_changes_nothing(world):
    held = hold(world, ONE, "A-1", "A-2")
    hold(world, TWO, "B-1")
    with pytest.raises(errors.InputInvalid, match="all seats of the hold"):
        release(world, held, "A-1", "A-2")
    for label in ("B-1", "C-1", "Z-9"):
        with pytest.raises(errors.SeatNotFound, match=label):
            release(world, held, "A-1", label)
    assert world.seats("held") == 3
    assert_consistent(world.box)


@pytest.mark.parametrize("seats", [[], ["A-3", "A-3"]])
def test_no_seat_or_a_seat_named_twice_is_no_request(world, seats):
    held = hold(world, ONE, "A-1", "A-2")
    for act in (world.office.add_seats, world.office.release_seats):
        with pytest.raises(errors.InputInvalid):
            act(held.reservation, ONE, seats=seats, key=key())


def test_a_sale_that_is_over_or_not_open_adds_nothing_and_releases(world):
    held = hold(world, ONE, "A-1", "A-2")
    for window, error in (
        ("sale_opens = now() + interval '1 hour'", errors.SaleNotOpen),
        ("sale_opens = now() - interval '2 hours', sale_closes = now()", errors.SaleClosed),
        ("sale_closes = now() + interval '1 hour', cancelled_at = now()", errors.SaleClosed),
    ):
        world.box.execute(f"UPDATE performances SET {window}")
        with pytest.raises(error):
            add(world, held, "A-3")
    assert release(world, held, "A-2").seats == ("A-1",)


def test_a_seat_that_somebody_is_just_taking_is_refused_without_waiting(world):
    held = hold(world, ONE, "A-1")
    office = world.box.office()
    with world.office.stores.transaction() as winner:
        winner.exec_driver_sql("SELECT 1 FROM performance_seats WHERE seat_no = 1 FOR UPDATE")
        with pytest.raises(errors.SeatTaken, match="somebody is just taking A-2"):
            office.add_seats(held.reservation, ONE, seats=["A-2"], key=key())
    assert world.seats("held") == 1


# --- keeping a hold ---


def test_a_hold_is_kept_for_the_usual_time_from_now_and_never_gets_shorter(world):
    held = hold(world, ONE, "A-1", "A-2")
    world.box.execute("UPDATE reservations SET held_until = now() + interval '1 minute'")
    world.box.execute(f"UPDATE performance_seats SET held_until = ({HELD_UNTIL}) WHERE seat_no < 2")
    kept = world.office.extend_hold(held.reservation, ONE, key=key())
    left = world.box.one("SELECT held_until - now() FROM reservations")
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    again = world.office.extend_hold(held.reservation, ONE, seconds=1, key=key())
    assert again.held_until == kept.held_until == world.box.one(HELD_UNTIL)
    assert_consistent(world.box)


def test_a_long_hold_has_a_name_and_a_note_and_ends_when_the_performance_starts(world):
    held = hold(world, ONE, "A-1")
    kept = world.office.extend_hold(
        held.reservation, ONE, seconds=86_400, name=" 김민수 ", note="calls back", key=key()
    )
    assert (kept.hold_name, kept.hold_note) == ("김민수", "calls back")
    assert kept.held_until - held.held_until > timedelta(hours=23)
    world.box.execute("UPDATE performances SET starts_at = now() + interval '2 days'")
    starts = world.box.one("SELECT starts_at FROM performances")
    longest = world.office.extend_hold(held.reservation, ONE, seconds=10 * 86_400, key=key())
    assert (longest.held_until, longest.hold_name) == (starts, "김민수")
    world.box.execute("UPDATE performances SET starts_at = now() + interval '1 hour'")
    assert world.office.extend_hold(held.reservation, ONE, key=key()).held_until == starts
    assert_consistent(world.box)


@pytest.mark.parametrize("seconds", [0, -1, 31 * 86_400, float("nan"), float("inf")])
def test_a_hold_of_no_time_or_of_more_than_thirty_days_is_refused(world, seconds):
    held = hold(world, ONE, "A-1")
    with pytest.raises(errors.InputInvalid):
        world.office.extend_hold(held.reservation, ONE, seconds=seconds, key=key())


@pytest.mark.parametrize(
    "words",
    [{"name": ""}, {"name": "\x1b[2J"}, {"name": "x" * 201}, {"note": "a\nb"}, {"note": "x" * 201}],
)
def test_a_name_or_note_that_cannot_be_shown_is_refused(world, words):
    held = hold(world, ONE, "A-1")
    with pytest.raises(errors.InputInvalid):
        world.office.extend_hold(held.reservation, ONE, key=key(), **words)


def test_the_longest_names_and_notes_of_marks_without_width_fit_or_are_refused(world):
    held = hold(world, ONE, "A-1")
    for text in (
        "x\u0335" * 100,
        "x\u0335" * 200,
        "x\u0335\u0336" * 200,
        "x\u0335\u0336\u0337" * 200,
    ):
        for what in ("name", "note"):
            try:
                kept = world.office.extend_hold(held.reservation, ONE, key=key(), **{what: text})
            except errors.InputInvalid:
                continue
            assert getattr(kept, f"hold_{what}") == text


def test_a_hold_given_to_another_customer_is_paid_from_that_customers_balance(world):
    held = hold(world, staff(WALK_IN), "A-1")
    world.office.charge(PRICE, "user2", key=key())
    given = world.office.assign(held.reservation, staff(WALK_IN), user="user2", key=key())
    assert given == held
    with pytest.raises(errors.ReservationNotFound):
        world.office.pay(held.reservation, staff(WALK_IN), key=key())
    assert world.office.pay(held.reservation, TWO, key=key()).balance.amount == 0
    assert [each.reservation for each in world.office.list_reservations("user2")] == [
        held.reservation
    ]
    assert_consistent(world.box)


def test_a_hold_is_given_to_nobody_unknown(world):
    held = hold(world, ONE, "A-1")
    for user in ("nobody", "99999"):
        with pytest.raises(errors.UserNotFound):
            world.office.assign(held.reservation, ONE, user=user, key=key())
    assert world.box.one("SELECT user_id FROM reservations") == world.users[0]


# --- every change: whose, when, once ---


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused_to_anybody_but_the_holds_owner(world, change):
    held = hold(world, TWO, "A-1", "A-2")
    with pytest.raises(errors.ReservationNotFound):
        changes(world.office, held)[change](key=key())
    assert world.seats("held") == 2


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused_once_the_hold_is_over_whatever_ended_it(world, change):
    world.office.charge(2 * PRICE, "user1", key=key())
    paid, ended, swept, cancelled = (hold(world, ONE, f"{r}-1", f"{r}-2") for r in "BCDE")
    world.office.pay(paid.reservation, ONE, key=key())
    world.office.cancel(cancelled.reservation, ONE, key=key())
    end_holds(world.box, swept.reservation)
    world.office.sweep()
    end_holds(world.box, ended.reservation)
    before = world.box.rows("SELECT * FROM reservations ORDER BY id")
    for held, error in (
        (paid, errors.AlreadyPaid),
        (cancelled, errors.AlreadyCancelled),
        (ended, errors.HoldExpired),
        (swept, errors.HoldExpired),
    ):
        act = changes(world.office, held)[change]
        if change == "release":
            act = partial(act, seats=[held.seats[0]])
        with pytest.raises(error):
            act(key=key())
    assert world.box.rows("SELECT * FROM reservations ORDER BY id") == before
    assert_consistent(world.box)


@pytest.mark.parametrize("change", CHANGES)
def test_a_replayed_change_gets_the_same_answer_and_is_executed_once(world, change):
    held = hold(world, ONE, "A-1", "A-2")
    act = changes(world.office, held)[change]
    first = act(key="k")
    version = "SELECT sum(version) FROM performance_seats"
    before = world.box.one(version)
    assert act(key="k") == replace(first, replayed=True)
    assert world.box.one(version) == before
    assert world.office.status("k").result == first
    assert world.box.rows(NOTED) == [(world.office.status("k").command, first_user(world), "k")]
    world.office.cancel(held.reservation, staff(str(first_user(world))), key=key())
    assert act(key="k") == replace(first, replayed=True)
    assert_consistent(world.box)


def first_user(world):
    return world.box.one("SELECT user_id FROM reservations")


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_of_another_request_is_refused(world, change):
    held = hold(world, ONE, "A-1", "A-2")
    others = {
        "add": {"seats": ["A-4"]},
        "release": {"seats": ["A-2"]},
        "extend": {"seconds": 7_200},
        "assign": {"user": "user3"},
    }
    act = changes(world.office, held)[change]
    world.office.charge(1, "user1", key="c")
    with pytest.raises(errors.KeyReused):
        act(key="c")
    act(key="k")
    with pytest.raises(errors.KeyReused):
        act(key="k", **others[change])
    assert_consistent(world.box)


def test_neither_the_order_of_seats_nor_a_changed_limit_makes_another_request(world):
    held = hold(world, ONE, "A-1")
    add(world, held, "A-2", "A-3", "A-4", name="a")
    world = replace(world, office=world.box.office(seats_per_reservation_max=4))
    assert add(world, held, "A-4", "A-2", "A-3", name="a").replayed
    release(world, held, "A-2", "A-3", name="r")
    assert release(world, held, "A-3", "A-2", name="r").replayed


def test_every_change_is_audited_with_who_for_whom_and_its_key(world):
    clerk = world.box.office(role="clerk")
    held = hold(world, ONE, "A-1", "A-2")
    for change, act in changes(clerk, held).items():
        act(key=change)
    name = current_principal("clerk").name
    one, two = world.users[:2]
    assert world.box.rows(
        "SELECT action, principal, user_id, operation_key, detail ->> 'reservation',"
        " before ->> 'user' FROM audit WHERE operation_key = ANY (%s) ORDER BY id",
        list(CHANGES),
    ) == [
        ("add seats", name, one, "add", held.reservation, None),
        ("release seats", name, one, "release", held.reservation, None),
        ("keep hold", name, one, "extend", held.reservation, str(one)),
        ("keep hold", name, two, "assign", held.reservation, str(one)),
    ]


@pytest.mark.parametrize("role", ["customer", None])
def test_a_customers_session_changes_no_cart(world, role):
    held = hold(world, ONE, "A-1", "A-2")
    place = world.office.enqueue(str(world.concert), "user1", token=None, key=key())
    customer = world.box.office(role=role, user="user1")
    for caller in (ONE, Caller(token=place.token)):
        for act in (
            partial(customer.add_seats, seats=["A-3"]),
            partial(customer.release_seats, seats=["A-1"]),
            partial(customer.extend_hold, seconds=60),
            partial(customer.assign, user="user2"),
        ):
            with pytest.raises(errors.Forbidden):
                act(held.reservation, caller, key=key())
    assert world.seats("held") == 2


# --- two changes of one hold at once ---


BESIDE = {
    "pay": lambda office, r: office.pay(r, ONE, key=key()),
    "cancel": lambda office, r: office.cancel(r, ONE, key=key()),
    "add": lambda office, r: office.add_seats(r, ONE, seats=["A-5"], key=key()),
    "release": lambda office, r: office.release_seats(r, ONE, seats=["A-2"], key=key()),
    "extend": lambda office, r: office.extend_hold(r, ONE, seconds=3_600, key=key()),
}


@pytest.mark.parametrize("second", BESIDE)
@pytest.mark.parametrize("first", ["add", "release"])
def test_a_change_that_waited_for_another_of_the_same_hold_acts_on_all_of_it(world, first, second):
    """Whoever waits sees the seats that the other one added or gave back."""
    world.office.charge(9 * PRICE, "user1", key=key())
    held = hold(world, ONE, "A-1", "A-2", "A-3")
    other = world.box.office()
    with ExitStack() as beside, world.office.stores.transaction() as flying:
        if first == "add":
            carts.add_seats(
                flying, held.reservation, buyer(world), ["A-4"], seats_max=10, key=key()
            )
        else:
            carts.release_seats(flying, held.reservation, buyer(world), ["A-3"], key=key())
        act = partial(BESIDE[second], other, held.reservation)
        waiting = beside.enter_context(blocked(world.box, act))
    answer = waiting.result()
    seats = {"A-1", "A-2", "A-3"} ^ {"A-4" if first == "add" else "A-3"}
    if second != "cancel":
        seats ^= {"add": {"A-5"}, "release": {"A-2"}}.get(second, set())
        assert set(answer.seats) == seats
        assert world.seats("sold" if second == "pay" else "held") == len(seats)
    else:
        assert world.seats("free") == 50
    assert_consistent(world.box)


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_in_flight_is_waited_for_and_then_replayed(world, change):
    held = hold(world, ONE, "A-1", "A-2")
    other = world.box.office()
    twin = world.box.office()
    act = changes(other, held)[change]
    with ExitStack() as beside, world.office.stores.transaction() as flying:
        flying.exec_driver_sql("SELECT 1 FROM reservations FOR UPDATE")
        first = beside.enter_context(blocked(world.box, partial(act, key="k")))
        second = beside.enter_context(
            blocked(world.box, partial(changes(twin, held)[change], key="k"))
        )
    answers = sorted([first.result(), second.result()], key=lambda answer: answer.replayed)
    assert answers == [answers[0], replace(answers[0], replayed=True)]
    assert not answers[0].replayed
    assert len(world.box.rows(NOTED)) == 1
    assert_consistent(world.box)


# --- a statement that looked before a cart grew, and acts after it ---

PAUSE = 7  # the number of an advisory lock
PAUSED = f"(SELECT pg_advisory_xact_lock({PAUSE})) pause"


def late(world, statement_text, parameters):
    """Run a statement on a connection of its own."""
    with psycopg.connect(plain(world.box.settings.database_url), autocommit=True) as connection:
        return connection.execute(statement_text, parameters).fetchall()


@contextmanager
def grown_after_the_look(world, *, look, seat):
    """Let a hold grow by `seat` in its last moment, after `look` looked and before it locks."""
    office = world.box.office(hold_seconds=1)
    held = office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    with (
        ExitStack() as beside,
        psycopg.connect(plain(world.box.settings.database_url)) as pausing,
    ):
        with world.office.stores.transaction() as flying:  # its now() is before the end
            flying.exec_driver_sql("SELECT now()")
            pausing.execute("SELECT pg_advisory_lock(%s)", [PAUSE])
            world.box.rows("SELECT pg_sleep_until(max(held_until)) FROM reservations")
            carts.add_seats(flying, held.reservation, buyer(world), [seat], seats_max=9, key=key())
            running = beside.enter_context(blocked(world.box, look))
        pausing.execute("SELECT pg_advisory_unlock(%s)", [PAUSE])
        yield running


@pytest.mark.parametrize("former", [None, "an ended hold"])
def test_a_sweep_leaves_alone_what_grew_since_it_looked(world, former):
    """Else the new seat would be kept without a reservation, or be free with a ticket for ever."""
    if former:
        end_holds(world.box, hold(world, TWO, "A-2", "A-3").reservation)
    slow = statement("sweep").replace(
        "FROM reservations r WHERE", f"FROM {PAUSED}, reservations r WHERE"
    )
    sweep = partial(late, world, slow, {"performance": world.performance, "holds_max": 10})
    with grown_after_the_look(world, look=sweep, seat="A-2") as swept:
        swept.result()
        assert_consistent(world.box)
    assert PAUSED in slow
    world.office.sweep()
    assert_consistent(world.box)
    assert world.seats("free") == 50
    assert hold(world, TWO, "A-1", "A-2").seats == ("A-1", "A-2")


def test_a_hold_that_looked_before_an_ended_cart_grew_asks_again(world):
    """It meets a ticket that it could not see; the next look sees it."""
    slow = statement("hold").replace("FROM performances p", f"FROM {PAUSED}, performances p", 1)
    parameters = terms.hold_parameters(
        world.performance,
        ["A-2"],
        Buyer(user=world.users[1]),
        idempotency.make_request(key(), "reserve"),
        60,
    )
    look = partial(late, world, slow, parameters)
    with (
        grown_after_the_look(world, look=look, seat="A-2") as looking,
        pytest.raises(psycopg.errors.UniqueViolation) as met,
    ):
        looking.result()
    told = DBAPIError.instance(None, None, met.value, psycopg.Error)
    assert lost_a_seat(told)
    assert_consistent(world.box)
    assert hold(world, TWO, "A-2").seats == ("A-2",)
    assert_consistent(world.box)
