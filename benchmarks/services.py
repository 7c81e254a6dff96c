"""What a payment costs in one transaction, and as a saga of three services.

    python benchmarks/services.py [--seconds 5]

The same effect on the same scratch tables, by pgbench: seats sold, an account debited, a payment
settled. Once as one statement that commits once; once as the saga that three services would need:
payments, wallet and seats each change their own rows under their own key and leave an event in
their own outbox, and each event is marked as handled by whoever acts on it. The broker in between
and the network cost nothing here, so this is the least that a split can cost. Counted: as many
seats sold as payments paid as entries; writes to the log of Postgres a payment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Comparison, Findings, Turn, parser_of, servers, take_turns
from raw import connect, pgbench
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from boxoffice.core.config import Settings

CLIENTS = 8
SEATS = 1_000_000
SCHEMA = f"""
DROP SCHEMA IF EXISTS split CASCADE;
CREATE SCHEMA split;
CREATE TABLE split.seats (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'held')
    WITH (fillfactor = 70);
CREATE TABLE split.accounts (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0))
    WITH (fillfactor = 20);
CREATE TABLE split.entries (key text PRIMARY KEY, account bigint NOT NULL, amount bigint NOT NULL);
CREATE TABLE split.payments (seat bigint PRIMARY KEY, state text NOT NULL)
    WITH (fillfactor = 50);
CREATE TABLE split.done (key text PRIMARY KEY);
CREATE TABLE split.outbox (key text PRIMARY KEY, sent boolean NOT NULL DEFAULT false)
    WITH (fillfactor = 50);
INSERT INTO split.seats (id) SELECT generate_series(1, {SEATS});
INSERT INTO split.accounts SELECT n, 1000000000000 FROM generate_series(0, {CLIENTS}) n;
CREATE SEQUENCE split.next;
"""
TAKE = "SELECT nextval('split.next') AS seat \\gset\n"
DEBIT = "UPDATE split.accounts SET balance = balance - 1000 WHERE id = :client_id RETURNING id"
ENTRY = "INSERT INTO split.entries SELECT 'pay-' || :seat::text, id, 1000 FROM debited"
SELL = "UPDATE split.seats SET state = 'sold' WHERE id = :seat AND state = 'held'"
ONE = f"""{TAKE}
WITH sold AS ({SELL}), debited AS ({DEBIT}), entry AS ({ENTRY}),
paid AS (INSERT INTO split.payments VALUES (:seat, 'paid')),
event AS (INSERT INTO split.outbox VALUES ('paid-' || :seat::text))
INSERT INTO split.done VALUES ('pay-' || :seat::text);
"""


def handled(event: str, then: str) -> str:
    """Return the statement that acts on an event once: its inbox, its effect, its own event."""
    key = f"'{event}-' || :seat::text"
    return (
        f"WITH seen AS (INSERT INTO split.done VALUES ({key})),"
        f" sent AS (UPDATE split.outbox SET sent = true WHERE key = {key}), {then}\n"
    )


def event(name: str) -> str:
    """Return the insert of the event that ends a step."""
    return f"INSERT INTO split.outbox VALUES ('{name}-' || :seat::text);"


SAGA = f"""{TAKE}
WITH asked AS (INSERT INTO split.done VALUES ('pay-' || :seat::text)),
begun AS (INSERT INTO split.payments VALUES (:seat, 'waiting')) {event("asked")}
{handled("asked", f"debited AS ({DEBIT}), entry AS ({ENTRY}) {event('debited')}")}
{handled("debited", f"sold AS ({SELL}) {event('sold')}")}
{
    handled(
        "sold",
        "paid AS (UPDATE split.payments SET state = 'paid' WHERE seat = :seat) " + event("paid"),
    )
}
"""
WORKS = {"one transaction": ONE, "saga of three": SAGA}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    with servers(options) as settings:
        Stage(settings, seats=1, users=1).close()  # makes the database
        with connect(settings) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute(SCHEMA)
            works = {
                name: measured(settings, connection, script, options.seconds)
                for name, script in WORKS.items()
            }
            figures = take_turns(options.rounds, works)
            counted = outcomes(connection)
            connection.execute("DROP SCHEMA split CASCADE")
    what = ("payments a second", "commits a payment", "bytes of log a payment")
    comparisons = [
        Comparison(ours=f"saga of three: {each}", beside=f"one transaction: {each}")
        for each in what
    ]
    title = "A payment in one transaction and as a saga"
    Findings(title=title, figures=figures, comparisons=comparisons, counted=counted).tell(options)


def measured(
    settings: Settings, connection: psycopg.Connection, script: str, seconds: int
) -> Callable[[int], Turn]:
    """Return the work of a round: payments for so long, and what they wrote."""

    def work(_: int) -> Turn:
        before = written(connection)
        rate = pgbench(settings, script, clients=CLIENTS, seconds=seconds)
        after = written(connection)
        paid = after[0] - before[0]
        return {
            "payments a second": rate,
            "commits a payment": (after[1] - before[1]) / paid,
            "bytes of log a payment": (after[2] - before[2]) / paid,
        }

    return work


def written(connection: psycopg.Connection) -> tuple[int, int, int]:
    """Return payments so far, and the commits and bytes of the write-ahead log."""
    return connection.execute(
        "SELECT (SELECT count(*) FROM split.payments WHERE state = 'paid'),"
        " (SELECT count(*) FROM split.done),"
        " (pg_current_wal_insert_lsn() - '0/0')::bigint"
    ).fetchone()


def outcomes(connection: psycopg.Connection) -> dict[str, int]:
    """Count that every payment came to the same in all tables."""
    sold, paid, entries = connection.execute(
        "SELECT (SELECT count(*) FROM split.seats WHERE state = 'sold'),"
        " (SELECT count(*) FROM split.payments WHERE state = 'paid'),"
        " (SELECT count(*) FROM split.entries)"
    ).fetchone()
    assert sold == paid == entries, (sold, paid, entries)
    return {"seats sold": sold, "payments paid": paid, "entries": entries}


if __name__ == "__main__":
    main()
