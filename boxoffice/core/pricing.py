"""What seats cost, and which of them the house keeps: the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.foundation import Foundation
from boxoffice.core.scheduling import require_years

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from boxoffice.core import model
    from boxoffice.core.blocks import Choice
    from boxoffice.core.model import Caller

NOTE_CELLS_MAX = 120


class Pricing(Foundation):
    """Prices and blocks; what changes them is for admins, and for a cart staff: else Forbidden."""

    def list_prices(self, performance: int) -> list[model.CategoryPrice]:
        """Return all prices of a performance, for anybody; raises PerformanceNotFound."""
        from boxoffice.core import prices

        with self.stores.database() as connection:
            return prices.read(connection, performance)

    def set_prices(
        self, performance: int, prices: Mapping[str, int], *, key: str
    ) -> model.PriceList:
        """Set prices by CATEGORY or CATEGORY:TYPE, in minor units; return all there are then.

        Those that are not named stay, and so does what is held or sold. Raises
        PerformanceNotFound, AmountInvalid, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers
        from boxoffice.core import prices as written

        self._access.require_admin()
        if not prices:
            raise errors.InputInvalid("no price is given", hint="give --price CATEGORY=AMOUNT")
        stored, replayed = self._administer(
            key,
            "performance set-price",
            {"performance": performance, "prices": dict(sorted(prices.items()))},
            lambda c: written.change(c, performance, prices),
            before=lambda c: written.lock(c, performance),
        )
        self.stores.hint(performance)
        return answers.price_list(stored, replayed=replayed)

    def set_price_type(
        self, reservation: str, caller: Caller, *, seats: Sequence[str], price_type: str, key: str
    ) -> model.HeldReservation:
        """Give seats of a hold another price type, at its price of now.

        Raises PriceTypeNotFound, SeatNotFound, ReservationNotFound, HoldExpired, AlreadyPaid,
        AlreadyCancelled, KeyReused.
        """
        from boxoffice.core import carts
        from boxoffice.core.references import stored_name

        self._require_seats(seats, None)
        kind = stored_name(price_type.strip())
        buyer = self._access.served(caller)
        with self.stores.database(changing=True) as connection:
            held = carts.set_price_type(connection, reservation, buyer, seats, kind, key=key)
        self.stores.hint(held.performance, seats)
        return held

    def list_blocks(self, performance: int) -> list[model.SeatBlock]:
        """Return the blocked seats of a performance, for staff; raises PerformanceNotFound."""
        from boxoffice.core import blocks

        self._access.require_operator()
        with self.stores.database() as connection:
            return blocks.read(connection, performance)

    def block_seats(  # noqa: PLR0913 - the parts of one operation
        self,
        performance: int,
        *,
        seats: Sequence[str] = (),
        section: str | None = None,
        row: str | None = None,
        kind: str,
        until: datetime | None = None,
        note: str | None = None,
        key: str,
    ) -> model.BlockedSeats:
        """Keep seats from the sale, all of them or none, until a time where there is one.

        Seats that are blocked already are blocked as is said now; a time without an offset is
        the venue's. Raises SeatTaken for what is held or sold, SeatNotFound,
        PerformanceNotFound, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers, blocks
        from boxoffice.core.model import BLOCK_KINDS
        from boxoffice.core.text import clean_name

        self._access.require_admin()
        choice = self._choice(seats, section, row)
        if kind not in BLOCK_KINDS:
            raise errors.InputInvalid(
                "a block is one of {known}", hint="", known=", ".join(BLOCK_KINDS)
            )
        require_years(until)
        why = note
        if note is not None:
            why = clean_name(note, errors.Words("note"), cells_max=NOTE_CELLS_MAX, digits=True)
        stored, replayed = self._administer(
            key,
            "performance block",
            choice.parameters(performance)
            | {"kind": kind, "until": until and until.isoformat(), "note": why},
            lambda c: blocks.block(c, performance, choice, kind=kind, until=until, note=why),
            before=lambda c: blocks.as_stood(c, performance, choice),
        )
        self.stores.hint(performance)
        return answers.blocked(stored, replayed=replayed)

    def unblock_seats(
        self,
        performance: int,
        *,
        seats: Sequence[str] = (),
        section: str | None = None,
        row: str | None = None,
        key: str,
    ) -> model.UnblockedSeats:
        """Give blocked seats back to the sale; those that are not blocked are left alone.

        Raises SeatNotFound, PerformanceNotFound, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers, blocks

        self._access.require_admin()
        choice = self._choice(seats, section, row)
        stored, replayed = self._administer(
            key,
            "performance unblock",
            choice.parameters(performance),
            lambda c: blocks.unblock(c, performance, choice),
            before=lambda c: blocks.as_stood(c, performance, choice),
        )
        self.stores.hint(performance)
        return answers.unblocked(stored, replayed=replayed)

    def release_blocks(self) -> int:
        """Give back every blocked seat whose time has come, by the database's clock; count them.

        Until somebody asks for this such a seat stays blocked. Raises Forbidden for customers.
        """
        from boxoffice.core import blocks
        from boxoffice.core.audit import current_principal

        self._access.require_operator()
        by = current_principal(self.settings.acting_role)
        released = 0
        with self.stores.database() as connection:
            due = blocks.performances_due(connection)
        for performance in due:
            with self.stores.transaction() as connection:
                labels = blocks.release_due(connection, performance, by)
            self.stores.hint(performance)
            released += len(labels)
        return released

    def _choice(self, seats: Sequence[str], section: str | None, row: str | None) -> Choice:
        from boxoffice.core.blocks import Choice
        from boxoffice.core.references import stored_name

        if bool(seats) == (section is not None or row is not None):
            raise errors.InputInvalid(
                "name seats, or a section or row", hint="give --seat, or --section and --row"
            )
        if len(set(seats)) < len(seats):
            raise errors.InputInvalid("a seat is named twice")
        return Choice(
            labels=tuple(seats),
            section=section and stored_name(section),
            row=row and stored_name(row),
        )
