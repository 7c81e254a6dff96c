"""What goes wrong beside the wire: processes killed and stopped, servers crashed, accounts locked.

What happens after how many operations is drawn from the seed before anything runs.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING

import psycopg

from tests.faults.workers import die_with_parent

if TYPE_CHECKING:
    from tests.faults.campaign import Campaign

FORK = get_context("fork")
STOPPED_SECONDS = (0.3, 3.5)  # shorter and longer than a hold
FULL_SECONDS = 1.0
LOCKED_SECONDS = (0.1, 0.6)
# Neither at the very beginning nor at the end, so that each meets a sale at work.
SPAN = (0.03, 0.97)
END_SESSION = """
    SELECT pg_terminate_backend(pid) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'boxoffice' ORDER BY pid
        OFFSET %s LIMIT 1) session
"""
LOCK = "SELECT FROM accounts WHERE user_id = (SELECT id FROM users WHERE name = %s) FOR UPDATE"


class Nemesis:
    """Does what the seed says, when as many operations were begun as it says."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        plan = campaign.plan
        self.dice = random.Random(f"{campaign.seed}:nemesis")
        self.schedule = sorted(
            (round(self.dice.uniform(*SPAN) * plan.operations), kind)
            for kind, times in plan.faults.items()
            for _ in range(times)
        )
        self.counts: Counter[str] = Counter()
        self.stopped: list[tuple[float, int]] = []

    def act(self, operations: int) -> None:
        """Do what is due, and let go on who was stopped for long enough."""
        while self.schedule and self.schedule[0][0] <= operations:
            _, kind = self.schedule.pop(0)
            with suppress(psycopg.OperationalError):  # a server that is just down
                getattr(self, kind.replace(" ", "_"))()
                self.counts[kind] += 1
        now = time.monotonic()
        for until, pid in [each for each in self.stopped if each[0] <= now]:
            self.stopped.remove((until, pid))
            _signal(pid, signal.SIGCONT)

    def rest(self) -> None:
        """Do nothing any more, and let everybody go on."""
        self.schedule.clear()
        for _, pid in self.stopped:
            _signal(pid, signal.SIGCONT)
        self.stopped.clear()

    def kill_a_worker(self) -> None:
        _signal(self.dice.choice(self.campaign.crew), signal.SIGKILL)

    def stop_a_worker(self) -> None:
        pid = self.dice.choice(self.campaign.crew)
        _signal(pid, signal.SIGSTOP)
        self.stopped.append((time.monotonic() + self.dice.uniform(*STOPPED_SECONDS), pid))

    def end_a_session(self) -> None:
        nth = self.dice.randrange(self.campaign.plan.staff + self.campaign.plan.customers)
        with self.campaign.connect() as connection:
            connection.execute(END_SESSION, (nth,))

    def lock_an_account(self) -> None:
        """Have somebody else work on an account for a while, so that payments take longer."""
        user = self.dice.choice(self.campaign.stage.users)
        seconds = self.dice.uniform(*LOCKED_SECONDS)
        FORK.Process(target=_lock, args=(self.campaign, user, seconds), daemon=True).start()

    def kill_postgres(self) -> None:
        self.campaign.pair.kill_postgres()
        self.campaign.pair.start()

    def stop_postgres(self) -> None:
        self.campaign.pair.stop_postgres_at_once()
        self.campaign.pair.start()

    def kill_valkey(self) -> None:
        self.campaign.pair.kill_valkey()
        self.campaign.pair.start()

    def cut_valkey(self) -> None:
        """Lose the newest part of the queue, and of the events, which were received before."""
        self.campaign.kill_the_relay()
        self.campaign.receive()
        self.campaign.pair.lose_end_of_valkey()
        self.campaign.pair.start()

    def fill_the_disk(self) -> None:
        """Leave no room for a while; only for servers that have a disk of their own."""
        self.campaign.pair.fill_disk()
        time.sleep(FULL_SECONDS)
        self.campaign.pair.ballast.unlink()
        self.campaign.pair.start()

    def kill_the_relay(self) -> None:
        self.campaign.kill_the_relay()


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _lock(campaign: Campaign, user: str, seconds: float) -> None:
    die_with_parent()
    with suppress(psycopg.OperationalError), campaign.connect() as connection:
        connection.autocommit = False
        connection.execute(LOCK, (user,))
        time.sleep(seconds)
