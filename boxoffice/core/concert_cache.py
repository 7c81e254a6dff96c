"""The list of concerts, kept in Redis for a second.

Looking at the list is not behind the queue, so on the night of a sale everybody does it; one
of them reads Postgres a second, and the others do not even load its driver. Every change of
a seat forgets the copy and whoever is reading for the next one (events.Hints), so nobody sees
a list older than what they just did.
"""

from __future__ import annotations

import json
import os
import time
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
BUILDER_KEY = f"{{{CACHE_KEY}}}:builder"  # in the slot of the copy
LIFE_MILLISECONDS = 1_000
BUILDER_MILLISECONDS = 500
LOOK_AGAIN_SECONDS = 0.02
BUILDER_BYTES = 8
TIMES = ("first_date", "last_date")
PRICES = ("price_from", "price_to")


def read(stores: Stores, build: Callable[[], list[Concert]]) -> list[Concert]:
    """Return the kept list, or build it; without Redis it is built every time."""
    builder = os.urandom(BUILDER_BYTES).hex()
    try:
        with stores.redis() as redis:
            kept = _wait_for_copy(redis, builder)
    except Unavailable:
        return build()
    if kept is not None:
        return [_decode(concert) for concert in json.loads(kept)]
    concerts = build()
    try:
        with stores.redis() as redis:
            _keep(redis, builder, json.dumps(concerts, default=_encode))
    except Unavailable:
        pass  # the list is right all the same
    return concerts


def _wait_for_copy(redis: Redis, builder: str) -> Any:  # noqa: ANN401 - bytes or None
    """Return the copy; None for the one caller who is to build it, or when that takes long."""
    deadline = time.monotonic() + BUILDER_MILLISECONDS / 1000
    while time.monotonic() < deadline:
        kept = redis.get(CACHE_KEY)
        if kept is not None:
            return kept
        if redis.set(BUILDER_KEY, builder, nx=True, px=BUILDER_MILLISECONDS):
            return None
        time.sleep(LOOK_AGAIN_SECONDS)
    return None


def _keep(redis: Redis, builder: str, text: str) -> None:
    """Keep a list, unless something changed since its builder began to read."""
    with redis.pipeline(transaction=True) as pipeline:
        pipeline.watch(BUILDER_KEY)  # type: ignore[no-untyped-call]
        if pipeline.get(BUILDER_KEY) != builder.encode():
            return
        pipeline.multi()
        pipeline.set(CACHE_KEY, text, px=LIFE_MILLISECONDS)
        pipeline.delete(BUILDER_KEY)
        pipeline.execute()


def _encode(value: Any) -> Any:  # noqa: ANN401
    return value.isoformat() if isinstance(value, datetime) else asdict(value)


def _decode(fields: dict[str, Any]) -> Concert:
    times = {name: fields[name] and datetime.fromisoformat(fields[name]) for name in TIMES}
    prices = {name: fields[name] and Money(**fields[name]) for name in PRICES}
    return Concert(**{**fields, **times, **prices})
