"""What somebody means who types a place."""

from __future__ import annotations

import pytest

from boxoffice.core.model import Plan, PlanRow, PlanSeat
from boxoffice.tui.sell.finding import find_place
from tests.tui.map.halls import seat_map_of


@pytest.fixture(scope="module")
def hall():
    """Two sections, R and Upper Tier, with rows A to C of 20 seats each."""
    sections, rows = ("R", "Upper Tier"), "ABC"
    return seat_map_of(
        Plan(
            name="Hall",
            time_zone="Asia/Seoul",
            focal=(10.0, -2.0),
            categories=("Standard",),
            sections=sections,
            rows=tuple(
                PlanRow(section=section, name=name) for section in range(2) for name in rows
            ),
            seats=tuple(
                PlanSeat(
                    label=f"{sections[section]} {name}-{number}",
                    section=section,
                    row=section * 3 + row,
                    number=str(number),
                    category=0,
                    x=float(number),
                    y=float(section * 5 + row),
                )
                for section in range(2)
                for row, name in enumerate(rows)
                for number in range(1, 21)
            ),
        )
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("R C-12", ["R C-12"]),
        ("r c-12", ["R C-12"]),
        ("  R   C-12 ", ["R C-12"]),
        ("R C 12", ["R C-12"]),
        ("R C 12-14", ["R C-12", "R C-13", "R C-14"]),
        ("R C 14-12", ["R C-12", "R C-13", "R C-14"]),
        ("upper tier b 3-4", ["Upper Tier B-3", "Upper Tier B-4"]),
        ("C-12", ["R C-12", "Upper Tier C-12"]),
        ("C 12", ["R C-12", "Upper Tier C-12"]),
        ("C-12..13", ["R C-12", "R C-13", "Upper Tier C-12", "Upper Tier C-13"]),
        ("R/C 12 - 13", ["R C-12", "R C-13"]),
    ],
)
def test_a_label_or_a_row_with_numbers_names_seats(hall, typed, found):
    assert [hall.labels[seat] for seat in find_place(hall, typed)] == found


def test_a_section_or_a_row_names_all_its_seats(hall):
    assert len(find_place(hall, "upper tier")) == 60
    assert len(find_place(hall, "b")) == 40


@pytest.mark.parametrize(
    "typed", ["", "   ", "Z-1", "C 99", "C 1-99", "kim minji", "R-0G00-0000-0000-0A", "-", "((("]
)
def test_what_is_no_place_names_no_seat(hall, typed):
    assert find_place(hall, typed) == []
