"""A connection that has just lost a race looks first, and hears what anybody else would."""

from __future__ import annotations

import math

import pytest

from boxoffice.core import errors
from boxoffice.core.seats import CONTESTED_UNTIL
from tests.conftest import key, staff

ONE, TWO = staff("user1"), staff("user2")


@pytest.fixture
def contested(world):
    """A world with seat A-1 held, whose connection expects to lose."""
    world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    with world.office.stores.database() as connection:
        connection.info[CONTESTED_UNTIL] = math.inf
    return world


def reserve(world, *seats, own=None):
    return world.office.reserve(world.performance, TWO, seats=seats, key=own or key())


def test_a_look_refuses_a_taken_seat_without_the_right_to_write(contested):
    with contested.office.stores.database() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = on")
    with pytest.raises(errors.SeatTaken, match="seat A-1 is already taken"):
        reserve(contested, "A-1")
    with pytest.raises(errors.DatabaseUnavailable, match="read-only"):
        reserve(contested, "A-2")


def test_a_free_seat_is_held_after_the_look(contested):
    assert reserve(contested, "A-2").seats == ("A-2",)
    assert contested.seats("held") == 2


def test_a_key_gets_its_first_answer_even_where_the_seat_is_taken_by_now(contested):
    own = key()
    first = reserve(contested, "A-2", own=own)
    again = reserve(contested, "A-2", own=own)
    assert (again.reservation, again.replayed) == (first.reservation, True)
    with pytest.raises(errors.KeyReused):
        reserve(contested, "A-3", own=own)


def test_other_refusals_come_before_that_of_a_taken_seat(contested):
    with pytest.raises(errors.SeatNotFound, match="Z-9"):
        reserve(contested, "A-1", "Z-9")
    contested.office.block_seats(contested.performance, seats=["A-2"], kind="house", key=key())
    with pytest.raises(errors.SeatBlocked, match="A-2"):
        reserve(contested, "A-2")


def test_losing_a_race_makes_a_connection_look_for_a_moment(world):
    world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    with pytest.raises(errors.SeatTaken):
        reserve(world, "A-1")
    with world.office.stores.database() as connection:
        assert 0 < connection.info[CONTESTED_UNTIL] < math.inf
