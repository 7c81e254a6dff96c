"""Corrections of balances: entries of their own, on the record, and never below zero."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from boxoffice.core import errors
from boxoffice.core.corrections import CORRECTION_MAX
from boxoffice.core.model import WALK_IN
from boxoffice.core.office import Office
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent

WHY = "charged twice"


def correct(world, amount, user="user1", *, under=None, office=None, **options):
    return (office or world.office).correct_balance(
        user, amount, reason=WHY, key=under or key(), **options
    )


def money(world):
    return world.box.rows("SELECT * FROM accounts ORDER BY 1, 2"), world.box.rows(
        "SELECT * FROM ledger_entries ORDER BY id"
    )


def test_a_credit_and_a_debit_move_the_balance_against_the_houses_corrections(world):
    office = world.office
    office.charge(1000, "user1", key=key())
    assert correct(world, 500).balance.amount == 1500
    taken = correct(world, -1500)
    assert (taken.corrected.amount, taken.balance.amount) == (-1500, 0)
    assert world.box.rows(
        "SELECT account, sum(credit)::bigint FROM ledger_postings GROUP BY 1 ORDER BY 1"
    ) == [("house:corrections", 1000), ("house:deposits", -1000), ("user:1", 0)]
    history = office.balance("user1", history=True).history
    assert [(e.type, e.amount.amount, e.balance_after.amount) for e in history] == [
        ("debit", 1500, 0),
        ("credit", 500, 1500),
        ("charge", 1000, 1000),
    ]
    assert_consistent(world.box)


def test_a_user_without_an_account_gets_one(world):
    made = correct(world, 7, "user3", currency="EUR")
    assert (made.balance.amount, made.balance.currency) == (7, "EUR")
    assert_consistent(world.box)


def test_a_correction_is_made_once_a_key_and_its_answer_kept(world):
    first = correct(world, 500, under="k")
    assert correct(world, 500, under="k") == replace(first, replayed=True)
    assert world.office.status("k").result == first
    with pytest.raises(errors.KeyReused):
        correct(world, 501, under="k")
    assert world.balances() == 500


def test_the_record_says_why_by_whom_for_whom_and_the_balance_before(world):
    world.office.charge(1000, "user1", key=key())
    correct(world, -300, under="k")
    ((user, detail, before),) = world.box.rows(
        "SELECT user_id, detail, before FROM audit WHERE operation_key = 'k'"
    )
    assert (user, before) == (world.users[0], {"balance": 1000})
    assert detail == {"user": user, "amount": -300, "currency": "KRW", "reason": WHY}


def test_what_cannot_be_is_refused_and_moves_nothing(world):
    world.office.charge(1000, "user1", key=key())
    before = money(world)
    for amount, user, error in (
        (-1001, "user1", errors.InsufficientBalance),
        (0, "user1", errors.AmountInvalid),
        (CORRECTION_MAX + 1, "user1", errors.AmountInvalid),
        (-CORRECTION_MAX - 1, "user1", errors.AmountInvalid),
        (1, "nobody", errors.UserNotFound),
        (1, WALK_IN, errors.WalkInHasNoBalance),
    ):
        with pytest.raises(error):
            correct(world, amount, user)
        assert money(world) == before


def test_a_correction_needs_a_reason_and_an_admin(world):
    for role in ("clerk", "customer"):
        with pytest.raises(errors.Forbidden):
            correct(world, 1, office=world.box.office(role=role))
    with pytest.raises(errors.InputInvalid):
        world.office.correct_balance("user1", 1, reason=" ", key=key())
    assert money(world) == ([], [])


def test_a_rehearsal_of_a_correction_moves_nothing(world):
    office = Office(world.box.settings, dry_run=True)
    try:
        assert correct(world, 5, office=office).balance.amount == 5
    finally:
        office.close()
    assert money(world) == ([], [])


def test_corrections_beside_charges_and_payments_lose_no_entry(world):
    """The sum of the ledger is read only after the account is locked."""
    offices = [world.box.office() for _ in range(3)]
    world.office.charge(10 * PRICE, "user1", key=key())

    def charge(office):
        for _ in range(20):
            office.charge(3, "user1", key=key())

    def sell(office):
        for number in range(1, 11):
            held = office.reserve(
                world.performance, staff("user1"), seats=[f"A-{number}"], key=key()
            )
            office.pay(held.reservation, staff("user1"), key=key())

    def give(office):
        for _ in range(20):
            correct(world, 1, office=office)

    with ThreadPoolExecutor(max_workers=3) as pool:
        for done in [
            pool.submit(*each) for each in zip((charge, sell, give), offices, strict=True)
        ]:
            done.result()
    assert world.balances() == 20 * 3 + 20
    assert_consistent(world.box)


def test_the_entry_that_a_repair_prints_brings_balance_and_ledger_together(world):
    office = world.office
    office.charge(1000, "user1", key=key())
    world.box.execute("UPDATE accounts SET balance = 1005")
    (found,) = office.repair().corrections
    assert (found.entry, found.against) == (5, "house:corrections")
    assert correct(world, found.entry).balance.amount == 1005
    assert_consistent(world.box)
    world.box.execute("UPDATE accounts SET balance = 900")
    (found,) = office.repair().corrections
    assert correct(world, found.entry).balance.amount == 900
    assert_consistent(world.box)
