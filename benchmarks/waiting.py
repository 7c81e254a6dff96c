"""How fast the queue joins and polls, next to the raw limit of the same server.

    python benchmarks/waiting.py unix:///path/to/socket [waiting]

Uses concerts of numbers no real one has and removes them again. ``share`` is the operation's
speed as a part of an EVALSHA that does nothing, from the same client in the same run; the
outcome is counted in the server.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from boxoffice.core import config, queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

CONCERT = 9_000_000_000_000_000
FEW = 1_000
ROUNDS, CALLS = 9, 1_000
FILL = """
for user = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  redis.call('ZADD', KEYS[1], user, user)
  redis.call('ZADD', KEYS[2], ARGV[3], user)
  redis.call('HSET', KEYS[4], user, string.format('%d:0:0:1:%s:0', user, ARGV[3]))
end
redis.call('HSET', KEYS[3], 'number', ARGV[2])
"""
FILL_BATCH = 50_000


def main() -> None:
    redis = queue.connect(sys.argv[1], answer_seconds=60)
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    settings = replace(
        config.load({"BOXOFFICE_HOME": "/nonexistent"}), absence_seconds=86_400, queue_capacity=1
    )
    sizes = {FEW: CONCERT, many: CONCERT + 1}
    try:
        measure(redis, settings, sizes)
    finally:
        for concert in sizes.values():
            names = list(redis.scan_iter(f"{{concert:{concert}}}:*", count=10_000))
            for first in range(0, len(names), 1_000):
                redis.unlink(*names[first : first + 1_000])


def measure(redis: Redis, settings: config.Settings, sizes: dict[int, int]) -> None:
    nothing = redis.script_load("return 1")
    operations: dict[str, Callable[[int], object]] = {
        "EVALSHA of nothing": lambda _: redis.evalsha(nothing, 0)
    }
    for waiting, concert in sizes.items():
        before = redis.info("memory")["used_memory"]
        queue.found(redis, concert, queue.Founding(database="none", stub_key="00" * 32))
        fill(redis, concert, waiting)
        per_user = (redis.info("memory")["used_memory"] - before) / waiting
        print(f"{waiting:>9,} waiting: {per_user:.0f} bytes a user without a token")
        token = queue.join(redis, concert, waiting, settings, take_over=True).token
        operations[f"poll, {waiting:,} waiting"] = lambda _, t=token: queue.poll(redis, t, settings)
        operations[f"join, {waiting:,} waiting"] = lambda user, c=concert, w=waiting: queue.join(
            redis, c, w + user, settings
        )
    report(redis, interleaved(redis, operations))
    for concert in sizes.values():
        line = queue.admit(redis, concert, settings)
        print(f"counted: {line.waiting:,} waiting, {line.admitted} of {line.capacity} admitted")


def interleaved(
    redis: Redis, operations: dict[str, Callable[[int], object]]
) -> dict[str, list[tuple[float, float, float]]]:
    """Take turns, so that noise of the machine falls on all; per call: wall, CPU, server us."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in operations}
    for turn in range(ROUNDS):
        for name, operation in operations.items():
            redis.config_resetstat()
            wall, cpu = time.perf_counter(), time.process_time()
            for call in range(CALLS):
                operation(1 + turn * CALLS + call)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            server = redis.info("commandstats")["cmdstat_evalsha"]["usec_per_call"]
            found[name].append((wall / CALLS * 1e6, cpu / CALLS * 1e6, server))
    return found


def report(redis: Redis, found: dict[str, list[tuple[float, float, float]]]) -> None:
    medians = {
        name: [statistics.median(part) for part in zip(*rows, strict=True)]
        for name, rows in found.items()
    }
    floor = medians["EVALSHA of nothing"][0]
    print(f"{redis.info('server')['redis_version']} (compatible), {ROUNDS} x {CALLS} calls")
    for name, (wall, cpu, server) in medians.items():
        print(
            f"{name:>26}: {1e6 / wall:8,.0f}/s, client CPU {cpu:4.0f} us,"
            f" server {server:5.1f} us, share {floor / wall:.2f}"
        )
    polls = [figures[2] for name, figures in medians.items() if name.startswith("poll")]
    print(f"server time of a poll, many / few waiting: {polls[1] / polls[0]:.2f}")


def fill(redis: Redis, concert: int, count: int) -> None:
    """Let users 1..count wait, all seen just now."""
    names = [f"{{concert:{concert}}}:{name}" for name in ("waiting", "seen", "line", "places")]
    seconds, _ = redis.time()
    for first in range(1, count + 1, FILL_BATCH):
        last = min(first + FILL_BATCH - 1, count)
        redis.eval(FILL, len(names), *names, first, last, seconds * 1000)


if __name__ == "__main__":
    main()
