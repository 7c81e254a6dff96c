"""A lost race for a seat is answered about as fast as anybody could read that seat at all.

    python benchmarks/lost_race.py [--clients 1 8 32] [--asks 150] [--rounds 5] [--json]

A seat is held; so many client processes ask for it again and again, all at once. "select" reads
that seat's row by bare psycopg, prepared: the least that anybody could be told it by. "look" is
the statement that refuses a connection which has lost a race within a second (look.sql), likewise
by bare psycopg: what the server and the driver take of a lost race. "hold" is the one that refuses
all others (hold.sql). "office" is `Office.reserve` with all that it does beside: who asks, the
key's fingerprint, the connection, the error, and once a second the allowance of staff in Redis;
what it takes more than "look" is the client's overhead. "us" is the median time of an answer.
That nothing was written is counted.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import holding
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from stage import Stage

from boxoffice.core import errors
from boxoffice.core.database import statement
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client
    from harness import Turn

LABEL = "1-1"
WAYS = ("select", "look", "hold", "office")
GOAL = "<=1.5"
LOST = "seat_taken"
COMPARED = (
    ("look", "select", GOAL),
    ("hold", "select", GOAL),
    ("office", "select", GOAL),
    ("office", "look", ""),
)


def main() -> None:
    options = _options()
    most = max(options.clients)
    with servers(options) as settings, Crowd(settings, processes=most) as crowd:
        stage = Stage(settings, seats=1, users=most)
        performance = stage.performance()
        owner = Caller(staff=True, user=stage.users[0])
        stage.office.reserve(performance, owner, seats=[LABEL], key=uuid4().hex)
        works = {
            f"{way}, {clients}": _turn(stage, crowd, options.asks, way, performance, clients)
            for clients in options.clients
            for way in WAYS
        }
        figures = take_turns(options.rounds, works)
        (row,) = stage.ask(
            "SELECT count(*) FROM operations WHERE command = 'reserve' AND key LIKE %(run)s",
            run=f"{stage.run}-%",
        )
        asked = sum(options.clients) * options.asks * options.rounds * (len(WAYS) - 1)
        told = {"asked to hold": asked, "keys written by them": row[0]}
        told |= stage.counted(performance) | {"violations": stage.violations()}
        stage.close()
    assert (told["keys written by them"], told["held"], told["violations"]) == (0, 1, 0), told
    comparisons = [
        Comparison(ours=f"{ours}, {n}: us", beside=f"{beside}, {n}: us", goal=goal)
        for n in options.clients
        for ours, beside, goal in COMPARED
    ]
    Findings(title="A lost race", figures=figures, comparisons=comparisons, counted=told).tell(
        options
    )


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--asks", type=int, default=150, help="of each client")
    return parser.parse_args()


def _turn(
    stage: Stage, crowd: Crowd, asks: int, way: str, performance: int, clients: int
) -> Callable[[int], Turn]:
    def turn(_round: int) -> Turn:
        given = [(way, performance, stage.users[n], stage.run, asks) for n in range(clients)]
        rush = crowd.rush(lose, given)
        seconds = [each for answer in rush.answers for each in answer.outcome]
        return {
            "us": statistics.median(seconds) * 1e6,
            "answers/s": len(seconds) / rush.seconds,
            "client CPU us": rush.cpu_seconds / len(seconds) * 1e6,
        }

    return turn


def lose(client: Client, way: str, performance: int, user: str, run: str, asks: int) -> list[float]:
    """Ask for a seat that is gone, in one way, so many times; return what each took, in seconds."""
    ask, seconds = ASKING[way], []
    for _ in range(asks):
        key = f"{run}-{uuid4().hex}"
        began = time.perf_counter()
        heard = ask(client, performance, user, key)
        seconds.append(time.perf_counter() - began)
        assert heard == ("held" if way == "select" else LOST), heard
    return seconds


def select(client: Client, performance: int, user: str, key: str) -> str:
    """Read the seat's row."""
    return holding.look(client, performance, user, LABEL, key)


def look(client: Client, performance: int, user: str, key: str) -> str:
    """Ask by the statement that only looks."""
    given = holding.parameters(performance, user, [LABEL], key) | {"label": LABEL}
    found = client.bare.execute(statement("look"), given).fetchone()
    return LOST if found == (LABEL,) else "held"


def hold(client: Client, performance: int, user: str, key: str) -> str:
    """Ask by the statement that could hold."""
    given = holding.parameters(performance, user, [LABEL], key)
    return client.bare.execute(statement("hold"), given).fetchone()[0]


def office(client: Client, performance: int, user: str, key: str) -> str:
    """Ask the office."""
    try:
        client.office.reserve(performance, Caller(staff=True, user=user), seats=[LABEL], key=key)
    except errors.SeatTaken as error:
        return error.code
    return "held"


ASKING = {
    "select": select,
    "look": look,
    "hold": hold,
    "office": office,
}


if __name__ == "__main__":
    main()
