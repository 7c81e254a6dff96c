"""A ticket lets in one, however many gates are shown it at the same time."""

from __future__ import annotations

from collections import Counter

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ONE = staff("user1")
GATES, TICKETS = 8, 20
ENTERED = "SELECT seat_no, count(*) FROM check_ins GROUP BY seat_no"


def sold(world, count):
    """Sell seats in one reservation each; return each with its code."""
    world.office.charge(count * PRICE, "user1", key=key())
    made = []
    for number in range(count):
        label = f"{'ABCDE'[number // 10]}-{number % 10 + 1}"
        held = world.office.reserve(world.performance, ONE, seats=[label], key=key())
        world.office.pay(held.reservation, ONE, key=key())
        (ticket,) = world.office.show_tickets(held.reservation, user="user1")
        made.append((held.reservation, ticket.code))
    return made


def keep_gate(office, together, gate, known, name):
    """Scan one ticket after the other, each at the same moment as all other gates."""
    outcomes = []
    for _, code in known:
        together.wait(DEADLINE_SECONDS)
        try:
            came = office.check_in(code, gate=gate, key=name(code))
            outcomes.append("again" if came.replayed else f"in:{came.gate}")
        except errors.TicketUsed as error:
            outcomes.append(f"used:{error.message.rsplit(' ', 1)[1]}")
        except errors.TicketCancelled:
            outcomes.append("cancelled")
    return outcomes


def own_key(_code):
    return key()


def common_key(code):
    return f"key of {code}"


def test_of_many_gates_one_lets_in_and_all_others_name_it(world):
    known = sold(world, TICKETS)
    gates = [(f"gate{number}", known, own_key) for number in range(GATES)]
    for outcome in zip(*rush(world.box, keep_gate, gates), strict=True):
        (first,) = [one for one in outcome if one.startswith("in:")]
        assert Counter(outcome) == {first: 1, f"used:{first[3:]}": GATES - 1}
    assert len(world.box.rows(ENTERED)) == TICKETS
    assert world.box.one("SELECT count(*) FROM check_ins") == TICKETS
    acts = world.box.one("SELECT count(*) FROM audit WHERE action = 'ticket check-in'")
    assert acts == TICKETS
    assert_consistent(world.box)


def test_one_key_of_many_gates_lets_in_once_and_tells_all_the_same(world):
    known = sold(world, 5)
    gates = [("gate", known, common_key)] * GATES
    for outcome in zip(*rush(world.box, keep_gate, gates), strict=True):
        assert Counter(outcome) == {"in:gate": 1, "again": GATES - 1}
    assert_consistent(world.box)


def act(office, together, cancels, known, token):
    """Come in with each ticket, or cancel it as a customer does."""
    from boxoffice.core.model import Caller

    if not cancels:
        return keep_gate(office, together, "gate", known, own_key)
    outcomes = []
    for reservation, _ in known:
        together.wait(DEADLINE_SECONDS)
        try:
            office.cancel(reservation, Caller(token=token), key=key())
            outcomes.append("refunded")
        except errors.Forbidden:
            outcomes.append("refused")
    return outcomes


def test_nobody_comes_in_and_has_the_money_back(world):
    known = sold(world, TICKETS)
    token = world.office.enqueue(str(world.concert), "user1").token
    came, gone = rush(world.box, act, [(False, known, token), (True, known, token)])
    for outcome in zip(came, gone, strict=True):
        assert outcome in {("in:gate", "refused"), ("cancelled", "refunded")}
    entered = Counter(came)["in:gate"]
    assert world.box.one("SELECT count(*) FROM check_ins") == entered
    assert world.balances() == (TICKETS - entered) * PRICE
    assert_consistent(world.box)


def look(office, together):
    together.wait(DEADLINE_SECONDS)
    return office.ticket_key()


def test_many_who_need_the_keys_first_agree_on_one(world):
    assert len(set(rush(world.box, look, [()] * GATES))) == 1
    assert world.box.one("SELECT count(*) FROM ticket_keys") == 1
