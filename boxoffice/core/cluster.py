"""A Redis Cluster: the address that means one, its client, and life with a part of it lost.

All keys of a concert share a slot, so the death of a master closes the queues of its concerts
and no other.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

MARK = "+cluster://"  # redis+cluster:// and rediss+cluster://
PORT = 6379


def nodes_of(url: str) -> list[str]:
    """Return the address of each node that a cluster's URL names; none for another URL.

    ``rediss+cluster://name:password@one:6379,two:6379`` names two, so that a command finds
    the cluster though one of them is down.
    """
    scheme, mark, rest = url.partition(MARK)
    if not mark:
        return []
    login, at, places = rest.rpartition("@")
    hosts, question, options = places.partition("?")
    return [f"{scheme}://{login}{at}{host}{question}{options}" for host in hosts.split(",")]


def connect(nodes: list[str], **options: Any) -> Any:  # noqa: ANN401 - of redis-py's two clients
    """Build the client of a cluster, which asks one of the nodes for all others.

    Raises ValueError for what is no address, RedisClusterException where no node answers.
    """
    from redis.cluster import ClusterNode, RedisCluster

    node: Any = ClusterNode
    places = [urlsplit(address) for address in nodes]
    if not all(place.hostname for place in places):
        raise ValueError
    return RedisCluster.from_url(
        nodes[0],
        startup_nodes=[node(place.hostname, place.port or PORT) for place in places[1:]],
        # A concert needs its own slot and no other.
        require_full_coverage=False,
        **options,
    )


def connection_near(redis: Redis, key: str) -> Any:  # noqa: ANN401 - redis-py leaves it untyped
    """Make a connection to the server that has a key."""
    client: Any = redis
    if _is_cluster(redis):
        client = client.get_node_from_key(key).redis_connection
    return client.connection_pool.make_connection()


@contextmanager
def sparing(redis: Redis) -> Iterator[None]:
    """Go on without what can be had elsewhere where a cluster has lost a part of itself.

    A single server that is away takes the queue with it, and is told at once.
    """
    from redis.exceptions import RedisClusterException, RedisError

    try:
        yield
    except (RedisError, RedisClusterException):
        if not _is_cluster(redis):
            raise


def _is_cluster(redis: Redis) -> bool:
    return hasattr(redis, "nodes_manager")
