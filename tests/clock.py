"""The end of holds, brought about as time would: in the rows that carry it, by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.references import parse_reservation

if TYPE_CHECKING:
    from tests.conftest import Box

END = """
    WITH ended AS (
        UPDATE reservations SET held_until = now() - interval '1 second'
        WHERE state = 'held' AND (%(id)s::bigint IS NULL OR id = %(id)s)
        RETURNING performance_id, id, held_until
    )
    UPDATE performance_seats s SET held_until = e.held_until
    FROM ended e
    WHERE s.performance_id = e.performance_id AND s.reservation_id = e.id AND s.status = 'held'
"""


def end_holds(box: Box, reservation: str | None = None) -> None:
    """End the hold of one reservation now, or every hold."""
    nonce = parse_reservation(reservation)[1] if reservation else None
    box.execute(END.replace("%(id)s", "NULL" if nonce is None else str(nonce)))
