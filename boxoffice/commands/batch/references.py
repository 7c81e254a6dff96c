"""`"reservation": "@KEY"`: the reservation that an operation under that key made."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from boxoffice.commands.runtime import own_token
from boxoffice.core.errors import InputInvalid, OperationNotSeen, ReservationNotFound
from boxoffice.core.text import clean_key

if TYPE_CHECKING:
    from boxoffice.core.office import Office

REMEMBERED = 1_000
MARK = "@"


class References:
    """The newest reservations by the key they were made under; Postgres knows the others."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: OrderedDict[str, str | None] = OrderedDict()

    def keep(self, key: str | None, found: Any) -> None:  # noqa: ANN401 - any answer
        """Remember the reservation of an answer, if it has one."""
        reservation = getattr(found, "reservation", None)
        if key is None or not isinstance(reservation, str):
            return
        taken_back = self._office.stores.dry_run and not getattr(found, "replayed", False)
        self._known[key] = None if taken_back else reservation
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def find(self, text: str, token: str | None) -> str:
        """Return the reservation that a field means.

        Raises ReservationNotFound for a key that made none; InputInvalid for what is no key, and
        for one whose reservation a dry run took back.
        """
        if not text.startswith(MARK):
            return text
        key = text.removeprefix(MARK)
        if key not in self._known:
            return self._ask(key, token)
        reservation = self._known[key]
        if reservation is None:
            raise InputInvalid("the dry run took back what this line is about", hint="")
        return reservation

    def _ask(self, key: str, token: str | None) -> str:
        unknown = ReservationNotFound("no reservation was made under that key")
        try:
            made = self._office.status(clean_key(key), token=own_token(token, None, self._office))
        except OperationNotSeen:
            raise unknown from None
        reservation = getattr(made.result, "reservation", None)
        if not isinstance(reservation, str):
            raise unknown
        return reservation
