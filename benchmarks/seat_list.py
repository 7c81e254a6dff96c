"""The list of seats, and what the counter's map reads, beside fetching the same raw.

    python benchmarks/seat_list.py [--sizes 500 6000 20000 60000] [--rounds 5] [--json]

For halls of four sizes, some of the seats held, ended, sold and blocked: `Office.list_seats` of all
seats, beside bare psycopg that has the same rows sent, a row a seat, and builds nothing of them;
beside COPY TO STDOUT of those rows; and beside core/sql/list_seats.sql itself, which sends the same
packed into columns. The map of the hall and the states of its seats are put beside their own
statements. In the largest hall then `boxoffice list-seats --all --json` as a process beside psql;
and the reading of 1, 100 and 1,000 changed seats beside reading the states of all.
Counted: seats listed, by state, and those listed otherwise than the database counts them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import raw
import seat_changes
from harness import Comparison, Findings, Turn, parser_of, servers, take_turns, with_peak
from stage import Stage

from boxoffice.core.database import statement
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from boxoffice.core.config import Settings

SIZES = (500, 6_000, 20_000, 60_000)
STAFF = Caller(staff=True)
LIMIT = "<=1.5"
MS = "ms"
LOOKS = 3  # a turn
# Of ten seats each: two held, one of them no longer, one sold and one blocked.
STAND = """
    UPDATE performance_seats
    SET status = ('{held,held,sold,blocked}'::text[])[seat_no %% 10 + 1],
        reservation_id = CASE WHEN seat_no %% 10 < 3 THEN 1 END,
        held_until = CASE WHEN seat_no %% 10 < 2
                          THEN now() + interval '1 hour' * (1 - seat_no %% 10 * 2) END
    WHERE performance_id = %s AND seat_no %% 10 < 4
"""
STATE = "CASE WHEN s.status = 'held' AND s.held_until <= now() THEN 'free' ELSE s.status END"
# The list as one would fetch it without us: a row a seat, in the order of the plan.
ROWS = f"""
    SELECT v.label, section.name, seat_row.name, v.number, category.name, price.amount,
           'KRW', {STATE}
    FROM performances p
    JOIN performance_seats s ON s.performance_id = p.id
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
    JOIN seat_rows seat_row ON seat_row.venue_id = p.venue_id AND seat_row.row_no = v.row_no
    JOIN sections section
      ON section.venue_id = p.venue_id AND section.section_no = seat_row.section_no
    JOIN categories category
      ON category.venue_id = p.venue_id AND category.category_no = s.category_no
    JOIN prices price ON price.performance_id = p.id AND price.category_no = s.category_no
    WHERE p.id = %(performance)s
    ORDER BY v.seat_no
"""
COUNT = f"SELECT {STATE}, count(*) FROM performance_seats s WHERE performance_id = %s GROUP BY 1"


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    with servers(options) as settings, raw.connect(settings) as connection:
        halls = {size: Stage(settings, seats=size, users=1) for size in sorted(options.sizes)}
        performances = {size: stage.performance() for size, stage in halls.items()}
        connection.execute("SET session_replication_role = replica")  # nobody holds them in truth
        for performance in performances.values():
            connection.execute(STAND, (performance,))
        connection.execute("VACUUM ANALYZE")
        works = {}
        for size, stage in halls.items():
            for name, ask in lists(stage, performances[size], connection).items():
                works[f"{name}, {size:,} seats"] = timed(ask)
        stage, performance = halls[max(halls)], performances[max(halls)]
        works |= processes(settings, performance, max(halls))
        changes = seat_changes.works(stage, performance, connection)
        figures = take_turns(options.rounds, works | changes)
        counted = count(stage, performance, connection)
        assert counted["listed wrongly"] == 0, counted
        notes = seat_changes.notes(stage, performance, connection)
        for each in halls.values():
            each.close()
    Findings(
        title="The list of seats",
        figures=figures,
        comparisons=[*compared(sorted(halls)), *seat_changes.compared(max(halls))],
        counted=counted,
        notes=notes,
    ).tell(options)


def lists(
    stage: Stage, performance: int, connection: psycopg.Connection
) -> dict[str, Callable[[], object]]:
    """Return what is timed in one hall: `Office`, and bare psycopg that builds nothing."""
    office = stage.office
    given = {
        "performance": performance, "section": None, "category": None, "everything": True,
    }  # fmt: skip
    return {
        "list": lambda: office.list_seats(performance, STAFF, everything=True),
        "rows raw": lambda: connection.execute(ROWS, given),
        "COPY": lambda: copied(connection, performance),
        "packed raw": lambda: connection.execute(statement("list_seats"), given),
        "map": lambda: office.seat_map(performance),
        "map raw": lambda: connection.execute(statement("seat_map"), given),
        "states": lambda: office.seat_states(performance),
        "states raw": lambda: connection.execute(statement("seat_states"), given),
    }


def compared(sizes: list[int]) -> list[Comparison]:
    """Return what is put beside what: the goal is set for the largest hall."""
    pairs = (
        ("list", "rows raw", LIMIT),
        ("list", "COPY", LIMIT),
        ("list", "packed raw", LIMIT),
        ("map", "map raw", ""),
        ("states", "states raw", LIMIT),
    )
    return [
        Comparison(
            ours=f"{ours}, {size:,} seats: {MS}",
            beside=f"{beside}, {size:,} seats: {MS}",
            goal=goal if size == sizes[-1] else "",
        )
        for ours, beside, goal in pairs
        for size in sizes
    ] + [
        Comparison(ours=f"boxoffice list-seats: {what}", beside=f"psql: {what}")
        for what in ("seconds", "MB")
    ]


def copied(connection: psycopg.Connection, performance: int) -> int:
    """Copy the rows of the list out; return how many bytes came."""
    rows = ROWS.replace("%(performance)s", str(performance))
    with connection.cursor() as cursor, cursor.copy(f"COPY ({rows}) TO STDOUT") as copy:
        return sum(map(len, copy))


def timed(act: Callable[[], object]) -> Callable[[int], Turn]:
    """Return a work that does something some times, and tells the milliseconds of one."""

    def work(_: int) -> Turn:
        spent = 0.0
        for _ in range(LOOKS):
            began = time.perf_counter()
            made = act()
            spent += time.perf_counter() - began
            del made  # what was built is given back outside of the time
        return {MS: spent * 1_000 / LOOKS}

    return work


def processes(settings: Settings, performance: int, seats: int) -> dict[str, Callable[[int], Turn]]:
    """Return the list as a command, and psql that writes the same rows."""
    words = [sys.executable, "-m", "boxoffice", "list-seats", str(performance)]
    rows = ROWS.replace("%(performance)s", str(performance))
    return {
        "boxoffice list-seats": lambda _: ran(
            settings, seats, [*words, "--staff", "--all", "--json"]
        ),
        "psql": lambda _: ran(
            settings, seats, ["psql", "-XAtq", "-c", rows, raw.conninfo(settings)]
        ),
    }


def ran(settings: Settings, seats: int, command: list[str]) -> Turn:
    """Run a command; tell its seconds, the bytes it wrote, and its largest memory in MB."""
    given = {
        "BOXOFFICE_HOME": str(settings.data_dir),
        "BOXOFFICE_DATABASE_URL": settings.database_url,
        "BOXOFFICE_REDIS_URL": settings.redis_url,
        "BOXOFFICE_ROLE": settings.role,
    }
    environment = os.environ | {name: value for name, value in given.items() if value}
    if command[0] == "psql":
        command = [str(raw.binary(settings, "psql")), *command[1:]]
    began = time.perf_counter()
    done = subprocess.run(with_peak(*command), env=environment, capture_output=True, check=True)
    seconds = time.perf_counter() - began
    if command[-1] == "--json":
        assert len(json.loads(done.stdout)) == seats, "not every seat was listed"
    megabytes = int(done.stderr.split()[-1]) / 1024
    return {"seconds": seconds, "MB": megabytes, "MB written": len(done.stdout) / 2**20}


def count(stage: Stage, performance: int, connection: psycopg.Connection) -> dict[str, int]:
    """Count the seats that are listed, and those listed otherwise than the database has them."""
    listed = stage.office.list_seats(performance, STAFF, everything=True)
    packed = Counter(map(chr, stage.office.seat_states(performance).states))
    found = Counter(seat.state for seat in listed)
    known = dict(connection.execute(COUNT, (performance,)).fetchall())
    wrong = sum(abs(found[state] - known.get(state, 0)) for state in {*found, *known})
    wrong += sum(abs(packed[state[0]] - known.get(state, 0)) for state in known)
    return {"seats listed": len(listed), **found, "listed wrongly": wrong}


if __name__ == "__main__":
    main()
