"""Ways to take a seat that others want, and to add to a balance that others add to.

All do equal work on equal tables: a taken seat has an owner and one ticket, a changed balance one
entry. Each returns whether it was done, and how many tries that took.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from psycopg import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from crowd import Client

    Way = Callable[..., tuple[str, int]]

TABLES = (
    """
    CREATE TABLE seats (show integer, seat integer, state text NOT NULL DEFAULT 'free',
        owner bigint, version integer NOT NULL DEFAULT 0, fence bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (show, seat)) WITH (fillfactor = 50)
    """,
    # No unique constraint: a seat that is sold twice shall be seen.
    "CREATE TABLE tickets (show integer, seat integer, owner bigint)",
    """
    CREATE TABLE accounts (id integer PRIMARY KEY, balance bigint NOT NULL DEFAULT 0,
        version integer NOT NULL DEFAULT 0) WITH (fillfactor = 50)
    """,
    "CREATE TABLE entries (account integer, amount bigint)",
)
TRIES_MAX = 10_000
PAUSE_SECONDS = 0.005  # at most, between two tries at a lock
LEASE_MS = 5_000
AMOUNT = 7
STATE = "SELECT state, version FROM {0}.seats WHERE show = %s AND seat = %s"
TAKE = """
WITH taken AS (
    UPDATE {0}.seats SET state = 'held', owner = %(owner)s, version = version + 1
    WHERE show = %(show)s AND seat = %(seat)s {1} RETURNING show, seat, owner)
INSERT INTO {0}.tickets SELECT * FROM taken RETURNING seat
"""
# As the project's hold: look without a lock, lock what is free without waiting, write.
HOLD = """
WITH free AS (
    SELECT FROM {0}.seats WHERE show = %(show)s AND seat = %(seat)s AND state = 'free'),
locked AS (
    SELECT show, seat FROM {0}.seats
    WHERE show = %(show)s AND seat = %(seat)s AND state = 'free' AND EXISTS (SELECT FROM free)
    FOR UPDATE NOWAIT),
taken AS (
    UPDATE {0}.seats s SET state = 'held', owner = %(owner)s, version = version + 1
    FROM locked l WHERE s.show = l.show AND s.seat = l.seat RETURNING s.show, s.seat, s.owner)
INSERT INTO {0}.tickets SELECT * FROM taken RETURNING seat
"""
BALANCE = "SELECT balance, version FROM {0}.accounts WHERE id = %s"
SET = """
WITH changed AS (
    UPDATE {0}.accounts SET balance = %(balance)s, version = version + 1
    WHERE id = %(account)s {1} RETURNING id)
INSERT INTO {0}.entries SELECT id, %(amount)s FROM changed RETURNING account
"""
ADD = SET.replace("%(balance)s", "balance + %(amount)s")
UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


def locking(clause: str) -> Way:
    """Return the way that locks the row in a transaction first; a lock that is met is a loss."""

    def take(client: Client, schema: str, show: int, seat: int, owner: int) -> tuple[str, int]:
        bare = client.bare
        try:
            with bare.transaction():
                found = bare.execute(f"{STATE} FOR UPDATE {clause}".format(schema), (show, seat))
                row = found.fetchone()
                if row is None or row[0] != "free":
                    return "lost", 1
                _write(client, TAKE, schema, show=show, seat=seat, owner=owner)
        except errors.LockNotAvailable:
            return "lost", 1
        return "won", 1

    return take


def conditional(client: Client, schema: str, show: int, seat: int, owner: int) -> tuple[str, int]:
    """Take the seat by one UPDATE that names the state it must have; it waits for a lock."""
    done = _write(client, TAKE, schema, "AND state = 'free'", show=show, seat=seat, owner=owner)
    return ("won" if done else "lost"), 1


def optimistic(client: Client, schema: str, show: int, seat: int, owner: int) -> tuple[str, int]:
    """Read a version, write if it is still the same, and begin again if it is not."""
    for tries in range(1, TRIES_MAX):
        state, version = client.bare.execute(STATE.format(schema), (show, seat)).fetchone()
        if state != "free":
            return "lost", tries
        given = {"show": show, "seat": seat, "owner": owner, "version": version}
        if _write(client, TAKE, schema, "AND version = %(version)s", **given):
            return "won", tries
    raise AssertionError(TRIES_MAX)


def by_redis(client: Client, schema: str, show: int, seat: int, owner: int) -> tuple[str, int]:
    """Take a lock in Redis, then look and write without one in Postgres."""
    name = f"{schema}:{show}:{seat}"
    token, tries = _lock(client, name)
    try:
        state, _ = client.bare.execute(STATE.format(schema), (show, seat)).fetchone()
        if state != "free":
            return "lost", tries
        _write(client, TAKE, schema, show=show, seat=seat, owner=owner)
    finally:
        client.redis.eval(UNLOCK, 1, name, token)
    return "won", tries


def ours(client: Client, schema: str, show: int, seat: int, owner: int) -> tuple[str, int]:
    """Hold by one statement that waits for nobody; who meets a lock looks what became of it."""
    for tries in range(1, TRIES_MAX):
        try:
            done = _write(client, HOLD, schema, show=show, seat=seat, owner=owner)
        except errors.LockNotAvailable:
            state, _ = client.bare.execute(STATE.format(schema), (show, seat)).fetchone()
            if state == "free":
                time.sleep(random.uniform(0, PAUSE_SECONDS))
                continue
            return "lost", tries
        return ("won" if done else "lost"), tries
    raise AssertionError(TRIES_MAX)


def adding_locked(clause: str) -> Way:
    """Return the way that locks the balance, adds to it here and writes it back."""

    def add(client: Client, schema: str, account: int) -> tuple[str, int]:
        bare, sql = client.bare, f"{BALANCE} FOR UPDATE {clause}".format(schema)
        for tries in range(1, TRIES_MAX):
            try:
                with bare.transaction():
                    row = bare.execute(sql, (account,)).fetchone()
                    if row is not None:
                        _set(client, schema, account, row[0])
                        return "won", tries
            except errors.LockNotAvailable:
                pass
            time.sleep(random.uniform(0, PAUSE_SECONDS))
        raise AssertionError(TRIES_MAX)

    return add


def adding(client: Client, schema: str, account: int) -> tuple[str, int]:
    """Add by a relative UPDATE with its entry, as the project's charge does."""
    _write(client, ADD, schema, account=account, amount=AMOUNT)
    return "won", 1


def adding_optimistic(client: Client, schema: str, account: int) -> tuple[str, int]:
    """Read a version, add here, write if it is still the same."""
    for tries in range(1, TRIES_MAX):
        balance, version = client.bare.execute(BALANCE.format(schema), (account,)).fetchone()
        if _set(client, schema, account, balance, "AND version = %(version)s", version=version):
            return "won", tries
    raise AssertionError(TRIES_MAX)


def adding_by_redis(client: Client, schema: str, account: int) -> tuple[str, int]:
    """Take a lock in Redis, read, add here and write."""
    name = f"{schema}:{account}"
    token, tries = _lock(client, name)
    try:
        balance, _ = client.bare.execute(BALANCE.format(schema), (account,)).fetchone()
        _set(client, schema, account, balance)
    finally:
        client.redis.eval(UNLOCK, 1, name, token)
    return "won", tries


def _set(
    client: Client, schema: str, account: int, balance: int, condition: str = "", **more: int
) -> bool:
    given = {"account": account, "balance": balance + AMOUNT, "amount": AMOUNT, **more}
    return _write(client, SET, schema, condition, **given)


def _write(client: Client, sql: str, schema: str, condition: str = "", **given: int) -> bool:
    return client.bare.execute(sql.format(schema, condition), given).fetchone() is not None


def _lock(client: Client, name: str) -> tuple[str, int]:
    """Take a lock, asking again and again; return its token and how often it was asked for."""
    token = uuid4().hex
    for tries in range(1, TRIES_MAX):
        if client.redis.set(name, token, nx=True, px=LEASE_MS):
            return token, tries
        time.sleep(random.uniform(0, PAUSE_SECONDS))
    raise AssertionError(TRIES_MAX)


SEATS: dict[str, Way] = {
    "FOR UPDATE": locking(""),
    "NOWAIT": locking("NOWAIT"),
    "SKIP LOCKED": locking("SKIP LOCKED"),
    "conditional": conditional,
    "version": optimistic,
    "Redis lock": by_redis,
    "ours": ours,
}
# A relative UPDATE is what we do, and what a condition (no less than 0) would be added to.
BALANCES: dict[str, Way] = {
    "FOR UPDATE": adding_locked(""),
    "NOWAIT": adding_locked("NOWAIT"),
    "SKIP LOCKED": adding_locked("SKIP LOCKED"),
    "version": adding_optimistic,
    "Redis lock": adding_by_redis,
    "ours": adding,
}
