"""The looks of the map: characters and colours for what a cell can show.

Every state has a character of its own; a colour only repeats it. Categories have the colours
of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any colour vision tell
apart; among 16 colours these fall together, so those have a choice of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from boxoffice.tui.map.raster import BLOCKED, FREE, HELD, LETTERS, LOST, MINE, PENDING, SOLD, VOID

ColourMode: TypeAlias = Literal["price", "status", "availability"]
COLOUR_MODES: tuple[ColourMode, ...] = ("price", "status", "availability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Colours (``#rrggbb`` or an ANSI name, None for the map's own) and weight of a cell."""

    colour: str | None = None
    ground: str | None = None
    bold: bool = False
    dim: bool = False
    reverse: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """A character for each state; free seats have the letter of their category."""

    states: dict[int, str]
    blocks: bool  # whether half blocks may be drawn


UNICODE = Glyphs(
    states={VOID: " ", SOLD: "·", HELD: "~", MINE: "✓", PENDING: "?", LOST: "!", BLOCKED: "/"},
    blocks=True,
)
ASCII = Glyphs(states=UNICODE.states | {SOLD: ".", MINE: "@"}, blocks=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one kind of terminal; ``categories`` are used in turn."""

    name: str  # truecolor, 256, 16, none
    ground: str | None  # behind everything that has no ground of its own
    categories: tuple[Look, ...]
    states: dict[int, Look]
    free: Look  # where the colour tells the state
    strong: Look  # what is free where only that counts
    weak: Look  # what is not, or is left out by a filter
    levels: tuple[Look, ...]  # of a tile, from sold out to wholly free
    cursor: Look
    row: Look  # what is chosen together
    title: Look  # names of sections
    stage: Look
    gutter: Look

    @property
    def colours(self) -> bool:
        """Tell whether it has any colours, without which half blocks say nothing."""
        return self.name != "none"


OKABE_ITO = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#cc79a7",
    "#f0e442",
    "#d55e00",
    "#4a90d9",  # the original's blue, #0072b2, is too dark on a dark ground
    "#c8ccd0",
)
CANVAS = "#12161b"

TRUECOLOR = Palette(
    name="truecolor",
    ground=CANVAS,
    categories=tuple(Look(colour=colour) for colour in OKABE_ITO),
    states={
        SOLD: Look(colour="#626c78"),
        HELD: Look(colour="#8d96a1"),
        MINE: Look(colour="#000000", ground="#ffffff", bold=True),
        PENDING: Look(colour="#000000", ground="#f0e442", bold=True),
        LOST: Look(colour="#ffffff", ground="#b23a00", bold=True),
        BLOCKED: Look(colour="#6d5a5a"),
    },
    free=Look(colour="#009e73"),
    strong=Look(colour="#ffffff", bold=True),
    weak=Look(colour="#454c55"),
    levels=tuple(
        Look(colour=colour) for colour in ("#343b44", "#a34700", "#e69f00", "#56b4e9", "#009e73")
    ),
    cursor=Look(colour="#000000", ground="#f5f7fa", bold=True),
    row=Look(colour="#ffffff", ground="#35506b", bold=True),
    title=Look(colour="#e8ebee", bold=True),
    stage=Look(colour="#e8ebee", ground="#3a4450", bold=True),
    gutter=Look(colour="#7c8692"),
)
COLOURS_256 = replace(TRUECOLOR, name="256")
COLOURS_16 = Palette(
    name="16",
    ground="black",
    categories=tuple(
        Look(colour=colour)
        for colour in (
            "bright_yellow",
            "bright_cyan",
            "bright_green",
            "bright_magenta",
            "yellow",
            "bright_red",
            "bright_blue",
            "bright_white",
        )
    ),
    states={
        SOLD: Look(colour="bright_black"),
        HELD: Look(colour="white"),
        MINE: Look(colour="black", ground="bright_white", bold=True),
        PENDING: Look(colour="black", ground="yellow", bold=True),
        LOST: Look(colour="bright_white", ground="red", bold=True),
        BLOCKED: Look(colour="red"),
    },
    free=Look(colour="bright_green"),
    strong=Look(colour="bright_white", bold=True),
    weak=Look(colour="bright_black"),
    levels=tuple(
        Look(colour=colour)
        for colour in ("bright_black", "red", "yellow", "bright_cyan", "bright_green")
    ),
    cursor=Look(colour="black", ground="bright_white", bold=True),
    row=Look(colour="bright_white", ground="blue", bold=True),
    title=Look(colour="bright_white", bold=True),
    stage=Look(colour="black", ground="white"),
    gutter=Look(colour="white"),
)
NO_COLOURS = Palette(
    name="none",
    ground=None,
    categories=(Look(),),
    states={
        SOLD: Look(dim=True),
        HELD: Look(),
        MINE: Look(reverse=True, bold=True),
        PENDING: Look(reverse=True),
        LOST: Look(reverse=True, bold=True),
        BLOCKED: Look(dim=True),
    },
    free=Look(),
    strong=Look(bold=True),
    weak=Look(dim=True),
    levels=(Look(dim=True), Look(), Look(), Look(), Look(bold=True)),
    cursor=Look(reverse=True, bold=True),
    row=Look(reverse=True),
    title=Look(bold=True),
    stage=Look(reverse=True),
    gutter=Look(dim=True),
)
PALETTES = {
    "truecolor": TRUECOLOR,
    "256": COLOURS_256,
    "standard": COLOURS_16,
    "windows": COLOURS_16,
}


def palette_for(color_system: str | None, *, no_color: bool) -> Palette:
    """Choose by what the console can do (rich's ``Console.color_system``) and NO_COLOR."""
    if no_color or color_system is None:
        return NO_COLOURS
    return PALETTES.get(color_system, COLOURS_16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """How the map is to look; replaced as a whole when any of it changes.

    ``categories`` are those that a filter lets through, None for all; ``dimmed`` is for a map
    that may be out of date.
    """

    palette: Palette
    glyphs: Glyphs = UNICODE
    mode: ColourMode = "price"
    categories: frozenset[int] | None = None
    dimmed: bool = False

    @property
    def blocks(self) -> bool:
        """Tell whether half blocks can be drawn and say something."""
        return self.glyphs.blocks and self.palette.colours


def looks(appearance: Appearance) -> dict[int, Look]:
    """Return the look of everything that a seat's cell can show."""
    palette = appearance.palette
    found = {VOID: Look()} | palette.states
    if appearance.mode == "availability" or appearance.dimmed:
        found |= dict.fromkeys((SOLD, HELD, BLOCKED), palette.weak)
    for letter in range(LETTERS):
        found[FREE + letter] = _free(palette, appearance.mode, letter)
        if appearance.dimmed or not _let_through(appearance.categories, letter):
            found[FREE + letter] = palette.weak
    return found


def _let_through(categories: frozenset[int] | None, letter: int) -> bool:
    return categories is None or letter in {category % LETTERS for category in categories}


def _free(palette: Palette, mode: ColourMode, letter: int) -> Look:
    if mode == "price":
        return palette.categories[letter % len(palette.categories)]
    return palette.free if mode == "status" else palette.strong


def glyphs_of(glyphs: Glyphs) -> list[str]:
    """Return the character of everything a seat's cell can show, by its code."""
    letters = {FREE + at: chr(ord("a") + at) for at in range(LETTERS)}
    known = glyphs.states | letters
    return [known.get(code, " ") for code in range(max(known) + 1)]
