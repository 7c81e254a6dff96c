"""Hold and pay through `Office`, beside what psycopg and pgbench do with the same statements.

    python benchmarks/hold_pay.py [--clients 1 2 8 32] [--pairs 2400] [--rounds 5] [--json]

Every client is a process that sells seats of its own, one by one, each by a hold and a payment, for
staff and on the record. "office" is `Office`; "psycopg" are the bare statements through psycopg,
and so what Python and the driver cost; "pgbench" are the same statements, prepared, from a program
in C, by as many clients, which connect anew each turn; "insert" are two rows in their place, in a
table of two columns, and so what two commits cost at least. "pgbench, best" is the fastest that it
came to in a round, by any number of clients; "customers by pgbench" are the same without staff, and
so without the audit, whose links are made one after the other. What lies between the first two is
ours: whose seat it is, the allowance of staff in Redis, keys, answers, and the hint to live maps.
All of them sell each round a performance of their own; as many pairs with few clients as with many.
Outcomes are counted in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import holding
import pairs
import raw
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from scratch import Scratch
from stage import PRICE, Stage

from boxoffice.commands.batch.jobs import SET_LINES_MAX
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from crowd import Client
    from harness import Turn

    from boxoffice.core.config import Settings

GOAL, GOAL_CLIENTS = ">=0.65", 8
BARE, IN_SETS, CUSTOMERS = "psycopg", "psycopg in sets", "customers by pgbench"
STAFF = {"pgbench": pairs.PARAMETERS["staff"], CUSTOMERS: "NULL"}
TABLE = "CREATE TABLE rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text)"
INSERT = "INSERT INTO {schema}.rows (text) VALUES ('a row');\n"


def main() -> None:
    options = _options()
    most = max(options.clients)
    with (
        servers(options) as settings,
        Crowd(settings, processes=most) as crowd,
        Scratch(settings, TABLE) as scratch,
    ):
        stage = Stage(settings, seats=options.pairs, users=most)
        sale = Sale(stage, crowd, options.pairs)
        works = {
            f"{name}, {clients}": inserts(settings, scratch, options.pairs // clients, clients)
            if name == "insert"
            else sale.work(name, clients)
            for clients in options.clients
            for name in ("insert", CUSTOMERS, "pgbench", BARE, "office")
        }
        figures = take_turns(options.rounds, works)
        by_clients = [figures[f"pgbench, {clients}: pairs/s"] for clients in options.clients]
        figures["pgbench, best: pairs/s"] = [max(turn) for turn in zip(*by_clients, strict=True)]
        counted = stage.counted(*sale.performances)
        told = {"seats": sale.seats, **counted}
        stage.close()
    assert counted["sold"] == counted["paid"] == sale.seats == counted["taken"] / PRICE, told
    Findings(
        title="Hold and pay", figures=figures, comparisons=compared(options), counted=told
    ).tell(options)


def inserts(settings: Settings, scratch: Scratch, each: int, clients: int) -> Callable[[int], Turn]:
    """Return a turn of two bare inserts a pair, with a commit each."""
    script = 2 * INSERT.format(schema=scratch.name)
    return lambda _: {"pairs/s": raw.pgbench(settings, script, clients=clients, transactions=each)}


def compared(options: argparse.Namespace) -> list[Comparison]:
    """Compare what is ours with what is Postgres's, and with what Python leaves of it."""
    return [
        Comparison(
            ours=f"{ours}, {n}: pairs/s",
            beside=f"{beside}, {n}: pairs/s",
            goal=GOAL if n == GOAL_CLIENTS and (ours, beside) == ("office", "pgbench") else "",
        )
        for n in options.clients
        for ours, beside in (
            ("office", "pgbench"),
            ("psycopg", "pgbench"),
            ("office", "psycopg"),
            ("pgbench", CUSTOMERS),
            ("pgbench", "insert"),
        )
    ] + [
        Comparison(ours=f"office, {n}: pairs/s", beside="pgbench, best: pairs/s")
        for n in options.clients
    ]


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 8, 32])
    parser.add_argument("--pairs", type=int, default=2_400, help="of all clients together")
    return parser.parse_args()


def sell(client: Client, name: str, performance: int, user: str, seats: Sequence[str]) -> str:
    """Hold and pay seats one by one, by `Office` or by the bare statements, or those in sets."""
    if name == IN_SETS:
        return _sell_in_sets(client, performance, user, seats)
    caller = Caller(staff=True, user=user)
    for seat in seats:
        key = f"{performance}-{seat}"
        if name == BARE:
            given = holding.parameters(performance, user, [seat], f"{key}-h")
            assert holding.hold_given(client, given) == "held"
            holding.pay(client, given)
        else:
            held = client.office.reserve(performance, caller, seats=[seat], key=f"{key}-h")
            client.office.pay(held.reservation, caller, key=f"{key}-p")
    return "sold"


def _sell_in_sets(client: Client, performance: int, user: str, seats: Sequence[str]) -> str:
    """Do the same by bare statements, as many in one commit as `batch` does."""
    for first in range(0, len(seats), SET_LINES_MAX):
        given = [
            holding.parameters(performance, user, [seat], f"{performance}-{seat}-h")
            for seat in seats[first : first + SET_LINES_MAX]
        ]
        holding.hold_all(client, given)
        holding.pay_all(client, given)
    return "sold"


class Sale:
    """One performance a turn, sold out by so many clients."""

    def __init__(self, stage: Stage, crowd: Crowd, pairs: int) -> None:
        self.stage, self.crowd, self.pairs = stage, crowd, pairs
        self.performances: list[int] = []
        self.seats = 0

    def work(self, name: str, clients: int) -> Callable[[int], Turn]:
        """Return a turn of `pgbench`, or of as many processes that sell in one of our ways."""
        each = self.pairs // clients

        def turn(_round: int) -> Turn:
            performance = self.stage.performance()
            self.performances.append(performance)
            self.seats += each * clients
            if name in STAFF:
                rate = pairs.sell(self.stage, performance, clients, each, STAFF[name])
                return {"pairs/s": rate}
            given = [
                (name, performance, self.stage.users[n],
                 [self.stage.seat(n * each + seat) for seat in range(each)])
                for n in range(clients)
            ]  # fmt: skip
            rush = self.crowd.rush(sell, given)
            sold = each * clients
            return {
                "pairs/s": sold / rush.seconds,
                "CPU us a pair": rush.cpu_seconds / sold * 1e6,
            }

        return turn


if __name__ == "__main__":
    main()
