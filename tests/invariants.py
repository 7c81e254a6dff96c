"""What must hold in the database at any moment, as questions whose answers are violations.

Each question returns one row a violation. They are asked in one read-only snapshot, so they
may be asked in the middle of a sale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from tests.conftest import plain

if TYPE_CHECKING:
    from psycopg import Connection

    from tests.conftest import Box

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

INVARIANTS = {
    "a taken seat has exactly one live ticket, of its own reservation": """
        SELECT s.performance_id, s.seat_no, s.status
        FROM performance_seats s
        WHERE s.status IN ('held', 'sold') AND 1 <> (
            SELECT count(*) FROM reservation_seats r
            WHERE r.performance_id = s.performance_id AND r.seat_no = s.seat_no
              AND r.reservation_id = s.reservation_id AND r.live)""",
    "a live ticket has its seat": """
        SELECT r.performance_id, r.reservation_id, r.seat_no
        FROM reservation_seats r
        LEFT JOIN performance_seats s
          ON s.performance_id = r.performance_id AND s.seat_no = r.seat_no
         AND s.reservation_id = r.reservation_id
        WHERE r.live AND s.seat_no IS NULL""",
    "a paid reservation has all its seats, sold": """
        SELECT r.performance_id, r.id
        FROM reservations r
        WHERE r.state = 'paid' AND r.seat_count <> (
            SELECT count(*) FROM performance_seats s
            WHERE s.performance_id = r.performance_id AND s.reservation_id = r.id
              AND s.status = 'sold')""",
    "a sold seat belongs to a paid reservation": """
        SELECT s.performance_id, s.seat_no, r.state
        FROM performance_seats s
        LEFT JOIN reservations r ON r.performance_id = s.performance_id AND r.id = s.reservation_id
        WHERE s.status = 'sold' AND r.state IS DISTINCT FROM 'paid'""",
    "a held seat belongs to a held reservation with the same end": """
        SELECT s.performance_id, s.seat_no, r.state
        FROM performance_seats s
        LEFT JOIN reservations r ON r.performance_id = s.performance_id AND r.id = s.reservation_id
        WHERE s.status = 'held'
          AND (r.state IS DISTINCT FROM 'held' OR r.held_until <> s.held_until)""",
    "a hold that has not ended has all its seats": """
        SELECT r.performance_id, r.id
        FROM reservations r
        WHERE r.state = 'held' AND r.held_until > now() AND r.seat_count <> (
            SELECT count(*) FROM performance_seats s
            WHERE s.performance_id = r.performance_id AND s.reservation_id = r.id
              AND s.status = 'held')""",
    "the total of a reservation is the sum of its tickets": """
        SELECT r.performance_id, r.id
        FROM reservations r
        LEFT JOIN reservation_seats s
          ON s.performance_id = r.performance_id AND s.reservation_id = r.id
        GROUP BY r.performance_id, r.id, r.seat_count, r.total
        HAVING count(s.seat_no) <> r.seat_count OR coalesce(sum(s.price), -1) <> r.total""",
    "a payment stands as its reservation does": """
        SELECT r.performance_id, r.id, r.state, p.state
        FROM reservations r
        LEFT JOIN payments p ON p.performance_id = r.performance_id AND p.reservation_id = r.id
        WHERE p.state IS DISTINCT FROM CASE r.state
            WHEN 'held' THEN 'waiting'
            WHEN 'paid' THEN 'paid'
            WHEN 'expired' THEN 'cancelled'
            ELSE CASE WHEN r.paid_at IS NULL THEN 'cancelled' ELSE 'refunded' END
        END""",
    "what was paid was debited once, and what was not paid never": """
        SELECT p.performance_id, p.reservation_id, p.state
        FROM payments p
        WHERE (p.state IN ('paid', 'refunded'))::integer <> (
            SELECT count(*) FROM ledger_entries l
            WHERE l.performance_id = p.performance_id AND l.reservation_id = p.reservation_id
              AND l.type = 'use')""",
    "what was refunded was credited once, and nothing else": """
        SELECT p.performance_id, p.reservation_id, p.state
        FROM payments p
        WHERE (p.state = 'refunded')::integer <> (
            SELECT count(*) FROM ledger_entries l
            WHERE l.performance_id = p.performance_id AND l.reservation_id = p.reservation_id
              AND l.type = 'refund')""",
    "a ledger entry is of its payment's tender": """
        SELECT l.user_id, l.id, l.tender, p.tender
        FROM ledger_entries l
        JOIN payments p
          ON p.performance_id = l.performance_id AND p.reservation_id = l.reservation_id
        WHERE l.tender <> p.tender""",
    "cash that was received covers the price": """
        SELECT p.performance_id, p.reservation_id, p.received, r.total
        FROM payments p
        JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
        WHERE p.received < r.total""",
    "only what was paid has another tender than the balance": """
        SELECT performance_id, reservation_id, state, tender
        FROM payments
        WHERE state IN ('waiting', 'cancelled')
          AND (tender <> 'balance' OR received IS NOT NULL)""",
    "what was not paid from a balance was taken and given back by staff, on the record": """
        SELECT l.user_id, l.id, l.type, l.tender
        FROM ledger_entries l
        WHERE l.tender <> 'balance' AND 1 <> (
            SELECT count(*) FROM audit a
            WHERE a.operation_key = l.operation_key AND a.user_id = l.user_id
              AND a.action = CASE l.type WHEN 'use' THEN 'pay' ELSE 'cancel' END)""",
    "each tender took in what is paid with it now": """
        SELECT currency, tender
        FROM (
            SELECT currency, tender, CASE type WHEN 'use' THEN amount ELSE -amount END AS amount
            FROM ledger_entries
            WHERE type <> 'charge'
            UNION ALL
            SELECT r.currency, p.tender, -r.total
            FROM payments p
            JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
            WHERE p.state = 'paid'
        ) flows
        GROUP BY currency, tender
        HAVING sum(amount) <> 0""",
    "an exchange gave back one reservation and paid another": """
        SELECT o.key
        FROM operations o
        WHERE o.command = 'exchange' AND (
            o.result #>> '{cancelled,reservation}' = o.result #>> '{paid,reservation}' OR 2 <> (
                SELECT count(*) FROM outbox e
                WHERE e.dedupe_key IN ('cancel:' || (o.result #>> '{cancelled,reservation}'),
                                       'pay:' || (o.result #>> '{paid,reservation}'))))""",
    "a ledger entry has its operation": """
        SELECT l.user_id, l.id, l.type
        FROM ledger_entries l LEFT JOIN operations o ON o.key = l.operation_key
        WHERE o.command IS DISTINCT FROM
              CASE l.type WHEN 'use' THEN 'pay' WHEN 'refund' THEN 'cancel' ELSE 'charge' END""",
    "a payment or a refund has its event": """
        SELECT l.user_id, l.id, l.type
        FROM ledger_entries l
        JOIN operations o ON o.key = l.operation_key
        WHERE l.type <> 'charge' AND 1 <> (
            SELECT count(*) FROM outbox e
            WHERE e.performance_id = l.performance_id
              AND e.dedupe_key = o.command || ':' || (o.result ->> 'reservation'))""",
    "an event has its payment or refund": """
        SELECT e.performance_id, e.dedupe_key
        FROM outbox e
        WHERE NOT EXISTS (
            SELECT FROM operations o
            JOIN ledger_entries l ON l.operation_key = o.key AND l.type <> 'charge'
            WHERE e.dedupe_key = o.command || ':' || (o.result ->> 'reservation'))""",
    "a balance is the sum of its ledger": """
        SELECT a.user_id, a.currency, a.balance
        FROM accounts a
        LEFT JOIN ledger_entries l ON l.user_id = a.user_id AND l.currency = a.currency
        GROUP BY a.user_id, a.currency, a.balance
        HAVING a.balance <> coalesce(
            sum(CASE l.type WHEN 'use' THEN -l.amount ELSE l.amount END)
                FILTER (WHERE l.tender = 'balance'), 0)""",
    "each ledger entry continues the balance of the one before": """
        SELECT user_id, id
        FROM (
            SELECT user_id, id, balance_after, lag(balance_after, 1, 0::bigint) OVER account
                   + CASE WHEN tender <> 'balance' THEN 0
                          WHEN type = 'use' THEN -amount ELSE amount END AS expected
            FROM ledger_entries
            WINDOW account AS (PARTITION BY user_id, currency ORDER BY id)
        ) entries
        WHERE balance_after <> expected""",
    "money is conserved: charges = balances + payments - refunds": """
        SELECT currency
        FROM (
            SELECT currency, CASE type WHEN 'use' THEN -amount ELSE amount END AS amount
            FROM ledger_entries
            WHERE tender = 'balance'
            UNION ALL
            SELECT currency, -balance FROM accounts
        ) flows
        GROUP BY currency
        HAVING sum(amount) <> 0""",
    "the postings of the ledger sum to zero": """
        SELECT currency FROM ledger_postings GROUP BY currency HAVING sum(credit) <> 0""",
    "an executed operation has a result": """
        SELECT key FROM operations WHERE result = '{}'""",
    "a performance has the seats of its plan": """
        SELECT p.id
        FROM performances p
        WHERE p.seat_count <> (
            SELECT count(*) FROM performance_seats s
            JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
            WHERE s.performance_id = p.id)""",
}


def violations(connection: Connection) -> list[str]:
    """Ask every question; each violation is a line with its keys."""
    return [
        f"not so: {sentence}: {row}"
        for sentence, question in INVARIANTS.items()
        for row in connection.execute(question).fetchall()
    ]


def assert_consistent(box: Box) -> None:
    """Fail with every violation there is."""
    with psycopg.connect(plain(box.settings.database_url), autocommit=True) as connection:
        connection.execute(SNAPSHOT)
        found = violations(connection)
    assert not found, "\n".join(found)
