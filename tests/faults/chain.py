"""The chain of versions of every seat, kept by a trigger of the campaign's own database.

A seat's history is a line: each change starts where the one before ended, under the next version.
So what heals by the end, such as a live hold that was taken away, is seen all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.references import reservation_reference

if TYPE_CHECKING:
    import psycopg

# `at` is the time of the statement, or of the transaction, as every rule of the sale has it.
INSTALL = """
CREATE TABLE seat_chain (
    performance_id bigint, seat_no integer, version integer,
    old_version integer, old_status text, old_reservation bigint, old_until timestamptz,
    status text, reservation bigint, until timestamptz,
    at timestamptz DEFAULT now(), id bigint GENERATED ALWAYS AS IDENTITY
);
CREATE FUNCTION keep_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.seat_chain VALUES (
        NEW.performance_id, NEW.seat_no, NEW.version,
        OLD.version, OLD.status, OLD.reservation_id, OLD.held_until,
        NEW.status, NEW.reservation_id, NEW.held_until);
    RETURN NULL;
END $$;
CREATE TRIGGER performance_seats_chain AFTER UPDATE ON performance_seats
    FOR EACH ROW EXECUTE FUNCTION keep_chain();
"""

LINKED = """
SELECT c.*, lag(c.version) OVER seat AS former_version,
       lag(c.status) OVER seat AS former_status,
       lag(c.reservation) OVER seat AS former_reservation,
       lag(c.until) OVER seat AS former_until
FROM seat_chain c
WINDOW seat AS (PARTITION BY c.performance_id, c.seat_no ORDER BY c.version, c.id)
"""

RULES = {
    "a change of a seat is not the next of its line": f"""
        SELECT seat_no, version FROM ({LINKED}) c
        WHERE version <> old_version + 1 OR former_version <> old_version
           OR former_status <> old_status
           OR former_reservation IS DISTINCT FROM old_reservation AND former_version IS NOT NULL
           OR former_until IS DISTINCT FROM old_until AND former_version IS NOT NULL""",
    "a seat was held while somebody else's hold had not ended": """
        SELECT seat_no, version FROM seat_chain
        WHERE status = 'held' AND old_status = 'held' AND old_until > at
          AND reservation <> old_reservation""",
    "a hold got shorter or came back after its end": """
        SELECT seat_no, version FROM seat_chain
        WHERE status = 'held' AND old_status = 'held' AND reservation = old_reservation
          AND (until < old_until OR old_until <= at)""",
    "a seat was sold otherwise than from its own hold before its end": """
        SELECT seat_no, version FROM seat_chain
        WHERE status = 'sold'
          AND (old_status <> 'held' OR reservation <> old_reservation OR old_until <= at)""",
    "a sold seat was held": """
        SELECT seat_no, version FROM seat_chain WHERE status = 'held' AND old_status = 'sold'""",
    "a seat became free though nobody gave it back and its hold had not ended": """
        SELECT seat_no, version FROM seat_chain c
        WHERE status = 'free' AND (old_status = 'sold' OR old_until > at)
          AND NOT EXISTS (
            SELECT FROM operations o
            WHERE o.created_at = c.at AND o.command IN ('cancel', 'release seats'))""",
    "a seat stands otherwise than its line ends": """
        SELECT s.seat_no, s.version
        FROM performance_seats s
        JOIN LATERAL (
            SELECT * FROM seat_chain c
            WHERE c.performance_id = s.performance_id AND c.seat_no = s.seat_no
            ORDER BY version DESC LIMIT 1) c ON true
        WHERE (s.version, s.status) IS DISTINCT FROM (c.version, c.status)
           OR s.reservation_id IS DISTINCT FROM c.reservation""",
    "a seat was sold more often than it was given back": """
        SELECT seat_no, count(*)::integer FROM seat_chain
        GROUP BY performance_id, seat_no
        HAVING count(*) FILTER (WHERE status = 'sold')
             - count(*) FILTER (WHERE old_status = 'sold') NOT IN (0, 1)""",
}
LINE = """
    SELECT version, old_status, status, reservation, until, at
    FROM seat_chain WHERE seat_no = %s ORDER BY version, id
"""
OWNERS = """
    SELECT DISTINCT performance_id, reservation FROM seat_chain
    WHERE seat_no = %s AND reservation IS NOT NULL
"""


def install(connection: psycopg.Connection) -> None:
    """Keep the chain from now on."""
    connection.execute(INSTALL)


def broken(connection: psycopg.Connection) -> list[tuple[str, int, int]]:
    """Return every break of a rule with the seat and its version."""
    return [
        (rule, seat, version)
        for rule, question in RULES.items()
        for seat, version in connection.execute(question).fetchall()
    ]


def owners_of(connection: psycopg.Connection, seat: int) -> set[str]:
    """Return the references of all reservations that ever had a seat."""
    return {
        reservation_reference(performance, nonce)
        for performance, nonce in connection.execute(OWNERS, (seat,)).fetchall()
    }


def line_of(connection: psycopg.Connection, seat: int) -> list[str]:
    """Describe all that happened to a seat, in order."""
    return [
        f"  version {version} at {at:%H:%M:%S.%f}: {old} -> {new}"
        f" reservation {reservation} until {until}"
        for version, old, new, reservation, until, at in connection.execute(LINE, (seat,))
    ]
