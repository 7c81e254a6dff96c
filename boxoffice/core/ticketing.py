"""Tickets: who is shown them, who comes in with them, and the doors that have no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from boxoffice.core import model
    from boxoffice.core.audit import Principal


class Ticketing(Foundation):
    """Tickets of what is paid; all but showing them is for staff, others get Forbidden."""

    def show_tickets(
        self,
        reservation: str,
        *,
        user: str | None = None,
        token: str | None = None,
        staff: bool = False,
    ) -> list[model.Ticket]:
        """Return the tickets of a user's paid reservation; with `staff`, of anybody's.

        Raises ReservationNotFound, ReservationNotPaid, TicketCancelled, UserNotFound, Forbidden,
        TokenInvalid.
        """
        from boxoffice.core import catalogue
        from boxoffice.core.tickets import reading

        if staff:
            self._access.require_operator()
        name = user if staff else self._access.whose(user, token)
        with self.stores.database() as connection:
            number = None
            if name is not None:
                number = catalogue.user_id(connection, name)
                self._access.require_person(number)
            found = reading.show(connection, reservation, number)
            if self.is_operator:
                self._note(connection, "ticket show", {"reservation": found[0].reservation})
        return found

    def list_tickets(
        self, performance: int, *, with_codes: bool = False
    ) -> list[model.ListedTicket]:
        """Return the tickets of a performance in the order of the plan.

        Their codes are for admins, and to see them is on the record: whoever has a code comes in
        with it. Raises PerformanceNotFound, Forbidden.
        """
        from boxoffice.core import catalogue
        from boxoffice.core.tickets import keys, reading

        if with_codes:
            self._access.require_admin()
        self._access.require_operator()
        with self.stores.transaction() as connection:
            reading.allow_list(connection)
            catalogue.concert_of(connection, performance)
            key = keys.code_key(connection) if with_codes else None
            if with_codes:
                self._note(connection, "ticket list", {"performance": performance, "codes": True})
            found = reading.rows(connection, performance)
        return reading.listed(found, performance, key)

    def check_in(
        self, code: str, *, performance: int | None = None, gate: str | None = None, key: str
    ) -> model.CheckIn:
        """Let in whoever has this code, once, for this performance where one is named.

        Raises TicketNotFound for a code that was not made here, WrongPerformance,
        TicketCancelled, TicketUsed saying when and at which gate, Forbidden, KeyReused.
        """
        from boxoffice.core.tickets import check_ins, codes
        from boxoffice.core.tickets.gates import clean_gate

        self._access.require_operator()
        claim = codes.parse(code)
        where = clean_gate(gate)
        with self.stores.database(changing=True) as connection:
            return check_ins.check_in(
                connection, claim, performance=performance, gate=where, by=self._staff, key=key
            )

    def export_tickets(self, performance: int) -> bytes:
        """Return the signed list of a performance for a door without network.

        Raises PerformanceNotFound, Forbidden.
        """
        from boxoffice.core.tickets import exporting, reading

        self._access.require_operator()
        with self.stores.transaction() as connection:
            reading.allow_list(connection)
            material = exporting.read(connection, performance)
            self._note(connection, "ticket export", {"performance": performance})
        return exporting.make(material)

    def ticket_key(self) -> str:
        """Return the public key that lists are signed with, in hexadecimal digits."""
        from boxoffice.core.tickets import keys

        self._access.require_operator()
        with self.stores.database() as connection:
            return keys.public_name(keys.signing_key(connection))

    def upload_check_ins(
        self, performance: int, entries: Sequence[model.DoorEntry], public_key: str
    ) -> list[model.UploadedCheckIn]:
        """Record what the journal of a door says; the same one again records nothing twice.

        The public key is that of the journal's list. Each entry is committed by itself. Raises
        PerformanceNotFound, InputInvalid for the journal of another box office, Forbidden.
        """
        from boxoffice.core import catalogue
        from boxoffice.core.tickets import check_ins, reading

        self._access.require_operator()
        with self.stores.transaction() as connection:
            reading.allow_list(connection)
            catalogue.concert_of(connection, performance)
            check_ins.require_own(connection, public_key)
            known = check_ins.known(connection, performance)
        with self.stores.database(changing=True) as connection:
            return check_ins.upload(connection, known, entries, by=self._staff)

    @property
    def _staff(self) -> Principal:
        by = self._access.principal()
        assert by is not None, "an operator"
        return by

    def _note(self, connection: Connection, what: str, detail: dict[str, object]) -> None:
        from boxoffice.core.audit import record

        record(connection, self._staff, what, detail=detail)
