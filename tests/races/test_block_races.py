"""A seat is kept by the house or had by somebody, never both, whoever is faster."""

from __future__ import annotations

from collections import Counter

import pytest

from boxoffice.core import errors
from tests.conftest import key, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, rush

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ROWS = "ABCDE"
BLOCKERS, BUYERS = 4, 12
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
OUTCOMES = (
    "SELECT array_agg(DISTINCT status ORDER BY status), count(*) FROM performance_seats"
    " WHERE seat_no %% 10 < 4 GROUP BY seat_no / 10"
)


def want(office, together, performance, user):
    """Go for the same four seats of each row as all others: to block them, or to hold them."""
    won = []
    for row in ROWS:
        seats = [f"{row}-{number}" for number in range(1, 5)]
        together.wait(DEADLINE_SECONDS)
        try:
            if user is None:
                office.block_seats(performance, seats=seats, kind="house", key=key())
                won.append((row, "blocked"))
            else:
                office.reserve(performance, staff(user), seats=seats, key=key())
                won.append((row, "held"))
        except (errors.SeatTaken, errors.SeatBlocked):
            pass
    return won


def test_a_block_against_holds_of_the_same_seats_has_one_winner(world):
    crowd = [(world.performance, None)] * BLOCKERS
    crowd += [(world.performance, f"user{number % 3 + 1}") for number in range(BUYERS)]
    won = [each for told in rush(world.box, want, crowd) for each in told]
    kinds = {row: {kind for at, kind in won if at == row} for row in ROWS}
    assert all(len(found) == 1 for found in kinds.values()), kinds
    holds = Counter(row for row, kind in won if kind == "held")
    assert set(holds.values()) <= {1}
    in_database = world.box.rows(OUTCOMES.replace("%%", "%"))
    assert sorted(status for statuses, _ in in_database for status in statuses) == sorted(
        kind for found in kinds.values() for kind in found
    )
    assert world.box.one(DEADLOCKS) == 0
    assert_consistent(world.box)


def renew_or_release(office, together, performance, renews):
    """Release what is due, while others block the same seats for longer."""
    released = 0
    for row in ROWS:
        together.wait(DEADLINE_SECONDS)
        if renews:
            office.block_seats(performance, row=row, kind="technical", key=key())
        else:
            released += office.release_blocks()
    return released


def test_what_is_released_and_what_is_blocked_anew_stays_whole(world):
    world.office.block_seats(world.performance, section="Floor", kind="house", key=key())
    world.box.execute("UPDATE seat_blocks SET release_at = now()")
    crowd = [(world.performance, number < 4) for number in range(8)]
    released = rush(world.box, renew_or_release, crowd)
    assert sum(released) <= 50
    assert world.seats("blocked") == 50  # each row was renewed after or instead of its release
    assert world.box.one(DEADLOCKS) == 0
    assert_consistent(world.box)
