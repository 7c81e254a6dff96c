"""Changes of one hold that met: each prices what the one before it left behind."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest

from tests.conftest import PRICE, key, plain, staff
from tests.invariants import assert_consistent
from tests.waiting import blocked

CHILD, SENIOR = PRICE // 2, PRICE // 5
SEAT = (
    "SELECT FROM performance_seats s JOIN venue_seats v USING (seat_no)"
    " WHERE v.label = 'A-1' FOR UPDATE OF s"
)
MEANWHILE = (
    "UPDATE reservation_seats SET price_type = 'child', price = %s WHERE seat_no = 0",
    "UPDATE reservations SET total = total - %s",
)


@pytest.fixture
def held(world):
    types = {"Standard:child": CHILD, "Standard:senior": SENIOR}
    world.office.set_prices(world.performance, types, key=key())
    return world.office.reserve(
        world.performance, staff("user1"), seats=["A-1", "A-2"], key=key()
    ).reservation


def meet(world, change):
    """Let a change begin while another, which gives A-1 the child's price, is under way."""
    with ExitStack() as other:
        connection = other.enter_context(psycopg.connect(plain(world.box.settings.database_url)))
        connection.execute(SEAT)
        connection.execute(MEANWHILE[0], [CHILD])
        connection.execute(MEANWHILE[1], [PRICE - CHILD])
        with blocked(world.box, lambda: change(world.box.office())) as changing:
            other.close()
            answer = changing.result()
    assert_consistent(world.box)
    return answer


def test_two_who_say_the_type_of_one_seat_at_once_leave_the_total_its_price(world, held):
    answer = meet(
        world,
        lambda office: office.set_price_type(
            held, staff("user1"), seats=["A-1"], price_type="senior", key=key()
        ),
    )
    assert answer.total.amount == PRICE + SENIOR


def test_a_type_that_came_in_between_is_told_beside_the_one_that_is_said(world, held):
    answer = meet(
        world,
        lambda office: office.set_price_type(
            held, staff("user1"), seats=["A-2"], price_type="senior", key=key()
        ),
    )
    assert (answer.total.amount, answer.types) == (CHILD + SENIOR, ("child", "senior"))


def test_a_seat_given_back_takes_off_what_it_cost_at_last(world, held):
    answer = meet(
        world,
        lambda office: office.release_seats(held, staff("user1"), seats=["A-1"], key=key()),
    )
    assert answer.total.amount == PRICE


def test_seats_that_are_added_are_told_beside_the_type_that_came_in_between(world, held):
    answer = meet(
        world,
        lambda office: office.add_seats(held, staff("user1"), seats=["A-3"], key=key()),
    )
    assert (answer.total.amount, answer.types) == (CHILD + 2 * PRICE, ("child", "adult", "adult"))


def test_a_hold_that_is_kept_longer_tells_the_type_that_came_in_between(world, held):
    answer = meet(world, lambda office: office.extend_hold(held, staff("user1"), key=key()))
    assert (answer.total.amount, answer.types) == (CHILD + PRICE, ("child", "adult"))
