"""A performance's seats as text: plain ASCII, at most as wide as the terminal.

A free seat is the last digit of its number, so that a label can be read off; all else is a
point. Aisles are blanks.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from boxoffice.commands.guided.asking import fitted
from boxoffice.commands.guided.money import written
from boxoffice.core.hall import lay_out
from boxoffice.core.language import tr
from boxoffice.core.model import COMPANION, FREE, WHEELCHAIR, Money
from boxoffice.core.text import cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boxoffice.core.model import SeatMap

# A hall with more rows is shown section by section.
ROWS_SHOWN_MAX = 14
TAKEN, OTHER = ".", "o"
ROW_NAME_CELLS_MAX = 8
SECTIONS_SHOWN_MAX = 15


class Plan:
    """The hall of a performance and how its seats stand, ready to be written down."""

    def __init__(self, hall: SeatMap, states: bytes) -> None:
        self.hall = hall
        self._free = bytes(state == FREE for state in states)
        self._labels = {label.casefold(): label for label in hall.labels}
        self._names = {name.casefold(): at for at, name in enumerate(hall.sections)}
        self._by_row: list[list[int]] = [[] for _ in hall.rows]
        for seat, row in enumerate(hall.seat_rows):
            self._by_row[row].append(seat)

    @property
    def free_count(self) -> int:
        """Count the free seats."""
        return sum(self._free)

    @property
    def is_small(self) -> bool:
        """Tell whether all of it fits a screen."""
        return len(self.hall.rows) <= ROWS_SHOWN_MAX

    def section(self, name: str) -> int | None:
        """Find a section by its name, however its letters are written."""
        return self._names.get(name.casefold())

    def category(self, name: str) -> str | None:
        """Find a price category by its name, however its letters are written."""
        known = {category.casefold(): category for category in self.hall.categories}
        return known.get(name.casefold())

    def label(self, text: str, section: int | None = None) -> str:
        """Find a seat's label as typed, perhaps without the section in view, else as it is."""
        known = self._labels.get(text.casefold())
        if known is None and section is not None:
            known = self._labels.get(f"{self.hall.sections[section]}/{text}".casefold())
        return known or text

    # --- drawing ---

    def overview(self, width: int) -> Iterator[str]:
        """Write the sections: name, free seats, prices."""
        named = max(map(cells, self.hall.sections))
        free = self._free_by_section()
        order = sorted(range(len(self.hall.sections)), key=lambda at: not free[at])
        for at in order[:SECTIONS_SHOWN_MAX]:
            name = self.hall.sections[at]
            padded = name + " " * (named - cells(name))
            count = tr("{seats:,} free", seats=free[at])
            prices = self._prices(self._categories_of(at)) if free[at] else ""
            yield fitted(f"  {padded}  {count:>11}  {prices}", width)
        more = len(order) - SECTIONS_SHOWN_MAX
        if more > 0:
            yield tr("  and {count:,} more sections", count=more)

    def drawing(self, width: int, section: int | None = None) -> Iterator[str]:
        """Write the rows of a section, or of all, and what their seats cost."""
        hall = self.hall
        rows = [at for at, home in enumerate(hall.row_sections) if section in (None, home)]
        shown = [self._row(row) for row in rows]
        widest = max(len(seats) for _, seats, _ in shown)
        room = width - ROW_NAME_CELLS_MAX - 3
        for home, group in groupby(
            zip(rows, shown, strict=True), lambda each: hall.row_sections[each[0]]
        ):
            stage = tr("stage").center(min(widest, room))
            yield fitted(f"{hall.sections[home]:<{ROW_NAME_CELLS_MAX}}  {stage}", width)
            for _, (name, seats, category) in group:
                yield from _folded(name, seats.center(widest), category, width)
        yield fitted(self._legend(rows), width)

    def _row(self, row: int) -> tuple[str, str, str]:
        """Return a row's name, its seats from left to right, and its category if it has one."""
        hall = self.hall
        seats = self._by_row[row]
        names = {hall.categories[hall.seat_categories[at]] for at in seats}
        drawn = "".join(" " if at is None else self._mark(at) for at in self._with_aisles(seats))
        return hall.rows[row], drawn, "/".join(sorted(names))

    def _mark(self, seat: int) -> str:
        if not self._free[seat]:
            return TAKEN
        last = self.hall.numbers[seat][-1:]
        return last if last.isascii() and last.isalnum() else OTHER

    def _with_aisles(self, seats: Sequence[int]) -> list[int | None]:
        """Return a row's seats as they stand, with None at each aisle."""
        hall = self.hall
        laid = lay_out(
            sections=[0] * len(seats),
            rows=[0] * len(seats),
            xs=[hall.xs[at] for at in seats],
            ys=[hall.ys[at] for at in seats],
            set_apart=[bool(hall.attributes[at] & (WHEELCHAIR | COMPANION)) for at in seats],
            focal=hall.focal,
        )
        line = [None if at == len(seats) else seats[at] for at in laid.seats]
        return line[2:-2]  # the ends before and behind all runs

    def _legend(self, rows: Sequence[int]) -> str:
        categories = {self.hall.seat_categories[at] for row in rows for at in self._by_row[row]}
        return "  ".join(
            [tr("digits: free   {taken} taken", taken=TAKEN), self._prices(categories)]
        )

    def _prices(self, categories: set[int]) -> str:
        return "  ".join(
            f"{self.hall.categories[at]} {written(self._price(at))}" for at in sorted(categories)
        )

    def _price(self, category: int) -> Money:
        return Money(amount=self.hall.prices[category], currency=self.hall.currency)

    def _categories_of(self, section: int) -> set[int]:
        hall = self.hall
        return {
            hall.seat_categories[at]
            for at, row in enumerate(hall.seat_rows)
            if self._free[at] and hall.row_sections[row] == section
        }

    def _free_by_section(self) -> list[int]:
        counts = [0] * len(self.hall.sections)
        for at, row in enumerate(self.hall.seat_rows):
            counts[self.hall.row_sections[row]] += self._free[at]
        return counts


def _folded(name: str, seats: str, category: str, width: int) -> Iterator[str]:
    """Write a row's name, seats and category; what is wider than the terminal on more lines."""
    room = width - ROW_NAME_CELLS_MAX - 3
    shown = fitted(name, ROW_NAME_CELLS_MAX)
    padded = shown + " " * (ROW_NAME_CELLS_MAX - cells(shown))
    head = padded
    while len(seats) > room:
        yield f"{head}  {seats[:room]}"
        head, seats = " " * ROW_NAME_CELLS_MAX, seats[room:]
    line = f"{head}  {seats}"
    tail = f"   {category}"
    yield line + tail if cells(line) + cells(tail) <= width else line
