"""A hall as text: what is free can be read off, and it fits the terminal."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime

import pytest

from boxoffice.commands.guided.plan import Plan
from boxoffice.core.examples import EXAMPLES
from boxoffice.core.model import SeatMap
from boxoffice.core.text import cells


def hall_of(name: str) -> SeatMap:
    """Build the map of a performance in an example hall."""
    plan = EXAMPLES[name]()
    labels = tuple(seat.label for seat in plan.seats)
    return SeatMap(
        performance=1,
        concert=1,
        concert_name="Concert",
        venue=plan.name,
        date=datetime(2099, 12, 24, tzinfo=UTC),
        time_zone="UTC",
        sale_opens=datetime(2099, 1, 1, tzinfo=UTC),
        sale_closes=datetime(2099, 12, 24, tzinfo=UTC),
        currency="KRW",
        sections=plan.sections,
        rows=tuple(row.name for row in plan.rows),
        row_sections=tuple(row.section for row in plan.rows),
        categories=plan.categories,
        prices=tuple(1_000 * (at + 1) for at in range(len(plan.categories))),
        labels=labels,
        numbers=tuple(seat.number for seat in plan.seats),
        seat_rows=array("i", [seat.row for seat in plan.seats]),
        seat_categories=array("i", [seat.category for seat in plan.seats]),
        xs=array("d", [seat.x for seat in plan.seats]),
        ys=array("d", [seat.y for seat in plan.seats]),
        attributes=bytes(len(plan.seats)),
        focal=plan.focal,
        indexes={label: at for at, label in enumerate(labels)},
    )


def plan_of(name: str, **states: str) -> Plan:
    hall = hall_of(name)
    letters = bytearray(b"f" * len(hall.labels))
    for label, state in states.items():
        letters[hall.indexes[label.replace("_", "-")]] = ord(state)
    return Plan(hall, bytes(letters))


def test_a_small_hall_shows_its_free_seats_by_their_numbers_and_its_aisle():
    plan = plan_of("club", A_3="s", A_10="h", B_1="b")
    lines = list(plan.drawing(80))
    assert plan.is_small
    assert plan.free_count == 47
    assert lines[1:3] == [
        "A         12.45 6789.   R",
        "B         .2345 67890   R",
    ]
    assert "R ₩1,000  S ₩2,000" in lines[-1]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_section_of_every_hall_fits_the_terminal(name, width):
    plan = plan_of(name)
    sections = range(0, len(plan.hall.sections), 7)
    shown = [line for at in sections for line in plan.drawing(width, at)]
    shown += plan.overview(width)
    assert max(map(cells, shown)) <= width


def test_a_row_that_is_too_wide_goes_on_in_the_next_line():
    first, second, *_ = list(plan_of("theatre").drawing(40))[1:]
    assert first.startswith("A ")
    assert second.startswith("  ")
    assert len("".join((first[10:] + second[10:]).split("VIP")[0].split())) == 40


def test_a_large_hall_is_shown_by_sections_those_with_free_seats_first():
    plan = plan_of("stadium")
    lines = list(plan.overview(80))
    assert not plan.is_small
    assert lines[0].split()[:4] == ["Floor", "1", "2,000", "free"]
    assert lines[-1] == "  and 87 more sections"


def test_labels_are_found_however_they_are_typed_and_in_the_section_in_view():
    plan = plan_of("theatre")
    stalls = plan.section("STALLS")
    assert stalls is not None
    assert plan.label("a-12", stalls) == "Stalls/A-12"
    assert plan.label("circle/a-12", stalls) == "Circle/A-12"
    assert plan.label("a-12") == "a-12"
    assert plan.category("vip") == "VIP"
