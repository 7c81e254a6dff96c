"""A hall as text: what is free can be read off, and it fits the terminal."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime

import pytest

from boxoffice.commands.guided.plan import Page, Plan
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
    lines = plan.drawing(80, 24).lines
    assert plan.is_small
    assert plan.free_count == 47
    assert lines == (
        "Floor  stage",
        "R ₩1,000",
        "A  12.45 6789.",
        "B  .2345 67890",
        "S ₩2,000",
        "C  12345 67890",
        "D  12345 67890",
        "E  12345 67890",
        "digits: free   . taken",
    )


@pytest.mark.parametrize("size", [(40, 12), (60, 15), (80, 19)])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_page_of_every_hall_fits_the_terminal(name, size):
    plan = plan_of(name)
    width, height = size
    pages = [plan.overview(width, height)]
    for section in range(0, len(plan.hall.sections), 7):
        pages += pages_of(plan, width, height, section)
    assert max(cells(line) for page in pages for line in page.lines) <= width
    assert max(len(page.lines) for page in pages) <= height


def pages_of(plan: Plan, width: int, height: int, section: int) -> list[Page]:
    """Turn the pages of a section from the first to the last."""
    pages = [plan.drawing(width, height, section)]
    while pages[-1].following is not None:
        pages.append(plan.drawing(width, height, section, pages[-1].following))
    return pages


def row_names(pages: list[Page]) -> str:
    """Return the names of the rows, which are letters here, in their order."""
    lines = [line for page in pages for line in page.lines]
    return "".join(line[0] for line in lines if line[1:3] == "  " and line[0] != " ")


def test_the_pages_of_a_section_show_each_row_once():
    assert row_names(pages_of(plan_of("theatre"), 80, 19, 0)) == "ABCDEFGHIJKLMNOPQRSTUV"


def test_rows_without_a_free_seat_are_left_out_where_not_all_rows_fit():
    plan = plan_of("theatre")
    hall = plan.hall
    sold = {
        hall.labels[at].replace("-", "_"): "s"
        for at, row in enumerate(hall.seat_rows)
        if hall.rows[row] in "BCDEFGHIJKL" and hall.row_sections[row] == 0
    }
    pages = pages_of(plan_of("theatre", **sold), 80, 19, 0)
    assert row_names(pages) == "AMNOPQRSTUV"
    assert len(pages) == 1


def test_a_row_that_is_too_wide_goes_on_in_the_next_line_at_an_aisle():
    lines = plan_of("theatre").drawing(40, 24).lines
    at = next(at for at, line in enumerate(lines) if line.startswith("A  "))
    assert [line.split() for line in lines[at : at + 2]] == [
        ["A", "1234567890", "12345678901234567890"],
        ["1234567890"],
    ]


def test_a_large_hall_is_shown_by_sections_those_with_free_seats_first():
    plan = plan_of("stadium")
    page = plan.overview(80, 24)
    assert not plan.is_small
    assert page.lines[0].split()[:4] == ["Floor", "1", "2,000", "free"]
    assert page.lines[-1] == "  and 87 more sections: Enter shows them"
    assert plan.overview(80, 24, page.following).lines[-1].startswith("  and 72 more")


def test_labels_are_found_however_they_are_typed_and_in_the_section_in_view():
    plan = plan_of("theatre")
    stalls = plan.section("STALLS")
    assert stalls is not None
    assert plan.label("a-12", stalls) == "Stalls/A-12"
    assert plan.label("circle/a-12", stalls) == "Circle/A-12"
    assert plan.label("a-12") == "a-12"
    assert plan.category("vip") == "VIP"
