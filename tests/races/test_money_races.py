"""Money is counted right, whoever moves it at the same time."""

from __future__ import annotations

from collections import Counter

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, key, make_world, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ONE = staff("user1")
RACES = 20


def charge(office, _, amounts):
    for amount in amounts:
        office.charge(amount, "user1", key=key())


def test_fifty_parallel_charges_all_succeed_and_add_up_exactly(world):
    amounts = [tuple(range(number * 3, number * 3 + 3)) for number in range(1, 51)]
    rush(world.box, charge, [(each,) for each in amounts])
    total = sum(map(sum, amounts))
    assert world.balances() == total
    assert world.box.one("SELECT count(*) FROM ledger_entries") == 150
    assert (
        world.box.one("SELECT balance_after FROM ledger_entries ORDER BY id DESC LIMIT 1") == total
    )
    assert_consistent(world.box)  # balance_after is a chain without a gap


def settle(office, together, plan):
    """Pay or cancel one reservation after the other, each against all others; say what came."""
    outcomes = []
    for act, reservation in plan:
        together.wait(DEADLINE_SECONDS)
        try:
            answer = getattr(office, act)(reservation, ONE, key=key())
            outcomes.append("again" if answer.replayed else act)
        except errors.BoxOfficeError as error:
            outcomes.append(error.code)
    return outcomes


def reservations(world, *, paid):
    """Hold, and where asked pay, one seat for each race; the money for all is there."""
    world.office.charge(RACES * PRICE, "user1", key=key())
    made = []
    for number in range(RACES):
        label = f"{'ABCDE'[number // 10]}-{number % 10 + 1}"
        held = world.office.reserve(world.performance, ONE, seats=[label], key=key())
        if paid:
            world.office.pay(held.reservation, ONE, key=key())
        made.append(held.reservation)
    return made


def race(world, made, *acts):
    """Let one process an act go for each reservation; return the outcomes a reservation."""
    crowd = [([(act, reservation) for reservation in made],) for act in acts]
    return [Counter(outcomes) for outcomes in zip(*rush(world.box, settle, crowd), strict=True)]


def test_twenty_parallel_payments_of_one_reservation_charge_once(world):
    made = reservations(world, paid=False)
    world.office.charge(RACES * PRICE, "user1", key=key())  # enough to be charged twice
    for outcome in race(world, made, *["pay"] * 20):
        assert outcome == {"pay": 1, "already_paid": 19}
    assert world.balances() == RACES * PRICE
    assert world.seats("sold") == RACES
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'use'") == RACES
    assert_consistent(world.box)


def test_a_cancel_against_a_payment_ends_cancelled_with_the_money_back(world):
    made = reservations(world, paid=False)
    for outcome in race(world, made, "pay", "cancel", "pay", "cancel"):
        assert outcome["cancel"] == 1
        assert outcome["again"] == 1
        assert outcome["pay"] <= 1
        assert outcome["pay"] + outcome["already_paid"] + outcome["already_cancelled"] == 2
    assert world.balances() == RACES * PRICE
    assert world.seats("free") == 50
    assert_consistent(world.box)


def test_many_cancels_of_one_payment_refund_once(world):
    made = reservations(world, paid=True)
    for outcome in race(world, made, *["cancel"] * 8):
        assert outcome == {"cancel": 1, "again": 7}
    assert world.balances() == RACES * PRICE
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'refund'") == RACES
    assert_consistent(world.box)


def spend(office, _, performance, row):
    """Buy a row of seats with money that is enough for half of all rows."""
    paid = 0
    for number in range(1, 11):
        held = office.reserve(performance, ONE, seats=[f"{row}-{number}"], key=key())
        try:
            office.pay(held.reservation, ONE, key=key())
            paid += 1
        except errors.InsufficientBalance:
            office.charge(1, "user1", key=key())
    return paid


def test_a_balance_for_forty_seats_buys_forty_seats_and_never_falls_below_zero(box):
    world = make_world(box, rows=8)
    for _ in range(40):
        world.office.charge(PRICE, "user1", key=key())
    paid = rush(box, spend, [(world.performance, row) for row in "ABCDEFGH"])
    assert sum(paid) == 40
    assert (world.seats("sold"), world.seats("held")) == (40, 40)
    assert world.balances() == 40  # one won for each refused payment
    assert_consistent(box)
