"""Calls to the queue as the project makes them, and the same words sent by a bare client."""

from __future__ import annotations

import time
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, NoReturn

from boxoffice.core import queue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness import Turn
    from lines import Line
    from redis import Redis

    from boxoffice.core.config import Settings

    Call = tuple[Any, ...]  # what evalsha is called with

POLLERS = 100  # tokens from all over a line, which are asked about in turn


class Prepared(Exception):
    """What a call of the queue would send."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class Unsent:
    """A client that sends nothing, and says what it was to send."""

    def evalsha(self, *call: Any) -> NoReturn:
        """Raise Prepared."""
        raise Prepared(call)


def prepared(ask: Callable[[Any], object]) -> Call:
    """Return what a call of the queue sends."""
    try:
        ask(Unsent())
    except Prepared as found:
        return found.call
    raise AssertionError


class Calls:
    """Calls to one line, by the project and raw; users who join are numbered on from its end."""

    def __init__(self, line: Line) -> None:
        self.line, self.redis, self.settings = line, line.redis, line.settings
        self.next_user = line.length + 1
        users = [max(1, part * line.length // POLLERS) for part in range(1, POLLERS + 1)]
        self.tokens = [line.take(user).token for user in users] if line.length else []
        self.polls = [
            prepared(lambda redis, token=token: queue.poll(redis, token, self.settings))
            for token in self.tokens
        ]

    def users(self, count: int) -> range:
        """Return users who have not come yet."""
        self.next_user += count
        return range(self.next_user - count, self.next_user)

    def joins(self, count: int) -> list[Call]:
        """Return what as many joins send."""
        concert = self.line.concert
        return [
            prepared(lambda redis, user=user: queue.join(redis, concert, user, self.settings))
            for user in self.users(count)
        ]

    def poll(self, count: int) -> Turn:
        """Poll as the project does."""
        tokens = repeated(self.tokens, count)
        return timed(self.redis, count, lambda: poll_each(self.redis, tokens, self.settings))

    def poll_raw(self, count: int) -> Turn:
        """Send the same polls."""
        calls = repeated(self.polls, count)
        return timed(self.redis, count, lambda: send_each(self.redis, calls))

    def join(self, count: int) -> Turn:
        """Join as the project does."""
        given = (self.line.concert, self.users(count), self.settings)
        return timed(self.redis, count, lambda: join_each(self.redis, *given))

    def join_raw(self, count: int) -> Turn:
        """Send such joins, of others."""
        calls = self.joins(count)
        return timed(self.redis, count, lambda: send_each(self.redis, calls))

    def pipelined(self, count: int, size: int, commands: list[Call]) -> Turn:
        """Send the commands of so many polls, `size` polls in one pipeline."""

        def send() -> None:
            for _ in range(count // size):
                pipe = self.redis.pipeline(transaction=False)
                for command in commands * size:
                    pipe.execute_command(*command)
                pipe.execute()

        found = timed(self.redis, count // size * size, send)
        return {what: found[what] for what in ("calls/s", "CPU us")}

    def commands_of_a_poll(self) -> list[Call]:
        """Return the commands that the server runs for a poll, without the EVALSHA around them."""
        with self.redis.monitor() as monitor:
            queue.poll(self.redis, self.tokens[0], self.settings)
            told = [monitor.next_command()]
            while "evalsha" not in told[-1]["command"].lower():
                told.append(monitor.next_command())
            self.redis.ping()
            told.append(monitor.next_command())
            while "PING" not in told[-1]["command"]:
                told.append(monitor.next_command())
        return [tuple(each["command"].split()) for each in told if each["client_type"] == "lua"]


def repeated(values: Sequence[Any], count: int) -> list[Any]:
    """Return so many values, from the first one again after the last."""
    return list(islice(cycle(values), count))


def poll_each(redis: Redis, tokens: list[str], settings: Settings) -> None:
    """Poll once by each token."""
    for token in tokens:
        queue.poll(redis, token, settings)


def send_each(redis: Redis, calls: list[Call]) -> None:
    """Send prepared calls; nobody looks at what they answer."""
    for call in calls:
        redis.evalsha(*call)


def join_each(redis: Redis, concert: int, users: range, settings: Settings) -> None:
    """Let each user join."""
    for user in users:
        queue.join(redis, concert, user, settings)


def timed(redis: Redis, count: int, act: Callable[[], object]) -> Turn:
    """Return what a call took: of time, of the client's CPU, and of the server's."""
    server_before = server_us(redis)
    began, cpu = time.perf_counter(), time.process_time()
    act()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "calls/s": count / seconds,
        "CPU us": cpu / count * 1e6,
        "server us": (server_us(redis) - server_before) / count,
    }


def server_us(redis: Redis) -> float:
    """Return the microseconds that the server has spent on scripts until now."""
    told = redis.info("commandstats")
    return float(told["cmdstat_evalsha"]["usec"])
