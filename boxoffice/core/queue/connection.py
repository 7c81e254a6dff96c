"""The Redis client: how long it waits, how often it tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core import cluster
from boxoffice.core.errors import InputInvalid

if TYPE_CHECKING:
    from redis import Redis

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0
RETRIES = 2
RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 0.05, 0.5


def connect(
    url: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Redis:
    """Build the client of a unix://, redis:// or rediss:// URL, or of a cluster's.

    Only a cluster is spoken to already. Raises InputInvalid for any other URL.
    """
    # The package costs 0.4 s of CPU to import, so only what needs the queue pays for it.
    from redis import Redis
    from redis.backoff import ExponentialWithJitterBackoff
    from redis.retry import Retry

    options: dict[str, Any] = {
        "socket_connect_timeout": connect_seconds,
        "socket_timeout": answer_seconds,
        # The default of ten retries would keep a person waiting for half a minute.
        "retry": Retry(
            ExponentialWithJitterBackoff(base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS), RETRIES
        ),
        # RESP2 and no client info: connecting sends no command of its own.
        "protocol": 2,
        "driver_info": None,
    }
    nodes = cluster.nodes_of(url)
    try:
        return cluster.connect(nodes, **options) if nodes else Redis.from_url(url, **options)
    except (ValueError, TypeError):
        # The URL may hold a password, so it is not repeated.
        raise InputInvalid(
            "redis_url is not a Redis address", hint="write unix://, redis:// or rediss://"
        ) from None
