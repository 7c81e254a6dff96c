"""Looks: every state has a character of its own, and a terminal gets colours that it can show."""

from __future__ import annotations

import pytest

from boxoffice.tui.map.palette import (
    ASCII,
    COLOURS_16,
    COLOURS_256,
    NO_COLOURS,
    OKABE_ITO,
    TRUECOLOR,
    UNICODE,
    Appearance,
    glyphs_of,
    looks,
    palette_for,
)
from boxoffice.tui.map.raster import BLOCKED, FREE, HELD, LOST, MINE, PENDING, SOLD, VOID

STATES = (SOLD, HELD, MINE, PENDING, LOST, BLOCKED)
PALETTES = (TRUECOLOR, COLOURS_256, COLOURS_16, NO_COLOURS)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("truecolor", TRUECOLOR),
        ("256", COLOURS_256),
        ("standard", COLOURS_16),
        ("windows", COLOURS_16),
        (None, NO_COLOURS),
    ],
)
def test_the_palette_goes_by_what_the_terminal_can_show(system, expected):
    assert palette_for(system, no_color=False) is expected
    assert palette_for(system, no_color=True) is NO_COLOURS


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_state_and_every_category_has_a_character_of_its_own(glyphs):
    characters = glyphs_of(glyphs)
    shown = [characters[code] for code in (VOID, *STATES, *range(FREE, FREE + 26))]
    assert len(set(shown)) == len(shown)
    assert all(len(character) == 1 for character in characters)


def test_the_characters_are_those_of_the_legend():
    def shown(glyphs):
        return "".join(glyphs_of(glyphs)[code] for code in (FREE, FREE + 7, *STATES))

    assert shown(UNICODE) == "ah·~✓?!/"
    assert shown(ASCII) == "ah.~@?!/"
    assert shown(ASCII).isascii()


def test_categories_have_eight_colours_that_differ_in_every_palette():
    for palette in (TRUECOLOR, COLOURS_256, COLOURS_16):
        assert len({look.colour for look in palette.categories}) == 8
    assert tuple(look.colour for look in TRUECOLOR.categories) == OKABE_ITO


def test_sixteen_colours_are_named_and_not_mixed():
    named = [*COLOURS_16.categories, *COLOURS_16.states.values(), *COLOURS_16.levels]
    used = {colour for look in named for colour in (look.colour, look.ground)} - {None}
    assert not any(colour.startswith("#") for colour in used)


def test_without_colours_no_look_has_any():
    for mode in ("price", "status", "availability"):
        found = looks(Appearance(palette=NO_COLOURS, mode=mode)).values()
        assert {look.colour for look in found} == {look.ground for look in found} == {None}


@pytest.mark.parametrize("palette", PALETTES)
def test_a_filter_weakens_the_other_categories_alone(palette):
    plain = looks(Appearance(palette=palette))
    filtered = looks(Appearance(palette=palette, categories=frozenset({1})))
    assert filtered[FREE + 1] == plain[FREE + 1]
    assert filtered[FREE] == filtered[FREE + 2] == palette.weak
    assert [filtered[state] for state in STATES] == [plain[state] for state in STATES]


@pytest.mark.parametrize("palette", PALETTES)
def test_a_dimmed_map_keeps_only_what_is_this_counters_in_colour(palette):
    found = looks(Appearance(palette=palette, dimmed=True))
    assert found[FREE] == found[SOLD] == found[HELD] == palette.weak
    assert found[MINE] == palette.states[MINE]


@pytest.mark.parametrize("palette", PALETTES)
def test_availability_makes_what_is_free_stand_out(palette):
    found = looks(Appearance(palette=palette, mode="availability"))
    assert found[FREE] == found[FREE + 3] == palette.strong
    assert found[SOLD] == found[HELD] == palette.weak


def test_half_blocks_need_colours_and_more_than_ascii():
    assert Appearance(palette=TRUECOLOR).blocks
    assert not Appearance(palette=NO_COLOURS).blocks
    assert not Appearance(palette=TRUECOLOR, glyphs=ASCII).blocks
