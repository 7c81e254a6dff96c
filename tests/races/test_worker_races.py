"""Workers killed at any moment, and several at once: every event told, each repeat recognisable."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from boxoffice.core.office import Office
from tests.core.receivers import SECRET, receiving
from tests.races.crowd import DEADLINE_SECONDS, FORK
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

# Before each kill so many events happen, and the worker is killed when some of them were told.
EVENTS, KILLS = 75, 12
TOLD_MORE = (1, 40)
OPEN = "SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL) + count(*) FROM deliveries"


class Workers:
    """Workers forked before this process has threads, which wait to be put to work."""

    def __init__(self, world, count: int) -> None:
        world.office.close()
        self.idle = []
        self.busy = []
        for _ in range(count):
            hear, tell = FORK.Pipe(duplex=False)
            process = FORK.Process(target=work_when_told, args=(hear,), daemon=True)
            process.start()
            self.idle.append((process, tell))

    def start(self, settings) -> None:
        process, tell = self.idle.pop()
        tell.send(settings)
        self.busy.append(process)

    def kill(self) -> None:
        """Kill the one that has worked longest."""
        victim = self.busy.pop(0)
        victim.kill()
        victim.join(DEADLINE_SECONDS)

    def end(self) -> None:
        self.busy += [process for process, _ in self.idle]
        while self.busy:
            self.kill()


def work_when_told(hear):
    Office(hear.recv(), connections=4).worker(lambda _: None).run()


def happen(world, numbers: range) -> set[str]:
    """Write down events, as payments do."""
    world.box.execute(
        "INSERT INTO outbox (performance_id, dedupe_key, type, payload)"
        " SELECT %s, 'pay:' || n, 'reservation.paid', '{}'"
        " FROM generate_series(%s::int, %s::int) n",
        world.performance,
        numbers.start,
        numbers.stop - 1,
    )
    return {f"pay:{n}" for n in numbers}


def hook(world, receiver):
    return replace(
        world.box.settings,
        webhook_url=receiver.url,
        webhook_secret=SECRET,
        webhook_allow_private=True,
        delivery_seconds=0.5,
    )


def test_workers_killed_at_any_moment_lose_no_event_and_repeat_none_under_another_id(world):
    wanted: set[str] = set()
    workers = Workers(world, KILLS + 2)
    with receiving() as receiver:
        settings = hook(world, receiver)
        workers.start(settings)
        workers.start(settings)
        for kill in range(KILLS):
            wanted |= happen(world, range(kill * EVENTS, (kill + 1) * EVENTS))
            posts = len(receiver.requests) + random.randint(*TOLD_MORE)
            wait_until(lambda n=posts: len(receiver.requests) >= n, "posts come")
            workers.kill()
            # What the dead had taken is due again, as after its lease.
            world.box.execute("UPDATE deliveries SET next_at = now()")
            workers.start(settings)
        wait_until(lambda: world.box.one(OPEN) == 0, "nothing is open any more")
        workers.end()
    told = Counter(receiver.ids)
    assert told.keys() == wanted
    assert sum(told.values()) > len(wanted), "nobody was killed between telling and writing it down"
    assert world.office.list_outbox() == []


def test_several_workers_tell_each_event_once(world):
    wanted = happen(world, range(500))
    workers = Workers(world, 3)
    with receiving() as receiver:
        for _ in range(3):
            workers.start(hook(world, receiver))
        wait_until(lambda: world.box.one(OPEN) == 0, "nothing is open any more")
        workers.end()
    assert sorted(receiver.ids) == sorted(wanted)
