"""What a plan names besides its seats is on the map, where it lies and where it hides nothing."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.core.areas import named_areas
from boxoffice.core.model import Area
from boxoffice.tui.map.grid import lay_out_grid
from boxoffice.tui.map.marks import marks_of
from boxoffice.tui.map.palette import ASCII
from boxoffice.tui.map.zooms import COMPACT, HALF, NORMAL, labels_zoom, overview
from tests.conftest import key
from tests.tui.map import halls
from tests.tui.map.easels import shown
from tests.tui.sell.desk import at_map
from tests.tui.stage import assert_looks, played

PITCH = 25
ZOOMS = ["overview", "half", "compact", "normal", "labels"]


def area(text, x, y, **shape):
    return {"position": {"x": x, "y": y}, "text": {"text": text, "color": "#333"}, **shape}


AREAS = [
    area("Bühne", 100, -120, shape="rectangle", rectangle={"width": 200, "height": 60}),
    area("Bar", -200, 75, shape="circle", circle={"radius": 40}),
    area("Mixing desk", 225, 275, shape="text"),
    area("Cloak\nroom", 580, 0, shape="rectangle", rectangle={"width": 100, "height": 200}),
    {"position": {"x": 9, "y": 9}, "shape": "rectangle"},
    {"text": 7},
    3,
]


def pretix_plan():
    rows = [
        {
            "row_number": "ABCDEFGH"[row],
            "seats": [
                {
                    "seat_number": str(n + 1),
                    "category": "Standard",
                    "position": {"x": PITCH * n, "y": PITCH * row},
                }
                for n in range(20)
            ],
        }
        for row in range(8)
    ]
    zone = {"name": "Parkett", "position": {"x": 0, "y": 0}, "rows": rows, "areas": AREAS}
    return {"name": "Haus", "categories": [{"name": "Standard"}], "zones": [zone]}


def with_areas(seat_map, *areas):
    return replace(seat_map, areas=tuple(Area(name=n, x=x, y=y) for n, x, y in areas))


@played
async def test_a_hall_of_pretix_looks_like_this_at_the_counter(world):
    office = world.office
    office.import_venue(io.BytesIO(json.dumps(pretix_plan()).encode()), key=key())
    concert = office.create_concert("Oper", "Haus", key=key())
    date = world.office.show_concert("Concert").dates[0].date
    made = office.create_performance("Oper", date, prices={"Standard": 7}, key=key())
    assert concert.venue == "Haus"
    async with at_map(replace(world, performance=made.performance), size=(80, 24)) as stage:
        await stage.until_seen("Mixing desk")
        await stage.until_seen("waiting")
        assert_looks(stage, "areas-80x24")


def test_areas_are_read_as_far_as_they_have_a_name_and_are_no_stage():
    zones = [{"position": [10.0, 20.0], "areas": AREAS}, {"areas": None}, {}]
    assert named_areas(zones) == (
        Area(name="Bar", x=-190, y=95),
        Area(name="Mixing desk", x=235, y=295),
        Area(name="Cloak room", x=640, y=120),
    )
    crowd = [{"areas": [area(str(n), n, 10**400 if n else 1e308) for n in range(500)]}]
    assert len(named_areas(crowd)) == 100


@pytest.mark.parametrize("zoom", ZOOMS)
@played
async def test_a_name_is_seen_at_every_zoom_and_moves_nothing_but_the_hall(zoom):
    hall = halls.example("club")
    bar = with_areas(hall, ("Bar", sum(hall.xs) / len(hall.xs), 1e6))
    async with shown(hall, zoom=zoom) as (_, plain, _):
        before = [line.strip() for line in plain.text]
    async with shown(bar, zoom=zoom) as (_, view, _):
        assert "Bar" in "\n".join(view.text)
        after = [line.replace("Bar", "   ").strip() for line in view.text]
    if zoom in ("compact", "normal", "labels"):
        assert [line for line in after if line] == [line for line in before if line]


@played
async def test_names_are_drawn_in_ascii_and_any_script():
    hall = halls.example("club")
    named = with_areas(hall, ("음향", max(hall.xs) + 6, max(hall.ys)), ("Bar", 0.0, 99.0))
    async with shown(named, zoom="normal", glyphs=ASCII) as (_, view, _):
        text = "\n".join(view.text)
    assert "음향" in text
    assert "Bar" in text


@settings(max_examples=60, deadline=None)
@given(
    halls.wild_halls(),
    st.lists(st.tuples(st.text("ab ", min_size=1), halls.coordinates(), halls.coordinates())),
)
def test_no_name_hides_a_seat_or_another_word(seat_map, areas):
    grid = lay_out_grid(with_areas(seat_map, *areas))
    for zoom in (COMPACT, HALF, NORMAL, labels_zoom(seat_map.numbers), overview(grid, 80, 24)):
        seats = {zoom.at(c, ln) for c, ln in zip(grid.columns, grid.lines, strict=True)}
        for line, marks in marks_of(grid, seat_map.sections, zoom, digits=False).items():
            for mark in (mark for mark in marks if mark.area):
                assert 0 <= mark.x <= zoom.size(grid)[0] - len(mark.text)
                assert not any((mark.x + at, line) in seats for at in range(len(mark.text)))
                assert not any(mark.meets(other) for other in marks if other is not mark)


def test_without_areas_the_hall_is_laid_out_as_before():
    hall = halls.example("theatre")
    grid = lay_out_grid(hall)
    far = lay_out_grid(with_areas(hall, ("Nowhere", 1e9, 1e9)))
    assert grid.areas == []
    assert (far.columns, far.lines) == (grid.columns, grid.lines)
    assert far.width - grid.width <= 7 + len("Nowhere")
    assert far.height - grid.height <= 4
