"""The list of concerts with the cache and without it.

    python benchmarks/concert_list.py [--concerts 20 200] [--seconds 0.6] [--rounds 5] [--json]

Clubs, arenas and stadiums, three performances a concert; how many seats are counted is told. So
many client processes look at the list again and again: with the cache ("cache"), or reading it
from Postgres each time with the indexes of the project ("no cache"); with nobody selling, or while
two sellers hold and pay forty seats a second, as far as they get to it. A turn begins with no
copy, and is shorter than the life of one. Beside it, from one client: the same bytes by a bare
GET, the same statement by bare psycopg, and that statement with every index switched off.

Stale: somebody holds seats of one concert at random moments, four look all the time; of each hold
it is told how long after its answer a look still began that did not show it. Stampede: 64 look at
once and there is no copy; then the same after a builder was killed by SIGKILL while it read.
Commands: CPU of `boxoffice list-concerts` where there is a copy, where there is none, and with the
cache taken out of the program; then eight such processes at once; and of `boxoffice enqueue` where
the names are kept and where they are not. Readings of the list are counted where they are made, and
by the transactions that Postgres committed. What is never kept, a balance and the seats of a club,
is read by one client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cold_list import COPY, JOINS, NO_COPY, ONE_BY_ONE, Commands
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from list_turns import SELLERS, ListTurns
from looking import BALANCE, CACHED, GET, PLAIN, SEATS, SELECT
from programme import CLUB
from stage import Stage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from harness import Turn

PROCESSES, CLIENTS = 34, 2
# Clients that look, and whether somebody sells meanwhile; at the last number of concerts more.
FEW = ((1, False), (8, False), (8, True))
MANY = (*FEW, (32, True))


def main() -> None:
    options = _options()
    figures: dict[str, list[float]] = {}
    with (
        servers(options) as settings,
        Crowd(settings, processes=PROCESSES, clients=CLIENTS) as crowd,
    ):
        stage = Stage(settings, seats=1, users=SELLERS)
        turns = ListTurns(stage, crowd, options.seconds)
        for concerts in options.concerts:
            turns.grow(concerts)
            figures |= take_turns(options.rounds, _works(turns, concerts, options))
        counted = turns.outcomes() | {"violations": stage.violations()}
        stage.close()
    assert counted["sold"] == counted["paid"] == counted["told to be sold"], counted
    assert counted["violations"] == 0, counted
    Findings(
        title="The list of concerts",
        figures=figures,
        comparisons=_compared(options.concerts, figures),
        counted=counted,
    ).tell(options)


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--concerts", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--seconds", type=float, default=0.6, help="of each turn of looks")
    return parser.parse_args()


def _works(
    turns: ListTurns, concerts: int, options: argparse.Namespace
) -> dict[str, Callable[[int], Turn]]:
    """Return all turns at so many concerts; what takes long is done at few or at many alone."""
    works: dict[str, Callable[[int], Turn]] = {}
    is_last = concerts == max(options.concerts)
    # What is compared stands side by side: after a turn of many clients a processor is slower.
    works[f"{concerts}, {GET}"] = turns.looks(GET, 1)
    works[f"{concerts}, {SELECT}"] = turns.looks(SELECT, 1)
    for clients, selling in MANY if is_last else FEW:
        for way in (PLAIN, CACHED):
            name = _name(concerts, way, clients, selling=selling)
            works[name] = turns.looks(way, clients, selling=selling)
    works[f"{concerts}, stale"] = turns.stale()
    works[f"{concerts}, stampede"] = turns.stampede(CACHED)
    works[f"{concerts}, builder killed"] = turns.builder_killed()
    if concerts == min(options.concerts):
        works[f"{concerts}, {SELECT} without an index"] = turns.without_index()
        works[f"{concerts}, stampede, {PLAIN}"] = turns.stampede(PLAIN)
    if is_last:
        stage, club = turns.stage, turns.programme.performances[CLUB][0]
        works[f"read, {BALANCE}"] = turns.looks(BALANCE, 1, stage.users[0])
        works[f"read, {SEATS}"] = turns.looks(SEATS, 1, club)
        commands = Commands(stage)
        works |= {f"command, {way}": commands.alone(way) for way in ONE_BY_ONE}
        works |= {f"8 commands, {way}": commands.at_once(way) for way in (CACHED, PLAIN)}
        works |= {f"command, {way}": commands.join(way) for way in JOINS}
    return works


def _name(concerts: int, way: str, clients: int, *, selling: bool) -> str:
    return f"{concerts}, {way}, {clients}{', sales' if selling else ''}"


def _compared(sizes: list[int], figures: dict[str, list[float]]) -> list[Comparison]:
    """Compare the cache with none, and each with the raw limit beside it."""
    pairs = []
    for n in sizes:
        for clients, selling in MANY:
            ours, plain = (_name(n, way, clients, selling=selling) for way in (CACHED, PLAIN))
            pairs += [(f"{ours}: {what}", f"{plain}: {what}") for what in ("looks/s", "p95 ms")]
            pairs += [(f"{ours}: sales/s", f"{plain}: sales/s")]
        pairs += [
            (f"{n}, {GET}: p50 ms", f"{n}, {CACHED}, 1: p50 ms"),
            (f"{n}, {PLAIN}, 1: p50 ms", f"{n}, {SELECT}: p50 ms"),
            (f"{n}, {SELECT} without an index: ms", f"{n}, {SELECT}: p50 ms"),
            (f"{n}, stampede: slowest ms", f"{n}, stampede, {PLAIN}: slowest ms"),
        ]
    pairs += [(f"command, {way}: CPU ms", f"command, {PLAIN}: CPU ms") for way in (COPY, NO_COPY)]
    for what in ("CPU ms", "ms until all ended"):
        pairs += [(f"8 commands, {CACHED}: {what}", f"8 commands, {PLAIN}: {what}")]
    pairs += [tuple(f"command, {way}: CPU ms" for way in JOINS)]
    there = [pair for pair in pairs if {*pair} <= {*figures}]
    return [Comparison(ours=ours, beside=beside) for ours, beside in there]


if __name__ == "__main__":
    main()
