"""Names and numbers of concerts and users, kept in Redis beside the queue.

Joining a queue needs to know that a concert and a user exist and nothing else of Postgres;
with this it does not even load a database driver. Postgres stays the truth: what is missing
here is looked up there and written back, and everything here ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boxoffice.core import cluster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis import Redis

ENTRY_SECONDS = 3_600
AT = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A concert and a user by number, and the identity of the database that gave both."""

    concert: int
    user: int
    database: str


def _key(kind: str, name: str) -> str:
    return f"{{directory}}:{kind}:{name}"  # one hash tag: one slot, one round trip


def look_up(redis: Redis, concert: str, user: str) -> Numbers | None:
    """Return the numbers of a concert and a user, None where either is not known here."""
    found: Any = (None, None)
    with cluster.sparing(redis):
        found = redis.mget(_key("concert", concert), _key("user", user))
    if not all(found):
        return None
    (concert_number, database), (user_number, other) = (_parts(entry) for entry in found)
    if database != other:  # one of them is older than the database
        return None
    return Numbers(concert=concert_number, user=user_number, database=database)


def _parts(entry: bytes) -> tuple[int, str]:
    number, _, database = entry.decode().partition(AT)
    return int(number), database


def find_user(redis: Redis, user: str, database: str) -> int | None:
    """Return the number of a user of a database, None where it is not known here."""
    found: Any = None
    with cluster.sparing(redis):
        found = redis.get(_key("user", user))
    if not found:
        return None
    number, of = _parts(found)
    return number if of == database else None


def forget_user(redis: Redis, names: Iterable[str]) -> None:
    """Keep a user's names no longer."""
    with cluster.sparing(redis):
        redis.delete(*(_key("user", name) for name in names))


def remember(redis: Redis, kind: str, name: str, number: int, database: str) -> None:
    """Keep a name that a database was asked for; kinds are ``concert`` and ``user``."""
    with cluster.sparing(redis):
        redis.set(_key(kind, name), f"{number}{AT}{database}", ex=ENTRY_SECONDS)
