"""The same key gets the same answer: operations are executed once a key.

Two shapes. A single statement ends by inserting its key (or, where it would lose the race to
itself, begins with it), and a key that exists undoes it. A transaction of several statements
inserts its key first, so that a second execution waits for the first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from boxoffice.core import answers
from boxoffice.core.database import REHEARSED, constraint_of, decide, waited_in_vain
from boxoffice.core.errors import KeyReused, OperationAbandoned, OperationNotSeen
from boxoffice.core.model import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from boxoffice.core.audit import Principal

Answer = tuple[dict[str, Any], bool]
DONE, ABANDONED = "done", "abandoned"
# An operation holds its key for milliseconds, unless it waits for something.
PROBE_WAIT = "SET LOCAL lock_timeout = '100ms'"


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

    Raises KeyReused when the key belongs to another request, OperationAbandoned when it is
    settled.
    """
    from boxoffice.core.tables import operations

    row = connection.execute(
        select(operations.c.request, operations.c.result, operations.c.state).where(
            operations.c.key == request.key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.state == ABANDONED:
        raise OperationAbandoned
    if row.request != request.fingerprint:
        raise KeyReused
    return dict(row.result)


def former_answers(
    connection: Connection, asked: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any] | None]:
    """Return what stands under the keys of many parameters, None where it is no answer to them."""
    from boxoffice.core.tables import operations

    rows = connection.execute(
        select(
            operations.c.key, operations.c.request, operations.c.result, operations.c.state
        ).where(operations.c.key.in_([each["key"] for each in asked]))
    )
    requests = {each["key"]: each["request"] for each in asked}
    return {
        row.key: dict(row.result)
        if row.state == DONE and row.request == requests[row.key]
        else None
        for row in rows
    }


def run_statement(
    connection: Connection, name: str, request: Request, parameters: Mapping[str, Any]
) -> Answer | None:
    """Run core/sql/NAME.sql, which inserts the key as its last act.

    Returns the answer and whether it is a replay, or None when the statement did nothing.
    """
    if connection.get_execution_options().get(REHEARSED):  # no refused key may abort it
        former = recall(connection, request)
        if former is not None:
            return former, True
    try:
        row = decide(connection, name, keyed(request, parameters))
    except IntegrityError as error:
        if constraint_of(error) != "operations_pkey":
            raise
        if _is_aborted(connection):  # a step's key is nobody's but its operation's
            raise KeyReused from None
        row = None
    if row is not None:
        return row[0], False
    former = recall(connection, request)
    return None if former is None else (former, True)


def keyed(request: Request, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a statement that inserts the request's key."""
    return {**parameters, "key": request.key, "request": request.fingerprint}


def _is_aborted(connection: Connection) -> bool:
    """Tell whether this is inside a transaction in which nothing can be asked any more."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status.name == "INERROR")


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

    Whoever knows a key may know that nothing will ever be under it. Raises OperationNotSeen
    when nothing did so far.
    """
    from boxoffice.core.tables import operations

    query = select(operations).where(operations.c.key == key)
    if owner is not None:
        query = query.where(or_(operations.c.user_id == owner, operations.c.state == ABANDONED))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise OperationNotSeen
    result = None if row.state == ABANDONED else answers.BUILDERS[row.command](row.result)
    return Operation(
        key=key, state=row.state, command=row.command, result=result, at=row.created_at
    )


def settle(connection: Connection, key: str, *, owner: int | None, by: Principal | None) -> bool:
    """Make sure that a key has an end: the one it has, or a tombstone; say whether it has one.

    It has none where an operation of the same key was in progress for longer than a lock is
    waited for.
    """
    parameters = {
        "key": key,
        "user": owner,
        "staff": by and by.name,
        "terminal": by and by.terminal,
    }
    try:
        decide(connection, "settle", parameters)
    except DBAPIError as error:
        if not waited_in_vain(error):
            raise
        return False
    return True


def is_in_progress(connection: Connection, key: str) -> bool:
    """Tell whether somebody is executing a key now, in a transaction that is to be rolled back.

    No question shows a row that is not committed yet; to insert the same key waits for it. What
    is inserted here is only a probe: whoever comes with the key meanwhile waits for its end.
    """
    connection.exec_driver_sql(PROBE_WAIT)
    try:
        decide(connection, "settle", {"key": key, "user": None, "staff": None, "terminal": None})
    except DBAPIError as error:
        if not waited_in_vain(error):
            raise
        return True
    return False


def in_progress(key: str) -> Operation:
    """Build what is told of a key that somebody is executing now."""
    return Operation(key=key, state="in_progress", command=None, result=None, at=None)
