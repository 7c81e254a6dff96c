"""Whether what must hold in the queues does: a look at each, which moves nobody.

The queue is never right about seats or money, so all of this can be lost and built again; it
is right about who may come in, and in which order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from boxoffice.core.database import statement
from boxoffice.core.model import Violation
from boxoffice.core.queue.memory import database_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis
    from sqlalchemy import Connection

    from boxoffice.core.config import Settings

SCRIPT = Path(__file__).parent / "lua" / "verify.lua"
KEYS = ("settings", "line", "waiting", "admitted", "places", "seen")
MEMBERS = ("waiting", "admitted")
MEMBER_KEY = re.compile(r"\{concert:(\d{1,19})\}:(?:waiting|admitted)")
CHECKS = (
    "queue_capacity",
    "queue_waiting_and_admitted",
    "queue_records",
    "queue_numbers",
    "queue_strangers",
)
NAMED_MAX = 1_000
PAGE_USERS = 10_000


def find_violations(redis: Redis, connection: Connection, settings: Settings) -> list[Violation]:
    """Look at every queue that somebody is in; each script's answer is of one moment."""
    capacities = _capacities(connection, settings)
    found = [
        violation
        for concert in _concerts(redis, connection)
        for violation in _look(redis, concert, capacities.get(concert, 0), settings)
    ]
    return found + [
        Violation(
            check="queue_strangers",
            keys={"concert": concert, "user": user},
            detail="in the queue, and the database knows no such user or concert",
        )
        for concert, users in find_strangers(redis, connection).items()
        for user in users[:NAMED_MAX]
    ]


def find_strangers(redis: Redis, connection: Connection) -> dict[int, list[int]]:
    """Return who is in a queue and unknown to the database, by concert.

    Users and concerts are never removed and are there before anybody can queue, so it is
    enough that the database is asked after the queue.
    """
    strangers: dict[int, list[int]] = {}
    for concert in _concerts(redis, connection):
        members = [user for page in _pages(redis, concert) for user in page]
        unknown = set(_unknown(connection, concert, members))
        if unknown:
            strangers[concert] = sorted(unknown)
    return strangers


def drop(redis: Redis, concert: int, users: list[int]) -> None:
    """Take users out of a queue, whatever is left of their places."""
    tag = f"{{concert:{concert}}}"
    for start in range(0, len(users), PAGE_USERS):
        page = users[start : start + PAGE_USERS]
        with redis.pipeline(transaction=True) as pipe:
            for name in (*MEMBERS, "seen"):
                pipe.zrem(f"{tag}:{name}", *page)
            pipe.hdel(f"{tag}:places", *(str(user) for user in page))
            pipe.execute()


def _look(redis: Redis, concert: int, capacity_of_late: int, settings: Settings) -> list[Violation]:
    keys = [f"{{concert:{concert}}}:{name}" for name in KEYS]
    reply: Any = redis.eval_ro(
        SCRIPT.read_text(), len(keys), *keys, str(settings.queue_capacity), str(NAMED_MAX)
    )
    admitted, capacity, waiting, seen, highest, given, both, unmatched = reply
    capacity = max(capacity, capacity_of_late)
    found: list[tuple[str, dict[str, int], str]] = []
    if admitted > capacity:
        found.append(("queue_capacity", {}, f"{admitted} are admitted of at most {capacity}"))
    found += [
        ("queue_waiting_and_admitted", {"user": int(user)}, "both waiting and admitted")
        for user in both
    ]
    found += [
        ("queue_records", {"user": int(user)}, "a place without its record, or a record alone")
        for user in unmatched
    ]
    if waiting != seen:
        found.append(("queue_records", {}, f"{waiting} are waiting and {seen} were last seen"))
    if float(highest) > float(given):
        number = f"number {float(highest):.0f} waits and {float(given):.0f} was the last one given"
        found.append(("queue_numbers", {}, number))
    return [
        Violation(check=check, keys={"concert": concert, **keys}, detail=detail)
        for check, keys, detail in found
    ]


def _capacities(connection: Connection, settings: Settings) -> dict[int, int]:
    """Return the largest capacity of late: who was admitted under it may still be there."""
    parameters = {
        "seconds": settings.admission_seconds_max,
        "capacity": settings.queue_capacity,
    }
    rows = connection.exec_driver_sql(statement("queue_capacities"), parameters)
    return {row.concert: row.capacity for row in rows}


def _concerts(redis: Redis, connection: Connection) -> list[int]:
    """Return the concerts whose queue has somebody in it, known to the database or not.

    A queue that another database began in the same Redis is none of ours to judge.
    """
    keys = redis.scan_iter(match="{concert:*", count=PAGE_USERS, _type="zset")
    matches = (MEMBER_KEY.fullmatch(key.decode()) for key in keys)
    own = database_of(connection)
    found = sorted({int(match[1]) for match in matches if match})
    return [concert for concert in found if _began_in(redis, concert) in (None, own)]


def _began_in(redis: Redis, concert: int) -> str | None:
    database: Any = redis.hget(f"{{concert:{concert}}}:line", "database")
    return None if database is None else database.decode()


def _pages(redis: Redis, concert: int) -> Iterator[list[int]]:
    for name in MEMBERS:
        start = 0
        key = f"{{concert:{concert}}}:{name}"
        while users := cast("list[bytes]", redis.zrange(key, start, start + PAGE_USERS - 1)):
            yield [int(user) for user in users]
            start += PAGE_USERS


def _unknown(connection: Connection, concert: int, members: list[int]) -> list[int]:
    known = connection.exec_driver_sql(
        "SELECT id FROM concerts WHERE id = %(concert)s", {"concert": concert}
    ).one_or_none()
    if known is None:
        return members
    answer = connection.exec_driver_sql(statement("unknown_users"), {"users": members})
    return [user for (user,) in answer]
