"""What became of an operation, by its key, and the last word about one that never came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from boxoffice.core import model


GUESSABLE = errors.Words("a key that others may guess is settled by staff alone")
GUESSABLE_HINT = errors.Words(
    "give the same command again under the same key: it is done only once"
)


class Settling(Foundation):
    """Looking back at operations; customers are told of their own only.

    It is about what Postgres decides: a place in a queue is taken once a user, key or no key.
    """

    def status(self, key: str, *, token: str | None = None) -> model.Operation:
        """Say what became of an operation key: done, abandoned or in progress.

        Raises OperationNotSeen where nothing did so far, though it may still arrive;
        TokenInvalid, InputInvalid when a customer is nobody.
        """
        from boxoffice.core import idempotency

        name = self._asking(token)
        with self.stores.database() as connection:
            owner = self._number_of(connection, name)
            try:
                return idempotency.find(connection, key, owner=owner)
            except errors.OperationNotSeen:
                pass
        with self.stores.rehearsal() as connection:
            if idempotency.is_in_progress(connection, key):
                return idempotency.in_progress(key)
        with self.stores.database() as connection:  # it may have been done meanwhile
            return idempotency.find(connection, key, owner=owner)

    def settle(self, key: str, *, token: str | None = None) -> model.Operation:
        """Say for good what became of a key: where nothing did, nothing will any more.

        An operation in flight is waited for; one that holds its key for longer than a lock is
        waited for is told as in progress. To ask again is safe. Raises OperationNotSeen for a
        key of somebody else, Forbidden where a customer's key has no end and others may guess
        it, TokenInvalid, InputInvalid when a customer is nobody.
        """
        from boxoffice.core import idempotency
        from boxoffice.core.text import clean_key, is_unguessable

        name = self._asking(token)
        with self.stores.database() as connection:
            owner = self._number_of(connection, name)
            if owner is not None and not is_unguessable(clean_key(key)):
                return self._ended(connection, key, owner)
            by = self._access.principal()
            if not idempotency.settle(connection, clean_key(key), owner=owner, by=by):
                return idempotency.in_progress(key)
            return idempotency.find(connection, key, owner=owner)

    def _ended(self, connection: Connection, key: str, owner: int) -> model.Operation:
        """Tell the end that a customer's guessable key has; nobody bars it to its owner."""
        from boxoffice.core import idempotency

        try:
            return idempotency.find(connection, key, owner=owner)
        except errors.OperationNotSeen:
            raise errors.Forbidden(GUESSABLE, hint=GUESSABLE_HINT) from None

    def _asking(self, token: str | None) -> str | None:
        """Name the customer who asks; None for an operator, who is told of everybody's."""
        return None if self.is_operator else self._access.whose(None, token)

    def _number_of(self, connection: Connection, name: str | None) -> int | None:
        from boxoffice.core import catalogue

        if name is None:
            return None
        number = catalogue.user_id(connection, name)
        self._access.require_person(number)
        return number
