"""Names and numbers of concerts and users, kept in Redis beside the queue.

Joining a queue needs to know that a concert and a user exist and nothing else of Postgres;
with this it does not even load a database driver. Postgres stays the truth: what is missing
here is looked up there and written back, and everything here ends by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis

ENTRY_SECONDS = 3_600


def _key(kind: str, name: str) -> str:
    return f"{{directory}}:{kind}:{name}"  # one hash tag: one slot, one round trip


def look_up(redis: Redis, concert: str, user: str) -> tuple[int | None, int | None]:
    """Return the numbers of a concert and a user, None for each that is not known here."""
    found = redis.mget(_key("concert", concert), _key("user", user))
    return int(found[0]) if found[0] else None, int(found[1]) if found[1] else None


def find_user(redis: Redis, user: str) -> int | None:
    """Return the number of a user, None where it is not known here."""
    found: Any = redis.get(_key("user", user))
    return int(found) if found else None


def remember(redis: Redis, kind: str, name: str, number: int) -> None:
    """Keep a name that Postgres was asked for; kinds are ``concert`` and ``user``."""
    redis.set(_key(kind, name), number, ex=ENTRY_SECONDS)
