"""The words on the map: the stage and the names of the sections, where they cover no seat."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size

from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.tui.map.grid import Grid, Place
    from boxoffice.tui.map.zooms import Zoom

# A name over tiles has a blank on both sides, and leaves some of them visible.
NAME_MARGIN_CELLS = 3


class Mark(NamedTuple):
    """A word at a character of the drawing."""

    x: int
    text: str
    stage: bool


def marks_of(
    grid: Grid, names: Sequence[str], zoom: Zoom, *, digits: bool
) -> dict[int, list[Mark]]:
    """Return the words of each line of the drawing; ``digits`` tells that tiles are digits."""
    marks: dict[int, list[Mark]] = defaultdict(list)
    for section, place in grid.sections.items():
        line, x, width = _room(grid, place, zoom)
        if zoom.name == "overview":
            text = _over_tiles(names[section], width, digits=digits)
        else:
            text = set_cell_size(names[section], min(width, cell_len(names[section]))).rstrip()
        if text:
            marks[line].append(Mark(x + (width - cell_len(text)) // 2, text, stage=False))
    line, mark = _stage(grid, zoom)
    marks[line].append(mark)
    return marks


def _room(grid: Grid, place: Place, zoom: Zoom) -> tuple[int, int, int]:
    """Return the line for a section's name, and the characters that it may take there."""
    box = place.box
    x, line = zoom.at(box.left, box.top + box.height // 2)
    width = zoom.at(box.left + box.width - 1, 0)[0] + zoom.cells - x
    if zoom.name == "overview":
        return line, x, width
    upper = place.name_line
    third = box.width // 3
    if grid.seats_between(upper, box.left, box.left + box.width):  # in the hollow of a curve
        x, width = zoom.at(box.left + third, 0)[0], (box.width - 2 * third) * zoom.cells
    if zoom.rows > 1:
        upper -= 1 - upper % zoom.rows
    return zoom.at(0, upper)[1], x, width


def _over_tiles(name: str, width: int, *, digits: bool) -> str:
    """Return a name or at least its last word, if that cannot be taken for tiles."""
    for text in (name, name.rsplit(maxsplit=1)[-1]):
        if cell_len(text) + NAME_MARGIN_CELLS <= width and not (digits and text.isdigit()):
            return f" {text} "
    return ""


def _stage(grid: Grid, zoom: Zoom) -> tuple[int, Mark]:
    stage = grid.stage
    x, line = zoom.at(stage.left, stage.top + 1)
    width = zoom.at(stage.left + stage.width - 1, 0)[0] + zoom.cells - x
    if zoom.cells > 1:
        width -= 1  # the gap behind the last column
    text = tr("STAGE")
    margin = max(width - cell_len(text), 0)
    covered = (line - zoom.top) * zoom.rows
    columns = stage.left, stage.left + max(width, cell_len(text)) * zoom.columns
    if any(grid.seats_between(at, *columns) for at in range(covered, _last(grid, zoom, covered))):
        line -= zoom.top
    return line, Mark(x, " " * (margin // 2) + text + " " * (margin - margin // 2), stage=True)


def _last(grid: Grid, zoom: Zoom, first: int) -> int:
    return min(first + zoom.rows, grid.height)
