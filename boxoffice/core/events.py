"""What others are told: the outbox after the fact, and hints for live seat maps.

An event is written by the statement it tells of (core/sql). The relay takes what is unsent,
never what is "newer than the last", because identity numbers do not commit in order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from boxoffice.core.cluster import connection_near
from boxoffice.core.concert_cache import CACHE_KEY, commands_after_change
from boxoffice.core.database import statement
from boxoffice.core.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis
    from sqlalchemy import Connection

STREAM = "boxoffice:events"
STREAM_ENTRIES_MAX = 100_000
HINT_CHANNEL = "boxoffice:seats"
# A sink that no worker served for so long is given up: nothing is left for it any more.
SINK_SECONDS = 7 * 86_400.0


def relay(connection: Connection, redis: Redis, *, events_max: int) -> int:
    """Publish unsent events to the stream, at most `events_max`, and mark them sent.

    What is to be brought to each sink is left in `deliveries`. Runs in the transaction of
    `connection`: if it dies before the commit, the same events go out again, and the receiver
    tells repeats by `id`. Returns how many were sent.
    """
    rows = connection.execute(
        select(outbox)
        .where(outbox.c.sent_at.is_(None))
        .order_by(outbox.c.performance_id, outbox.c.id)
        .limit(events_max)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return 0
    with redis.pipeline(transaction=False) as wire:
        for row in rows:
            event: dict[Any, Any] = {
                "id": row.dedupe_key,
                "type": row.type,
                "payload": json.dumps(row.payload),
            }
            wire.xadd(STREAM, event, maxlen=STREAM_ENTRIES_MAX, approximate=True)
        wire.execute()
    told = {
        "performances": [row.performance_id for row in rows],
        "ids": [row.id for row in rows],
        "sink_seconds": SINK_SECONDS,
    }
    connection.exec_driver_sql(statement("relay"), told)
    return len(rows)


class Hints:
    """Tells whoever watches a performance to look again, without waiting for an answer.

    Called after the commit, so a lost hint costs a watcher two seconds and never a seat; a
    connection that only speaks costs a fifth of one that also listens.
    """

    def __init__(self, redis: Redis) -> None:
        connection = connection_near(redis, CACHE_KEY)
        connection.connect()
        connection.send_command("CLIENT", "REPLY", "OFF")
        self._connection = connection
        self._after = b"".join(connection.pack_commands(commands_after_change()))

    def send(self, performance: int, labels: Sequence[str] = ()) -> None:
        """Publish what changed and let cached free counts end.

        The message is the performance's number and the seats, a line each; no seats mean that
        any may have changed. Raises RedisError; then the connection is of no more use.
        """
        message = "\n".join((str(performance), *labels))
        published = self._connection.pack_command("PUBLISH", HINT_CHANNEL, message)
        self._connection.send_packed_command([b"".join(published) + self._after])

    def close(self) -> None:
        """Close the connection; Redis still reads what was sent."""
        self._connection.disconnect()
