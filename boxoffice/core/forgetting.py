"""Forgetting who a user is: the name goes, and what others wrote about their holds.

Reservations and the ledger stay, with the number alone. What remains elsewhere is told in
docs/security.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from boxoffice.core import errors
from boxoffice.core.catalogue import find_id
from boxoffice.core.model import WALK_IN
from boxoffice.core.tables import operations, queues, reservations, users

if TYPE_CHECKING:
    from sqlalchemy import Connection

COMMAND = "user anonymise"
ANONYMOUS = "anonymous-{number}"


def find_user(connection: Connection, user: str, *, key: str) -> tuple[int, str]:
    """Return the number and the name of a user, also of one forgotten under this very key.

    Raises UserNotFound, and Forbidden for the walk-in customer, who is nobody.
    """
    number = find_id(connection, users, user)
    if number is None:
        query = select(operations.c.result["user"]).where(
            operations.c.key == key, operations.c.command == COMMAND
        )
        number = connection.execute(query).scalar()
    if number is None:
        raise errors.UserNotFound("there is no user {user}", user=user)
    if number == int(WALK_IN):
        raise errors.Forbidden("the walk-in customer is nobody", hint="")
    name: str = connection.execute(select(users.c.name).where(users.c.id == number)).scalar_one()
    return number, name


def concerts_with_queues(connection: Connection) -> list[int]:
    """Return the concerts that a user may have a place at."""
    return list(connection.scalars(select(queues.c.concert_id).order_by(queues.c.concert_id)))


def forget(connection: Connection, number: int) -> dict[str, Any]:
    """Take a user's name away, and the names and notes of their holds."""
    name = _free_name(connection, number)
    connection.execute(update(users).where(users.c.id == number).values(name=name))
    emptied = connection.execute(
        update(reservations)
        .where(
            reservations.c.user_id == number,
            reservations.c.hold_name.is_not(None) | reservations.c.hold_note.is_not(None),
        )
        .values(hold_name=None, hold_note=None)
    )
    return {"user": number, "name": name, "holds": emptied.rowcount}


def _free_name(connection: Connection, number: int) -> str:
    """Return the name of nobody; one that somebody else chose for themselves is passed over."""
    name = ANONYMOUS.format(number=number)
    while find_id(connection, users, name) not in (None, number):
        name += "'"
    return name
