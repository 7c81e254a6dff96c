"""The workers' side of the office: their jobs, the outbox, and what is old enough to go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from boxoffice.core import errors
from boxoffice.core.config import RESULTS_KEPT_DAYS
from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from boxoffice.core import model
    from boxoffice.core.duty import Worker
    from boxoffice.core.office import Office

FORGOTTEN_MAX = 5_000  # rows of a table a statement: nobody waits long for one
EVENTS_NAMED_MAX = 1_000


class Working(Foundation):
    """The operations of workers, and of whoever looks after them."""

    def worker(self, tell: Callable[[model.Note], None]) -> Worker:
        """Make a worker, which says by `tell` what is of note, from any thread.

        Raises InputInvalid for a sink that cannot be meant, Forbidden for anybody but an admin.
        """
        from boxoffice.core.duty import Worker

        self._access.require_admin()
        return Worker(cast("Office", self), tell)  # its jobs are of all parts

    def worker_status(self) -> model.WorkerStatus:
        """Return the jobs, and what is still to be told; raises Forbidden for customers."""
        from boxoffice.core import jobs

        self._access.require_reporter()  # who watches over a house need not act in it
        with self.stores.database() as connection:
            return jobs.read_status(connection, self.settings.time_zone)

    def list_outbox(self, state: str | None = None) -> list[model.Delivery]:
        """Return what is to be told, or what is in one state; raises Forbidden, InputInvalid."""
        from boxoffice.core import outbox

        self._access.require_operator()
        if state is not None and state not in outbox.STATES:
            raise errors.InputInvalid(
                "there is no such state", hint="one of: {known}", known=", ".join(outbox.STATES)
            )
        with self.stores.database() as connection:
            return outbox.list_events(connection, state, self.settings.time_zone)

    def retry_deliveries(self, events: Sequence[str] | None, *, key: str) -> model.OutboxChange:
        """Make deliveries of events due at once, or, for None, all that were given up.

        Raises EventNotFound, Forbidden for anybody but an admin, KeyReused.
        """
        from boxoffice.core import outbox

        return self._change_outbox(
            "outbox retry", events, lambda connection: outbox.retry(connection, events), key
        )

    def discard_deliveries(self, events: Sequence[str], *, key: str) -> model.OutboxChange:
        """Let go of deliveries that were given up; raises as `retry_deliveries` does."""
        from boxoffice.core import outbox

        return self._change_outbox(
            "outbox discard", events, lambda connection: outbox.discard(connection, events), key
        )

    def _change_outbox(
        self,
        command: str,
        events: Sequence[str] | None,
        work: Callable[[Connection], dict[str, Any]],
        key: str,
    ) -> model.OutboxChange:
        from boxoffice.core import answers

        self._access.require_admin()
        if events is not None and not 1 <= len(events) <= EVENTS_NAMED_MAX:
            raise errors.InputInvalid("name events, from 1 to {most}", most=EVENTS_NAMED_MAX)
        named = None if events is None else sorted(events)
        stored, replayed = self._administer(key, command, {"events": named}, work)
        return answers.changed_outbox(stored, replayed=replayed)

    def forget_old(self) -> tuple[int, bool]:
        """Delete operation keys and delivered events that are old enough, some of each.

        What waits for sinks that nobody serves any more is given up. Returns how many rows were
        deleted or given up, and whether there may be more. Raises Forbidden for anybody but an
        admin, who workers are.
        """
        from boxoffice.core.database import decide
        from boxoffice.core.events import SINK_SECONDS

        self._access.require_admin()
        wanted: dict[str, dict[str, float]] = {
            "delete_operations": {"kept_days": RESULTS_KEPT_DAYS},
            "delete_events": {"kept_days": self.settings.outbox_kept_days},
            "give_up_deliveries": {"sink_seconds": SINK_SECONDS},
        }
        gone = []
        for name, old in wanted.items():
            with self.stores.database() as connection:
                row = decide(connection, name, {**old, "rows_max": FORGOTTEN_MAX})
            assert row is not None, "counting always answers"
            gone.append(row[0])
        return sum(gone), FORGOTTEN_MAX in gone
