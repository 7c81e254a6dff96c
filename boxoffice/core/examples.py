"""Example venues of three sizes, the same on every run; one unit is one seat's width.

The stage is around (0, 0) and y grows away from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import TYPE_CHECKING

from boxoffice.core.naming import RowEntry, SeatEntry, SectionEntry, build_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from boxoffice.core.model import Plan

TIME_ZONE = "Asia/Seoul"
ROW_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AISLE = 1.0  # beside the room of the seats, so the gap is 2
CURVED_ROW_STEP = 1.4
STADIUM_ROW_STEP = 1.6


def club() -> Plan:
    """Make a club: 50 seats in five straight rows with one aisle."""
    rows = [
        RowEntry(
            name=ROW_LETTERS[at],
            seats=[
                _club_seat(number, "R" if at < 2 else "S", y=3 + at * 1.2)  # noqa: PLR2004
                for number in range(1, 11)
            ],
        )
        for at in range(5)
    ]
    return build_plan(
        name="Blue Door Club",
        time_zone=TIME_ZONE,
        focal=(0.0, 0.0),
        categories=["R", "S"],
        sections=[SectionEntry(name="Floor", rows=rows)],
    )


def _club_seat(number: int, category: str, y: float) -> SeatEntry:
    half = AISLE / 2 if number > 5 else -AISLE / 2  # noqa: PLR2004 - five seats a side
    return SeatEntry(number=str(number), category=category, x=number - 5.5 + half, y=round(y, 3))


# --- the theatre: three levels of curved rows ---


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """Rows of a theatre on arcs, each cut by two aisles into side, middle and side.

    The middle block gains a seat every second row; from row ``cheaper_from`` on the second
    category counts.
    """

    name: str
    first_radius: float
    rows: int
    side_seats: int
    middle_seats: int
    categories: tuple[str, str]
    cheaper_from: int


# The arcs' centre lies this far behind the front of the stage: the larger, the flatter.
ARC_DEPTH = 45.0
THEATRE = (
    _Level(
        name="Stalls",
        first_radius=ARC_DEPTH + 5,
        rows=22,
        side_seats=10,
        middle_seats=20,
        categories=("VIP", "R"),
        cheaper_from=8,
    ),
    _Level(
        name="Circle",
        first_radius=ARC_DEPTH + 41,
        rows=12,
        side_seats=12,
        middle_seats=26,
        categories=("R", "S"),
        cheaper_from=4,
    ),
    _Level(
        name="Balcony",
        first_radius=ARC_DEPTH + 63,
        rows=8,
        side_seats=10,
        middle_seats=26,
        categories=("A", "A"),
        cheaper_from=0,
    ),
)


def theatre() -> Plan:
    """Make a theatre: 2,000 seats in curved rows on three levels, with two aisles."""
    return build_plan(
        name="Hanbit Theatre",
        time_zone=TIME_ZONE,
        focal=(0.0, 0.0),
        categories=["VIP", "R", "S", "A"],
        sections=[_theatre_section(level) for level in THEATRE],
    )


def _theatre_section(level: _Level) -> SectionEntry:
    rows = [
        RowEntry(name=ROW_LETTERS[at], seats=list(_theatre_row(level, at)))
        for at in range(level.rows)
    ]
    return SectionEntry(name=level.name, rows=rows)


def _theatre_row(level: _Level, row: int) -> Iterator[SeatEntry]:
    blocks = (level.side_seats, level.middle_seats + row // 2, level.side_seats)
    offsets = list(_offsets(blocks))
    radius = level.first_radius + row * CURVED_ROW_STEP
    # The doors are behind the last row of the stalls: its ends have no steps.
    reachable = level.name == "Stalls" and row == level.rows - 1
    for number, offset in enumerate(offsets, start=1):
        end = min(number, len(offsets) + 1 - number)  # 1 for the outermost seats
        x, y = _on_arc(radius, offset / radius)
        yield SeatEntry(
            number=str(number),
            category=level.categories[row >= level.cheaper_from],
            x=x,
            y=round(y - ARC_DEPTH, 3),
            wheelchair=reachable and end in (1, 3),
            companion=reachable and end in (2, 4),
            obstructed=level.name == "Circle" and end <= 2,  # noqa: PLR2004 - beside a pillar
        )


def _offsets(blocks: Sequence[int]) -> Iterator[float]:
    """Yield where each seat of a row stands, along the row, 0 in its middle."""
    at = -(sum(blocks) - 1 + (len(blocks) - 1) * AISLE) / 2
    for seats in blocks:
        for _ in range(seats):
            yield at
            at += 1
        at += AISLE


def _on_arc(radius: float, angle: float) -> tuple[float, float]:
    """Return the point of an arc around (0, 0); angle 0 is straight away from the stage."""
    return round(radius * sin(angle), 3), round(radius * cos(angle), 3)


# --- the stadium: a floor of blocks, and stands on three levels around it ---

STADIUM_CENTRE = 78.0  # of the ring, this far before the stage
STAND_DEGREES = 10
STANDS_A_LEVEL = 32  # four more would be behind the stage
BESIDE_STAGE_DEGREES = 135
# For each level: radius of the first row, rows of a stand, seats of a row, category.
STANDS = ((155.0, 20, 25, "R"), (193.0, 16, 30, "S"), (240.0, 13, 40, "A"))
FLOOR_ROWS, FLOOR_SEATS = 40, 50


def stadium() -> Plan:
    """Make a stadium: 60,000 seats on a floor of six blocks and in stands on three levels."""
    return build_plan(
        name="Hangang Stadium",
        time_zone=TIME_ZONE,
        focal=(0.0, 0.0),
        categories=["VIP", "R", "S", "A", "B"],
        sections=[*_floor(), *_stands()],
    )


def _floor() -> Iterator[SectionEntry]:
    """Yield three blocks side by side, and three more behind them."""
    for block in range(6):
        behind, across = divmod(block, 3)
        front = 10 + behind * (FLOOR_ROWS * STADIUM_ROW_STEP + 4)
        middle = (across - 1) * (FLOOR_SEATS + 3)
        rows = [
            RowEntry(
                name=str(row + 1),
                seats=[
                    SeatEntry(
                        number=str(at + 1),
                        category="R" if behind else "VIP",
                        x=middle + at - (FLOOR_SEATS - 1) / 2,
                        y=round(front + row * STADIUM_ROW_STEP, 3),
                    )
                    for at in range(FLOOR_SEATS)
                ],
            )
            for row in range(FLOOR_ROWS)
        ]
        yield SectionEntry(name=f"Floor {block + 1}", rows=rows)


def _stands() -> Iterator[SectionEntry]:
    """Yield stands 101 to 132, 201 to 232, 301 to 332, from the stage round to the stage."""
    for level in range(len(STANDS)):
        for stand in range(STANDS_A_LEVEL):
            degrees = (stand - (STANDS_A_LEVEL - 1) / 2) * STAND_DEGREES
            rows = [
                RowEntry(name=str(row + 1), seats=list(_stand_row(level, degrees, row)))
                for row in range(STANDS[level][1])
            ]
            yield SectionEntry(name=f"{level + 1}{stand + 1:02}", rows=rows)


def _stand_row(level: int, degrees: float, row: int) -> Iterator[SeatEntry]:
    first_radius, rows, seats, category = STANDS[level]
    radius = first_radius + row * STADIUM_ROW_STEP
    beside_stage = abs(degrees) > BESIDE_STAGE_DEGREES
    reachable = level == 0 and row == rows - 1  # the walk behind the lowest stands
    for number, offset in enumerate(_offsets((seats,)), start=1):
        end = min(number, seats + 1 - number)
        x, y = _on_arc(radius, radians(degrees) + offset / radius)
        yield SeatEntry(
            number=str(number),
            category="B" if beside_stage else category,
            x=x,
            y=round(y + STADIUM_CENTRE, 3),
            wheelchair=reachable and end == 1,
            companion=reachable and end == 2,  # noqa: PLR2004
            obstructed=beside_stage and level == 0,
        )


EXAMPLES: dict[str, Callable[[], Plan]] = {"club": club, "theatre": theatre, "stadium": stadium}
