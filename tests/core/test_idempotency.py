"""Operation keys: the same key and request get the first answer, another request is refused."""

from __future__ import annotations

import io
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest

from boxoffice.core import accounts, booking, errors, plans, programme
from boxoffice.core.access import Buyer
from boxoffice.core.idempotency import make_request, run_transaction
from boxoffice.core.model import Caller, Money
from boxoffice.core.seats import Wanted
from tests.conftest import PRICE, SHOW, key, small_plan, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

ONE = staff("user1")


def again(act):
    """Do something twice under one key, and return the first answer."""
    name = key()
    first, second = act(name), act(name)
    assert not first.replayed
    assert second.replayed
    assert replace(second, replayed=False) == first
    return first


def test_every_replayed_result_is_identical_and_executed_once(world):
    office = world.office
    again(lambda name: office.charge(3 * PRICE, "user1", key=name))
    held = again(
        lambda name: office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key=name)
    )
    again(lambda name: office.reserve(world.performance, ONE, best=2, key=name))
    again(lambda name: office.pay(held.reservation, ONE, key=name))
    again(lambda name: office.cancel(held.reservation, ONE, key=name))
    assert world.balances() == 3 * PRICE
    assert (world.seats("held"), world.seats("sold")) == (2, 0)
    assert world.box.rows("SELECT type FROM ledger_entries ORDER BY id") == [
        ("charge",),
        ("use",),
        ("refund",),
    ]
    assert_consistent(world.box)


def test_the_order_of_seats_does_not_make_another_request(world):
    name = key()
    first = world.office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key=name)
    second = world.office.reserve(world.performance, ONE, seats=["A-2", "A-1"], key=name)
    assert (second.reservation, second.replayed) == (first.reservation, True)
    assert world.seats("held") == 2


def test_replayed_administration_is_identical_and_executed_once(box):
    office = box.office()
    name = key()
    first, second = (import_plan_under(office, name) for _ in range(2))
    assert replace(second, replayed=False) == first
    assert second.replayed
    again(lambda k: office.add_user("kim", key=k))
    concert = again(lambda k: office.create_concert("Concert", "Room", key=k))
    again(
        lambda k: office.create_performance(
            str(concert.id), SHOW, prices={"Standard": PRICE}, key=k
        )
    )
    for table in ("venues", "users", "concerts", "performances"):
        assert box.one(f"SELECT count(*) FROM {table} WHERE id > 0") == 1
    assert box.one("SELECT count(*) FROM performance_seats") == 50


def import_plan_under(office, name):

    file = io.BytesIO()
    plans.write_plan(small_plan(), file)
    file.seek(0)
    return office.import_venue(file, key=name)


def test_a_key_of_one_request_is_refused_to_any_other(world):
    office = world.office
    office.charge(PRICE, "user1", key="k")
    held = office.reserve(world.performance, ONE, seats=["A-1"], key="r")
    others = [
        lambda: office.charge(PRICE + 1, "user1", key="k"),
        lambda: office.charge(PRICE, "user2", key="k"),
        lambda: office.charge(PRICE, "user1", currency="USD", key="k"),
        lambda: office.charge(1, "user1", key="r"),
        lambda: office.reserve(world.performance, ONE, seats=["A-2"], key="r"),
        lambda: office.reserve(world.performance, staff("user2"), seats=["A-1"], key="r"),
        lambda: office.reserve(world.performance, ONE, seats=["A-2"], key="k"),
        lambda: office.reserve(world.performance, ONE, best=1, key="k"),
        lambda: office.pay(held.reservation, ONE, key="k"),
        lambda: office.cancel(held.reservation, ONE, key="k"),
        lambda: office.add_user("another", key="k"),
        lambda: office.create_concert("Another", "Room", key="k"),
        lambda: import_plan_under(office, "k"),
        lambda: office.create_performance(
            str(world.concert), SHOW.replace(year=2098), prices={"Standard": 1}, key="k"
        ),
    ]
    for other in others:
        with pytest.raises(errors.KeyReused):
            other()
    assert (world.balances(), world.seats("held"), world.seats("sold")) == (PRICE, 1, 0)
    assert world.box.one("SELECT count(*) FROM users WHERE id > 0") == 3
    assert_consistent(world.box)


def test_a_refusal_rolls_back_its_key_so_that_trying_again_is_meaningful(world):
    office = world.office
    with pytest.raises(errors.AmountInvalid):
        office.charge(0, "user1", key="c")
    blocker = office.reserve(world.performance, staff("user2"), seats=["A-1"], key=key())
    with pytest.raises(errors.SeatTaken):
        office.reserve(world.performance, ONE, seats=["A-1"], key="r")
    office.cancel(blocker.reservation, staff("user2"), key=key())
    held = office.reserve(world.performance, ONE, seats=["A-1"], key="r")
    assert not held.replayed
    with pytest.raises(errors.InsufficientBalance):
        office.pay(held.reservation, ONE, key="p")
    office.charge(PRICE, "user1", key="c")
    assert not office.pay(held.reservation, ONE, key="p").replayed
    with pytest.raises(errors.NameTaken):
        office.add_user("user1", key="u")
    assert office.add_user("user4", key="u").name == "user4"
    assert_consistent(world.box)


@pytest.fixture
def paying(world):
    """A reservation that can be paid, and the ways to execute one key on any connection."""
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    buyer = Buyer(user=world.users[0])
    wanted = Wanted(labels=("B-1",))
    money = Money(amount=7, currency="KRW")
    request = make_request("flying", "user add", name="user4")
    return {
        "pay": (
            lambda c: booking.pay(c, held.reservation, buyer, key="flying"),
            lambda office: office.pay(held.reservation, ONE, key="flying"),
            "SELECT count(*) FROM ledger_entries WHERE type = 'use'",
        ),
        "cancel": (
            lambda c: booking.cancel(c, held.reservation, buyer, key="flying"),
            lambda office: office.cancel(held.reservation, ONE, key="flying"),
            "SELECT count(*) FROM reservations WHERE state = 'cancelled'",
        ),
        "reserve": (
            lambda c: booking.reserve(
                c, world.performance, wanted, buyer, key="flying", hold_seconds=9
            ),
            lambda office: office.reserve(world.performance, ONE, seats=["B-1"], key="flying"),
            "SELECT count(*) FROM performance_seats WHERE seat_no = 10 AND status = 'held'",
        ),
        "charge": (
            lambda c: accounts.charge(
                c, world.users[0], money, amount_max=10, key="flying", staff=None
            ),
            lambda office: office.charge(7, "user1", key="flying"),
            "SELECT count(*) FROM ledger_entries WHERE amount = 7",
        ),
        "add_user": (
            lambda c: run_transaction(c, request, lambda: programme.add_user(c, "user4")),
            lambda office: office.add_user("user4", key="flying"),
            "SELECT count(*) FROM users WHERE name = 'user4'",
        ),
    }


@pytest.mark.parametrize("command", ["pay", "cancel", "reserve", "charge", "add_user"])
def test_a_key_in_flight_is_waited_for_and_then_replayed(world, paying, command):
    inside, outside, executions = paying[command]
    other = world.box.office()
    with ExitStack() as beside, world.office.stores.transaction() as flying:
        inside(flying)
        second = beside.enter_context(blocked(world.box, lambda: outside(other)))
    assert second.result().replayed
    assert world.box.one(executions) == 1


@pytest.mark.parametrize("command", ["pay", "cancel", "reserve", "charge", "add_user"])
def test_a_key_in_flight_that_is_given_up_is_executed_by_whoever_waited(world, paying, command):
    inside, outside, executions = paying[command]
    other = world.box.office()
    with ExitStack() as beside, suppress(GivenUp), world.office.stores.transaction() as flying:
        inside(flying)
        second = beside.enter_context(blocked(world.box, lambda: outside(other)))
        raise GivenUp
    assert not second.result().replayed
    assert world.box.one(executions) == 1


class GivenUp(Exception):
    """What rolls a transaction back."""


def test_status_tells_what_a_key_did_and_that_an_unknown_one_was_not_seen(world):
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key="k")
    operation = world.office.status("k")
    assert (operation.key, operation.state, operation.command) == ("k", "done", "reserve")
    assert operation.result == held
    assert operation.at == world.box.one("SELECT created_at FROM reservations")
    with pytest.raises(errors.OperationNotSeen):
        world.office.status("never")
    with pytest.raises(errors.SeatTaken):
        world.office.reserve(world.performance, staff("user2"), seats=["A-1"], key="refused")
    with pytest.raises(errors.OperationNotSeen):
        world.office.status("refused")


def test_an_answer_is_given_again_when_the_admission_has_ended_meanwhile(world):
    """The payment committed, the answer was lost: the retry must not be told to queue again."""
    place = world.office.enqueue(str(world.concert), "user1", token=None, key=key())
    customer = Caller(token=place.token)
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, customer, seats=["A-1"], key="r")
    paid = world.office.pay(held.reservation, customer, key="p")
    assert world.office.pay(held.reservation, customer, key="p") == replace(paid, replayed=True)
    again_held = world.office.reserve(world.performance, customer, seats=["A-1"], key="r")
    assert again_held == replace(held, replayed=True)
    with pytest.raises(errors.AlreadyPaid):
        world.office.pay(held.reservation, customer, key="another")
    with pytest.raises(errors.TokenInvalid):
        world.office.reserve(world.performance, customer, seats=["A-2"], key="another")
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'use'") == 1
