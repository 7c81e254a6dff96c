"""Zooms: where a seat is drawn, which seat is drawn somewhere, and what fits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.tui.map.grid import lay_out_grid
from boxoffice.tui.map.zooms import (
    COMPACT,
    HALF,
    LEFT_CELLS,
    NORMAL,
    labels_zoom,
    largest_that_fits,
    overview,
)
from tests.tui.map import halls

LABELS = labels_zoom(["1", "12"])
SINGLE = (COMPACT, NORMAL, LABELS)


@settings(max_examples=40, deadline=None)
@given(halls.wild_halls(), st.sampled_from(SINGLE))
def test_pointing_at_any_character_of_a_seat_finds_that_seat(seat_map, zoom):
    grid = lay_out_grid(seat_map)
    width, height = zoom.size(grid)
    for seat in range(len(seat_map.labels)):
        x, y = zoom.at(grid.columns[seat], grid.lines[seat])
        assert LEFT_CELLS <= x <= width - zoom.cells
        assert 0 <= y < height
        assert {zoom.seat_at(grid, x + at, y) for at in range(zoom.cells)} == {seat}


@settings(max_examples=40, deadline=None)
@given(halls.wild_halls(), st.integers(1, 90), st.integers(1, 30))
def test_pointing_where_seats_share_a_character_finds_one_of_them(seat_map, width, height):
    grid = lay_out_grid(seat_map)
    for zoom in (HALF, overview(grid, width, height)):
        for seat in range(len(seat_map.labels)):
            at = zoom.at(grid.columns[seat], grid.lines[seat])
            found = zoom.seat_at(grid, *at)
            assert found is not None
            assert zoom.at(grid.columns[found], grid.lines[found]) == at


@settings(max_examples=40, deadline=None)
@given(halls.wild_halls(), st.sampled_from((HALF, *SINGLE)))
def test_pointing_where_no_seat_is_drawn_finds_none(seat_map, zoom):
    grid = lay_out_grid(seat_map)
    drawn = {zoom.at(column, line) for column, line in zip(grid.columns, grid.lines, strict=True)}
    for x, y in ((-1, 0), (0, 0), (0, -1), (LEFT_CELLS, zoom.size(grid)[1]), (10**6, 0)):
        if (x, y) not in drawn:
            assert zoom.seat_at(grid, x, y) is None


@pytest.mark.parametrize("name", ["club", "theatre", "stadium"])
@pytest.mark.parametrize("window", [(60, 18), (80, 24), (120, 40), (400, 120)])
def test_the_overview_shows_the_whole_hall_with_the_smallest_tiles(name, window):
    grid = lay_out_grid(halls.example(name))
    zoom = overview(grid, *window)
    width, height = zoom.size(grid)
    assert width <= window[0]
    assert height <= window[1]
    assert zoom.columns == 2 or any(
        size > room
        for size, room in zip(
            type(zoom)(
                name="closer", columns=zoom.columns - 1, rows=zoom.rows - 2, top=zoom.top
            ).size(grid),
            window,
            strict=True,
        )
    )


def test_the_nearest_zoom_that_fits_is_chosen():
    grid = lay_out_grid(halls.example("club"))
    steps = (HALF, COMPACT, NORMAL, LABELS)
    assert largest_that_fits(steps, grid, 200, 60) is LABELS
    assert largest_that_fits(steps, grid, 30, 60) is NORMAL
    assert largest_that_fits(steps, grid, 30, 6) is HALF
    assert largest_that_fits(steps, grid, 30) is NORMAL
    assert largest_that_fits(steps, grid, 3, 3) is None


def test_labels_have_room_for_the_state_and_the_number():
    assert labels_zoom(["1", "9"]).cells == 4
    assert labels_zoom(["1", "123"]).cells == 5
    assert labels_zoom(["1", "12345678"]).cells == 6
