"""The map on a screen: what is seen at every size, and how the cursor and the pointer move."""

from __future__ import annotations

import pytest

from boxoffice.tui.map.palette import ASCII, COLOURS_16, NO_COLOURS, TRUECOLOR
from boxoffice.tui.map.zooms import NORMAL
from tests.tui.map import halls
from tests.tui.map.easels import place_of, shown, zoom_to
from tests.tui.stage import played

CLUB = halls.example("club")
THEATRE = halls.example("theatre")
SIZES = [(60, 18), (80, 24), (120, 40), (400, 120)]
ZOOMS = ["overview", "half", "compact", "normal", "labels"]


def at(label, seat_map=CLUB):
    seat = seat_map.index_of(label)
    assert seat is not None
    return seat


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("zoom", ZOOMS)
@played
async def test_every_zoom_fills_every_size_of_terminal(size, zoom):
    async with shown(THEATRE, halls.mixed_states(THEATRE), size=size, zoom=zoom) as (_, view, _):
        assert {len(line) for line in view.text} == {view.size.width}
        assert any(line.strip() for line in view.text)


@played
async def test_the_whole_of_a_small_hall_is_seen_with_its_stage_section_rows_and_aisle():
    async with shown(CLUB, size=(60, 18), zoom="normal") as (_, view, _):
        lines = [line.strip() for line in view.text if line.strip()]
        assert lines == [
            "STAGE",
            "Floor",
            "A  a a a a[a]A a a a a a",
            "B  a a a a a B a a a a a",
            "C  b b b b b C b b b b b",
            "D  b b b b b D b b b b b",
            "E  b b b b b E b b b b b",
        ]


@played
async def test_every_state_has_its_character():
    states = bytearray(b"f" * 50)
    states[10:13] = b"hsb"
    async with shown(CLUB, bytes(states), zoom="normal") as (_, view, _):
        view.set_mine([at("B-4")])
        view.set_pending([at("B-5")])
        view.set_lost([at("B-6")])
        assert "B  ~ · / ✓ ? B ! a a a a" in view.text[6].strip()


@played
async def test_ascii_maps_hold_no_other_character_at_any_zoom():
    states = halls.mixed_states(THEATRE)
    async with shown(THEATRE, states, glyphs=ASCII) as (_, view, pilot):
        view.set_mine(range(10))
        view.zoom_out()
        view.zoom_out()
        view.zoom_out()
        names = []
        for _ in range(5):
            await pilot.pause()
            assert all(line.isascii() for line in view.text)
            if view.zoom_name not in names:
                names.append(view.zoom_name)
            view.zoom_in()
        assert names == ["overview", "compact", "normal", "labels"]


@played
async def test_without_colours_nothing_has_a_colour_and_the_overview_counts_in_digits():
    async with shown(THEATRE, palette=NO_COLOURS, zoom="overview") as (_, view, _):
        text = "".join(view.text)
        assert "9" in text
        assert "▀" not in text
        view.apply_all(b"s" * 2000)
        assert "9" not in "".join(view.text)
        styles = [segment.style for segment in view.segments]
        assert all(style.color is None and style.bgcolor is None for style in styles)


@played
async def test_sixteen_colours_reach_the_terminal_as_they_are():
    async with shown(CLUB, palette=COLOURS_16, zoom="normal") as (_, view, pilot):
        await pilot.pause()
        strips = view.render_lines(view.size.region)
        colours = {segment.style.color for strip in strips for segment in strip if segment.style}
        assert "bright_yellow" in {colour.name for colour in colours if colour}


@played
async def test_the_terminals_own_colours_choose_the_palette_and_no_color_removes_it():
    async with shown(CLUB, palette=None) as (app, view, _):
        assert view.appearance.palette.name in ("none", "16", "256", "truecolor")
        assert (app.console.color_system is None) == (view.appearance.palette is NO_COLOURS)


@played
async def test_labels_show_the_number_of_every_seat():
    async with shown(CLUB, zoom="labels") as (_, view, _):
        assert "[a5 ]" in "".join(view.text)
        assert "a10" in "".join(view.text)


@played
async def test_the_row_letter_stays_when_the_map_is_scrolled_sideways():
    async with shown(THEATRE, size=(60, 30), zoom="labels") as (_, view, pilot):
        view.go_to(at("Stalls/K-40", THEATRE))
        await pilot.pause()
        assert view.scroll_offset.x > 0
        line = next(line for line in view.text if "[" in line)
        assert line.startswith("K ")


@played
async def test_the_cursor_is_always_in_view():
    async with shown(THEATRE, size=(60, 18)) as (_, view, pilot):
        for zoom in ZOOMS:
            zoom_to(view, zoom)
            for label in ("Balcony/H-1", "Stalls/A-1", "Circle/L-40", "V-20"):
                view.go_to(at(label, THEATRE))
                await pilot.pause()
                x, y = place_of(view, view.cursor) or (None, None)
                drawn = "".join(view.text)
                if zoom in ("normal", "labels"):
                    assert "[" in drawn
                    assert x is not None
                    assert y is not None
                if zoom in ("overview", "half"):
                    assert drawn.count("+") == 1


@played
async def test_a_resize_to_one_cell_and_back_keeps_the_zoom_and_the_cursor_in_view():
    async with shown(THEATRE, halls.mixed_states(THEATRE), size=(80, 24), zoom="normal") as (
        _,
        view,
        pilot,
    ):
        view.go_to(at("Circle/C-9", THEATRE))
        for size in ((400, 120), (1, 1), (2, 2), (3, 40), (120, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert {len(line) for line in view.text} <= {view.size.width}
        assert view.zoom_name == "normal"
        assert view.cursor == at("Circle/C-9", THEATRE)
        assert place_of(view, view.cursor) is not None
        assert sum("[" in line for line in view.text) == 1


@pytest.mark.parametrize("zoom", ZOOMS)
@played
async def test_a_terminal_of_one_cell_shows_any_zoom(zoom):
    async with shown(THEATRE, size=(80, 24), zoom=zoom) as (_, view, pilot):
        await pilot.resize_terminal(1, 1)
        await pilot.pause()
        view.move("down")
        view.zoom_in()
        view.zoom_out()
        view.apply_all(b"s" * 2000)
        await pilot.pause()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert any(line.strip() for line in view.text)


@played
async def test_a_map_shown_before_the_terminal_has_a_size_appears_with_it():
    async with shown(CLUB, size=(1, 1)) as (_, view, pilot):
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        zoom_to(view, "normal")
        assert any("STAGE" in line for line in view.text)


@played
async def test_zoom_goes_in_and_out_by_one_and_fit_shows_the_whole_hall():
    async with shown(THEATRE, size=(120, 40)) as (app, view, pilot):
        zoom_to(view, "overview")
        names = [view.zoom_name]
        for _ in range(6):
            view.zoom_in()
            names.append(view.zoom_name)
        assert names == [*ZOOMS, "labels", "labels"]
        view.zoom_fit()
        await pilot.pause()
        assert view.zoom_name == "half"
        assert view.virtual_size.height <= view.container_size.height
        assert app.told[-1] == ("zoom", "half")


@played
async def test_moving_tells_where_the_cursor_went_and_gives_up_the_run():
    async with shown(CLUB) as (app, view, pilot):
        view.extend("right")
        view.extend("right")
        assert view.run == (at("A-5"), at("A-6"), at("A-7"))
        view.extend("left")
        assert view.run == (at("A-5"), at("A-6"))
        view.move("down")
        await pilot.pause()
        assert view.run == ()
        assert view.cursor == at("B-6")
        assert app.told[-2:] == [("run", ()), ("moved", at("B-6"))]


@played
async def test_a_run_stays_in_its_row():
    async with shown(CLUB) as (_, view, _):
        view.extend("row_end")
        view.extend("right")
        view.extend("down")
        assert view.cursor == at("A-10")
        assert view.run == tuple(at(f"A-{number}") for number in range(5, 11))


@played
async def test_actions_do_what_the_keys_of_a_screen_ask():
    async with shown(CLUB) as (app, view, pilot):
        view.action_move("right")
        view.action_extend("right")
        view.action_zoom("in")
        view.action_next_colours()
        view.action_choose()
        await pilot.pause()
        assert ("chosen", at("A-7")) in app.told
        assert view.appearance.mode == "status"
        assert view.zoom_name == "labels"


@pytest.mark.parametrize("zoom", ["compact", "normal", "labels"])
@played
async def test_a_click_chooses_the_seat_under_the_pointer(zoom):
    async with shown(CLUB, zoom=zoom) as (app, view, pilot):
        seat = at("D-8")
        await pilot.click(view, offset=place_of(view, seat))
        await pilot.pause()
        assert app.told == [("moved", seat), ("chosen", seat)]
        assert view.cursor == seat


@played
async def test_a_click_beside_the_seats_chooses_none():
    async with shown(CLUB, zoom="normal") as (app, view, pilot):
        for offset in ((0, 0), (1, 1), (view.size.width - 1, view.size.height - 1)):
            await pilot.click(view, offset=offset)
        await pilot.pause()
        assert app.told == []


@played
async def test_dragging_along_a_row_makes_a_run_and_chooses_nothing():
    async with shown(CLUB, zoom="normal") as (app, view, pilot):
        await pilot.mouse_down(view, offset=place_of(view, at("C-2")))
        for label in ("C-3", "D-3", "C-4"):
            await pilot.hover(view, offset=place_of(view, at(label)))
        await pilot.mouse_up(view, offset=place_of(view, at("C-4")))
        await pilot.pause()
        assert view.run == (at("C-2"), at("C-3"), at("C-4"))
        assert not [told for told in app.told if told[0] == "chosen"]


@played
async def test_the_wheel_scrolls_and_with_ctrl_it_zooms():
    async with shown(THEATRE, size=(80, 24), zoom="normal") as (_, view, pilot):
        from textual import events

        def wheel(kind, *, ctrl):
            view.post_message(kind(view, 5, 5, 0, 0, 0, shift=False, meta=False, ctrl=ctrl))

        top = view.scroll_offset.y
        wheel(events.MouseScrollDown, ctrl=False)
        await pilot.pause()
        assert view.scroll_offset.y > top
        wheel(events.MouseScrollDown, ctrl=True)
        await pilot.pause()
        assert view.zoom_name == "compact"
        wheel(events.MouseScrollUp, ctrl=True)
        await pilot.pause()
        assert view.zoom_name == NORMAL.name


@played
async def test_hits_are_underlined_and_keep_their_character():
    async with shown(CLUB, zoom="normal") as (_, view, _):
        view.highlight([at("C-3"), at("C-4")])
        underlined = [segment.text for segment in view.segments if segment.style.underline]
        assert underlined == ["b b "]


@played
async def test_a_filter_and_the_colours_change_looks_and_no_character():
    async with shown(CLUB, zoom="normal") as (_, view, _):
        before, styles = view.text, [segment.style for segment in view.segments]
        view.set_filter([1])
        assert view.text == before
        assert [segment.style for segment in view.segments] != styles
        view.set_filter(None)
        view.set_colours("availability")
        assert view.text == before
        assert [segment.style for segment in view.segments] != styles


@pytest.mark.parametrize("zoom", ZOOMS)
@played
async def test_a_map_that_may_be_out_of_date_is_grey_until_it_is_not(zoom):
    async with shown(CLUB, zoom=zoom) as (_, view, _):
        before = view.segments
        view.dimmed = True
        dimmed = view.segments
        orange = TRUECOLOR.categories[0].colour
        assert orange in {s.style.color.name for s in before if s.style.color}
        assert orange not in {s.style.color.name for s in dimmed if s.style.color}
        view.dimmed = False
        assert view.segments == before


@played
async def test_a_change_of_theme_leaves_no_line_of_the_old_one():
    async with shown(CLUB, zoom="normal") as (app, view, pilot):
        before = view.text
        app.theme = "textual-light"
        await pilot.pause()
        assert set(view.drawn) >= set(range(view.size.height))
        assert view.text == before


@played
async def test_an_empty_view_draws_blanks_and_takes_anything():
    from tests.tui.map.easels import CountedView, MapApp

    view = CountedView()
    async with MapApp(view).run_test(size=(20, 5)):
        assert view.apply([(0, ord("s"))]) == view.apply_all(b"") == 0
        view.set_mine([1])
        view.set_pending([1])
        view.set_lost([1])
        view.highlight([1])
        view.move("left")
        view.extend("left")
        view.zoom_in()
        view.zoom_fit()
        view.action_choose()
        assert view.cursor is None
        assert view.run == ()
        assert view.counts.free == 0
        assert set("".join(view.text)) == {" "}
