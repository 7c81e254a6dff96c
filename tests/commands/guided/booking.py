"""What a whole booking of two seats by user1 leaves in the database and in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.journal import journal_of
from tests.conftest import PRICE
from tests.invariants import assert_consistent

if TYPE_CHECKING:
    from tests.conftest import World

SEATS = 2


def line(world: World) -> tuple[int, int]:
    """Count who waits and who is admitted."""
    line = world.office.show_queue(world.concert).line
    return line.waiting, line.admitted


def payments(world: World) -> int:
    return world.box.one("SELECT count(*) FROM payments WHERE state = 'paid'")


def entries(world: World) -> list[tuple]:
    """Return what moved the balance of user1, in order."""
    return world.box.rows(
        "SELECT type, amount::bigint FROM ledger_entries WHERE user_id = %s ORDER BY id",
        world.users[0],
    )


def labels(world: World, status: str) -> set[str]:
    """Return the seats that are sold, held or free."""
    rows = world.box.rows(
        "SELECT v.label FROM performance_seats s"
        " JOIN performances p ON p.id = s.performance_id"
        " JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no"
        " WHERE s.status = %s",
        status,
    )
    return {label for (label,) in rows}


def assert_booked_once(world: World, seats: int = SEATS) -> None:
    """Fail unless there is one booking, charged and paid once, and nothing is left open."""
    assert payments(world) == 1
    assert world.seats("sold") == seats
    assert entries(world) == [("charge", seats * PRICE), ("use", seats * PRICE)]
    assert line(world) == (0, 0)
    assert journal_of(world.box.settings).unresolved() == []
    assert_consistent(world.box)
