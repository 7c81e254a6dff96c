"""Seven ways to sell a seat once: one seat, a sell-out and one balance, by equal work.

    python benchmarks/strategies.py [--attempts 640] [--rounds 5] [--json] [--out FILE]

The ways (ways.py) are run on small tables in a schema of their own, by bare psycopg, from 64
clients in 4 processes that begin together: on one seat; on a sell-out, where five times as many
buyers as there are seats each take a free one at random and look again until none is left; and a
quarter as many on one balance, where nobody may lose. "ours, the real one" is the project's hold
on its own schema, with all that it writes more. "tries" are attempts of one buyer; "a loser, us"
is how long it took to hear of a loss once the client was free. Waits on locks are counted in a run
of their own (waits.py). Then what must not happen is made to happen (paused.py). Outcomes are
counted in the tables.
"""

from __future__ import annotations

import random
import statistics
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

import holding
import paused
import waits
import ways
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from scratch import Scratch
from stage import Stage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client, Rush
    from harness import Turn

PROCESSES, CLIENTS = 4, 16
BUYERS_A_SEAT = 5
ATTEMPTS_A_CHARGE = 4  # everybody succeeds there, and some ways take long for it
CONTESTS = (("seat", ways.SEATS), ("sell-out", ways.SEATS), ("balance", ways.BALANCES))
REAL = "ours, the real one"
FREE = "SELECT seat FROM {0}.seats WHERE show = %s AND state = 'free'"
TWICE = (
    "SELECT count(*) FROM (SELECT FROM seats LEFT JOIN tickets t USING (show, seat)"
    " GROUP BY show, seat HAVING count(t.seat) <> 1) wrong"
)
UNEQUAL = (
    "SELECT count(*) FROM accounts WHERE balance <> "
    "(SELECT coalesce(sum(amount), 0) FROM entries WHERE account = id)"
)
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def main() -> None:
    options = _options()
    with (
        servers(options) as settings,
        Crowd(settings, processes=PROCESSES, clients=CLIENTS) as crowd,
        Scratch(settings, *ways.TABLES) as scratch,
    ):
        stage = Stage(settings, seats=100, users=options.attempts)
        contest = Contest(stage, crowd, scratch, options.attempts)
        figures = take_turns(options.rounds, contest.works())
        told = contest.counted() | contest.count_waits() | paused.shown(settings, scratch)
        told["violations"] = stage.violations()
        stage.close()
    wrong = ("seats not sold just once", "balances unlike their entries", "violations")
    assert not any(told[what] for what in wrong), told
    comparisons = [
        Comparison(ours=f"{where}, ours: attempts/s", beside=f"{where}, {name}: attempts/s")
        for where, of in CONTESTS
        for name in of
        if name != "ours"
    ]
    Findings(
        title="Ways to sell once", figures=figures, comparisons=comparisons, counted=told
    ).tell(options)


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--attempts", type=int, default=640)
    return parser.parse_args()


def take(client: Client, name: str, schema: str, show: int, seat: int, owner: int) -> tuple:
    """Try to take a seat in the way of that name."""
    return ways.SEATS[name](client, schema, show, seat, owner)


def take_any(client: Client, name: str, schema: str, show: int, owner: int) -> tuple:
    """Take a free seat at random, again and again, until that was done or none is left."""
    tries = 0
    while free := client.bare.execute(FREE.format(schema), (show,)).fetchall():
        outcome, more = take(client, name, schema, show, random.choice(free)[0], owner)
        tries += more
        if outcome == "won":
            return outcome, tries
    return "lost", tries


def add(client: Client, name: str, schema: str, account: int) -> tuple:
    """Add to a balance in the way of that name."""
    return ways.BALANCES[name](client, schema, account)


def hold(client: Client, *given: object) -> tuple:
    """Hold a seat of the project's own by its statement, which a lock that is met ends."""
    return ("won" if holding.hold(client, *given) == "held" else "lost"), 1


class Contest:
    """Rushes on seats and balances of the scratch tables, each its own."""

    def __init__(self, stage: Stage, crowd: Crowd, scratch: Scratch, attempts: int) -> None:
        self.stage, self.crowd, self.scratch, self.attempts = stage, crowd, scratch, attempts
        self.numbers = count(1)

    def works(self) -> dict[str, Callable[[int], Turn]]:
        """Return every way in every contest, by name."""
        works = {}
        for name in ways.SEATS:
            works[f"seat, {name}"] = lambda _, name=name: figures_of(self.one_seat(name))
        works[f"seat, {REAL}"] = lambda _: figures_of(self.real_seat())
        for name in ways.SEATS:
            works[f"sell-out, {name}"] = lambda _, name=name: figures_of(self.sell_out(name))
        for name in ways.BALANCES:
            works[f"balance, {name}"] = lambda _, name=name: figures_of(self.balance(name))
        return works

    def one_seat(self, name: str) -> Rush:
        """Let all want one seat."""
        show = self._show(1)
        return self._rush(
            take, [(name, self.scratch.name, show, 1, n) for n in range(self.attempts)], 1
        )

    def sell_out(self, name: str) -> Rush:
        """Let five want each seat."""
        seats = self.attempts // BUYERS_A_SEAT
        show = self._show(seats)
        return self._rush(
            take_any, [(name, self.scratch.name, show, n) for n in range(self.attempts)], seats
        )

    def balance(self, name: str) -> Rush:
        """Let all add to one balance."""
        account, charges = next(self.numbers), self.attempts // ATTEMPTS_A_CHARGE
        self.scratch.ask("INSERT INTO accounts (id) VALUES (%s)", (account,))
        return self._rush(add, [(name, self.scratch.name, account)] * charges, charges)

    def real_seat(self) -> Rush:
        """Let all want one seat of the project's own."""
        performance, run = self.stage.performance(), uuid4().hex
        users = self.stage.users[: self.attempts]
        return self._rush(hold, [(performance, user, "1-1", f"{run}-{user}") for user in users], 1)

    def _show(self, seats: int) -> int:
        show = next(self.numbers)
        self.scratch.ask(
            "INSERT INTO seats (show, seat) SELECT %s, generate_series(1, %s)", (show, seats)
        )
        return show

    def _rush(self, work: Callable[..., tuple], given: list[tuple], winners: int) -> Rush:
        rush = self.crowd.rush(work, given)
        won = sum(answer.outcome[0] == "won" for answer in rush.answers)
        assert won == winners, (won, winners)
        return rush

    def counted(self) -> dict[str, int]:
        """Count the seats without just one ticket, and the balances that are not their entries."""
        return {
            "seats": self.scratch.ask("SELECT count(*) FROM seats")[0][0],
            "seats not sold just once": self.scratch.ask(TWICE)[0][0],
            "balances": self.scratch.ask("SELECT count(*) FROM accounts")[0][0],
            "balances unlike their entries": self.scratch.ask(UNEQUAL)[0][0],
            "deadlocks": self.scratch.ask(DEADLOCKS)[0][0],
        }

    def count_waits(self) -> dict[str, str]:
        """Count the waits on locks of each way on one seat."""
        settings = self.stage.settings
        if settings.database_url:
            return {"waits on locks": "not counted: the log is the server's"}
        told = {}
        with waits.told(settings):
            for name in (*ways.SEATS, REAL):
                with waits.counted(settings) as found:
                    self.real_seat() if name == REAL else self.one_seat(name)
                told[f"waits by {name}"] = str(found)
        return told


def figures_of(rush: Rush) -> Turn:
    """Return what a rush shows of its way."""
    lost = [each.served_seconds for each in rush.answers if each.outcome[0] == "lost"]
    tries = [each.outcome[1] for each in rush.answers]
    found = {"attempts/s": rush.rate, "p99 ms": rush.times()["p99 ms"]}
    if lost:
        found["a loser, us"] = statistics.median(lost) * 1e6
    return found | {"tries": statistics.mean(tries)}


if __name__ == "__main__":
    main()
