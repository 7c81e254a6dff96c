"""The mistakes that a campaign must find: each is a product changed for its workers alone.

Statements are changed as text when a worker loads them; what is code is a subclass that a worker
uses. The product has no switch for any of it.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from boxoffice.core import database, errors
from boxoffice.core.events import STREAM
from boxoffice.core.office import Office
from boxoffice.core.stores import Stores
from boxoffice.core.tables import outbox
from tests.faults.campaign import Mutant
from tests.faults.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core.config import Settings

# Between marking and sending, so that a kill has something to hit.
CARELESS_SECONDS = 0.1


def changed(name: str, *changes: tuple[str, str]) -> Callable[[Settings], Office]:
    """Return what opens an office that runs core/sql/NAME.sql with its text changed."""
    original = database.statement
    text = original(name)
    for old, new in changes:
        said = database.compact(old)
        assert said in text, f"{name}.sql does not say {old!r} any more"
        text = text.replace(said, new)

    @cache
    def statement(asked: str) -> str:
        return text if asked == name else original(asked)

    def open_office(settings: Settings) -> Office:
        database.statement = statement  # in this worker's process
        return Office(settings)

    return open_office


class NewKey(Client):
    """Asks again under another key, because the first one did not answer."""

    def find_out(self, intent: str, command: str, given: dict[str, Any], key: str) -> Any:
        another = f"{key}+"
        about = {"command": command, "arguments": given, "key": another, "journaled": False}
        self.recorder.write("invoke", intent, **about)
        return self.ask("again", intent, command, given, another)


class NoFence(Client):
    """Takes "not seen" for "will never happen"."""

    ways = ("settle",)

    def settle(self, key: str) -> Any:
        found = self.status(key)
        if found is None:
            raise errors.OperationAbandoned
        return found


class LossIsRefusal(Stores):
    """Says that nothing happened where the connection broke in the middle."""

    def database(self, *, changing: bool = False) -> Any:  # noqa: ARG002
        return super().database(changing=False)


def open_hasty_office(settings: Settings) -> Office:
    """Open an office that reports a lost commit as refused."""
    office = Office(settings)
    office.stores = LossIsRefusal(settings, connections=1)
    return office


def relay_marked_first(office: Office) -> int:
    """Mark events as sent, and send them afterwards."""
    with office.stores.transaction() as connection:
        rows = connection.execute(select(outbox).where(outbox.c.sent_at.is_(None))).all()
        for row in rows:
            connection.execute(
                update(outbox)
                .where(outbox.c.performance_id == row.performance_id, outbox.c.id == row.id)
                .values(sent_at=func.now())
            )
    with office.stores.redis() as redis:
        for row in rows:
            time.sleep(CARELESS_SECONDS)
            redis.xadd(STREAM, {"id": row.dedupe_key})
    return len(rows)


FREE = "s.status = 'free' OR (s.status = 'held' AND s.held_until <= now())"
FREE_TO_LOCK = "(s.status = 'free' OR s.held_until <= now())"
READ_BEFORE = (
    "SELECT b.balance FROM accounts b"
    " WHERE b.user_id = excluded.user_id AND b.currency = excluded.currency"
)
MUTANTS = {
    "no row lock": Mutant(
        open_office=changed(
            "hold", ("ORDER BY s.seat_no FOR UPDATE NOWAIT", " ORDER BY s.seat_no ")
        )
    ),
    "a hold steals live holds": Mutant(
        open_office=changed(
            "hold",
            (FREE, "s.status IN ('free', 'held')"),
            (FREE_TO_LOCK, " s.status IN ('free', 'held')"),
        )
    ),
    "a payment ignores the end of its hold": Mutant(
        open_office=changed("pay", ("AND r.held_until > now()", " "))
    ),
    "a new key after an unknown outcome": Mutant(client=NewKey),
    "a lost commit is reported as refused": Mutant(open_office=open_hasty_office),
    "an event is marked before it is sent": Mutant(relay=relay_marked_first),
    "a balance is read, changed and written": Mutant(
        open_office=changed(
            "charge",
            (
                "SET balance = a.balance + excluded.balance",
                f" SET balance = excluded.balance + ({READ_BEFORE})",
            ),
        )
    ),
    "a status without a fence": Mutant(client=NoFence),
}
