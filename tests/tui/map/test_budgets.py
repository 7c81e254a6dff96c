"""What drawing may cost, counted in lines and segments: no clock has a part in it."""

from __future__ import annotations

import pytest

from boxoffice.tui.map.grid import lay_out_grid
from tests.tui.map import halls
from tests.tui.map.easels import shown
from tests.tui.stage import played

# A line of 200 characters at normal zoom shows 99 seats.
SEGMENTS_A_LINE_MAX = 2 * 99


def seen_seats(view, count):
    """Seats that are on the screen, on as many lines as there are."""
    grid = view._raster.grid
    top, height = view.scroll_offset.y, view.size.height
    lines = range(top, min(top + height, grid.height))
    seats = [seat for line in lines for seat in grid.line_seats[line]]
    return seats[:: max(len(seats) // count, 1)][:count]


@played
async def test_a_cursor_move_draws_two_lines():
    async with shown(
        halls.arena(), halls.mixed_states(halls.arena()), size=(200, 60), zoom="normal"
    ) as (
        _,
        view,
        pilot,
    ):
        for direction, lines in (("right", 1), ("left", 1), ("down", 2), ("up", 2)):
            view.drawn.clear()
            view.move(direction)
            await pilot.pause()
            assert len(view.drawn) == lines, direction


@played
async def test_a_batch_draws_the_lines_that_it_touches_and_no_others():
    async with shown(halls.arena(), size=(200, 60), zoom="normal") as (_, view, pilot):
        grid = view._raster.grid
        seats = seen_seats(view, 12)
        lines = {grid.lines[seat] for seat in seats}
        touched = view.apply([(seat, ord("s")) for seat in seats])
        await pilot.pause()
        assert touched == len(lines)
        assert sorted(view.drawn) == sorted(line - view.scroll_offset.y for line in lines)


@played
async def test_changes_out_of_sight_draw_nothing():
    async with shown(halls.arena(), size=(200, 60), zoom="normal") as (_, view, pilot):
        grid = view._raster.grid
        bottom = view.scroll_offset.y + view.size.height
        hidden = [seat for seat in range(len(halls.arena().labels)) if grid.lines[seat] >= bottom]
        assert view.apply([(seat, ord("s")) for seat in hidden[:500]]) > 0
        await pilot.pause()
        assert view.drawn == []


@played
async def test_states_that_are_already_shown_draw_nothing():
    states = halls.mixed_states(halls.arena())
    async with shown(halls.arena(), states, size=(200, 60)) as (_, view, pilot):
        assert view.apply_all(states) == 0
        view.set_mine([])
        await pilot.pause()
        assert view.drawn == []


@played
async def test_a_line_that_did_not_change_is_composed_once():
    async with shown(halls.arena(), size=(200, 60), zoom="normal") as (_, view, pilot):
        kept = dict(view._easel._strips)
        assert len(kept) == view.size.height
        for y in (view.scroll_offset.y + 7, view.scroll_offset.y):
            view.scroll_to(y=y, animate=False)
            await pilot.pause()
        assert all(view._easel._strips[line] is strip for line, strip in kept.items())


@pytest.mark.parametrize("zoom", ["overview", "half", "compact", "normal", "labels"])
@played
async def test_a_frame_has_few_segments(zoom):
    async with shown(
        halls.arena(), halls.mixed_states(halls.arena()), size=(200, 60), zoom=zoom
    ) as (_, view, _):
        alike = view.segments
        assert len(alike) <= 60 * SEGMENTS_A_LINE_MAX / 2
        view.apply_all(b"f" * len(halls.arena().labels))
        assert len(view.segments) <= 60 * 30


@played
async def test_no_batch_however_large_makes_more_lines_than_the_screen_has():
    async with shown(halls.example("stadium"), size=(400, 120), zoom="half") as (_, view, pilot):
        view.apply_all(halls.mixed_states(halls.example("stadium")))
        await pilot.pause()
        assert len(view.drawn) == len(set(view.drawn)) <= 120


@played
async def test_an_idle_map_draws_nothing():
    async with shown(halls.arena(), halls.mixed_states(halls.arena()), size=(200, 60)) as (
        _,
        view,
        pilot,
    ):
        await pilot.pause(0.3)
        assert view.drawn == []


def test_a_hall_keeps_few_cells_a_seat():
    grid = lay_out_grid(halls.arena())
    cells = sum(columns[-1] + 1 for columns in grid.line_columns if columns)
    assert cells <= 12 * len(halls.arena().labels)
