"""What a call costs the server: the same few commands at ten and at a million waiting."""

from __future__ import annotations

import os

import pytest

from boxoffice.core import queue
from tests.core.conftest import begin

WAITING = 1_000_000
# Every one of them is O(log n) or better as used here.
COMMANDS_OF_A_POLL = {
    "evalsha",
    "time",
    "hmget",
    "hset",
    "hget",
    "info",
    "zrange",
    "zcard",
    "zadd",
    "zrank",
    "getex",
    "hvals",
}
FILL = """
for user = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  redis.call('ZADD', KEYS[1], user, user)
  redis.call('ZADD', KEYS[2], ARGV[3], user)
  redis.call('HSET', KEYS[3], user, string.format('%d:0:0:1:%s:0', user, ARGV[3]))
end
"""


def key(concert, name):
    return f"{{concert:{concert}}}:{name}"


def counted(redis, action):
    """Run an action and return calls and microseconds by command, as the server counts them."""
    redis.config_resetstat()
    action()
    return {
        name.removeprefix("cmdstat_"): (figures["calls"], figures["usec"])
        for name, figures in redis.info("commandstats").items()
        if "config" not in name
    }


@pytest.fixture(scope="module")
def crowded():
    """The queue that a million wait in, made once: they take their time to come."""
    return (os.getpid() + 1) * 1_000_000 - 1  # not reached by those of single tests


@pytest.fixture(scope="module")
def million(redis_url, crowded, settings):
    redis, concert = queue.connect(redis_url, connect_seconds=20, answer_seconds=60), crowded
    begin(redis, concert)
    queue.configure(redis, concert, settings, capacity=2)
    tokens = [queue.join(redis, concert, user, settings).token for user in (1, 2)]
    seconds, _ = redis.time()
    names = (key(concert, "waiting"), key(concert, "seen"), key(concert, "places"))
    for first in range(10, WAITING, 50_000):
        redis.eval(FILL, 3, *names, first, min(first + 49_999, WAITING), seconds * 1000)
    redis.hset(key(concert, "line"), "number", WAITING)
    yield tokens
    redis.unlink(*redis.scan_iter(key(concert, "*"), count=1000))
    redis.close()


@pytest.mark.usefixtures("million")
def test_a_poll_at_a_million_waiting_runs_the_commands_of_a_poll_at_ten(
    redis, concert, crowded, settings
):
    small = concert
    for user in range(12):
        few = queue.join(redis, small, user, settings).token
    many = queue.join(redis, crowded, WAITING + 1, settings).token
    last = redis.zcard(key(crowded, "waiting"))
    assert queue.poll(redis, many, settings).position == last > 0.99 * WAITING
    at_ten = counted(redis, lambda: [queue.poll(redis, few, settings) for _ in range(200)])
    at_million = counted(redis, lambda: [queue.poll(redis, many, settings) for _ in range(200)])
    for name in COMMANDS_OF_A_POLL - {"hset", "info"}:  # only where a millisecond or five passed
        assert at_ten[name][0] == at_million[name][0]
    assert at_million.keys() <= COMMANDS_OF_A_POLL
    # Reading the queue once would make this ten thousand.
    assert at_million["evalsha"][1] < 10 * at_ten["evalsha"][1]


def test_admitting_counts_the_admitted_and_reads_only_the_heads(redis, crowded, settings, million):
    def finish_both():
        for token in million:
            queue.finish(redis, token, settings)

    calls = counted(redis, finish_both)
    assert calls["zcard"][0] == 2
    assert calls["zrange"][0] <= 6
    assert not calls.keys() & {"keys", "scan", "zscan", "zrevrange", "zcount"}
    assert redis.zcard(key(crowded, "admitted")) == 2
