"""What was sold, how full it is, what is in the drawers: reports, and exports for the office."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from boxoffice.core import errors, model
from boxoffice.core.audit import current_principal, record
from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

AUDIT_ROWS, AUDIT_ROWS_MAX = 100, 10_000


class Reporting(Foundation):
    """The operations of whoever looks back; they change nothing, and an export is audited.

    Each reads one snapshot, and raises Forbidden for customers. A time without a zone is the
    venue's, or where no venue is meant, the settings'.
    """

    def report_sales(
        self,
        *,
        by: str = "performance",
        performance: int | None = None,
        concert: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[model.SalesLine]:
        """Sum up sales by one of SALES_BY, from ``since`` to before ``until``.

        All lines together come to what the ledger's entries of these sales do. Raises
        PerformanceNotFound, ConcertNotFound, InputInvalid, Forbidden.
        """
        from boxoffice.core import reports

        self._access.require_reporter()
        _require_known(by, model.SALES_BY)
        with self.stores.looking() as connection, reports.snapshot(connection) as driver:
            scope = reports.find_scope(connection, performance, concert, self.settings.time_zone)
            return reports.sales(connection, driver, scope, by=by, since=since, until=until)

    def report_occupancy(
        self, *, by: str | None = None, performance: int | None = None, concert: str | None = None
    ) -> list[model.OccupancyLine]:
        """Count seats by how they stand, by one of OCCUPANCY_BY; raises as `report_sales`.

        Unless it is said, by section for one performance, and by performance for several.
        """
        from boxoffice.core import reports

        self._access.require_reporter()
        by = by or ("performance" if performance is None else "section")
        _require_known(by, model.OCCUPANCY_BY)
        with self.stores.looking() as connection, reports.snapshot(connection) as driver:
            scope = reports.find_scope(connection, performance, concert, self.settings.time_zone)
            return reports.occupancy(connection, driver, scope, by=by)

    def report_map(self, performance: int) -> tuple[model.SeatMap, model.SeatStates]:
        """Return a hall and how its seats stand; raises PerformanceNotFound, Forbidden."""
        from boxoffice.core import reports, seat_maps

        self._access.require_reporter()
        with self.stores.looking() as connection, reports.snapshot(connection):
            hall = seat_maps.read_map(connection, performance)
            return hall, seat_maps.read_states(connection, performance)

    def report_cash_up(
        self, *, clerk: str | None = None, day: date | None = None, days_ago: int | None = None
    ) -> list[model.CashLine]:
        """Sum up what was taken by clerk and tender, on one day, so many days ago, or ever.

        A clerk is a principal of the audit or its host account; clerks see themselves, and
        raise Forbidden for others.
        """
        from boxoffice.core import reports

        self._access.require_reporter()
        clerk = self._account(clerk)
        zone = self.settings.time_zone
        with self.stores.looking() as connection, reports.snapshot(connection) as driver:
            day = day if days_ago is None else reports.day_before(driver, days_ago, zone)
            return reports.cash_up(driver, clerk=clerk, day=day, zone=zone)

    def report_queue(self, concert: str) -> model.QueueReport:
        """Return a queue in figures beside the seats that are left for it.

        Raises ConcertNotFound, QueueUnavailable, Forbidden.
        """
        from boxoffice.core import catalogue, queue, reports
        from boxoffice.core.model import QueueReport
        from boxoffice.core.queue import recovery

        self._access.require_reporter()
        with self.stores.looking() as connection, reports.snapshot(connection) as driver:
            number = catalogue.concert_id(connection, concert)
            seats = reports.seats_of_concert(driver, number)
        shown = recovery.ask(
            self.stores,
            self.settings,
            number,
            lambda redis: queue.show(redis, number, self.settings, 0),
        )
        line = shown.line
        return QueueReport(
            concert=number,
            concert_name=seats["name"],
            state=line.state,
            waiting=line.waiting,
            admitted=line.admitted,
            capacity=line.capacity,
            rate_per_minute=line.rate_per_minute,
            wait_seconds=shown.wait_seconds,
            free_seats=seats["free"],
            held_seats=seats["held"],
            sold_seats=seats["sold"],
        )

    def report_audit(  # noqa: PLR0913 - the filters of one list
        self,
        *,
        user: str | None = None,
        clerk: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = AUDIT_ROWS,
    ) -> list[model.AuditEntry]:
        """Return the newest lines of the audit that match, newest first.

        Raises UserNotFound, InputInvalid, Forbidden for clerks.
        """
        from boxoffice.core import catalogue, reports

        self._access.require_auditor()
        if not 1 <= limit <= AUDIT_ROWS_MAX:
            raise errors.InputInvalid("from 1 to {most} lines", most=AUDIT_ROWS_MAX)
        zone = self.settings.time_zone
        with self.stores.looking() as connection, reports.snapshot(connection) as driver:
            scope = reports.Scope(performances=None, zone=zone)
            wanted = {
                "user": None if user is None else catalogue.user_number(connection, user),
                "clerk": clerk,
                "action": action,
                "limit": limit,
                **scope.period(since, until),
            }
            return reports.audit(driver, wanted, zone)

    @contextmanager
    def export_reservations(
        self, *, performance: int | None = None, concert: str | None = None
    ) -> Iterator[Iterator[model.ExportedReservation]]:
        """Lend a stream of reservations, a few in memory at once; the audit says who had it.

        Raises PerformanceNotFound, ConcertNotFound, InputInvalid, Forbidden for clerks.
        """
        from boxoffice.core import exports, reports

        self._access.require_auditor()
        zone = self.settings.time_zone
        with self.stores.looking() as connection:
            scope = reports.find_scope(connection, performance, concert, zone)
        self._note_export("export reservations", {"performances": scope.performances})
        with (
            self.stores.looking() as connection,
            reports.snapshot(connection, exports.EXPORT_SECONDS) as driver,
            closing(exports.reservations(driver, scope.performances)) as rows,
        ):
            yield rows

    @contextmanager
    def export_ledger(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Iterator[model.ExportedEntry]]:
        """Lend a stream of the ledger's entries, as `export_reservations` does."""
        from boxoffice.core import exports, reports

        self._access.require_auditor()
        zone = self.settings.time_zone
        scope = reports.Scope(performances=None, zone=zone)
        period = scope.period(since, until)
        detail = {end: moment and moment.isoformat() for end, moment in period.items()}
        self._note_export("export ledger", detail)
        with (
            self.stores.looking() as connection,
            reports.snapshot(connection, exports.EXPORT_SECONDS) as driver,
            closing(exports.ledger(driver, period, zone)) as rows,
        ):
            yield rows

    def _account(self, clerk: str | None) -> str | None:
        """Return whose cash is counted: a clerk's is their own, admins and readers say it.

        Raises Forbidden for a clerk who names another.
        """
        if self.settings.acting_role != "clerk":
            return clerk
        own = current_principal("clerk").name
        account = own.partition(":")[2]
        if clerk not in (None, own, account):
            raise errors.Forbidden("a clerk sees the own cash-up alone")
        return account

    def _note_export(self, what: str, detail: dict[str, Any]) -> None:
        """Note in the audit that everything was taken away, where the database can be written.

        A reader's role and a standby cannot; who may log in there is the database's matter.
        """
        from boxoffice.core import exports

        with self.stores.database() as connection:
            if exports.may_record(connection):
                by = current_principal(self.settings.acting_role)
                record(connection, by, what, detail=detail)


def _require_known(by: str, known: Sequence[str]) -> None:
    if by not in known:
        raise errors.InputInvalid(
            "there is no such breakdown", hint="one of: {known}", known=", ".join(known)
        )
