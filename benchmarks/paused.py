"""What goes wrong where a lock is not what decides, made to happen step by step.

A holder of a Redis lock stops for longer than its lease (a garbage collection, a swapped page, a
closed laptop), somebody else takes the lock and sells, and then the first goes on. And two who
want the same two seats take them in opposite order.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import raw
import ways
from crowd import Client
from psycopg import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from scratch import Scratch

    from boxoffice.core.config import Settings

LEASE_MS = 30
SHOW = 0  # no contest has it
FENCED = """
UPDATE seats SET state = 'held', owner = %(owner)s, fence = %(fence)s
WHERE show = %(show)s AND seat = %(seat)s AND fence < %(fence)s RETURNING seat
"""
PLAIN = FENCED.replace("AND fence < %(fence)s", "")
CONDITIONAL = FENCED.replace("AND fence < %(fence)s", "AND state = 'free'")
TICKET = "INSERT INTO tickets VALUES (%(show)s, %(seat)s, %(owner)s)"
LOCK = "SELECT FROM seats WHERE show = %s AND seat = %s FOR UPDATE"


def shown(settings: Settings, scratch: Scratch) -> dict[str, int | str]:
    """Return how often the seat was sold after a pause, by what stood guard, and the deadlocks."""
    client, sold = Client(settings), {}
    guards = {"nothing": PLAIN, "a fencing token": FENCED, "a condition": CONDITIONAL}
    for seat, (guard, sql) in enumerate(guards.items()):
        sold[f"sold after a pause behind a Redis lock and {guard}"] = _sell_twice(
            client, scratch, seat, sql
        )
    scratch.ask("CREATE UNIQUE INDEX ON tickets (show, seat) WHERE seat = 9")
    sold["sold after a pause behind a Redis lock and a unique index"] = _sell_twice(
        client, scratch, 9, PLAIN
    )
    client.redis.close()
    return sold | {
        "two seats crosswise, FOR UPDATE": _cross(settings, scratch, ""),
        "two seats crosswise, NOWAIT": _cross(settings, scratch, "NOWAIT"),
    }


def _sell_twice(client: Client, scratch: Scratch, seat: int, sql: str) -> int:
    """Let two sell a seat, one of whom slept over its lease; return how many tickets there are."""
    scratch.ask("INSERT INTO seats (show, seat) VALUES (%s, %s)", (SHOW, seat))
    lock = f"{scratch.name}:paused:{seat}"
    go_on = [_begin(client, scratch, seat, lock, sql, owner=1)]
    while client.redis.exists(lock):  # the first one sleeps
        time.sleep(LEASE_MS / 4_000)
    go_on.insert(0, _begin(client, scratch, seat, lock, sql, owner=2))
    for sell in go_on:
        sell()
    client.redis.delete(lock)
    (row,) = scratch.ask("SELECT count(*) FROM tickets WHERE show = %s AND seat = %s", (SHOW, seat))
    return row[0]


def _begin(
    client: Client, scratch: Scratch, seat: int, lock: str, sql: str, *, owner: int
) -> Callable[[], None]:
    """Take the lock with the next token and see the seat free; return what is done then."""
    assert client.redis.set(lock, owner, nx=True, px=LEASE_MS)
    fence = client.redis.incr(f"{lock}:fence")
    state, _ = scratch.ask(ways.STATE.format(scratch.name), (SHOW, seat))[0]
    assert state == "free"
    given = {"show": SHOW, "seat": seat, "owner": owner, "fence": fence}

    def sell() -> None:
        if scratch.ask(sql, given):
            try:
                scratch.ask(TICKET, given)
            except errors.UniqueViolation:
                return

    return sell


def _cross(settings: Settings, scratch: Scratch, clause: str) -> str:
    """Let two lock the same two seats in opposite order; return how each of them ended."""
    together = Barrier(2)

    def lock_both(first: int, second: int) -> str:
        with raw.connect(settings) as connection:
            connection.execute(f"SET search_path = {scratch.name}")
            try:
                with connection.transaction():
                    connection.execute(f"{LOCK} {clause}", (SHOW, first))
                    together.wait()
                    connection.execute(f"{LOCK} {clause}", (SHOW, second))
                    together.wait() if clause else None  # neither leaves before both have asked
            except errors.DeadlockDetected:
                return "deadlock"
            except errors.LockNotAvailable:
                together.wait()
                return "refused at once"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lock_both, (0, 1), (1, 0)))
    return ", ".join(sorted(ended))
