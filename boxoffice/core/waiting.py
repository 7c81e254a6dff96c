"""The waiting line as customers meet it: a place, where it stands, and the draw before a start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from boxoffice.core import directory, errors
from boxoffice.core.foundation import Foundation
from boxoffice.core.model import WALK_IN

if TYPE_CHECKING:
    from redis import Redis

    from boxoffice.core import model
    from boxoffice.core.directory import Numbers


class Waiting(Foundation):
    """The operations of a queue; on the usual path Redis alone is asked."""

    def enqueue(  # noqa: PLR0913 - the parts of one request
        self,
        concert: str,
        user: str | None = None,
        *,
        token: str | None = None,
        key: str | None = None,
        stub: str | None = None,
        take_over: bool = False,
    ) -> model.Place:
        """Take a place in the queue of a concert; whoever shows its token keeps the one he has.

        With a key, the same call never takes a second place, even after the first has ended.
        The stub gives back the token's place where the queue has lost it. `take_over` goes on
        with the place of another terminal, whose tokens end. Raises PlaceHeld without that,
        ConcertNotFound, UserNotFound, QueueClosed, PlaceNotFound, Forbidden, KeyReused.
        """
        from boxoffice.core import queue
        from boxoffice.core.queue import recovery

        if token and stub:
            with suppress(errors.NotFound, errors.Unavailable):  # of another concert's queue
                recovery.bring_back(self.stores, self.settings, token, stub)
        name = self._access.whose(user, token)

        def join(numbers: Numbers) -> model.Place:
            if numbers.user == int(WALK_IN):
                raise errors.Forbidden("a walk-in customer waits in no queue")
            return recovery.ask(
                self.stores,
                self.settings,
                numbers.concert,
                lambda redis: queue.join(
                    redis,
                    numbers.concert,
                    numbers.user,
                    self.settings,
                    key=key,
                    token=token,
                    take_over=take_over,
                    database=numbers.database,
                ),
            )

        with self.stores.redis() as redis:
            known = directory.look_up(redis, concert, name)
            try:
                return join(known or self._ask_numbers(redis, concert, name))
            except queue.Foreign:
                asked = self._ask_numbers(redis, concert, name)
                recovery.recall(self.stores, self.settings, asked.concert, redis)
                return join(asked)

    def _ask_numbers(self, redis: Redis, concert: str, user: str) -> Numbers:
        """Ask Postgres for the ids of a concert and a user, so that the next need not."""
        from boxoffice.core import catalogue
        from boxoffice.core.queue import memory

        with self.stores.database() as connection:
            numbers = directory.Numbers(
                concert=catalogue.concert_id(connection, concert),
                user=catalogue.user_id(connection, user),
                database=memory.identity(connection).database,
            )
        directory.remember(redis, "concert", concert, numbers.concert, numbers.database)
        directory.remember(redis, "user", user, numbers.user, numbers.database)
        return numbers

    def position(self, token: str | None, *, stub: str | None = None) -> model.Place:
        """Tell where a token stands in its queue; its stub gives back a place that was lost.

        Now and then the answer has a fresh stub, to be kept in place of the old one.
        Raises TokenInvalid, PlaceNotFound.
        """
        from boxoffice.core import queue
        from boxoffice.core.queue import recovery

        own = self._access.own_token(token, stub)
        return recovery.ask_for_token(
            self.stores,
            self.settings,
            own,
            stub,
            lambda redis: queue.poll(redis, own, self.settings, stub),
        )

    def leave(self, token: str | None) -> model.Left:
        """Give up a place; raises TokenInvalid, PlaceNotFound."""
        from boxoffice.core import queue
        from boxoffice.core.queue import recovery

        own = self._access.own_token(token)
        return recovery.ask_for_token(
            self.stores,
            self.settings,
            own,
            None,
            lambda redis: queue.leave(redis, own, self.settings),
        )

    def queue_draw(self, concert: str) -> model.Draw:
        """Return the draw of a concert: its commitment, and after it was held its seed.

        `core/queue/draw.py` checks one against the other and computes the order again. Raises
        ConcertNotFound, DrawNotFound.
        """
        from boxoffice.core import catalogue, queue
        from boxoffice.core.model import Draw
        from boxoffice.core.queue import changes, memory, recovery

        with self.stores.database() as connection:
            number = catalogue.concert_id(connection, concert)
            drawing = memory.drawing_of(connection, number)
        if drawing is None:
            raise errors.DrawNotFound
        if not drawing.held:  # unless whoever held it came no further
            drawing = changes.note_draw(self.stores, self.settings, number)
        state = recovery.ask(
            self.stores,
            self.settings,
            number,
            lambda redis: queue.admit(redis, number, self.settings).state,
        )
        return Draw(
            concert=number,
            state=state,
            commitment=drawing.commitment,
            seed=drawing.seed if drawing.held else None,
            drawn=drawing.drawn,
        )
