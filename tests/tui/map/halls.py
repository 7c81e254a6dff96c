"""Seat maps for tests of the drawing, made of plans: no database has a part in it."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from boxoffice.core.examples import AISLE, _offsets
from boxoffice.core.model import SeatMap
from boxoffice.core.naming import RowEntry, SeatEntry, SectionEntry, build_plan

DAY = datetime(2030, 11, 20, 19, 30, tzinfo=UTC)


def seat_map_of(plan):
    """The map that a performance in this venue would have."""
    labels = tuple(seat.label for seat in plan.seats)
    return SeatMap(
        performance=1,
        concert=1,
        concert_name="Concert",
        venue=plan.name,
        date=DAY,
        time_zone="Asia/Seoul",
        sale_opens=DAY,
        sale_closes=DAY,
        currency="KRW",
        sections=plan.sections,
        rows=tuple(row.name for row in plan.rows),
        row_sections=tuple(row.section for row in plan.rows),
        categories=plan.categories,
        prices=tuple(10_000 * (at + 1) for at, _ in enumerate(plan.categories)),
        labels=labels,
        numbers=tuple(seat.number for seat in plan.seats),
        seat_rows=[seat.row for seat in plan.seats],
        seat_categories=[seat.category for seat in plan.seats],
        xs=[seat.x for seat in plan.seats],
        ys=[seat.y for seat in plan.seats],
        attributes=bytes(
            seat.wheelchair + 2 * seat.companion + 4 * seat.obstructed for seat in plan.seats
        ),
        focal=plan.focal,
        indexes={label: at for at, label in enumerate(labels)},
    )


def hall(*sections, focal=(0.0, 0.0), categories=("a", "b")):
    """A map of sections given as (name, rows), a row as (name, [(x, y), ...])."""
    entries = [
        SectionEntry(
            name=name,
            rows=[
                RowEntry(
                    name=row,
                    seats=[
                        SeatEntry(
                            number=str(at), category=categories[at % len(categories)], x=x, y=y
                        )
                        for at, (x, y) in enumerate(places, start=1)
                    ],
                )
                for row, places in rows
            ],
        )
        for name, rows in sections
    ]
    return seat_map_of(
        build_plan(
            name="Hall", time_zone=None, focal=focal, categories=categories, sections=entries
        )
    )


# The arena: levels of blocks side by side, as (row count, seats of a block, blocks, category).
ARENA = (
    ("Floor", 30, 26, 4, "VIP"),
    ("Lower", 34, 24, 9, "R"),
    ("Middle", 26, 22, 10, "S"),
    ("Upper", 22, 16, 11, "A"),
)


def arena():
    """A hall of some 20,000 seats: four levels of blocks, the rows straight."""
    sections, front = [], 6.0
    for level, row_count, seats, blocks, category in ARENA:
        middle = -(blocks * (seats + AISLE + 1)) / 2
        for block in range(blocks):
            left = middle + block * (seats + AISLE + 1) + seats / 2
            rows = [
                RowEntry(
                    name=str(row + 1),
                    seats=[
                        SeatEntry(
                            number=str(at), category=category, x=left + offset, y=front + row * 1.2
                        )
                        for at, offset in enumerate(_offsets((seats,)), start=1)
                    ],
                )
                for row in range(row_count)
            ]
            sections.append(SectionEntry(name=f"{level} {block + 1}", rows=rows))
        front += row_count * 1.2 + 5
    return seat_map_of(
        build_plan(
            name="Arena",
            time_zone=None,
            focal=(0.0, 0.0),
            categories=["VIP", "R", "S", "A"],
            sections=sections,
        )
    )


def mixed_states(seat_map, seed=1):
    """Letters for all seats: most free, many sold in clusters, some held, few blocked."""
    choice = random.Random(seed)
    letters = bytearray()
    letter = ord("f")
    for _ in seat_map.labels:
        if choice.random() < 0.3:
            letter = choice.choices(b"fshb", (50, 40, 8, 2))[0]
        letters.append(letter)
    return bytes(letters)
