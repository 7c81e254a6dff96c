"""A campaign: a sale under attack from the first operation to the last answer."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core.events import STREAM
from boxoffice.core.journal import journal_of
from boxoffice.core.office import Office
from tests.faults import chain, checking, history, report, scene
from tests.faults.checking import Violation
from tests.faults.client import Client
from tests.faults.history import Recorder
from tests.faults.levers import Levers
from tests.faults.nemesis import Nemesis
from tests.faults.proxy import Proxy
from tests.faults.report import Outcome
from tests.faults.workers import Customer, Stage, Worker, die_with_parent, run_relay

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    import psycopg

    from tests.faults.plans import Plan
    from tests.faults.servers import Pair

FORK = get_context("fork")
TICK_SECONDS = 0.02
QUIET_SECONDS = 30.0
SETTLED_SECONDS = 60.0
HELD = "SELECT count(*) FROM reservations WHERE state = 'held'"
UNSENT = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
DIED = "a process died of itself"


def relay(office: Office) -> int:
    """Publish what happened, as the product does."""
    return office.relay_events()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """What the workers and the relay of a campaign run instead of the real thing."""

    client: type[Client] = Client
    open_office: Callable[..., Office] = Office
    relay: Callable[[Office], int] = relay


class Campaign:
    """Directs one campaign; to be closed, whatever happens."""

    def __init__(self, pair: Pair, plan: Plan, seed: str, mutant: Mutant | None = None) -> None:
        self.pair, self.plan, self.seed, self.mutant = pair, plan, seed, mutant or Mutant()
        self.folder = Path(tempfile.mkdtemp(prefix="bo-faults-"))
        self.histories = self.folder / "histories"
        self.histories.mkdir()
        self.levers = Levers(plan.staff + plan.customers)
        self.database = pair.new_database()
        self.processes: list[BaseProcess] = []
        self.workers: dict[int, BaseProcess] = {}
        self.lives: Counter[int] = Counter()
        self.relay: BaseProcess | None = None
        self.received: set[str] = set()
        self.wrong: list[Violation] = []
        self.dice = random.Random(f"{seed}:director")
        self.direct = scene.settings(self.folder, pair.servers, self.database, plan)
        self.stage = Stage(
            plan=plan,
            seed=seed,
            settings=scene.through(self.direct, self.folder, self.database),
            folder=self.histories,
            levers=self.levers,
            client=self.mutant.client,
            open_office=self.mutant.open_office,
            **scene.build(self.direct, plan),
        )
        with self.connect() as connection:
            chain.install(connection)
            self.before = checking.done_by(connection)
            self.charged_before = checking.charged(connection)
        self.nemesis = Nemesis(self)

    def connect(self) -> psycopg.Connection:
        """Connect to the campaign's database beside the proxy."""
        return self.pair.connect(self.database)

    @property
    def crew(self) -> list[int]:
        """The pids of the workers."""
        return [worker.pid for worker in self.workers.values()]

    # --- the course of a campaign ---

    def run(self) -> Outcome:
        """Attack the sale until all operations were begun, drain, and judge."""
        began = time.monotonic()
        proxy = Proxy(self.folder, self.pair.socket, self.levers, f"{self.seed}:wire")
        self.processes = [
            self._fork(proxy.run),
            self._fork(checking.keep_looking, self.stage, self.direct),
        ]
        self.levers.set_rates(self.plan.wire)
        while self.levers.done() < self.plan.operations and not self.levers.violated.value:
            self._man()
            self.nemesis.act(self.levers.done())
            time.sleep(TICK_SECONDS)
        drained = time.monotonic()
        self._drain()
        seconds = time.monotonic()
        return self._judge(seconds - began, seconds - drained)

    def close(self) -> None:
        """End every process of the campaign and drop what it made."""
        self.levers.stopped.value = True
        self.nemesis.rest()
        for process in (*self.workers.values(), *self.processes, self.relay):
            if process is not None:
                process.kill()
                process.join()
        self.pair.start()
        self.pair.drop_database(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill_the_relay(self) -> None:
        if self.relay is not None:
            self.relay.kill()
            self.relay.join()

    def receive(self) -> None:
        """Take from the stream what was published, as whoever is told would."""
        office = Office(self.direct)
        with office.stores.redis() as redis:
            entries = redis.xrange(STREAM)
        self.received |= {fields[b"id"].decode() for _, fields in entries}
        office.close()

    def _fork(self, work: Callable[..., None], *arguments: object) -> BaseProcess:
        """Start a process of the campaign."""
        process = FORK.Process(target=_live, args=(work, *arguments), daemon=True)
        process.start()
        return process

    def _man(self) -> None:
        """Put somebody in every place whose holder is dead."""
        for slot in range(self.plan.staff + self.plan.customers):
            worker = self.workers.get(slot)
            if worker is None or not worker.is_alive():
                self._autopsy(worker)
                kind = Worker if slot < self.plan.staff else Customer
                self.lives[slot] += 1
                self.nemesis.counts["wrong clock"] += slot % 2
                self.workers[slot] = self._fork(_work, kind, self.stage, slot, self.lives[slot])
        if self.relay is None or not self.relay.is_alive():
            self._autopsy(self.relay)
            self.relay = self._fork(run_relay, self.stage, self.mutant.relay)

    def _autopsy(self, process: BaseProcess | None) -> None:
        """See that who is dead was killed: anything else is a bug, which its traceback tells."""
        if process is not None and process.exitcode not in (0, -signal.SIGKILL):
            self.wrong.append(Violation(rule=DIED, about=f"{process.name}: {process.exitcode}"))

    # --- the end of a campaign ---

    def _drain(self) -> None:
        """Let nothing fail any more, and bring everything that is open to its end."""
        self.levers.set_rates({})
        self.levers.stopped.value = True
        self.nemesis.rest()
        deadline = time.monotonic() + QUIET_SECONDS
        for worker in self.workers.values():
            worker.join(max(deadline - time.monotonic(), 0))
            worker.kill()
            worker.join()
            self._autopsy(worker)
        for process in self.processes:
            assert process.is_alive(), "the proxy or the watcher is gone"
        office = Office(self.stage.settings)
        self._read_the_journal()
        self._find_out_all(office)
        _until(lambda: not self.levers.late.value)
        _until(lambda: office.sweep() == 0 and not self._count(HELD))
        self.kill_the_relay()
        _until(lambda: office.relay_events() == 0 and not self._count(UNSENT))
        office.close()
        self.receive()

    def _read_the_journal(self) -> None:
        """See that everything whose end nobody knows is found again by whoever comes next."""
        left = {entry.key for entry in journal_of(self.stage.settings).unresolved()}
        intents = history.read(self.histories)
        with self.connect() as connection:
            self.wrong += checking.judge_journal(connection, intents, left)

    def _find_out_all(self, office: Office) -> None:
        """Ask for every operation that nobody knows the end of, as its client would."""
        recorder = Recorder(self.histories, "z-drain")  # read last
        client = self.mutant.client(office, recorder, self.dice)
        for intent in history.read(self.histories).values():
            way = self.dice.choice(("again", "settle"))
            deadline = time.monotonic() + SETTLED_SECONDS
            while intent.final is None and time.monotonic() < deadline:
                asked = (intent.name, intent.command, intent.arguments, intent.keys[-1])
                if client.ask(way, *asked) is not None:
                    break
                way = "settle"
        recorder.close()

    def _count(self, question: str) -> int:
        with self.connect() as connection:
            ((count,),) = connection.execute(question).fetchall()
        return count

    def _judge(self, seconds: float, drain_seconds: float) -> Outcome:
        office = Office(self.direct)
        seen = (self.histories / "violations.txt").read_text().splitlines()
        seen += [f"at the end: {violation}" for violation in office.verify()]
        office.close()
        intents = history.read(self.histories)
        with self.connect() as connection:
            found = [Violation(rule="verify", about=line) for line in seen]
            found += checking.judge(connection, intents, self.before, self.charged_before)
            found += self.wrong
            found += checking.judge_events(connection, self.received)
            return Outcome(
                seed=self.seed,
                counts=report.count(intents, self.levers, checking.done_by(connection)),
                faults=dict(self.nemesis.counts) | self.levers.faults(),
                refused=report.count_refused(intents),
                resolved=report.count_resolved(intents),
                violations=found,
                story=report.tell(connection, intents, found),
                seconds=seconds,
                drain_seconds=drain_seconds,
            )


def _live(work: Callable[..., None], *arguments: object) -> None:
    """Do a child's work; it goes with the director, however that ends, and not by Ctrl-C."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work(*arguments)


def _work(kind: type[Worker], stage: Stage, slot: int, life: int) -> None:
    kind(stage, slot, life).run()


def _until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; a drain that does not end is a failure of its own."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the drain does not end"
        time.sleep(TICK_SECONDS)
