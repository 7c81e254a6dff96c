"""The same key gets the same answer: operations are executed once a key.

Two shapes. A single statement ends by inserting its key (or, where it would lose the race to
itself, begins with it), and a key that exists undoes it. A transaction of several statements
inserts its key first, so that a second execution waits for the first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from boxoffice.core import answers
from boxoffice.core.database import constraint_of, decide
from boxoffice.core.errors import KeyReused, OperationNotSeen
from boxoffice.core.model import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

Answer = tuple[dict[str, Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An operation as its key remembers it: the fingerprint tells two requests apart."""

    key: str
    command: str
    fingerprint: str


def make_request(key: str, command: str, **arguments: object) -> Request:
    """Build a request; its arguments must be plain values: numbers, text, lists, mappings."""
    text = repr((command, sorted(arguments.items())))
    return Request(
        key=key, command=command, fingerprint=hashlib.sha256(text.encode()).hexdigest()[:32]
    )


def recall(connection: Connection, request: Request) -> dict[str, Any] | None:
    """Return the answer stored under the request's key, or None where there is none.

    Raises KeyReused when the key belongs to another request.
    """
    from boxoffice.core.tables import operations

    row = connection.execute(
        select(operations.c.request, operations.c.result).where(operations.c.key == request.key)
    ).one_or_none()
    if row is None:
        return None
    if row.request != request.fingerprint:
        raise KeyReused
    return dict(row.result)


def run_statement(
    connection: Connection, name: str, request: Request, parameters: Mapping[str, Any]
) -> Answer | None:
    """Run core/sql/NAME.sql, which inserts the key as its last act.

    Returns the answer and whether it is a replay, or None when the statement did nothing.
    """
    values = {**parameters, "key": request.key, "request": request.fingerprint}
    try:
        row = decide(connection, name, values)
    except IntegrityError as error:
        if constraint_of(error) != "operations_pkey":
            raise
        row = None
    if row is not None:
        return row[0], False
    former = recall(connection, request)
    return None if former is None else (former, True)


def run_transaction(
    connection: Connection, request: Request, work: Callable[[], dict[str, Any]]
) -> Answer:
    """Run several statements once, inside the transaction of `connection`."""
    from sqlalchemy.dialects.postgresql import insert

    from boxoffice.core.tables import operations

    key = connection.execute(
        insert(operations)
        .values(key=request.key, command=request.command, request=request.fingerprint, result={})
        .on_conflict_do_nothing()
        .returning(operations.c.key)
    ).one_or_none()
    if key is None:
        former = recall(connection, request)
        assert former is not None, "a conflicting key is committed and visible"
        return former, True
    result = work()
    connection.execute(
        update(operations).where(operations.c.key == request.key).values(result=result)
    )
    return result, False


def find(connection: Connection, key: str, *, owner: int | None) -> Operation:
    """Say what became of a key, to its owner or, where that is None, to an operator.

    Raises OperationNotSeen when nothing did so far.
    """
    from boxoffice.core.tables import operations

    query = select(operations).where(operations.c.key == key)
    if owner is not None:
        query = query.where(operations.c.user_id == owner)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise OperationNotSeen
    answer = answers.BUILDERS[row.command](row.result)
    return Operation(key=key, state="done", command=row.command, result=answer, at=row.created_at)
