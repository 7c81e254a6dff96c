"""Changing a queue's settings in both stores, so that a loss of Redis does not undo it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from boxoffice.core.errors import DrawRefused
from boxoffice.core.queue import memory, recovery
from boxoffice.core.queue.line import admit, drawn
from boxoffice.core.queue.memory import BEFORE_THE_DRAW
from boxoffice.core.queue.settings import configure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis
    from sqlalchemy import Connection

    from boxoffice.core.config import Settings
    from boxoffice.core.model import Line
    from boxoffice.core.queue.memory import Drawing
    from boxoffice.core.stores import Stores

# Others change the same settings a few times at once, not for ever.
FOLLOWED_MAX = 10


def make(
    stores: Stores,
    settings: Settings,
    concert: int,
    changes: Mapping[str, str | float | None],
) -> Line:
    """Change settings of a queue and return the line in figures.

    Postgres is told first, for what it does not know the next loss undoes; but of the state
    `pre` only after the queue has agreed, and of a draw after the queue held it.
    Raises ConcertNotFound, InputInvalid, DrawRefused.
    """
    to_draw = changes.get("state") == BEFORE_THE_DRAW
    seed, draw_is_due = None, False
    with stores.transaction() as connection:
        memory.enter(connection, concert)
        if to_draw:
            seed = _committed_seed(connection, concert)
        else:
            draw_is_due = memory.keep_settings(connection, concert, changes)
    counted = recovery.ask(
        stores,
        settings,
        concert,
        lambda redis: configure(redis, concert, settings, seed=seed, **changes),
    )
    if to_draw:
        with stores.transaction() as connection:
            memory.keep_settings(connection, concert, changes)
    else:
        _follow(stores, settings, concert, changes)
        if draw_is_due or counted is not None:
            note_draw(stores, settings, concert)
    return recovery.ask(stores, settings, concert, lambda redis: admit(redis, concert, settings))


def _follow(
    stores: Stores,
    settings: Settings,
    concert: int,
    made: Mapping[str, str | float | None],
) -> None:
    """Make the queue what Postgres says by now, where somebody else changed the same meanwhile.

    The two may have come to one store in this order and to the other in that one.
    """
    for _ in range(FOLLOWED_MAX):
        with stores.looking() as connection:
            _, kept = own_settings(connection, str(concert))
        wanted = {name: kept.get(name) for name in made}
        if wanted == made or wanted.get("state") == BEFORE_THE_DRAW:
            return
        made = wanted
        recovery.ask(stores, settings, concert, partial(_configure, settings, concert, made))


def _configure(
    settings: Settings, concert: int, changes: Mapping[str, str | float | None], redis: Redis
) -> None:
    configure(redis, concert, settings, seed=None, **changes)


def own_settings(connection: Connection, concert: str) -> tuple[int, dict[str, str | float]]:
    """Return a concert's number and its queue's own settings; raises ConcertNotFound."""
    from sqlalchemy import select

    from boxoffice.core import catalogue
    from boxoffice.core.tables import queues

    number = catalogue.concert_id(connection, concert)
    own = connection.execute(select(queues.c.settings).where(queues.c.concert_id == number))
    return number, dict(own.scalar() or {})


def note_draw(stores: Stores, settings: Settings, concert: int) -> Drawing:
    """Note the draw of a concert, and so reveal its seed, if the queue has held it."""

    def look(redis: Redis) -> tuple[str, int | None]:
        return admit(redis, concert, settings).state, drawn(redis, concert)

    state, count = recovery.ask(stores, settings, concert, look)
    with stores.transaction() as connection:
        drawing = memory.drawing_of(connection, concert)
        assert drawing is not None
        # A queue that was lost goes on by what was kept, and no longer knows how many there were.
        if count is not None or (drawing.is_due and state != BEFORE_THE_DRAW):
            memory.note_draw(connection, concert, count)
            drawing = memory.drawing_of(connection, concert) or drawing
    return drawing


def _committed_seed(connection: Connection, concert: int) -> str:
    memory.commit_to_draw(connection, concert)
    drawing = memory.drawing_of(connection, concert)
    assert drawing is not None
    if drawing.held:
        raise DrawRefused
    return drawing.seed
