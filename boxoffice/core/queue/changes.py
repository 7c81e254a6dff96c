"""Changing a queue's settings in both stores, so that a loss of Redis does not undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.errors import DrawRefused
from boxoffice.core.queue import memory, recovery
from boxoffice.core.queue.line import admit
from boxoffice.core.queue.settings import configure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from boxoffice.core.config import Settings
    from boxoffice.core.model import Line
    from boxoffice.core.stores import Stores

BEFORE_THE_DRAW = "pre"


def make(
    stores: Stores,
    settings: Settings,
    concert: int,
    changes: Mapping[str, str | float | None],
) -> Line:
    """Change settings of a queue and return the line in figures.

    Postgres is told first, for what it does not know the next loss undoes; but of the state
    `pre` only after the queue has agreed. Raises ConcertNotFound, InputInvalid, DrawRefused.
    """
    to_draw = changes.get("state") == BEFORE_THE_DRAW
    seed = None
    with stores.transaction() as connection:
        memory.enter(connection, concert)
        if to_draw:
            seed = _committed_seed(connection, concert)
        else:
            memory.keep_settings(connection, concert, changes)
    drawn = recovery.ask(
        stores,
        settings,
        concert,
        lambda redis: configure(redis, concert, settings, seed=seed, **changes),
    )
    if to_draw or drawn is not None:
        with stores.transaction() as connection:
            memory.keep_settings(connection, concert, changes)
            if drawn is not None:
                memory.note_draw(connection, concert, drawn)
    return recovery.ask(stores, settings, concert, lambda redis: admit(redis, concert, settings))


def _committed_seed(connection: Connection, concert: int) -> str:
    memory.commit_to_draw(connection, concert)
    drawing = memory.drawing_of(connection, concert)
    assert drawing is not None
    if drawing.held:
        raise DrawRefused
    return drawing.seed
