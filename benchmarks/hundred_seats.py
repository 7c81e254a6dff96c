"""Thousands of users want a hundred seats: all of them are sold and paid, once.

    python benchmarks/hundred_seats.py [--users 1000 2000 4000] [--rounds 5] [--json]

All begin together, in threads of 4 processes, through 64 connections. Each user picks a seat at
random, reserves and pays it; who hears seat-taken looks at the free seats and picks another of
them, until none is left: as customers, each by the token of an admission that was given before
("office"), and once more staff in their place ("staff"), whose looks are noted in the audit. Beside
`Office`, the same crowd does the same, as customers, by the bare hold and pay statements and a bare
select of the free seats through psycopg. "attempts/s" are users served a second, whether they got a
seat or heard that there is none; "tries" are holds a user asked for. Outcomes are counted in the
database.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from uuid import uuid4

import holding
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from lines import open_to
from stage import PRICE, Stage

from boxoffice.core import errors
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client
    from harness import Turn

PROCESSES, CLIENTS = 4, 16
SEATS = 100
FREE = """
SELECT v.label FROM performances p
JOIN performance_seats s ON s.performance_id = p.id
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
WHERE p.id = %s AND (s.status = 'free' OR s.held_until <= now())
"""


def main() -> None:
    options = _options()
    with (
        servers(options, **open_to(max(options.users))) as settings,
        Crowd(settings, processes=PROCESSES, clients=CLIENTS) as crowd,
    ):
        stage = Stage(settings, seats=SEATS, users=max(options.users))
        sale = Sale(stage, crowd)
        works = {
            f"{name}, {users}": sale.work(*way, users)
            for users in options.users
            for name, way in WAYS.items()
        }
        figures = take_turns(options.rounds, works)
        performances = len(sale.performances)
        counted = stage.counted(*sale.performances)
        told = {"performances": performances, **counted, "violations": stage.violations()}
        stage.close()
    wanted = SEATS * performances
    assert told["violations"] == 0, told
    assert counted == {"sold": wanted, "held": 0, "paid": wanted, "taken": wanted * PRICE}, told
    comparisons = [
        Comparison(ours=f"{ours}, {n}: attempts/s", beside=f"{beside}, {n}: attempts/s")
        for n in options.users
        for ours, beside in (("office", "statements"), ("staff", "office"))
    ]
    Findings(title="A hundred seats", figures=figures, comparisons=comparisons, counted=told).tell(
        options
    )


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[1_000, 2_000, 4_000])
    return parser.parse_args()


class Sale:
    """A performance of a hundred seats a turn."""

    def __init__(self, stage: Stage, crowd: Crowd) -> None:
        self.stage, self.crowd = stage, crowd
        self.performances: list[int] = []

    def work(
        self, work: Callable[..., int], caller: Callable[[Stage, str], Caller], users: int
    ) -> Callable[[int], Turn]:
        """Return a turn in which so many users come at once."""

        def turn(_round: int) -> Turn:
            performance = self.stage.performance()
            self.performances.append(performance)
            seats = [self.stage.seat(n) for n in range(SEATS)]
            rush = self.crowd.rush(
                work,
                [
                    (performance, seats, user, caller(self.stage, user))
                    for user in self.stage.users[:users]
                ],
            )
            tries = sum(answer.outcome for answer in rush.answers)
            return rush.times() | {"tries a user": tries / users}

        return turn


def customer(stage: Stage, user: str) -> Caller:
    """Let a user be admitted, once more where a payment has ended the admission."""
    return Caller(token=stage.office.enqueue(str(stage.concert), user, take_over=True).token)


def staff(_: Stage, user: str) -> Caller:
    """Let staff act for a user."""
    return Caller(staff=True, user=user)


def by_office(client: Client, performance: int, seats: list[str], user: str, caller: Caller) -> int:
    """Reserve and pay one of the seats through `Office`; return how many holds that took."""
    office, tries = client.office, 0
    while seats:
        tries += 1
        seat, key = random.choice(seats), f"{performance}-{user}-{tries}"
        try:
            held = office.reserve(performance, caller, seats=[seat], key=key)
        except errors.SeatTaken:
            seats = [free.seat for free in office.list_seats(performance, caller)]
            continue
        office.pay(held.reservation, caller, key=f"{key}-pay")
        break
    return tries


def by_statements(client: Client, performance: int, seats: list[str], user: str, _: Caller) -> int:
    """Do the same by bare statements."""
    tries = 0
    while seats:
        tries += 1
        key = uuid4().hex
        given = holding.parameters(performance, user, [random.choice(seats)], key, staff=None)
        if holding.hold_given(client, given) == "held":
            holding.pay(client, given)
            break
        seats = [label for (label,) in client.bare.execute(FREE, (performance,))]
    return tries


WAYS = {
    "office": (by_office, customer),
    "staff": (by_office, staff),
    "statements": (by_statements, staff),
}

if __name__ == "__main__":
    main()
