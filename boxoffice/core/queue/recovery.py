"""Asking a queue, and first telling it what Postgres knows where it has lost that.

This is the way to the queue for everything that has both stores at hand. A queue on a server
that restarted goes on at once; one caller in five seconds is asked to bring what Postgres
knows. A queue that is gone answers nobody before it was begun again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from boxoffice.core import tokens
from boxoffice.core.errors import DatabaseUnavailable, OutcomeUnknown, TokenUnknown
from boxoffice.core.queue.founding import admit_holders, found, note_payers
from boxoffice.core.queue.places import restore
from boxoffice.core.queue.scripts import Foreign, Recall

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from boxoffice.core.config import Settings
    from boxoffice.core.stores import Stores

T = TypeVar("T")

# Once because it was lost, once because it restarted meanwhile.
RECALLS_MAX = 2


def ask(stores: Stores, settings: Settings, concert: int, question: Callable[[Redis], T]) -> T:
    """Ask a queue something, after telling it what it wants to know of Postgres.

    Raises QueueUnavailable, ConcertNotFound, Foreign, and DatabaseUnavailable where the queue
    cannot answer without Postgres.
    """
    with stores.redis() as redis:
        for _ in range(RECALLS_MAX):
            try:
                return question(redis)
            except Foreign:
                raise
            except Recall as wanted:
                _tell(stores, settings, concert, redis, required=wanted.required)
        return question(redis)


def ask_for_token(
    stores: Stores,
    settings: Settings,
    token: str,
    stub: str | None,
    question: Callable[[Redis], T],
) -> T:
    """Ask about the place of a token; where it was lost, its stub gives it back first."""
    concert = tokens.concert_of(token)
    try:
        return ask(stores, settings, concert, question)
    except TokenUnknown:
        if stub is None:
            raise
        bring_back(stores, settings, token, stub)
    # Asked in any case: another call with this token may have brought it back meanwhile.
    return ask(stores, settings, concert, question)


def bring_back(stores: Stores, settings: Settings, token: str, stub: str) -> None:
    """Give a place back by its stub, if it was lost and the stub is the token's own."""
    concert = tokens.concert_of(token)
    ask(stores, settings, concert, lambda redis: restore(redis, token, stub, settings))


def recall(stores: Stores, settings: Settings, concert: int, redis: Redis) -> None:
    """Tell a queue all that Postgres knows of it; may be done at any time, by anybody.

    Raises ConcertNotFound, DatabaseUnavailable.
    """
    from boxoffice.core.queue import memory

    with stores.transaction() as connection:
        memory.enter(connection, concert)
        founding = memory.founding(connection, concert)
    base = found(redis, concert, founding)
    if base > founding.base:
        with stores.database(changing=True) as connection:
            memory.raise_base(connection, concert, base)
    if founding.lost:
        with stores.database() as connection:
            holding = memory.holders(connection, concert)
            paying = memory.payers(connection, concert)
        note_payers(redis, concert, settings, paying)
        admit_holders(redis, concert, settings, holding)


def _tell(
    stores: Stores, settings: Settings, concert: int, redis: Redis, *, required: bool
) -> None:
    try:
        recall(stores, settings, concert, redis)
    except (DatabaseUnavailable, OutcomeUnknown):  # of what is done again with no harm
        if required:
            raise DatabaseUnavailable from None
