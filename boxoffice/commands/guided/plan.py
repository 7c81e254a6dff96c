"""A performance's seats as text: plain ASCII, at most as wide as the terminal.

A free seat is the last digit of its number, so that a label can be read off; all else is a
point. Aisles are blanks. What is higher than the terminal is shown a page at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.commands.guided.folding import fitted, wrapped
from boxoffice.commands.guided.money import written
from boxoffice.core.hall import lay_out
from boxoffice.core.language import tr
from boxoffice.core.model import COMPANION, FREE, WHEELCHAIR, Money
from boxoffice.core.text import cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from boxoffice.core.model import SeatMap

# A hall with more rows is shown section by section.
ROWS_SHOWN_MAX = 14
TAKEN, OTHER = ".", "o"
ROW_NAME_CELLS_MAX = 8
SECTIONS_SHOWN_MAX = 15
ROWS_SHOWN_MIN = 3  # however low the terminal is


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is shown at once; ``following`` is where the next page begins, None after the last."""

    lines: tuple[str, ...]
    following: int | None


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

    def overview(self, width: int, height: int, start: int = 0) -> Page:
        """Write sections, those with free seats first: name, free seats, prices."""
        free = self._free_by_section()
        order = sorted(range(len(self.hall.sections)), key=lambda at: not free[at])
        room = max(ROWS_SHOWN_MIN, min(SECTIONS_SHOWN_MAX, height - 1))
        shown, more = order[start : start + room], len(order) - start - room
        lines = [self._section_line(at, free[at], width) for at in shown]
        if more > 0:
            lines += wrapped(
                tr("  and {count:,} more sections: Enter shows them", count=more), width
            )
        return Page(lines=tuple(lines), following=start + room if more > 0 else None)

    def _section_line(self, section: int, free: int, width: int) -> str:
        name = self.hall.sections[section]
        padded = name + " " * (max(map(cells, self.hall.sections)) - cells(name))
        count = tr("{seats:,} free", seats=free)
        line = f"  {padded}  {' ' * (11 - cells(count))}{count}"
        categories = self._categories_of(section)
        if not categories:
            return fitted(line, width)
        prices = self._prices(categories)
        if cells(line) + cells(prices) + 2 > width:
            cheapest = min((self._price(at) for at in categories), key=lambda price: price.amount)
            prices = tr("from {price}", price=written(cheapest))
        return fitted(f"{line}  {prices}", width)

    def drawing(self, width: int, height: int, section: int | None = None, start: int = 0) -> Page:
        """Write the rows of a section, or of all, and what their seats cost.

        Where not all fit, rows without a free seat are left out, and ``start`` of the others too.
        """
        rows = [at for at, home in enumerate(self.hall.row_sections) if section in (None, home)]
        drawn = {row: self._seats(row) for row in rows}
        height = max(height, ROWS_SHOWN_MIN + 3)
        if len(self._written(rows, drawn, width)) > height:
            rows = [row for row in rows if self._has_free(row)] or rows
        start = start if start < len(rows) else 0  # sold out meanwhile
        shown = rows[start:]
        while len(lines := self._written(shown, drawn, width)) > height and len(shown) > 1:
            shown.pop()
        following = start + len(shown)
        return Page(lines=tuple(lines), following=following if following < len(rows) else None)

    def _written(self, rows: Sequence[int], drawn: Mapping[int, str], width: int) -> list[str]:
        """Write these rows below the name of their section and what they cost."""
        hall, lines = self.hall, []
        named = min(ROW_NAME_CELLS_MAX, max(cells(hall.rows[row]) for row in drawn))
        widest = min(max(map(len, drawn.values())), width - named - 2)
        home = costs = ""
        for row in rows:
            if home != (home := hall.sections[hall.row_sections[row]]):
                lines += [_headed(home, named, widest, width)]
                costs = ""
            if costs != (costs := self._costs(row)):
                lines += wrapped(costs, width)
            lines += _row(hall.rows[row], named, drawn[row].center(widest), width)
        return lines + wrapped(tr("digits: free   {taken} taken", taken=TAKEN), width)

    def _has_free(self, row: int) -> bool:
        return any(self._free[at] for at in self._by_row[row])

    def _seats(self, row: int) -> str:
        """Draw a row's seats from left to right."""
        seats = self._by_row[row]
        return "".join(" " if at is None else self._mark(at) for at in self._with_aisles(seats))

    def _costs(self, row: int) -> str:
        """Write the categories of a row, each with its price."""
        return self._prices({self.hall.seat_categories[at] for at in self._by_row[row]})

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


def _headed(section: str, named: int, widest: int, width: int) -> str:
    """Write a section's name, and where its stage is."""
    stage = tr("stage")
    before = max(named + 2 + (widest - cells(stage)) // 2 - cells(section), 2)
    return fitted(section + " " * before + stage, width)


def _row(name: str, named: int, seats: str, width: int) -> Iterator[str]:
    """Write a row's name and its seats; what is wider than the terminal goes on at an aisle."""
    shown = fitted(name, named)
    head = shown + " " * (named - cells(shown))
    room = width - named - 2
    while len(seats) > room:
        aisle = seats.rfind(" ", 1, room + 1)
        cut = aisle if seats[: max(aisle, 0)].strip() else room
        yield f"{head}  {seats[:cut]}".rstrip()
        head, seats = " " * named, seats[cut:].lstrip()
    yield f"{head}  {seats}".rstrip()
