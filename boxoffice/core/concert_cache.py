"""The list of concerts, kept in Redis for a second.

Looking at the list is not behind the queue, so on the night of a sale everybody does it; one
of them at a time reads Postgres, and the others do not even load its driver. A change of a
seat leaves the copy a tenth of a second, which is less than the next command takes to start;
and so it leaves a list that is just being read, from when that is kept.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import Unavailable
from boxoffice.core.model import Concert, Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from boxoffice.core.stores import Stores

CACHE_KEY = "boxoffice:concerts"
BUILDER_KEY = f"{{{CACHE_KEY}}}:builder"  # in the slot of the copy, as the next
CHANGES_KEY = f"{{{CACHE_KEY}}}:changes"
CHANGES_FIELD = "seats"  # how many there were, ever
LIFE_MILLISECONDS = 1_000
CHANGED_LIFE_MILLISECONDS = 100
BUILDER_MILLISECONDS = 1_000  # after which another one reads in the place of who may be dead
WAIT_SECONDS = 5.0  # as long as Postgres lets a statement run
LOOK_AGAIN_SECONDS = 0.02
TIMES = ("first_date", "last_date")
PRICES = ("price_from", "price_to")


def read(stores: Stores, build: Callable[[], list[Concert]]) -> list[Concert]:
    """Return the kept list, or build it; without Redis it is built every time."""
    try:
        with stores.redis() as redis:
            kept = _wait_for_copy(redis)
            changes = None if kept else _changes(redis)
    except Unavailable:
        return build()
    if kept is not None:
        return [_decode(concert) for concert in json.loads(kept)]
    try:
        concerts = build()
        with suppress(Unavailable), stores.redis() as redis:
            _keep(redis, json.dumps(concerts, default=_encode), changes)
    finally:
        with suppress(Unavailable), stores.redis() as redis:
            redis.delete(BUILDER_KEY)
    return concerts


def _wait_for_copy(redis: Redis) -> Any:  # noqa: ANN401 - bytes or None
    """Return the copy; None for the one caller who is to build it, or when that takes long.

    A builder that is silent for long is followed by one other, not by all who wait.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        kept = redis.get(CACHE_KEY)
        if kept is not None:
            return kept
        if redis.set(BUILDER_KEY, 1, nx=True, px=BUILDER_MILLISECONDS):
            kept = redis.get(CACHE_KEY)  # which may have come with the end of its builder
            if kept is not None:
                redis.delete(BUILDER_KEY)
            return kept
        time.sleep(LOOK_AGAIN_SECONDS)
    return None


def _changes(redis: Redis) -> Any:  # noqa: ANN401 - bytes or None
    return redis.hget(CHANGES_KEY, CHANGES_FIELD)


def _keep(redis: Redis, text: str, changes: Any) -> None:  # noqa: ANN401 - as counted before
    """Keep a list; shortly, if something changed since its builder began to read.

    Kept first and asked then: a change that is not counted yet meets the copy and ends it.
    """
    redis.set(CACHE_KEY, text, px=LIFE_MILLISECONDS)
    if _changes(redis) != changes:
        redis.pexpire(CACHE_KEY, CHANGED_LIFE_MILLISECONDS, lt=True)


def commands_after_change() -> list[tuple[str | int, ...]]:
    """Return what Redis is told after a change of seats: the copy has a tenth of a second left."""
    return [
        ("HINCRBY", CHANGES_KEY, CHANGES_FIELD, 1),
        ("PEXPIRE", CACHE_KEY, CHANGED_LIFE_MILLISECONDS, "LT"),
    ]


def _encode(value: Any) -> Any:  # noqa: ANN401
    return value.isoformat() if isinstance(value, datetime) else asdict(value)


def _decode(fields: dict[str, Any]) -> Concert:
    times = {name: fields[name] and datetime.fromisoformat(fields[name]) for name in TIMES}
    prices = {name: fields[name] and Money(**fields[name]) for name in PRICES}
    return Concert(**{**fields, **times, **prices})
