"""Queues as whoever runs the box office changes them: once a key, on the record, or rehearsed."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis

    from boxoffice.core import model

PEOPLE_SHOWN_MAX = 100
# Of a queue, what a clerk may change on a busy evening; the rest is the admin's.
CLERKS_SETTINGS = {"state", "capacity"}
COMMAND = "queue set"
PAUSED, BEFORE_THE_DRAW = "paused", "pre"


class Queueing(Waiting):
    """The operations of a queue's staff; each raises Forbidden for customers."""

    def show_queue(self, concert: int) -> model.QueueView:
        """Return the queue of a concert with the first people in it; raises QueueUnavailable."""
        from boxoffice.core import orders, queue
        from boxoffice.core.model import QueueView, Waiter
        from boxoffice.core.queue import recovery

        self._access.require_operator()
        shown = recovery.ask(
            self.stores,
            self.settings,
            concert,
            lambda redis: queue.show(redis, concert, self.settings, PEOPLE_SHOWN_MAX),
        )
        numbers = [*shown.waiting, *(user for user, _ in shown.admitted)]
        with self.stores.database() as connection:
            names = orders.names_of(connection, numbers)
            held = orders.count_held_seats(connection, concert)
        return QueueView(
            line=shown.line,
            wait_seconds=shown.wait_seconds,
            held_seats=held,
            waiting=tuple(
                Waiter(user=user, name=names.get(user, str(user)), position=position)
                for position, user in enumerate(shown.waiting, 1)
            ),
            admitted=tuple(
                Waiter(user=user, name=names.get(user, str(user)), until=until)
                for user, until in shown.admitted
            ),
        )

    def serve(self, concert: int, user: int) -> bool:
        """End the place of a customer who was served here; say whether there was one."""
        from boxoffice.core import queue
        from boxoffice.core.queue import recovery

        self._access.require_operator()
        return recovery.ask(
            self.stores,
            self.settings,
            concert,
            lambda redis: queue.serve(redis, concert, user, self.settings),
        )

    def configure_queue(self, concert: str, **changes: str | float | None) -> model.Line:
        """Change a queue's settings (None: back to the default) and return the line in figures.

        The state `pre` keeps places for a draw, which is held when that state ends. Raises
        ConcertNotFound, DrawRefused, InputInvalid, Forbidden.
        """
        return self._configure_queue(concert, changes)

    def _configure_queue(
        self, concert: str, changes: Mapping[str, str | float | None], *, key: str | None = None
    ) -> model.Line:
        from boxoffice.core import queue
        from boxoffice.core.audit import current_principal, record
        from boxoffice.core.queue import changes as queue_changes

        self._require_queue_right(changes)
        with self.stores.database() as connection:
            number, own = queue_changes.own_settings(connection, concert)
            queue.check_settings(**changes)
            by = current_principal(self.settings.acting_role)
            detail = {"concert": number, **changes}
            before = {name: own.get(name) for name in changes}
            record(connection, by, "configure queue", key=key, detail=detail, before=before)
        return queue_changes.make(self.stores, self.settings, number, changes)

    def _require_queue_right(self, changes: Mapping[str, object]) -> None:
        """Raise Forbidden for who may not change these settings of a queue."""
        if changes.keys() <= CLERKS_SETTINGS:
            self._access.require_operator()
        else:
            self._access.require_admin()

    def queue_status(self, concert: str) -> model.QueueStatus:
        """Return the queue of a concert in figures, with the settings in force.

        Raises ConcertNotFound, QueueUnavailable.
        """
        from boxoffice.core import orders, queue
        from boxoffice.core.model import QueueStatus
        from boxoffice.core.queue import changes as changes_of_queue
        from boxoffice.core.queue import recovery

        self._access.require_operator()
        with self.stores.database() as connection:
            number, own = changes_of_queue.own_settings(connection, concert)
            held = orders.count_held_seats(connection, number)
        shown = recovery.ask(
            self.stores,
            self.settings,
            number,
            lambda redis: queue.show(redis, number, self.settings, 0),
        )
        defaults = {name: getattr(self.settings, of) for name, of in queue.SETTINGS.items()}
        return QueueStatus(
            concert=number,
            state=shown.line.state,
            waiting=shown.line.waiting,
            admitted=shown.line.admitted,
            wait_seconds=shown.wait_seconds,
            held_seats=held,
            settings={name: own.get(name, default) for name, default in defaults.items()},
        )

    def change_queue(
        self, concert: str, changes: Mapping[str, str | float | None], *, key: str
    ) -> model.Line:
        """Change a queue's settings once a key (None: back to the default).

        A dry run says what the line would be and changes nothing. Raises ConcertNotFound,
        DrawRefused, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers
        from boxoffice.core.idempotency import make_request, recall, run_transaction
        from boxoffice.core.queue import changes as changes_of_queue

        self._require_queue_right(changes)
        with self.stores.database() as connection:
            number, _ = changes_of_queue.own_settings(connection, concert)
            request = make_request(key, COMMAND, concert=number, **changes)
            former = recall(connection, request)
        if former is not None:
            return answers.line(former, replayed=True)
        if self.stores.dry_run:
            return self._rehearse_queue(number, changes)
        # In both stores, where a repeat does the same again: the key comes last.
        line = self._configure_queue(str(number), changes, key=key)
        with self.stores.transaction() as connection:
            stored, _ = run_transaction(connection, request, lambda: asdict(line))
        return answers.line(stored)

    def resume_queue(self, concert: str, *, key: str) -> model.Line:
        """Admit again after a pause; raises InputInvalid where the queue is not paused.

        Raises ConcertNotFound, Forbidden, KeyReused.
        """
        state = self.queue_status(concert).state
        if state not in (PAUSED, "open"):
            raise errors.InputInvalid(
                "the queue is not paused, it is: {state}",
                hint="`boxoffice queue open CONCERT` opens it in any case",
                state=state,
            )
        return self.change_queue(concert, {"state": "open"}, key=key)

    def hold_draw(self, concert: str, *, key: str) -> model.Draw:
        """Hold the draw of a queue that keeps places for it; nobody is admitted yet.

        One that was held is told again. Raises ConcertNotFound, DrawNotFound, KeyReused.
        """
        drawn = self.queue_draw(concert)
        if drawn.state != BEFORE_THE_DRAW:
            return drawn
        line = self.change_queue(concert, {"state": PAUSED}, key=key)
        if self.stores.dry_run:
            return replace(drawn, state=line.state, drawn=line.waiting)
        return self.queue_draw(concert)

    def _rehearse_queue(
        self, concert: int, changes: Mapping[str, str | float | None]
    ) -> model.Line:
        from boxoffice.core import queue
        from boxoffice.core.queue import memory, recovery

        checked = queue.check_settings(**changes)

        def look(redis: Redis) -> model.Line:
            return queue.show(redis, concert, self.settings, 0).line

        line = recovery.ask(self.stores, self.settings, concert, look)
        if checked.get("state") == BEFORE_THE_DRAW:
            with self.stores.database() as connection:
                drawing = memory.drawing_of(connection, concert)
            if line.waiting or line.admitted:
                raise errors.DrawRefused(
                    "people are in this queue already, so their places are not drawn"
                )
            if drawing is not None and drawing.held:
                raise errors.DrawRefused
        defaults = {
            "state": "open",
            "capacity": self.settings.queue_capacity,
            "rate_per_minute": self.settings.queue_rate_per_minute,
        }
        told = {
            name: default if checked[name] is None else checked[name]
            for name, default in defaults.items()
            if name in checked
        }
        return replace(line, **told)  # type: ignore[arg-type]
