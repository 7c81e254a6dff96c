"""Many at once want one seat: exactly one gets it, and nobody waits on a lock.

    python benchmarks/one_seat.py [--attempts 500 1000 4000] [--rounds 5] [--json] [--out FILE]

So many attempts begin together, in threads of 4 processes, through 64 connections. Beside `Office`,
the same crowd runs the bare hold statement through psycopg, which is what the servers and the
driver take of it (a lock that it meets is a loss there, without another look), and reads that
seat's row by a bare select, the least that anybody could be told it by. "p50" to "max" count from
the start of all, and so what a person waits in the crowd. How long an answer takes that heard of a
loss is what lost_race.py measures.

Then waits on locks are counted (see waits.py), in runs of their own, which are not timed: the
largest crowd again; a crowd that comes while the winner's transaction is still open, so that
whoever waited for the seat would wait long; and, to see that this counts, as many clients who
do wait, by SELECT FOR UPDATE. Outcomes are counted in the database.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import holding
import raw
import waits
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from stage import Stage

from boxoffice.core import errors
from boxoffice.core.database import statement
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client, Rush
    from harness import Turn

PROCESSES, CLIENTS = 4, 16
LABEL = "1-1"
LOCK = "SELECT FROM performance_seats WHERE performance_id = %s AND seat_no = 0 FOR UPDATE"
# What waits for a seat waits for its row or for the transaction that has it: as the list of locks
# names it, and as the log does. A wait for "extension" of a file is nobody's seat.
FOR_A_SEAT = ("tuple", "transactionid", "transaction")
WAITERS = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def main() -> None:
    options = _options()
    with (
        servers(options) as settings,
        Crowd(settings, processes=PROCESSES, clients=CLIENTS) as crowd,
    ):
        stage = Stage(settings, seats=100, users=max(*options.attempts, PROCESSES * CLIENTS))
        race = Race(stage, crowd)
        works = {
            f"{name}, {attempts}": race.work(work, attempts)
            for attempts in options.attempts
            for name, work in (
                ("office", reserve), ("hold", holding.hold), ("select", holding.look),
            )
        }  # fmt: skip
        figures = take_turns(options.rounds, works)
        found = race.count_waits(max(options.attempts), min(options.attempts))
        told = {
            "attempts": race.attempts,
            "winners": race.winners,
            "seats raced for": len(race.performances),
            "seats held": stage.counted(*race.performances)["held"],
            **found,
            "violations": stage.violations(),
        }
        stage.close()
    assert race.winners == len(race.performances) == told["seats held"], told
    assert told["violations"] == 0, told
    comparisons = [
        Comparison(ours=f"{ours}, {n}: {what}", beside=f"{beside}, {n}: {what}")
        for n in options.attempts
        for ours, beside in (("office", "select"), ("hold", "select"), ("office", "hold"))
        for what in ("attempts/s", "p99 ms")
    ]
    Findings(
        title="One seat, many attempts", figures=figures, comparisons=comparisons, counted=told
    ).tell(options)


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--attempts", type=int, nargs="+", default=[500, 1_000, 4_000])
    return parser.parse_args()


def reserve(client: Client, performance: int, user: str, label: str, key: str) -> str:
    """Reserve a seat through `Office`, and say what was heard."""
    try:
        client.office.reserve(performance, Caller(staff=True, user=user), seats=[label], key=key)
    except errors.BoxOfficeError as error:
        return error.code
    return "held"


def wait(client: Client, performance: int, *_: object) -> str:
    """Lock the seat as others would, waiting for it."""
    client.bare.execute(LOCK, (performance,))
    return "waited"


class Race:
    """One seat of a new performance a rush."""

    def __init__(self, stage: Stage, crowd: Crowd) -> None:
        self.stage, self.crowd = stage, crowd
        self.performances: list[int] = []
        self.attempts = self.winners = 0

    def work(self, work: Callable[..., str], attempts: int) -> Callable[[int], Turn]:
        """Return a turn of one work; a look is at a seat that is held already."""

        def turn(_round: int) -> Turn:
            performance = self.stage.performance()
            if work is holding.look:
                self._win(performance)
            else:
                self.performances.append(performance)
            rush = self.rush(work, performance, attempts)
            return rush.times()

        return turn

    def rush(self, work: Callable[..., str], performance: int, attempts: int) -> Rush:
        """Let so many want the seat at once."""
        run = uuid4().hex
        rush = self.crowd.rush(
            work,
            [(performance, self.stage.users[n], LABEL, f"{run}-{n}") for n in range(attempts)],
        )
        heard = {answer.outcome for answer in rush.answers}
        assert heard <= {"held", "seat_taken", "met", "waited"}, heard
        if performance in self.performances:
            self.attempts += attempts
            self.winners += rush.count("held")
        return rush

    def _win(self, performance: int) -> None:
        caller = Caller(staff=True, user=self.stage.users[0])
        self.stage.office.reserve(performance, caller, seats=[LABEL], key=uuid4().hex)

    def count_waits(self, attempts: int, early: int) -> dict[str, int | str]:
        """Count the waits on locks of a crowd, of one that comes too early, and of waiters."""
        settings, clients = self.stage.settings, self.crowd.clients
        if settings.database_url:
            return {"waits on locks": "not counted: the log is the server's"}
        with waits.told(settings):
            performance = self.stage.performance()
            self.performances.append(performance)
            with waits.counted(settings) as natural:
                self.rush(reserve, performance, attempts)
            with waits.counted(settings) as open_:
                heard = self._while_open(reserve, early)
            with waits.counted(settings) as control:
                self._while_open(wait, clients)
        assert heard.count("seat_taken") == early, heard
        assert control.on(*FOR_A_SEAT), control
        for each in (natural, open_):
            assert not each.on(*FOR_A_SEAT), each
        return {
            f"waits of {attempts}": str(natural),
            f"waits of {early} while the winner's transaction is open": str(open_),
            f"control, {clients} by FOR UPDATE": str(control),
        }

    def _while_open(self, work: Callable[..., str], attempts: int) -> Rush:
        """Let a crowd come while the transaction that took the seat is open.

        It stays open until all were answered, or are seen to wait.
        """
        performance = self.stage.performance()
        given = holding.parameters(performance, self.stage.users[0], [LABEL], uuid4().hex)
        with raw.connect(self.stage.settings) as winner, ThreadPoolExecutor(1) as pool:
            winner.execute("SET idle_in_transaction_session_timeout = 0")
            with winner.transaction():
                winner.execute(statement("hold"), given)
                coming = pool.submit(self.rush, work, performance, attempts)
                while not coming.done() and winner.execute(WAITERS).fetchone()[0] < attempts:
                    time.sleep(waits.PAUSE_SECONDS)
            return coming.result()


if __name__ == "__main__":
    main()
