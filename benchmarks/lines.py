"""Waiting lines of any length, for the benchmarks of the queue: filled by the server itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from boxoffice.core import embedded, queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redis import Redis

    from boxoffice.core.config import Settings
    from boxoffice.core.model import Place

CONCERT_FIRST = 9_000_000_000_000_000  # no real one has such a number
DAY_SECONDS = 86_400.0
# Settings by which nobody goes or is dropped, so that a line stays as long as it is.
STILL = {
    "queue_capacity": 1,
    "absence_seconds": DAY_SECONDS,
    "claim_seconds": DAY_SECONDS,
    "admission_seconds": DAY_SECONDS,
    "admission_seconds_max": DAY_SECONDS,
}
ANSWER_SECONDS = 60  # for a batch of places; calls of the queue take less than a millisecond
BATCH = 20_000
REMOVED_AT_ONCE = 10_000
NAMES = ("waiting", "seen", "line", "places")
PLACES = """
local first, last, step = tonumber(ARGV[1]), tonumber(ARGV[2]), 1000
for start = first, last, step do
  local waiting, seen, places = {}, {}, {}
  for user = start, math.min(start + step - 1, last) do
    local at, text = #waiting, string.format('%d', user)
    waiting[at + 1], waiting[at + 2] = text, text
    seen[at + 1], seen[at + 2] = ARGV[3], text
    places[at + 1], places[at + 2] = text, text .. ':0:0:1:' .. ARGV[4] .. ':0'
  end
  redis.call('ZADD', KEYS[1], unpack(waiting))
  redis.call('ZADD', KEYS[2], unpack(seen))
  redis.call('HSET', KEYS[4], unpack(places))
end
redis.call('HSET', KEYS[3], 'number', ARGV[2])
"""
# As long as those of real tokens, which are SHA-256 in hexadecimal.
TOKENS = """
for user = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local hash = redis.sha1hex(user)
  redis.call('SET', KEYS[1] .. hash .. string.sub(hash, 1, 24), user .. ':' .. user .. ':1', 'EX', 86400)
end
"""  # noqa: E501


def open_to(users: int) -> dict[str, float]:
    """Return settings by which so many are admitted as they come, and stay it."""
    return STILL | {"queue_capacity": users, "queue_rate_per_minute": 10**7, "queue_burst": users}


@contextmanager
def lines_of(server: Settings, each: Sequence[Settings]) -> Iterator[list[Line]]:
    """Lend an empty line by each of some settings, on the Redis to measure on."""
    url = server.redis_url or embedded.start(server).redis_url
    redis = queue.connect(url, answer_seconds=ANSWER_SECONDS)
    lines = [Line(redis, settings, CONCERT_FIRST + n) for n, settings in enumerate(each)]
    try:
        yield lines
    finally:
        for line in lines:
            line.remove()
        redis.close()


class Line:
    """The queue of a concert that nobody made; made-up users 1 to `length` wait in it."""

    def __init__(self, redis: Redis, settings: Settings, concert: int) -> None:
        self.redis, self.settings, self.concert = redis, settings, concert
        self.length = 0
        self.remove()
        queue.found(redis, concert, queue.Founding(database="none", stub_key="00" * 32))

    def key(self, name: str) -> str:
        """Name a key of this queue."""
        return f"{{concert:{self.concert}}}:{name}"

    def fill(self, length: int, *, seen_in_seconds: int = 0) -> float:
        """Let users 1 to `length` wait; return the bytes that a place takes."""
        seconds, _ = self.redis.time()
        times = [(seconds + seen_in_seconds) * 1_000, seconds * 1_000]
        bytes_each = self._filled(PLACES, length, [self.key(name) for name in NAMES], times)
        self.length = length
        return bytes_each

    def give_tokens(self) -> float:
        """Let each of them have a token, which nobody knows; return the bytes that one takes."""
        return self._filled(TOKENS, self.length, [self.key("token:")], [])

    def _filled(self, script: str, length: int, keys: list[str], words: list[int]) -> float:
        before = self.redis.info("memory")["used_memory"]
        for first in range(1, length + 1, BATCH):
            last = min(first + BATCH - 1, length)
            self.redis.eval(script, len(keys), *keys, first, last, *words)
        return (self.redis.info("memory")["used_memory"] - before) / length

    def take(self, user: int) -> Place:
        """Give the place of a user who waits to us, and return it with its token."""
        return queue.join(self.redis, self.concert, user, self.settings, take_over=True)

    def counted(self) -> dict[str, int]:
        """Count who waits and who is admitted, and who is both or without a record."""
        line = queue.admit(self.redis, self.concert, self.settings)
        names = ("settings", "line", "waiting", "admitted", "places", "seen")
        script = (queue.LUA / "verify.lua").read_text()
        keys = [self.key(name) for name in names]
        *_, both, unmatched = self.redis.eval(script, len(keys), *keys, line.capacity, 1_000)
        return {
            "waiting": line.waiting,
            "admitted": line.admitted,
            "in both": len(both),
            "without a record": len(unmatched),
        }

    def remove(self) -> None:
        """Remove all of it."""
        names = list(self.redis.scan_iter(self.key("*"), count=REMOVED_AT_ONCE))
        for first in range(0, len(names), REMOVED_AT_ONCE):
            self.redis.unlink(*names[first : first + REMOVED_AT_ONCE])
