"""The cursor: one step goes to the next seat in that direction, and none leaves the hall."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.tui.map.grid import lay_out_grid
from boxoffice.tui.map.moves import Direction, first_seat, move, nearest, run
from tests.tui.map import halls

DIRECTIONS = get_args(Direction)
EXAMPLES = {name: lay_out_grid(halls.example(name)) for name in ("club", "theatre")}


def grid_of(picture):
    seat_map = halls.drawn(picture)
    return seat_map, lay_out_grid(seat_map)


def walked(picture, start, *directions):
    """The labels on a walk through a drawn hall."""
    seat_map, grid = grid_of(picture)
    seat = seat_map.index_of(start)
    labels = []
    for direction in directions:
        seat = move(grid, seat, direction)
        labels.append(seat_map.labels[seat])
    return labels


@settings(max_examples=60, deadline=None)
@given(halls.wild_halls(), st.lists(st.sampled_from(DIRECTIONS), max_size=30), st.integers(1, 50))
def test_a_move_never_leaves_the_hall(seat_map, directions, page):
    grid = lay_out_grid(seat_map)
    seat = first_seat(grid)
    for direction in directions:
        before, seat = seat, move(grid, seat, direction, page)
        assert 0 <= seat < len(seat_map.labels)
        if direction == "left":
            assert seat == before or grid.columns[seat] < grid.columns[before]
        if direction == "right":
            assert seat == before or grid.columns[seat] > grid.columns[before]
        if direction in ("up", "page_up"):
            assert seat == before or grid.lines[seat] < grid.lines[before]
        if direction in ("down", "page_down"):
            assert seat == before or grid.lines[seat] > grid.lines[before]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_seat_is_reached_by_arrows_alone(name):
    grid = EXAMPLES[name]
    reached, frontier = {0}, [0]
    while frontier:
        seat = frontier.pop()
        for direction in ("left", "right", "up", "down"):
            other = move(grid, seat, direction)
            if other not in reached:
                reached.add(other)
                frontier.append(other)
    assert len(reached) == len(grid.columns)


@settings(max_examples=60, deadline=None)
@given(halls.wild_halls(), st.integers(-30, 300), st.integers(-30, 300))
def test_the_nearest_seat_is_nearest(seat_map, column, line):
    grid = lay_out_grid(seat_map)

    def cost(seat):
        return abs(grid.columns[seat] - column) + abs(grid.lines[seat] - line)

    assert cost(nearest(grid, column, line)) == min(map(cost, range(len(seat_map.labels))))


def test_left_and_right_follow_the_row_across_aisles():
    walk = walked("xxx xx\nxxxxxx", "A-3", "right", "right", "left", "left", "left")
    assert walk == ["A-4", "A-5", "A-4", "A-3", "A-2"]


def test_left_and_right_follow_a_curved_row():
    grid = EXAMPLES["theatre"]
    for row in grid.rows.values():
        seat = row[0]
        for expected in row[1:]:
            seat = move(grid, seat, "right")
            assert seat == expected


def test_up_and_down_keep_the_column_and_pass_over_holes():
    assert walked("xxxxx\nx   x\nxxxxx", "A-3", "down", "up") == ["C-3", "A-3"]


def test_at_the_edge_of_the_hall_the_cursor_stays():
    assert walked("xx\nxx", "A-1", "up", "left", "down", "down", "right", "right") == [
        "A-1",
        "A-1",
        "B-1",
        "B-1",
        "B-2",
        "B-2",
    ]


def test_a_row_end_is_followed_by_the_section_beside():
    left = ("Left", [(f"L{y}", [(x, y) for x in range(4)]) for y in range(3)])
    right = ("Right", [(f"R{y}", [(x + 8, y) for x in range(4)]) for y in range(3)])
    seat_map = halls.hall(left, right)
    grid = lay_out_grid(seat_map)
    seat = seat_map.index_of("L1-4")
    assert seat_map.labels[move(grid, seat, "right")] == "R1-1"


def test_home_and_end_go_to_the_ends_of_the_row():
    assert walked("xxx xxx\nxxxxxxx", "A-2", "row_end", "row_start") == ["A-6", "A-1"]


def test_a_page_goes_as_far_as_there_are_lines_and_no_further():
    seat_map, grid = grid_of("\n".join(["xxx"] * 20))
    seat = seat_map.index_of("C-2")
    seat = move(grid, seat, "page_down", 10)
    assert seat_map.labels[seat] == "M-2"
    assert seat_map.labels[move(grid, seat, "page_down", 10)] == "T-2"
    assert seat_map.labels[move(grid, seat, "page_up", 100)] == "A-2"


def test_sections_follow_each_other_in_the_plans_order_and_begin_again():
    seat_map = halls.example("theatre")
    grid = EXAMPLES["theatre"]
    seat, names = first_seat(grid), []
    for _ in range(3):
        seat = move(grid, seat, "next_section")
        names.append(seat_map.sections[grid.section_of(seat)])
    assert names == ["Circle", "Balcony", "Stalls"]
    assert grid.section_of(move(grid, seat, "previous_section")) == 2


def test_the_cursor_begins_in_the_middle_of_the_row_nearest_the_stage():
    seat_map = halls.example("stadium")
    grid = lay_out_grid(seat_map)
    seat = first_seat(grid)
    assert seat_map.sections[grid.section_of(seat)] == "Floor 2"
    assert seat_map.labels[seat] == "Floor 2/1-25"


def test_a_run_is_the_seats_of_a_row_between_two_of_it():
    seat_map, grid = grid_of("xxx xxx\nxxxxxxx")
    at = seat_map.index_of
    expected = [at("A-2"), at("A-3"), at("A-4"), at("A-5")]
    assert run(grid, at("A-2"), at("A-5")) == run(grid, at("A-5"), at("A-2")) == expected


def test_a_run_never_spans_two_rows():
    seat_map, grid = grid_of("xxx\nxxx")
    other = seat_map.index_of("B-3")
    assert run(grid, seat_map.index_of("A-2"), other) == [other]
