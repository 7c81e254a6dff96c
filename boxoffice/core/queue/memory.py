"""What Postgres remembers of the queues: enough to begin them again after Redis has lost them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import extract, func, select, update
from sqlalchemy.dialects.postgresql import insert

from boxoffice.core.errors import ConcertNotFound
from boxoffice.core.model import BALANCE, WALK_IN
from boxoffice.core.queue import draw
from boxoffice.core.queue.founding import Founding
from boxoffice.core.tables import (
    concerts,
    draws,
    payments,
    performances,
    queue_identity,
    queues,
    reservations,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

IDENTITY_BYTES, STUB_KEY_BYTES = 8, 32
# More people than ever join a queue between two losses; two million losses fit into a number.
NUMBERS_A_LOSS = 2**32
HOLDERS_MAX = 10_000
PAYERS_MAX = 200_000
PAID_SECONDS = 7 * 86_400
BEFORE_THE_DRAW = "pre"
# Among the kept settings from the end of `pre` on: the draw is to be noted.
DRAW = "draw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which database this is, and the key that its stubs are signed with."""

    database: str
    stub_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A draw as it is kept: its seed is nobody's business before it was held."""

    seed: str
    commitment: str
    held: bool
    is_due: bool  # Postgres was told that the state before it has ended
    drawn: int | None


def identity(connection: Connection) -> Identity:
    """Return the identity of this database, made where it has none yet."""
    columns = (queue_identity.c.database_id, queue_identity.c.stub_key)
    found = connection.execute(select(*columns)).first()
    if found is None:
        made = {
            "database_id": secrets.token_hex(IDENTITY_BYTES),
            "stub_key": secrets.token_hex(STUB_KEY_BYTES),
        }
        connection.execute(insert(queue_identity).values(**made).on_conflict_do_nothing())
        found = connection.execute(select(*columns)).one()
    return Identity(database=found.database_id, stub_key=found.stub_key)


def database_of(connection: Connection) -> str | None:
    """Return the identity of this database, None where no queue ever began in it."""
    return connection.execute(select(queue_identity.c.database_id)).scalar()


def enter(connection: Connection, concert: int) -> None:
    """Begin to remember the queue of a concert; raises ConcertNotFound."""
    known = select(concerts.c.id).where(concerts.c.id == concert)
    connection.execute(insert(queues).from_select(["concert_id"], known).on_conflict_do_nothing())
    if connection.execute(select(queues.c.concert_id).where(_is(concert))).scalar() is None:
        raise ConcertNotFound("there is no concert {concert}", concert=concert)


def founding(connection: Connection, concert: int) -> Founding:
    """Raise the base of a queue's numbers and return what is known of it.

    To be committed before Redis hears of it, so that no number is ever given twice.
    """
    before = connection.execute(
        select(queues.c.founded_at).where(_is(concert)).with_for_update()
    ).scalar_one()
    row = connection.execute(
        update(queues)
        .where(_is(concert))
        .values(
            number_base=queues.c.number_base + NUMBERS_A_LOSS,
            founded_at=func.coalesce(queues.c.founded_at, func.now()),
        )
        .returning(queues.c.number_base, queues.c.settings)
    ).one()
    own = identity(connection)
    drawing = drawing_of(connection, concert)
    return Founding(
        database=own.database,
        stub_key=own.stub_key,
        base=row.number_base,
        lost=before is not None,
        seed=drawing.seed if drawing else None,
        settings={name: value for name, value in row.settings.items() if name != DRAW},
    )


def raise_base(connection: Connection, concert: int, base: int) -> None:
    """Note that numbers up to `base` were given."""
    connection.execute(
        update(queues).where(_is(concert), queues.c.number_base < base).values(number_base=base)
    )


def holders(connection: Connection, concert: int) -> list[tuple[int, int]]:
    """Return who holds seats of a concert now, for how many milliseconds more, first come first.

    Holds that staff keep under a name, or for nobody in particular, are not of the queue.
    """
    left = extract("epoch", func.max(reservations.c.held_until) - func.now()) * 1000
    rows = connection.execute(
        select(reservations.c.user_id, left)
        .join(performances, performances.c.id == reservations.c.performance_id)
        .where(
            performances.c.concert_id == concert,
            reservations.c.state == "held",
            reservations.c.held_until > func.now(),
            reservations.c.hold_name.is_(None),
            reservations.c.user_id != int(WALK_IN),
        )
        .group_by(reservations.c.user_id)
        .order_by(func.min(reservations.c.created_at))
        .limit(HOLDERS_MAX)
    )
    return [(user, int(milliseconds)) for user, milliseconds in rows]


def payers(connection: Connection, concert: int) -> list[tuple[int, int]]:
    """Return who paid from the balance, as whoever comes by the queue does, and ms since then.

    As far back as a stub can be of use: a day before the loss, and an outage.
    """
    ago = extract("epoch", func.now() - func.max(reservations.c.paid_at)) * 1000
    rows = connection.execute(
        select(reservations.c.user_id, ago)
        .join(performances, performances.c.id == reservations.c.performance_id)
        .join(
            payments,
            (payments.c.performance_id == reservations.c.performance_id)
            & (payments.c.reservation_id == reservations.c.id),
        )
        .where(
            performances.c.concert_id == concert,
            reservations.c.paid_at > func.now() - timedelta(seconds=PAID_SECONDS),
            payments.c.tender == BALANCE.kind,
            reservations.c.user_id != int(WALK_IN),
        )
        .group_by(reservations.c.user_id)
        .limit(PAYERS_MAX)
    )
    return [(user, max(int(milliseconds), 0)) for user, milliseconds in rows]


def keep_settings(
    connection: Connection, concert: int, changes: Mapping[str, str | float | None]
) -> bool:
    """Remember settings of a queue, None forgets one; say whether a draw is due by now or was."""
    kept = connection.execute(
        select(queues.c.settings).where(_is(concert)).with_for_update()
    ).scalar_one()
    changed: dict[str, Any] = {**kept, **changes}
    if changed.get("state") == BEFORE_THE_DRAW:
        changed[DRAW] = None
    elif kept.get("state") == BEFORE_THE_DRAW:
        changed[DRAW] = "due"
    connection.execute(
        update(queues)
        .where(_is(concert))
        .values(settings={name: value for name, value in changed.items() if value is not None})
    )
    return changed.get(DRAW) is not None


def commit_to_draw(connection: Connection, concert: int) -> None:
    """Choose the seed of a concert's draw, if none was chosen."""
    seed = draw.new_seed()
    made = {"concert_id": concert, "seed": seed, "commitment": draw.commitment(seed)}
    connection.execute(insert(draws).values(**made).on_conflict_do_nothing())


def drawing_of(connection: Connection, concert: int) -> Drawing | None:
    """Return the draw of a concert, if it has one."""
    is_due = queues.c.settings.has_key(DRAW).label("is_due")
    found = select(draws, is_due).join(queues, queues.c.concert_id == draws.c.concert_id)
    row = connection.execute(found.where(draws.c.concert_id == concert)).first()
    if row is None:
        return None
    return Drawing(
        seed=row.seed,
        commitment=row.commitment,
        held=row.held_at is not None,
        is_due=row.is_due,
        drawn=row.drawn,
    )


def note_draw(connection: Connection, concert: int, drawn: int | None) -> None:
    """Note that a draw was held, which reveals its seed; only the first note counts."""
    connection.execute(
        update(draws)
        .where(draws.c.concert_id == concert, draws.c.held_at.is_(None))
        .values(held_at=func.now(), drawn=drawn)
    )


def _is(concert: int) -> Any:  # noqa: ANN401 - an SQL condition
    return queues.c.concert_id == concert
