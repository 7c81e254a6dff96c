"""A hundred charges of one user at once: every one is in the balance, and in the ledger.

    python benchmarks/charges.py [--charges 100] [--rounds 5] [--json] [--out FILE]

All begin together, each by a client of its own connection, in 4 processes. Beside `Office`, the
same crowd runs the bare charge statement through psycopg, with its ledger entry, key and audit,
and as many bare UPDATEs of one row in a table of their own, which is the least that a hundred
additions to one number can cost: they too wait for each other. "seconds" is from the start of all
to the last answer. The sums are read from the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import holding
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from scratch import Scratch
from stage import BALANCE, CURRENCY, Stage

from boxoffice.core.database import statement

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client
    from harness import Turn

PROCESSES = 4
AMOUNT = 7  # minor units
TABLE = "CREATE TABLE counter (id integer PRIMARY KEY, balance bigint NOT NULL)"


def main() -> None:
    options = _options()
    clients = -(-options.charges // PROCESSES)
    with (
        servers(options) as settings,
        Crowd(settings, processes=PROCESSES, clients=clients) as crowd,
        Scratch(settings, TABLE, "INSERT INTO counter VALUES (1, 0)") as scratch,
    ):
        stage = Stage(settings, seats=1, users=2 * options.rounds)
        works = {
            "office": _turn(crowd, office, options, lambda n: stage.users[2 * n]),
            "statement": _turn(crowd, bare, options, lambda n: stage.users[2 * n + 1]),
            "UPDATE": _turn(crowd, update, options, lambda _: scratch.name),
        }
        figures = take_turns(options.rounds, works)
        told = _counted(stage, scratch, options)
        stage.close()
    comparisons = [
        Comparison(ours=f"{ours}: seconds", beside=f"{beside}: seconds")
        for ours, beside in (
            ("office", "UPDATE"), ("statement", "UPDATE"), ("office", "statement"),
        )
    ]  # fmt: skip
    Findings(
        title="Charges of one user", figures=figures, comparisons=comparisons, counted=told
    ).tell(options)


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--charges", type=int, default=100)
    return parser.parse_args()


def _turn(
    crowd: Crowd, work: Callable[..., None], options: argparse.Namespace, of: Callable[[int], str]
) -> Callable[[int], Turn]:
    def turn(number: int) -> Turn:
        rush = crowd.rush(work, [(of(number), uuid4().hex) for _ in range(options.charges)])
        return {"seconds": rush.seconds, **rush.times()}

    return turn


def office(client: Client, user: str, key: str) -> None:
    """Charge through `Office`."""
    client.office.charge(AMOUNT, user, key=key)


def bare(client: Client, user: str, key: str) -> None:
    """Charge by the bare statement."""
    given = {
        "user": int(user), "amount": AMOUNT, "currency": CURRENCY, "key": key,
        "request": "benchmark", "staff": holding.STAFF, "terminal": None,
    }  # fmt: skip
    client.bare.execute(statement("charge"), given).fetchone()


def update(client: Client, schema: str, _key: str) -> None:
    """Add to one number by the least that does it."""
    client.bare.execute(
        f"UPDATE {schema}.counter SET balance = balance + %s WHERE id = 1", (AMOUNT,)
    )


def _counted(stage: Stage, scratch: Scratch, options: argparse.Namespace) -> dict[str, int]:
    """Read what the balances and the ledger came to; refuse a sum that is not exact."""
    (row,) = stage.ask(
        "SELECT min(a.balance) - %(before)s, max(a.balance) - %(before)s, count(*),"
        " (SELECT count(*) FROM ledger_entries e"
        "  WHERE e.user_id = ANY (array_agg(a.user_id)) AND e.amount = %(amount)s)"
        " FROM accounts a JOIN users u ON u.id = a.user_id WHERE u.name LIKE %(run)s || '-user-%%'",
        before=BALANCE, amount=AMOUNT, run=stage.run,
    )  # fmt: skip
    least, most, users, entries = row
    wanted = options.charges * AMOUNT
    added = scratch.ask("SELECT balance FROM counter")[0][0]
    told = {
        "users": users, "charges": entries, "added to each, least": least,
        "added to each, most": most, "wanted": wanted, "added by UPDATE": added,
        "violations": stage.violations(),
    }  # fmt: skip
    assert least == most == wanted, told
    assert entries == users * options.charges, told
    assert added == wanted * options.rounds, told
    return told


if __name__ == "__main__":
    main()
