"""How a sale is paid at the counter: balance, cash, card or not at all, and how it goes back."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import pytest

from boxoffice.core import booking, errors
from boxoffice.core.access import Buyer
from boxoffice.core.audit import current_principal
from boxoffice.core.model import BALANCE, WALK_IN, Caller, Tender
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

ONE = staff("user1")
WALKING = staff(WALK_IN)
CASH = Tender(kind="cash", received=PRICE + 7)
CARD = Tender(kind="card", note="T-4711")
GIFT = Tender(kind="complimentary", note="press")
CLERK = current_principal("clerk")
OTHERS = (CASH, CARD, GIFT)


def hold(world, caller, *seats):
    return world.office.reserve(world.performance, caller, seats=seats, key=key()).reservation


def pay(world, caller, tender, *seats):
    return world.office.pay(hold(world, caller, *seats), caller, key=key(), tender=tender)


def posted(world):
    """What the ledger moved in all, by account."""
    return dict(
        world.box.rows(
            "SELECT account, sum(credit)::bigint FROM ledger_postings GROUP BY 1 ORDER BY 1"
        )
    )


def test_cash_is_taken_with_its_change_and_no_balance_is_asked_for(world):
    paid = pay(world, WALKING, CASH, "A-1")
    assert (paid.tender, paid.paid.amount, paid.balance.amount) == ("cash", PRICE, 0)
    assert (paid.received.amount, paid.change.amount) == (PRICE + 7, 7)
    assert world.box.rows("SELECT state, tender, received, note FROM payments") == [
        ("paid", "cash", PRICE + 7, None)
    ]
    assert posted(world) == {"house:cash": -PRICE, "house:sales": PRICE}
    assert_consistent(world.box)


def test_exact_cash_is_enough_and_too_little_takes_nothing(world):
    held = hold(world, WALKING, "A-1", "A-2")
    for received in (0, 2 * PRICE - 1):
        with pytest.raises(errors.AmountInvalid, match="does not cover"):
            world.office.pay(
                held, WALKING, key=key(), tender=Tender(kind="cash", received=received)
            )
    assert world.seats("held") == 2
    exact = Tender(kind="cash", received=2 * PRICE)
    assert world.office.pay(held, WALKING, key=key(), tender=exact).change.amount == 0
    assert world.seats("sold") == 2


@pytest.mark.parametrize(("tender", "note"), [(CARD, "T-4711"), (GIFT, "press")])
def test_a_card_keeps_its_reference_and_a_complimentary_ticket_its_reason(world, tender, note):
    paid = pay(world, WALKING, tender, "A-1")
    assert (paid.tender, paid.received, paid.change) == (tender.kind, None, None)
    assert world.box.rows("SELECT tender, received, note FROM payments") == [
        (tender.kind, None, note)
    ]
    assert posted(world) == {f"house:{tender.kind}": -PRICE, "house:sales": PRICE}
    assert world.office.show_order(paid.reservation).note == note
    assert_consistent(world.box)


@pytest.mark.parametrize(
    ("tender", "error"),
    [
        (Tender(kind="shells"), errors.InputInvalid),
        (Tender(kind="cash"), errors.InputInvalid),
        (Tender(kind="card", note="x", received=PRICE), errors.InputInvalid),
        (Tender(kind="cash", received=-1), errors.AmountInvalid),
        (Tender(kind="cash", received=10**30), errors.AmountInvalid),
        (Tender(kind="card"), errors.InputInvalid),
        (Tender(kind="card", note=" "), errors.InputInvalid),
        (Tender(kind="card", note="x\x1b"), errors.InputInvalid),
        (Tender(kind="card", note="x" * 201), errors.InputInvalid),
        (Tender(kind="complimentary"), errors.InputInvalid),
        (Tender(kind="balance", note="x"), errors.InputInvalid),
        (Tender(kind="balance", received=PRICE), errors.InputInvalid),
    ],
)
def test_a_tender_that_lacks_a_part_or_has_one_too_many_is_refused(world, tender, error):
    held = hold(world, WALKING, "A-1")
    with pytest.raises(error):
        world.office.pay(held, WALKING, key=key(), tender=tender)
    assert (world.seats("held"), world.seats("sold")) == (1, 0)


def test_a_walk_in_customer_has_no_balance_to_pay_from_or_into(world):
    held = hold(world, WALKING, "A-1")
    with pytest.raises(errors.WalkInHasNoBalance):
        world.office.pay(held, WALKING, key=key())
    pay(world, WALKING, CASH, "A-2")  # which opens an account, always empty
    with pytest.raises(errors.WalkInHasNoBalance):
        world.office.pay(held, WALKING, key=key(), tender=BALANCE)
    with pytest.raises(errors.WalkInHasNoBalance):
        world.office.charge(PRICE, WALK_IN, key=key())
    assert (world.seats("held"), world.balances()) == (1, 0)
    world.box.execute("UPDATE prices SET amount = 0")
    assert pay(world, WALKING, None, "A-3").paid.amount == 0
    assert_consistent(world.box)


@pytest.mark.parametrize("tender", OTHERS)
def test_what_was_not_paid_from_the_balance_is_not_refunded_to_it(world, tender):
    world.office.charge(5, "user1", key=key())
    paid = pay(world, ONE, tender, "A-1")
    assert paid.balance.amount == 5
    cancelled = world.office.cancel(paid.reservation, ONE, key=key())
    assert (cancelled.tender, cancelled.refund.amount) == (tender.kind, PRICE)
    assert cancelled.balance.amount == world.balances() == 5
    again = world.office.cancel(paid.reservation, ONE, key=key())
    assert again == replace(cancelled, replayed=True)
    assert posted(world) == {
        "house:deposits": -5,
        "user:1": 5,
        f"house:{tender.kind}": 0,
        "house:sales": 0,
    }
    assert world.seats("free") == 50
    assert_consistent(world.box)


def test_a_hold_that_is_cancelled_was_paid_by_nothing_and_refunds_nothing(world):
    cancelled = world.office.cancel(hold(world, WALKING, "A-1"), WALKING, key=key())
    assert (cancelled.refund.amount, world.box.one("SELECT count(*) FROM ledger_entries")) == (0, 0)


@pytest.mark.parametrize("tender", [BALANCE, *OTHERS])
def test_a_cancel_that_waited_for_a_payment_refunds_it_the_way_it_was_paid(world, tender):
    world.office.charge(PRICE, "user1", key=key())
    held = hold(world, ONE, "A-1")
    other = world.box.office()
    with ExitStack() as beside, world.office.stores.transaction() as flying:
        booking.pay(flying, held, Buyer(user=world.users[0], staff=CLERK), key=key(), tender=tender)
        late = beside.enter_context(blocked(world.box, lambda: other.cancel(held, ONE, key=key())))
    cancelled = late.result()
    assert (cancelled.tender, cancelled.refund.amount) == (tender.kind, PRICE)
    assert cancelled.balance.amount == world.balances() == PRICE
    assert_consistent(world.box)


def test_a_cancel_that_waited_for_the_first_sale_of_all_to_a_walk_in_customer_refunds_it(world):
    held = hold(world, WALKING, "A-1")
    other = world.box.office()
    with ExitStack() as beside, world.office.stores.transaction() as flying:
        booking.pay(flying, held, Buyer(user=int(WALK_IN), staff=CLERK), key=key(), tender=CASH)
        late = beside.enter_context(
            blocked(world.box, lambda: other.cancel(held, WALKING, key=key()))
        )
    assert late.result().refund.amount == PRICE
    assert posted(world) == {"house:cash": 0, "house:sales": 0}
    assert_consistent(world.box)


def test_tenders_mix_in_one_customers_history_and_only_the_balance_moves(world):
    world.office.charge(3 * PRICE, "user1", key=key())
    for tender, label in zip((BALANCE, CASH, CARD, BALANCE), "ABCD", strict=True):
        pay(world, ONE, tender, f"{label}-1")
    assert world.balances() == PRICE
    history = world.office.balance("user1", history=True)
    assert history.balance.amount == PRICE
    assert_consistent(world.box)


@pytest.mark.parametrize("tender", [BALANCE, *OTHERS])
def test_a_replayed_payment_gets_the_same_answer_and_another_tender_is_another_request(
    world, tender
):
    world.office.charge(2 * PRICE, "user1", key=key())
    held = hold(world, ONE, "A-1")
    act = partial(world.office.pay, held, ONE, key="k")
    first = act(tender=tender)
    assert act(tender=tender) == replace(first, replayed=True)
    assert world.office.status("k").result == first
    with pytest.raises(errors.KeyReused):
        act(tender=Tender(kind="card", note="another"))
    assert world.box.one("SELECT count(*) FROM ledger_entries WHERE type = 'use'") == 1


def test_a_payment_that_was_kept_before_there_were_tenders_is_still_told(world):
    world.office.charge(PRICE, "user1", key=key())
    held = hold(world, ONE, "A-1")
    paid = world.office.pay(held, ONE, key="p")
    cancelled = world.office.cancel(held, ONE, key="c")
    world.box.execute("UPDATE operations SET result = result - 'tender' - 'received'")
    assert world.office.status("p").result == paid
    assert world.office.status("c").result == cancelled


def test_no_customer_pays_by_anything_but_the_balance(world):
    """Neither in a customer's session, nor by a customer's token in a clerk's."""
    place = world.office.enqueue(str(world.concert), "user1", token=None, key=key())
    token = Caller(token=place.token)
    held = hold(world, ONE, "A-1")
    customer = world.box.office(role="customer", user="user1")
    for tender in (*OTHERS, Tender(kind="shells")):
        for office, caller in ((customer, token), (customer, ONE), (world.office, token)):
            with pytest.raises(errors.Forbidden):
                office.pay(held, caller, key=key(), tender=tender)
    assert world.seats("sold") == 0
    world.office.charge(PRICE, "user1", key=key())
    assert customer.pay(held, token, key=key(), tender=BALANCE).tender == "balance"


def test_what_was_paid_at_the_counter_is_given_back_only_there(world):
    """Nobody hands over cash to whoever cancels from home."""
    place = world.office.enqueue(str(world.concert), "user1", token=None, key=key())
    customer = world.box.office(role="customer", user="user1")
    for tender, label in zip(OTHERS, "ABC", strict=True):
        paid = pay(world, ONE, tender, f"{label}-1")
        with pytest.raises(errors.Forbidden, match="given back there"):
            customer.cancel(paid.reservation, Caller(token=place.token), key=key())
        assert world.seats("sold") == 1
        assert world.office.cancel(paid.reservation, ONE, key=key()).tender == tender.kind
    assert_consistent(world.box)


def test_a_payment_at_the_counter_is_audited_with_its_tender(world):
    clerk = world.box.office(role="clerk")
    for tender, label in zip(OTHERS, "ABC", strict=True):
        held = hold(world, WALKING, f"{label}-1")
        clerk.pay(held, WALKING, key=tender.kind, tender=tender)
    clerk.cancel(held, WALKING, key="back")
    name = current_principal("clerk").name
    assert world.box.rows(
        "SELECT operation_key, action, user_id, principal, detail ->> 'tender' FROM audit"
        " WHERE action IN ('pay', 'cancel') ORDER BY id"
    ) == [
        ("cash", "pay", 0, name, "cash"),
        ("card", "pay", 0, name, "card"),
        ("complimentary", "pay", 0, name, "complimentary"),
        ("back", "cancel", 0, name, "complimentary"),
    ]
