"""Whether all is as it must be, and the little that may be tidied without asking anybody."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from boxoffice.core import errors, model
from boxoffice.core.foundation import Foundation

SWEPT_HOLDS_MAX = 10_000
RELAYED_EVENTS_MAX = 1_000


class Oversight(Foundation):
    """The operations of whoever answers for the box office."""

    def sweep(self) -> int:
        """Bring rows in line with holds that have ended; return how many ended holds."""
        from boxoffice.core import reservations

        with self.stores.database(changing=True) as connection:
            return reservations.sweep(connection, holds_max=SWEPT_HOLDS_MAX)

    def relay_events(self) -> int:
        """Publish events that nobody was told of yet, at least once each; return how many."""
        from boxoffice.core import events

        with self.stores.redis() as redis, self.stores.transaction() as connection:
            return events.relay(connection, redis, events_max=RELAYED_EVENTS_MAX)

    def verify(self) -> tuple[model.Violation, ...]:
        """Return everything that must hold and does not; raises Forbidden for customers."""
        return self.inspect().violations

    def inspect(self) -> model.Inspection:
        """Ask every check, of the database in one snapshot and then of the queues.

        Nothing is locked or changed. Raises Forbidden for customers.
        """
        from boxoffice.core import verify, verify_queue

        self._access.require_reporter()
        with self.stores.looking() as connection, verify.snapshot(connection) as driver:
            found = verify.find_violations(driver)
        checks, queue = len(verify.checks()), "away"
        try:
            with self.stores.redis() as redis, self.stores.database() as connection:
                found += verify_queue.find_violations(redis, connection, self.settings)
            checks, queue = checks + len(verify_queue.CHECKS), "checked"
        except errors.QueueUnavailable:
            pass  # told by `queue`: its loss is no violation
        return model.Inspection(checks=checks, queue=queue, violations=tuple(found))

    def repair(self) -> model.Repair:
        """End holds that are over, deliver events, drop from the queues who is unknown.

        Balances and the ledger are left alone: what would bring them together is returned.
        Doing it again does no harm. Raises Forbidden for anybody but an admin.
        """
        from boxoffice.core import verify
        from boxoffice.core.audit import current_principal, record

        self._access.require_admin()
        by = current_principal(self.settings.acting_role)
        with self.stores.looking() as connection, verify.snapshot(connection) as driver:
            corrections = verify.find_corrections(driver)
        with self.stores.transaction() as connection:
            detail = {"corrections": [asdict(correction) for correction in corrections]}
            record(connection, by, "repair", detail=detail)
        expired = self._sweep_all()
        redelivered = dropped = None
        with suppress(errors.QueueUnavailable):  # told by their absence
            redelivered = self._relay_all()
            dropped = self._drop_strangers()
        return model.Repair(
            expired=expired,
            redelivered=redelivered,
            dropped=dropped,
            corrections=tuple(corrections),
        )

    def _sweep_all(self) -> int:
        total = ended = self.sweep()
        while ended >= SWEPT_HOLDS_MAX:
            ended = self.sweep()
            total += ended
        return total

    def _relay_all(self) -> int:
        total = sent = self.relay_events()
        while sent >= RELAYED_EVENTS_MAX:
            sent = self.relay_events()
            total += sent
        return total

    def _drop_strangers(self) -> int:
        """Drop who is in a queue and unknown to the database; the audit names them first."""
        from boxoffice.core import verify_queue
        from boxoffice.core.audit import current_principal, record

        by = current_principal(self.settings.acting_role)
        with self.stores.redis() as redis, self.stores.transaction() as connection:
            strangers = verify_queue.find_strangers(redis, connection)
            for concert, users in strangers.items():
                detail = {"concert": concert, "users": users}
                record(connection, by, "drop from queue", detail=detail)
        with self.stores.redis() as redis:
            for concert, users in strangers.items():
                verify_queue.drop(redis, concert, users)
        return sum(map(len, strangers.values()))
