"""Reserve, pay, cancel, one at a time."""

from __future__ import annotations

import pytest

from boxoffice.core import errors
from tests.conftest import PRICE, key, staff


def test_a_held_seat_is_refused_to_anybody_else_and_named(world):
    world.office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    with pytest.raises(errors.SeatTaken, match="seat A-1 is already taken"):
        world.office.reserve(world.performance, staff("user2"), seats=["A-1"], key=key())
    assert world.seats("held") == 1


def test_a_payment_moves_the_price_from_the_balance_to_the_ledger(world):
    world.office.charge(3 * PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, staff("user1"), seats=["A-1", "A-2"], key=key())
    world.office.pay(held.reservation, staff("user1"), key=key())
    assert world.balances() == PRICE
    assert world.seats("sold") == 2
    assert world.box.rows("SELECT type, amount FROM ledger_entries ORDER BY id") == [
        ("charge", 3 * PRICE),
        ("use", 2 * PRICE),
    ]
