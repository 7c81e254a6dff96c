"""Halls to draw, made of plans: no database has a part in it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from hypothesis import strategies as st

from boxoffice.core.examples import EXAMPLES, stadium
from boxoffice.core.model import SeatMap
from boxoffice.core.naming import RowEntry, SeatEntry, SectionEntry, build_plan

DAY = datetime(2030, 11, 20, 19, 30, tzinfo=UTC)
# The stadium's floor and its first stands: 20,000 seats.
ARENA_SECTIONS = 22


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
        attributes=bytes(len(plan.seats)),
        focal=plan.focal,
        indexes={label: at for at, label in enumerate(labels)},
    )


@cache
def example(name):
    """The map of an example venue."""
    return seat_map_of(EXAMPLES[name]())


@cache
def arena():
    """A hall of 20,000 seats: a floor of six blocks, and sixteen stands."""
    plan = stadium()
    seats = tuple(seat for seat in plan.seats if seat.section < ARENA_SECTIONS)
    rows = tuple(row for row in plan.rows if row.section < ARENA_SECTIONS)
    return seat_map_of(
        replace(plan, sections=plan.sections[:ARENA_SECTIONS], rows=rows, seats=seats)
    )


def hall(*sections, focal=(0.0, 0.0), categories=("R", "S")):
    """A map of sections given as (name, rows), a row as (name, [(x, y), ...])."""
    entries = [
        SectionEntry(
            name=name,
            rows=[
                RowEntry(name=row, seats=list(seats_at(places, categories))) for row, places in rows
            ],
        )
        for name, rows in sections
    ]
    return seat_map_of(
        build_plan(
            name="Hall", time_zone=None, focal=focal, categories=categories, sections=entries
        )
    )


def seats_at(places, categories):
    for at, (x, y) in enumerate(places, start=1):
        category = categories[at % len(categories)]
        yield SeatEntry(number=str(at), category=category, x=float(x), y=float(y))


def drawn(picture):
    """A map of one section in which each letter of a picture is a seat, a line a row."""
    rows = [
        (chr(ord("A") + y), [(x, y) for x, letter in enumerate(line) if letter != " "])
        for y, line in enumerate(picture.strip("\n").split("\n"))
    ]
    return hall(("Floor", rows), focal=(0.0, -3.0))


def mixed_states(seat_map, seed=1):
    """Letters for all seats: neighbours often alike, half of them free."""
    choice = random.Random(seed)
    letters, letter = bytearray(), ord("f")
    for _ in seat_map.labels:
        if choice.random() < 0.3:
            letter = choice.choices(b"fshb", (50, 40, 8, 2))[0]
        letters.append(letter)
    return bytes(letters)


def coordinates():
    """Numbers as plans have them: on a lattice, close together, far away."""
    return st.one_of(
        st.integers(-20, 20).map(float),
        st.floats(-5, 5, width=32),
        st.floats(-1_000_000, 1_000_000),
    )


@st.composite
def wild_halls(draw):
    """Any halls that a plan can describe: rows of any shape, anywhere, on one another."""
    places = st.lists(st.tuples(coordinates(), coordinates()), min_size=1, max_size=6)
    rows = st.lists(places, min_size=1, max_size=4)
    sections = draw(st.lists(rows, min_size=1, max_size=3))
    named = [
        (f"Section {at}", [(str(number), row) for number, row in enumerate(section, start=1)])
        for at, section in enumerate(sections)
    ]
    return hall(*named, focal=draw(st.tuples(coordinates(), coordinates())))
