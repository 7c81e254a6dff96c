"""Joining and polling the queue: with 1,000 to 1,000,000 waiting, from one client and from eight.

    python benchmarks/polling.py [--waiting 1000 10000 1000000] [--calls 300] [--rounds 15] [--json]

"poll" and "join" are `queue.poll` and `queue.join`, by a hundred tokens from all over the line.
Beside them "raw": the very same scripts with the very same keys and words, prepared beforehand
and sent by redis-py's `evalsha`, its answer not looked at; an EVALSHA of nothing; and the commands
that the server runs for a poll (told by MONITOR), and whole polls, in pipelines. Then 8 processes
at once. "server us" is what the server counts for one call, "CPU us" what the client spends on it.
Lines are filled by a script on the server, with a token each, and after the last round it is
counted there who waits, who is admitted, and who is in twice. A named Redis needs a user who may
INFO and MONITOR; what was made there is removed again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crowd import Crowd, spread
from harness import Comparison, Findings, parser_of, servers, take_turns
from lines import STILL, lines_of
from queue_calls import Calls, repeated, send_each, timed

from boxoffice.core import queue

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client
    from harness import Turn
    from lines import Line
    from queue_calls import Call
    from redis import Redis

PROCESSES = 8
PIPELINED = (16, 100)
NOTHING = "EVALSHA of nothing"


def main() -> None:
    options = _options()
    with (
        servers(options, **STILL) as settings,
        lines_of(settings, [settings] * (len(options.waiting) + 1)) as lines,
    ):
        findings = measured(lines[0].redis, lines, options)
    findings.tell(options)


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--waiting", type=int, nargs="+", default=[1_000, 10_000, 1_000_000])
    parser.add_argument("--calls", type=int, default=300, help="of one kind, one client, a round")
    parser.set_defaults(rounds=15)  # short ones: noise then falls on both sides of a ratio
    return parser.parse_args()


def measured(redis: Redis, lines: list[Line], options: argparse.Namespace) -> Findings:
    """Fill all lines but the last, in which users join, and measure."""
    notes = {}
    for line, length in zip(lines, options.waiting, strict=False):
        place, token = line.fill(length), line.give_tokens()
        notes[f"bytes a user, {length:,} waiting"] = f"{place:.0f}, and {token:.0f} for the token"
    calls = [Calls(line) for line in lines]
    commands = calls[0].commands_of_a_poll()
    told = " ".join(str(command[0]) for command in commands)
    notes[f"a poll is {len(commands)} commands in the server"] = told
    with Crowd(lines[0].settings, processes=PROCESSES) as crowd:
        works = works_of(redis, calls, commands, options) | works_of_many(crowd, calls, options)
        figures = take_turns(options.rounds, works)
    return Findings(
        title="The queue",
        figures=figures,
        comparisons=comparisons(options),
        counted=counted(lines, calls),
        notes=notes,
    )


def works_of(
    redis: Redis, calls: list[Calls], commands: list[Call], options: argparse.Namespace
) -> dict[str, Callable[[int], Turn]]:
    """Return what one client does in a round."""
    count = options.calls
    nothing = [(redis.script_load("return 1"), 0)] * count
    works: dict[str, Callable[[int], Turn]] = {
        NOTHING: lambda _: timed(redis, count, lambda: send_each(redis, nothing))
    }
    for each in calls[:-1]:
        name = f"poll, {each.line.length:,} waiting"
        works[f"raw {name}"] = lambda _, each=each: each.poll_raw(count)
        works[name] = lambda _, each=each: each.poll(count)
    for each in (calls[-1], calls[-2]):
        name = join_name(each.line.length)
        works[f"raw {name}"] = lambda _, each=each: each.join_raw(count)
        works[name] = lambda _, each=each: each.join(count)
    for size in PIPELINED:
        works[f"pipelines of {size} polls"] = lambda _, size=size: calls[0].pipelined(
            count, size, [("EVALSHA", *calls[0].polls[0])]
        )
        works[f"pipelines of the commands of {size} polls"] = lambda _, size=size: calls[
            0
        ].pipelined(count, size, commands)
    return works


def works_of_many(
    crowd: Crowd, calls: list[Calls], options: argparse.Namespace
) -> dict[str, Callable[[int], Turn]]:
    """Return what eight processes do at once in a round."""
    few, many, count = calls[-1], calls[-2], options.calls // 2

    def rush(work: Callable[..., list[float]], given: Callable[[], tuple]) -> Callable[[int], Turn]:
        def turn(_: int) -> Turn:
            found = crowd.rush(work, [given() for _ in range(PROCESSES)])
            seconds = [each for answer in found.answers for each in answer.outcome]
            return {"calls/s": len(seconds) / found.seconds, **spread(seconds)}

        return turn

    concert, length = few.line.concert, f"{many.line.length:,} waiting"
    return {
        f"{PROCESSES} clients, raw poll, {length}": rush(
            each_raw, lambda: (repeated(many.polls, count),)
        ),
        f"{PROCESSES} clients, poll, {length}": rush(
            each_poll, lambda: (repeated(many.tokens, count),)
        ),
        f"{PROCESSES} clients, raw join": rush(each_raw, lambda: (few.joins(count),)),
        f"{PROCESSES} clients, join": rush(each_join, lambda: (concert, few.users(count))),
    }


def each_raw(client: Client, calls: list[Call]) -> list[float]:
    """Send prepared calls; return the seconds of each."""
    return [seconds_of(client.redis.evalsha, *call) for call in calls]


def each_poll(client: Client, tokens: list[str]) -> list[float]:
    """Poll by each token; return the seconds of each."""
    return [seconds_of(queue.poll, client.redis, token, client.settings) for token in tokens]


def each_join(client: Client, concert: int, users: range) -> list[float]:
    """Let users join; return the seconds of each."""
    return [seconds_of(queue.join, client.redis, concert, user, client.settings) for user in users]


def seconds_of(act: Callable[..., object], *given: object) -> float:
    """Do it, and return how long that took."""
    began = time.perf_counter()
    act(*given)
    return time.perf_counter() - began


def join_name(length: int) -> str:
    """Name the joining of a line of this length."""
    return f"join, {length:,} waiting" if length else "join, a new line"


def comparisons(options: argparse.Namespace) -> list[Comparison]:
    """Return what is compared, and the goals."""
    few, many = min(options.waiting), max(options.waiting)
    names = [f"poll, {length:,} waiting" for length in options.waiting]
    names += [join_name(0), join_name(options.waiting[-1])]
    crowds = [f"poll, {many:,} waiting", "join"]
    return [
        *(
            Comparison(ours=f"{name}: calls/s", beside=f"raw {name}: calls/s", goal=">=0.5")
            for name in names
        ),
        Comparison(  # the time of a poll of many, in times of a poll of few
            ours=f"poll, {few:,} waiting: calls/s",
            beside=f"poll, {many:,} waiting: calls/s",
            goal="<=1.3",
        ),
        Comparison(
            ours=f"poll, {many:,} waiting: server us",
            beside=f"poll, {few:,} waiting: server us",
            goal="<=1.3",
        ),
        *(
            Comparison(
                ours=f"{PROCESSES} clients, {name}: calls/s",
                beside=f"{PROCESSES} clients, raw {name}: calls/s",
            )
            for name in crowds
        ),
        Comparison(ours=f"poll, {few:,} waiting: calls/s", beside=f"{NOTHING}: calls/s"),
        Comparison(
            ours=f"pipelines of {PIPELINED[-1]} polls: calls/s",
            beside=f"pipelines of the commands of {PIPELINED[-1]} polls: calls/s",
        ),
    ]


def counted(lines: list[Line], calls: list[Calls]) -> dict[str, int]:
    """Count who is in all lines; raises AssertionError where somebody is lost or in twice."""
    found: dict[str, int] = {}
    for line, each in zip(lines, calls, strict=True):
        counts = line.counted()
        came = each.next_user - 1
        assert counts["admitted"] == STILL["queue_capacity"], counts
        assert counts["waiting"] == came - STILL["queue_capacity"], (counts, came)
        assert not counts["in both"] + counts["without a record"], counts
        found = {what: found.get(what, 0) + count for what, count in counts.items()}
    return found


if __name__ == "__main__":
    main()
