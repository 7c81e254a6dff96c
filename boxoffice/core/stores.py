"""The two servers an office works with: connected when first needed, errors put into words."""

from __future__ import annotations

import gc
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from boxoffice.core import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from redis import Redis
    from sqlalchemy import Connection

    from boxoffice.core.config import Settings
    from boxoffice.core.embedded import Servers
    from boxoffice.core.events import Hints
    from boxoffice.core.lending import Lender

HINT_PAUSE_SECONDS = 5.0
LISTEN_SECONDS = 0.25


class Stores:
    """Postgres and Redis, embedded or named by URL, as one office uses them."""

    def __init__(self, settings: Settings, *, connections: int, dry_run: bool = False) -> None:
        self.dry_run = dry_run
        self._settings = settings
        self._connections = connections
        self._servers: Servers | None = None
        self._lender: Lender | None = None
        self._schema_checked = False
        self._redis: Redis | None = None
        self._hints: Hints | None = None
        self._hints_paused_until = 0.0

    def close(self) -> None:
        """Give the connections back."""
        self._drop_hints()
        if self._redis:
            self._redis.close()
        if self._lender:
            self._lender.close()

    # --- Postgres ---

    def database(self, *, changing: bool = False) -> AbstractContextManager[Connection]:
        """Lend a connection that commits each statement, or in a dry run none.

        Raises DatabaseUnavailable, SchemaOutdated; OutcomeUnknown when it was `changing`
        something and the connection broke.
        """
        if self.dry_run:
            return self.rehearsal()
        return self._ready_lender().lend(changing=changing)

    def looking(self) -> AbstractContextManager[Connection]:
        """Lend a connection to read with, in a dry run as otherwise."""
        return self._ready_lender().lend()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Lend a connection inside a transaction: committed at the end, or rolled back.

        A dry run rolls back what would be committed. What breaks before the commit is sent has
        not happened; only then is it unknown.
        """
        from boxoffice.core.lending import commit

        with self._ready_lender().lend() as connection:
            connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin() as transaction:
                yield connection
                if self.dry_run:
                    transaction.rollback()
                else:
                    commit(transaction)

    @contextmanager
    def rehearsal(self) -> Iterator[Connection]:
        """Lend a connection inside a transaction that is rolled back."""
        from boxoffice.core.database import REHEARSED

        with self._ready_lender().lend() as connection:
            connection.execution_options(isolation_level="READ COMMITTED", **{REHEARSED: True})
            with connection.begin() as rehearsed:
                yield connection
                rehearsed.rollback()

    def bare_database(self) -> AbstractContextManager[Connection]:
        """Lend a connection to a database whatever its schema is; raises DatabaseUnavailable."""
        return self._bare_lender().lend()

    def migrate(self) -> str:
        """Bring the schema up to date and return its version."""
        from boxoffice.core import schema

        with self.bare_database() as connection:
            return schema.migrate(connection)

    def _ready_lender(self) -> Lender:
        """Return the lender, after one look whether the schema is what this code needs.

        The embedded database is given its schema when it has none.
        """
        lender = self._bare_lender()
        if self._schema_checked:
            return lender
        from boxoffice.core import schema

        with lender.lend() as connection:
            found = schema.revision_of(connection)
        if found is None and self._settings.embedded:
            found = self.migrate()
        schema.require_current(found)
        self._schema_checked = True
        gc.freeze()  # the libraries just loaded stay: looking them over again and again costs
        return lender

    def _bare_lender(self) -> Lender:
        if self._lender is None:
            from boxoffice.core.database import make_engine
            from boxoffice.core.lending import Lender

            engine = make_engine(self._settings, self._database_url(), self._connections)
            self._lender = Lender(engine, self._connections)
        return self._lender

    def _database_url(self) -> str:
        if self._settings.embedded:
            return self._embedded().database_url
        if self._settings.database_url is None:
            raise errors.DatabaseUnavailable(
                "no database is named", hint="set BOXOFFICE_DATABASE_URL beside BOXOFFICE_REDIS_URL"
            )
        from boxoffice.core import transport

        return transport.database_url(self._settings, self._settings.database_url)

    # --- Redis ---

    @contextmanager
    def redis(self) -> Iterator[Redis]:
        """Lend the Redis client; raises QueueUnavailable when Redis does not answer."""
        from redis.exceptions import RedisClusterException, RedisError

        try:
            self._redis = self._redis or self._connect_redis()
            yield self._redis
        except UnicodeEncodeError:
            from boxoffice.core.text import not_text

            raise not_text() from None
        except (RedisError, RedisClusterException) as error:
            raise _queue_away(error) from None

    def finish(self, token: str) -> None:
        """End an admission whose payment committed; where Redis is away, time ends it."""
        if self.dry_run:
            return
        from boxoffice.core import queue, tokens
        from boxoffice.core.queue import recovery

        # What is committed is never answered by an error of what comes after it.
        with suppress(Exception):
            recovery.ask(
                self,
                self._settings,
                tokens.concert_of(token),
                lambda redis: queue.finish(redis, token, self._settings),
            )

    @property
    def redis_is_away(self) -> bool:
        """Whether Redis was found away a moment ago, so that nobody waits for it now."""
        return time.monotonic() < self._hints_paused_until

    def note_redis_away(self) -> None:
        """Remember for a moment that Redis is away."""
        self._drop_hints()
        self._hints_paused_until = time.monotonic() + HINT_PAUSE_SECONDS

    def hint(self, performance: int, labels: Sequence[str] = ()) -> None:
        """Tell live seat maps to look again; after a commit no failure is worth a word."""
        if self.dry_run or self.redis_is_away:
            return
        try:
            self._send_hint(performance, labels)
        except Exception:  # noqa: BLE001 - what is committed is never answered by an error
            self.note_redis_away()

    def _send_hint(self, performance: int, labels: Sequence[str]) -> None:
        if self._hints is None:
            from boxoffice.core.events import Hints

            with self.redis() as client:
                self._hints = Hints(client)
        self._hints.send(performance, labels)

    def subscribe(self, channel: str) -> Any:  # noqa: ANN401 - redis-py leaves it untyped
        """Listen to a channel over a connection of its own; raises QueueUnavailable.

        Every wait of it is short, so that whoever listens can be stopped.
        """
        from redis.exceptions import RedisClusterException, RedisError

        from boxoffice.core import queue

        try:
            client: Any = queue.connect(
                self._redis_url(), connect_seconds=LISTEN_SECONDS, answer_seconds=LISTEN_SECONDS
            )
            subscription = client.pubsub()
            with ExitStack() as failing:
                failing.callback(subscription.close)
                subscription.subscribe(channel)
                failing.pop_all()
        except (RedisError, RedisClusterException) as error:
            raise _queue_away(error) from None
        return subscription

    def revive(self) -> None:
        """Start the embedded servers again where they have stopped; raises StoreUnavailable."""
        if not self._settings.embedded:
            return
        from boxoffice.core import embedded

        servers = embedded.attach(self._settings)
        if servers != self._servers:  # stopped in order, they come back with other sockets
            self.close()
            self._lender, self._redis, self._schema_checked = None, None, False
            self._servers = servers

    def _drop_hints(self) -> None:
        if self._hints:
            self._hints.close()
        self._hints = None

    def _connect_redis(self) -> Redis:
        from boxoffice.core import queue

        return queue.connect(self._redis_url())

    def _redis_url(self) -> str:
        if self._settings.embedded:
            return self._embedded().redis_url
        if self._settings.redis_url is None:
            raise errors.QueueUnavailable(
                "no Redis is named", hint="set BOXOFFICE_REDIS_URL beside BOXOFFICE_DATABASE_URL"
            )
        from boxoffice.core import transport

        return transport.redis_url(self._settings, self._settings.redis_url)

    def _embedded(self) -> Servers:
        if self._servers is None:
            from boxoffice.core import embedded

            self._servers = embedded.attach(self._settings)
        return self._servers


def _queue_away(error: Exception) -> errors.QueueUnavailable:
    from boxoffice.core import transport

    return transport.queue_away(error)
