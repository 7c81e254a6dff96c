"""The audit: who of the staff did what for whom, in the transaction of the deed."""

from __future__ import annotations

import pytest

from boxoffice.core import errors
from boxoffice.core.audit import current_principal
from boxoffice.core.model import Caller
from tests.conftest import PRICE, key, staff

ONE = staff("user1")


def test_every_act_of_staff_is_audited_with_who_for_whom_and_its_key(world):
    clerk = world.box.office(role="clerk")
    clerk.charge(PRICE, "user1", key="a charge")
    held = clerk.reserve(world.performance, ONE, seats=["A-1"], key="a hold")
    clerk.pay(held.reservation, ONE, key="a payment")
    clerk.cancel(held.reservation, ONE, key="a cancel")
    name = current_principal("clerk").name
    assert name.startswith("clerk:")
    assert world.box.rows(
        "SELECT action, principal, user_id, operation_key, database_user FROM audit"
        " WHERE user_id IS NOT NULL ORDER BY id"
    ) == [
        ("charge", name, world.users[0], "a charge", "boxoffice"),
        ("reserve", name, world.users[0], "a hold", "boxoffice"),
        ("pay", name, world.users[0], "a payment", "boxoffice"),
        ("cancel", name, world.users[0], "a cancel", "boxoffice"),
    ]
    assert world.box.one("SELECT detail ->> 'reservation' FROM audit WHERE action = 'pay'") == (
        held.reservation
    )


def test_what_was_refused_or_replayed_is_not_audited_again(world):
    world.office.charge(PRICE, "user1", key="k")
    world.office.charge(PRICE, "user1", key="k")
    world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    with pytest.raises(errors.SeatTaken):
        world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    assert world.box.rows("SELECT action FROM audit WHERE user_id IS NOT NULL ORDER BY id") == [
        ("charge",),
        ("reserve",),
    ]


def test_what_customers_do_for_themselves_is_not_audited(world):
    customer = world.box.office(role="customer", user="user1")
    place = customer.enqueue(str(world.concert), None, token=None, key=key())
    customer.charge(PRICE, key=key())
    held = customer.reserve(world.performance, Caller(token=place.token), seats=["A-1"], key=key())
    customer.pay(held.reservation, Caller(token=place.token), key=key())
    assert world.seats("sold") == 1
    assert world.box.one("SELECT count(*) FROM audit WHERE user_id IS NOT NULL") == 0


def test_what_is_made_for_sale_is_audited_with_its_key(box):
    office = box.office()
    office.add_user("kim", key="K1")
    office.add_user("kim", key="K1")
    assert box.rows("SELECT action, operation_key, detail FROM audit") == [
        ("user add", "K1", {"name": "kim"})
    ]
