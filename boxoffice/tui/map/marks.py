"""The words on the map: stage, names of sections and of areas, where they cover no seat."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size

from boxoffice.core.language import tr
from boxoffice.tui.map.areas import NAME_CELLS_MAX
from boxoffice.tui.map.zooms import LEFT_CELLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boxoffice.tui.map.grid import Grid, Place
    from boxoffice.tui.map.zooms import Zoom

# A name over tiles has a blank on both sides, and leaves some of them visible.
NAME_MARGIN_CELLS = 3
# A name of an area is so far from any seat, and at most so many lines from its place.
AREA_MARGIN_CELLS, AREA_LINES_MAX = 3, 2


class Mark(NamedTuple):
    """A word at a character of the drawing."""

    x: int
    text: str
    stage: bool
    area: bool = False

    def meets(self, other: Mark) -> bool:
        """Tell whether two words of a line leave no blank between them."""
        return self.x <= other.x + cell_len(other.text) and other.x <= self.x + cell_len(self.text)


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
    _add_areas(marks, grid, zoom)
    return marks


def _add_areas(marks: dict[int, list[Mark]], grid: Grid, zoom: Zoom) -> None:
    """Add the names of areas, each on the nearest line where it covers nothing, if there is one."""
    columns, lines = zoom.size(grid)
    tries = sorted(range(-AREA_LINES_MAX, AREA_LINES_MAX + 1), key=abs)
    for name, column, grid_line in grid.areas:
        text = set_cell_size(name, min(cell_len(name), NAME_CELLS_MAX, columns - 1)).rstrip()
        x, middle = zoom.at(column, grid_line)
        wide = cell_len(text)
        for line, left in product((middle + step for step in tries), (wide // 2, 0, wide)):
            at = min(max(x - left, LEFT_CELLS), columns - wide)
            mark = Mark(at, text, stage=False, area=True)
            if zoom.top <= line < lines and _is_free(mark, line, grid, zoom, marks.get(line, ())):
                marks[line].append(mark)
                break


def _is_free(mark: Mark, line: int, grid: Grid, zoom: Zoom, others: Iterable[Mark]) -> bool:
    """Tell whether there is no seat and no other word where a word would be, nor beside it."""
    if any(map(mark.meets, others)):
        return False
    first = (mark.x - AREA_MARGIN_CELLS - LEFT_CELLS) // zoom.cells * zoom.columns
    end = mark.x + cell_len(mark.text) + AREA_MARGIN_CELLS - LEFT_CELLS
    last = -(-end // zoom.cells) * zoom.columns
    covered = (line - zoom.top) * zoom.rows
    return not any(
        grid.seats_between(at, first, last) for at in range(covered, _last(grid, zoom, covered))
    )


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
