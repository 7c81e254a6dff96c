"""What every part of the office stands on: settings, stores, access, and checks of its own."""

from __future__ import annotations

from inspect import isfunction
from typing import TYPE_CHECKING, Any

from boxoffice.core import errors
from boxoffice.core.access import Access
from boxoffice.core.arguments import checked
from boxoffice.core.audit import current_principal, record
from boxoffice.core.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from boxoffice.core.config import Settings


class Foundation:
    """The office without its operations; connects to a server when one first needs it.

    In a dry run every transaction is rolled back where it would be committed.
    """

    def __init_subclass__(cls) -> None:
        """Let every operation of a part refuse arguments that no server could keep."""
        for name, operation in vars(cls).copy().items():
            if isfunction(operation) and not name.startswith("_"):
                setattr(cls, name, checked(operation))

    def __init__(self, settings: Settings, *, connections: int = 1, dry_run: bool = False) -> None:
        self.settings = settings
        self.stores = Stores(settings, connections=connections, dry_run=dry_run)
        self._access = Access(settings, self.stores)

    def close(self) -> None:
        """Give the connections back."""
        self.stores.close()

    @property
    def is_operator(self) -> bool:
        """Whether this session may act for others."""
        return self._access.is_operator

    def _administer(  # noqa: PLR0913 - what, under which key, and what the record says of it
        self,
        key: str,
        command: str,
        arguments: dict[str, Any],
        work: Callable[[Connection], dict[str, Any]],
        *,
        before: Callable[[Connection], dict[str, Any]] | None = None,
        user: int | None = None,
    ) -> tuple[dict[str, Any], bool]:
        """Do what an admin asked for once a key, on the record: how it stood and what is wanted."""
        from boxoffice.core.idempotency import make_request, run_transaction

        request = make_request(key, command, **arguments)
        by = current_principal(self.settings.acting_role)
        with self.stores.transaction() as connection:

            def audited() -> dict[str, Any]:
                stood = before and before(connection)
                record(connection, by, command, user=user, key=key, detail=arguments, before=stood)
                return work(connection)

            return run_transaction(connection, request, audited)

    def _require_seats(self, seats: Sequence[str], best: int | None) -> None:
        if bool(seats) == (best is not None):
            raise errors.InputInvalid(
                "name seats, or how many of the best", hint="give --seat LABEL... or --best N"
            )
        if len(set(seats)) < len(seats):
            raise errors.InputInvalid("a seat is named twice")
        self._require_seat_count(len(seats) if best is None else best)

    def _require_seat_count(self, count: int) -> None:
        if count < 1:
            raise errors.InputInvalid("ask for at least one seat")
        if count > self.settings.seats_per_reservation_max:
            raise errors.TooManySeats(
                "{count} seats are more than the {most} that one reservation may have",
                count=count,
                most=self.settings.seats_per_reservation_max,
            )

    def _types(self, types: Sequence[str], count: int) -> tuple[str, ...]:
        """Return a price type a seat, or none where all are ordinary; raises InputInvalid."""
        from boxoffice.core.model import ORDINARY
        from boxoffice.core.references import stored_name

        if len(types) not in (0, 1, count):
            raise errors.InputInvalid(
                "{types} price types for {count} seats",
                hint="give --type once for all seats, or once a seat in their order",
                types=len(types),
                count=count,
            )
        each = tuple(stored_name(kind.strip()) for kind in types) * (
            count if len(types) == 1 else 1
        )
        return each if any(kind != ORDINARY for kind in each) else ()

    def _currency(self, currency: str | None) -> str:
        code = (self.settings.currency if currency is None else currency).upper()
        if len(code) != 3 or not (code.isascii() and code.isalpha()):  # noqa: PLR2004 - ISO 4217
            raise errors.InputInvalid("a currency is three letters, as in KRW")
        return code
