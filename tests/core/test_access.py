"""Who may: customers act by a token and for themselves, staff by role and on the record."""

from __future__ import annotations

import io
import unicodedata

import pytest

from boxoffice.core import errors
from boxoffice.core.model import Caller
from tests.conftest import PRICE, SHOW, key, staff


def admitted(world, user, concert=None):
    place = world.office.enqueue(str(concert or world.concert), user, token=None, key=key())
    assert place.state == "admitted"
    return Caller(token=place.token)


@pytest.fixture
def customer(world):
    """An office of a customer's session, whose user is user1."""
    return world.box.office(role="customer", user="user1")


@pytest.fixture
def behind(world):
    """Every operation behind the queue, and cancel, as one caller does it."""
    office = world.box.office(role="customer")
    held = world.office.reserve(world.performance, staff("user1"), seats=["E-1"], key=key())
    return {
        "list_dates": lambda caller: office.list_dates(str(world.concert), caller),
        "list_seats": lambda caller: office.list_seats(world.performance, caller),
        "reserve": lambda caller: office.reserve(
            world.performance, caller, seats=["A-1"], key=key()
        ),
        "pay": lambda caller: office.pay(held.reservation, caller, key=key()),
        "cancel": lambda caller: office.cancel(held.reservation, caller, key=key()),
    }


BEHIND = ("list_dates", "list_seats", "reserve", "pay")


@pytest.mark.parametrize("token", [None, "", "1", "user1", "c1-" + "0" * 34, "x" * 10_000])
def test_everything_behind_the_queue_refuses_who_has_no_token(world, behind, token):
    for act in behind.values():
        with pytest.raises(errors.TokenInvalid):
            act(Caller(token=token))
    assert (world.seats("held"), world.seats("sold")) == (1, 0)


def test_everything_behind_the_queue_refuses_who_still_waits(world, behind):
    world.office.configure_queue(str(world.concert), state="paused")
    place = world.office.enqueue(str(world.concert), "user1", token=None, key=key())
    for name in BEHIND:
        with pytest.raises(errors.NotAdmitted, match="position 1"):
            behind[name](Caller(token=place.token))
    assert (world.seats("held"), world.seats("sold")) == (1, 0)


def test_everything_behind_the_queue_refuses_a_token_of_another_concert(world, behind):
    world.office.create_concert("Other", "Room", key=key())
    caller = admitted(world, "user1", "Other")
    world.office.charge(PRICE, "user1", key=key())
    for name in BEHIND:
        with pytest.raises(errors.NotAdmitted, match="another concert"):
            behind[name](caller)
    assert (world.seats("held"), world.seats("sold"), world.balances()) == (1, 0, PRICE)


def test_everything_behind_the_queue_refuses_a_place_that_was_given_up(world, behind):
    caller = admitted(world, "user1")
    world.office.leave(caller.token)
    for name in BEHIND:
        with pytest.raises(errors.TokenInvalid, match="ended"):
            behind[name](caller)
    behind["cancel"](caller)  # what one owns can be given back even after the place ended
    assert world.seats("free") == 50


def test_the_owner_comes_from_the_token_so_nobody_acts_with_anothers_identity(world, behind):
    stranger = admitted(world, "user2")
    world.office.charge(PRICE, "user1", key=key())
    world.office.charge(PRICE, "user2", key=key())
    for name in ("pay", "cancel"):
        with pytest.raises(errors.ReservationNotFound):
            behind[name](stranger)
        with pytest.raises(errors.ReservationNotFound):
            behind[name](Caller(token=stranger.token, user="user1"))
    assert (world.seats("held"), world.balances()) == (1, 2 * PRICE)
    behind["reserve"](stranger)
    assert world.box.rows("SELECT user_id FROM reservations ORDER BY created_at") == [
        (world.users[0],),
        (world.users[1],),
    ]


def test_the_token_ends_after_the_payment_and_stays_when_the_payment_failed(world):
    office = world.box.office(role="customer")
    caller = admitted(world, "user1")
    held = office.reserve(world.performance, caller, seats=["A-1"], key=key())
    with pytest.raises(errors.InsufficientBalance):
        office.pay(held.reservation, caller, key=key())
    assert office.position(caller.token).state == "admitted"
    world.office.charge(PRICE, "user1", key=key())
    office.pay(held.reservation, caller, key=key())
    with pytest.raises(errors.PlaceNotFound):
        office.position(caller.token)
    assert world.seats("sold") == 1


def test_an_admission_lives_until_the_hold_made_under_it_ends(world):
    short = {"admission_seconds": 2, "hold_seconds": 60}
    place = world.box.office(**short).enqueue(str(world.concert), "user1", token=None, key=key())
    office = world.box.office(role="customer", **short)
    token = place.token
    held = office.reserve(world.performance, Caller(token=token), seats=["A-1"], key=key())
    assert office.position(token).admitted_until > held.held_until


def test_a_customer_is_forbidden_everything_that_operators_do(world, customer):
    concert = str(world.concert)
    for act in (
        lambda: customer.add_user("eve", key=key()),
        lambda: customer.create_concert("Eve", "Room", key=key()),
        lambda: customer.create_performance(concert, SHOW, prices={"Standard": 0}, key=key()),
        lambda: customer.import_venue(io.BytesIO(), key=key()),
        lambda: customer.configure_queue(concert, capacity=1_000),
        lambda: customer.list_seats(world.performance, staff("user1")),
        lambda: customer.list_dates(concert, staff("user1")),
        lambda: customer.reserve(world.performance, staff("user1"), seats=["A-1"], key=key()),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    assert world.seats("free") == 50


def test_a_customer_names_nobody_else_and_looks_at_nobodys_money(world, customer):
    world.office.charge(PRICE, "user2", key=key())
    for act in (
        lambda: customer.balance("user2"),
        lambda: customer.charge(1, "user2", key=key()),
        lambda: customer.list_reservations("user2"),
        lambda: customer.enqueue(str(world.concert), "user2", token=None, key=key()),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    assert customer.balance("user1").balance.amount == 0
    assert customer.balance().balance.amount == 0
    assert world.balances() == PRICE


def test_a_customers_own_name_comes_from_the_session_or_from_the_token(world):
    anonymous = world.box.office(role="customer")
    with pytest.raises(errors.InputInvalid, match="nobody is named"):
        anonymous.balance()
    with pytest.raises(errors.Forbidden):
        anonymous.balance("user1")
    token = admitted(world, "user2").token
    assert anonymous.balance(token=token).user == world.users[1]
    assert anonymous.charge(5, token=token, key=key()).user == world.users[1]
    assert anonymous.list_reservations(token=token) == []


def test_clerks_serve_and_somebody_must_be_named(world):
    clerk = world.box.office(role="clerk")
    held = clerk.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    clerk.cancel(held.reservation, staff("user1"), key=key())
    with pytest.raises(errors.InputInvalid, match="for whom"):
        clerk.reserve(world.performance, Caller(staff=True), seats=["A-1"], key=key())
    with pytest.raises(errors.UserNotFound):
        clerk.reserve(world.performance, staff("nobody"), seats=["A-1"], key=key())
    assert len(clerk.list_seats(world.performance, Caller(staff=True))) == 50


def test_without_a_role_servers_named_by_url_serve_customers_only(world):
    assert world.box.office(role=None).settings.acting_role == "customer"
    with pytest.raises(errors.Forbidden):
        world.box.office(role=None).add_user("eve", key=key())


def test_staff_who_look_for_a_user_are_audited_and_those_who_just_look_are_not(world):
    world.office.list_seats(world.performance, Caller(staff=True))
    assert world.box.rows("SELECT action FROM audit WHERE user_id IS NOT NULL") == []
    world.office.list_dates("Concert", staff("user1"))
    world.office.list_seats(world.performance, staff("user1"))
    assert world.box.rows(
        "SELECT action, user_id FROM audit WHERE user_id IS NOT NULL ORDER BY id"
    ) == [
        ("list-dates", world.users[0]),
        ("list-seats", world.users[0]),
    ]


def test_a_clerk_adds_customers_but_does_not_decide_what_is_sold(world):
    clerk = world.box.office(role="clerk")
    assert clerk.add_user("park", key=key()).user
    with pytest.raises(errors.Forbidden):
        clerk.create_concert("Another", "Room", key=key())
    with pytest.raises(errors.Forbidden):
        clerk.create_performance("Concert", SHOW, prices={"Standard": 1}, key=key())
    with pytest.raises(errors.Forbidden):
        clerk.configure_queue("Concert", rate_per_minute=1)
    assert world.box.one("SELECT count(*) FROM concerts") == 1


def test_a_clerk_stops_a_queue_and_says_how_many_are_let_in_and_no_customer_does(world):
    clerk = world.box.office(role="clerk")
    line = clerk.configure_queue("Concert", state="paused", capacity=3)
    assert (line.state, line.capacity) == ("paused", 3)
    assert world.box.rows("SELECT detail FROM audit WHERE action = 'configure queue'") == [
        ({"concert": world.concert, "state": "paused", "capacity": 3},)
    ]
    with pytest.raises(errors.Forbidden):
        world.box.office(role="customer").configure_queue("Concert", state="open")


def test_a_name_is_found_however_its_letters_are_composed(world):
    world.office.add_user("Zoé", key=key())
    decomposed = unicodedata.normalize("NFD", "Zoé")
    assert world.office.charge(1, decomposed, key=key()).balance.amount == 1


def test_a_section_that_the_venue_does_not_have_is_an_error_and_not_an_empty_list(world):
    with pytest.raises(errors.InputInvalid, match="no section Balcony"):
        world.office.list_seats(world.performance, Caller(staff=True), section="Balcony")


def test_a_customer_cannot_use_another_customers_token(world):
    """Sessions of several customers may run under one account, and share its folders."""
    first = admitted(world, "user1")
    other = world.box.office(role="customer", user="user2")
    held = world.office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    world.office.charge(PRICE, "user1", key=key())
    for attempt in (
        lambda: other.reserve(world.performance, first, seats=["A-2"], key=key()),
        lambda: other.pay(held.reservation, first, key=key()),
        lambda: other.cancel(held.reservation, first, key=key()),
        lambda: other.list_seats(world.performance, first),
        lambda: other.position(first.token),
        lambda: other.leave(first.token),
    ):
        with pytest.raises(errors.TokenInvalid, match="belongs to another user"):
            attempt()
    assert (world.seats("held"), world.seats("sold"), world.balances()) == (1, 0, PRICE)
    own = world.box.office(role="customer", user="user1")
    assert own.pay(held.reservation, first, key=key()).state == "paid"


def test_a_customer_is_told_of_his_own_operations_only(world):
    world.office.charge(PRICE, "user1", key="order-1")
    assert world.box.office(role="customer", user="user1").status("order-1").state == "done"
    with pytest.raises(errors.OperationNotSeen):
        world.box.office(role="customer", user="user2").status("order-1")
    with pytest.raises(errors.InputInvalid):
        world.box.office(role="customer").status("order-1")


def test_an_empty_user_is_nobody_and_not_the_session_s(world):
    place = world.office.enqueue("Concert", "user1")
    with pytest.raises(errors.InputInvalid):
        world.office.charge(PRICE, "", token=place.token, key=key())
    with pytest.raises(errors.InputInvalid):
        world.office.reserve(world.performance, staff(""), seats=["A-1"], key=key())
    assert world.balances() == 0


def test_a_named_customer_polls_without_asking_postgres(world):
    """On the night of a sale everybody polls; Postgres is for those who were admitted."""
    own = world.box.office(role="customer", user="user1")
    token = own.enqueue("Concert").token
    polling = world.box.office(
        role="customer", user="user1", database_url="postgresql://boxoffice@/x?host=/nonexistent"
    )
    assert polling.position(token).state == "admitted"


@pytest.mark.parametrize("name", ["walk-in", "0", "00"])
def test_nobody_is_the_walk_in_customer(world, name):
    """What everybody without an account bought must not be anybody's to see or to cancel."""
    held = world.office.reserve(world.performance, staff("0"), seats=["A-1"], key=key())
    customer = world.box.office(role="customer", user=name)
    for attempt in (
        customer.list_reservations,
        lambda: customer.enqueue("Concert"),
        lambda: customer.status("no such key"),
        lambda: world.office.enqueue("Concert", name),
    ):
        with pytest.raises(errors.Forbidden):
            attempt()
    assert world.office.show_order(held.reservation).state == "held"
