"""A hall as cells: nothing lost, nothing on one another, in the order in which people sit."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.core.hall import lay_out
from boxoffice.core.plans import open_plan, read_plan
from boxoffice.tui.map.grid import CELLS_A_SEAT_MAX, CELLS_MIN, lay_out_grid
from tests.tui.map import halls

PLANS = sorted((Path(__file__).parents[3] / "docs" / "plans").glob("*.json"))
EXAMPLES = ("club", "theatre", "stadium")


def cells_of(grid):
    return list(zip(grid.columns, grid.lines, strict=True))


def assert_sound(seat_map, grid):
    """Each seat has a cell of its own inside the hall, and each cell knows its seat."""
    cells = cells_of(grid)
    assert len(cells) == len(set(cells)) == len(seat_map.labels)
    for seat, (column, line) in enumerate(cells):
        assert 0 <= column < grid.width
        assert 0 <= line < grid.height
        assert grid.seat_at(column, line) == seat
    assert sorted(seat for row in grid.rows.values() for seat in row) == list(range(len(cells)))


def neighbours_of(seat_map):
    """Pairs of seats that the search for seats counts as together."""
    rows = seat_map.seat_rows
    line = lay_out(
        sections=[seat_map.row_sections[row] for row in rows],
        rows=rows,
        xs=seat_map.xs,
        ys=seat_map.ys,
        set_apart=[False] * len(rows),
        focal=seat_map.focal,
    ).seats
    return {frozenset(pair) for pair in pairwise(line) if len(rows) not in pair}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_seat_of_an_example_has_a_cell_of_its_own(name):
    seat_map = halls.example(name)
    assert_sound(seat_map, lay_out_grid(seat_map))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_seat_of_a_plan_file_has_a_cell_of_its_own(path):
    with open_plan(path) as file:
        seat_map = halls.seat_map_of(read_plan(file))
    assert_sound(seat_map, lay_out_grid(seat_map))


@settings(max_examples=60, deadline=None)
@given(halls.wild_halls())
def test_every_seat_of_any_plan_has_a_cell_of_its_own(seat_map):
    grid = lay_out_grid(seat_map)
    assert_sound(seat_map, grid)
    assert grid.width * grid.height <= max(CELLS_MIN, CELLS_A_SEAT_MAX * len(seat_map.labels)) * 2


@settings(max_examples=60, deadline=None)
@given(halls.wild_halls())
def test_sections_and_the_stage_never_overlap(seat_map):
    grid = lay_out_grid(seat_map)
    boxes = [place.box for place in grid.sections.values()]
    assert all(one.beside(other) for one, other in combinations([*boxes, grid.stage], 2))
    for seat, (column, line) in enumerate(cells_of(grid)):
        box = grid.sections[grid.section_of(seat)].box
        assert box.left <= column < box.left + box.width
        assert box.top <= line < box.top + box.height


@settings(max_examples=60, deadline=None)
@given(halls.wild_halls())
def test_the_name_of_a_section_covers_no_seat(seat_map):
    grid = lay_out_grid(seat_map)
    for place in grid.sections.values():
        third = place.box.width // 3
        first, last = place.box.left + third, place.box.left + place.box.width - third
        for line in (place.name_line - 1, place.name_line):
            assert not grid.seats_between(line, first, last)


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=4), min_size=1, max_size=8),
    pitch=st.sampled_from([0.01, 0.5, 1.0, 3.0, 700.0]),
    curve=st.floats(-0.02, 0.02),
    turn=st.floats(-math.pi, math.pi),
)
def test_people_who_sit_together_have_cells_side_by_side_and_aisles_stay_open(
    lengths, pitch, curve, turn
):
    """Rows of blocks between aisles, curved and turned in any way."""
    rows = []
    for number, blocks in enumerate(lengths):
        x = -(sum(blocks) + len(blocks) - 1) / 2
        places = []
        for seats in blocks:
            places += [(x + at, 1.3 * number + curve * (x + at) ** 2) for at in range(seats)]
            x += seats + 1
        rows.append(
            (
                str(number + 1),
                [
                    (
                        pitch * (x * math.cos(turn) - y * math.sin(turn)),
                        pitch * (x * math.sin(turn) + y * math.cos(turn)),
                    )
                    for x, y in places
                ],
            )
        )
    seat_map = halls.hall(("Floor", rows))
    grid = lay_out_grid(seat_map)
    beside = neighbours_of(seat_map)
    for row in grid.rows.values():
        columns = [grid.columns[seat] for seat in row]
        assert columns == sorted(columns)
        for one, other in pairwise(row):
            step = grid.columns[other] - grid.columns[one]
            assert step == 1 if frozenset((one, other)) in beside else step >= 2


def test_a_row_keeps_its_order_from_left_to_right_as_the_hall_lies():
    for name in ("club", "theatre"):
        seat_map = halls.example(name)
        grid = lay_out_grid(seat_map)
        for row in grid.rows.values():
            xs = [seat_map.xs[seat] for seat in row]
            assert xs == sorted(xs)


def test_rows_are_drawn_one_behind_the_other_from_the_stage_on():
    seat_map = halls.example("club")
    grid = lay_out_grid(seat_map)
    lines = [grid.lines[grid.rows[row][0]] for row in range(5)]
    assert lines == list(range(lines[0], lines[0] + 5))
    assert grid.stage.top + grid.stage.height <= lines[0]


def test_an_aisle_is_one_empty_column_where_the_plan_leaves_room_for_a_seat():
    grid = lay_out_grid(halls.drawn("xxx xxxx\nxxx xxxx"))
    assert [column - grid.columns[0] for column in grid.columns[:7]] == [0, 1, 2, 4, 5, 6, 7]


def test_a_cross_aisle_is_an_empty_line():
    rows = [(str(y), [(x, y) for x in range(6)]) for y in (0, 1, 2, 4, 5)]
    grid = lay_out_grid(halls.hall(("Floor", rows)))
    lines = [grid.lines[grid.rows[row][0]] for row in range(5)]
    assert [line - lines[0] for line in lines] == [0, 1, 2, 4, 5]


def test_a_curved_row_bends_towards_the_stage_and_its_halves_mirror_each_other():
    seat_map = halls.example("theatre")
    grid = lay_out_grid(seat_map)
    last_row = max(row for row in grid.rows if grid.section_of(grid.rows[row][0]) == 0)
    lines = [grid.lines[seat] for seat in grid.rows[last_row]]
    assert lines == lines[::-1]
    assert 2 <= max(lines) - lines[0] <= 6
    assert lines[len(lines) // 2] == max(lines)


def test_parts_of_a_row_that_are_given_as_rows_share_a_line():
    sides = [
        (name + str(y), [(x + shift, 1.2 * y) for x in range(5)])
        for y in range(4)
        for name, shift in (("L", 0), ("R", 8))
    ]
    grid = lay_out_grid(halls.hall(("Floor", sides)))
    for row in range(0, 8, 2):
        assert grid.lines[grid.rows[row][0]] == grid.lines[grid.rows[row + 1][0]]


def test_the_stands_of_a_stadium_lie_around_the_stage_with_their_first_rows_on_top():
    seat_map = halls.example("stadium")
    grid = lay_out_grid(seat_map)
    boxes = {seat_map.sections[at]: place.box for at, place in grid.sections.items()}
    assert boxes["107"].left < boxes["Floor 1"].left < grid.stage.left
    assert boxes["126"].left > boxes["Floor 3"].left > grid.stage.left
    assert boxes["116"].top > boxes["Floor 5"].top > grid.stage.top > boxes["101"].top
    assert boxes["307"].left < boxes["207"].left < boxes["107"].left
    beside_stage = seat_map.sections.index("108")
    first = [row for row in grid.rows if seat_map.row_sections[row] == beside_stage]
    lines = [grid.lines[grid.rows[row][0]] for row in first]
    assert lines == sorted(lines)


def test_a_block_far_away_does_not_stretch_the_hall():
    near = ("Near", [("A", [(x, 0) for x in range(10)])])
    far = ("Far", [("B", [(x + 900_000, 900_000) for x in range(10)])])
    grid = lay_out_grid(halls.hall(near, far))
    assert grid.width <= 40
    assert grid.height <= 20


def test_seats_on_one_spot_are_drawn_side_by_side_and_below():
    grid = lay_out_grid(halls.hall(("Heap", [("A", [(5, 5)] * 4), ("B", [(5, 5)] * 3)])))
    assert len(set(cells_of(grid))) == 7
    assert grid.width <= 12
