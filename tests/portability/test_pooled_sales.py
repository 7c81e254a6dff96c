"""Races, payments and replays behind PgBouncer in transaction mode: the same tests again."""

from __future__ import annotations

import pytest

from tests.conftest import PRICE, key, make_world, staff
from tests.core.test_sets import (
    test_a_set_is_held_and_paid_in_a_transaction_each,
    test_a_statement_that_fails_undoes_its_set,
)
from tests.invariants import assert_consistent
from tests.portability.pooling import keep_limits_in_database, start_pooler
from tests.races.crowd import rush
from tests.races.test_key_races import (
    PROCESSES,
    execute,
    test_a_key_that_four_processes_use_for_four_requests_is_given_to_one,
)
from tests.races.test_money_races import (
    test_a_cancel_against_a_payment_ends_cancelled_with_the_money_back,
    test_fifty_parallel_charges_all_succeed_and_add_up_exactly,
    test_twenty_parallel_payments_of_one_reservation_charge_once,
)
from tests.races.test_seat_races import (
    test_overlapping_sets_in_any_order_are_all_or_nothing_and_never_deadlock,
)

__all__ = [
    "test_a_cancel_against_a_payment_ends_cancelled_with_the_money_back",
    "test_a_key_that_four_processes_use_for_four_requests_is_given_to_one",
    "test_a_set_is_held_and_paid_in_a_transaction_each",
    "test_a_statement_that_fails_undoes_its_set",
    "test_fifty_parallel_charges_all_succeed_and_add_up_exactly",
    "test_overlapping_sets_in_any_order_are_all_or_nothing_and_never_deadlock",
    "test_twenty_parallel_payments_of_one_reservation_charge_once",
]

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def box(daemons, box):
    """Put the pooler before the database of the test."""
    keep_limits_in_database(box)
    return start_pooler(daemons, box)


ONE = staff("user1")
EACH = 20  # operations of a kind


def requests_of(world):
    """Name operations of three kinds, each with its key."""
    world.office.charge(EACH * PRICE, "user1", key=key())
    for number in range(EACH):
        label = f"{'AB'[number // 10]}-{number % 10 + 1}"
        other = f"{'CD'[number // 10]}-{number % 10 + 1}"
        held = world.office.reserve(world.performance, ONE, seats=[other], key=key())
        yield f"hold {number}", "reserve", world.performance, ONE, {"seats": [label]}
        yield f"charge {number}", "charge", number + 1, "user1", {}
        yield f"pay {number}", "pay", held.reservation, ONE, {}


def test_one_key_from_four_processes_is_executed_once_and_answered_alike(box):
    world = make_world(box)
    plan = list(requests_of(world))
    answers = zip(*rush(box, execute, [(plan,)] * PROCESSES), strict=True)
    for given in answers:
        assert sorted(replayed for replayed, _ in given) == [False, True, True, True]
        assert all(answer == given[0][1] for _, answer in given)
    assert (world.seats("held"), world.seats("sold")) == (EACH, EACH)
    assert world.balances() == sum(range(1, EACH + 1))
    assert_consistent(box)
