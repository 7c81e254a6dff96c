"""Balances: the sum of their history, never below zero."""

from __future__ import annotations

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent


def test_a_charge_adds_to_the_balance_and_to_its_history(world):
    first = world.office.charge(100, "user1", key=key())
    second = world.office.charge(50, "user1", key=key())
    assert (first.balance.amount, second.balance.amount) == (100, 150)
    assert world.balances() == 150
    history = world.office.balance("user1", history=True).history
    assert [(e.entry, e.type, e.amount.amount, e.balance_after.amount) for e in history] == [
        (second.entry, "charge", 50, 150),
        (first.entry, "charge", 100, 100),
    ]
    assert_consistent(world.box)


@pytest.mark.parametrize("amount", [0, -1, -(10**30), 10_000_001, 2**63, 10**30])
def test_a_charge_of_zero_below_zero_or_above_the_limit_is_refused(world, amount):
    with pytest.raises(errors.AmountInvalid, match="from 1 to 10000000"):
        world.office.charge(amount, "user1", key=key())
    assert world.box.one("SELECT count(*) FROM ledger_entries") == 0


def test_the_limit_of_a_charge_is_what_the_settings_say(world):
    office = world.box.office(charge_max=10)
    office.charge(10, "user1", key=key())
    with pytest.raises(errors.AmountInvalid):
        office.charge(11, "user1", key=key())
    assert world.balances() == 10


def test_a_balance_beyond_what_can_be_stored_is_refused_and_nothing_changes(world):
    world.office.charge(1, "user1", key=key())
    office = world.box.office(charge_max=2**63 - 1)
    with pytest.raises(errors.AmountInvalid):
        office.charge(2**63 - 1, "user1", key=key())
    assert world.balances() == 1
    assert_consistent(world.box)


def test_an_unknown_user_has_no_balance_to_charge_or_see(world):
    for name in ("nobody", "99999", str(2**63), "9" * 40, "-1", ""):
        with pytest.raises((errors.UserNotFound, errors.InputInvalid)):
            world.office.charge(1, name, key=key())
        with pytest.raises((errors.UserNotFound, errors.InputInvalid)):
            world.office.balance(name)
    assert world.box.one("SELECT count(*) FROM accounts") == 0


def test_a_user_without_an_entry_has_a_balance_of_zero(world):
    balance = world.office.balance("user1", history=True)
    assert (balance.balance.amount, balance.history) == (0, ())
    assert world.box.one("SELECT count(*) FROM accounts") == 0


def test_balances_of_two_currencies_do_not_mix(world):
    world.office.charge(PRICE, "user1", currency="usd", key=key())
    held = world.office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay(held.reservation, staff("user1"), key=key())
    assert world.office.balance("user1", currency="USD").balance.amount == PRICE
    assert world.office.balance("user1").balance.amount == 0
    assert world.seats("sold") == 0


@pytest.mark.parametrize("currency", ["KR", "KRWW", "K1W", "원화다", "K W"])
def test_a_currency_is_three_letters(world, currency):
    with pytest.raises(errors.InputInvalid, match="three letters"):
        world.office.charge(1, "user1", currency=currency, key=key())


def test_the_history_tells_charges_uses_and_refunds_with_their_reservation(world):
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    world.office.pay(held.reservation, staff("user1"), key=key())
    world.office.cancel(held.reservation, staff("user1"), key=key())
    history = world.office.balance("user1", history=True).history
    assert [(e.type, e.balance_after.amount, e.reservation) for e in history] == [
        ("refund", PRICE, held.reservation),
        ("use", 0, held.reservation),
        ("charge", PRICE, None),
    ]
