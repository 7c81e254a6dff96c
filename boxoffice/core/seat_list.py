"""The list of seats, unpacked from columns.

A row a seat costs Postgres, the driver and Python more than the seats themselves: names and
prices are sent once, and the objects are filled column by column.
"""

from __future__ import annotations

import gc
from collections import deque
from contextlib import contextmanager
from itertools import repeat
from struct import unpack
from typing import TYPE_CHECKING, Any

from boxoffice.core.model import Money, Seat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BETWEEN = "\x1f"
STATES = {"f": "free", "h": "held", "s": "sold", "b": "blocked"}


def seats_of(row: Any) -> list[Seat]:  # noqa: ANN401 - what core/sql/list_seats.sql returns
    """Return the seats that a row of list_seats.sql holds."""
    if row.labels is None:
        return []
    count = len(row.states)
    row_nos, category_nos = (
        unpack(f"!{count}i", row.row_nos),
        unpack(f"!{count}i", row.category_nos),
    )
    sections = [row.sections[number] for number in row.row_sections]
    prices = [Money(amount=amount, currency=row.currency) for amount in row.prices]
    columns = {
        "seat": row.labels.split(BETWEEN),
        "section": map(sections.__getitem__, row_nos),
        "row": map(row.rows.__getitem__, row_nos),
        "number": row.numbers.split(BETWEEN),
        "category": map(row.categories.__getitem__, category_nos),
        "price": map(prices.__getitem__, category_nos),
        "state": map(STATES.__getitem__, row.states),
        "block": repeat(None),
    }
    return _filled(count, columns)


def _filled(count: int, columns: Mapping[str, Iterable[object]]) -> list[Seat]:
    """Make so many seats and fill them, several times as fast as one call a seat would.

    The slots are set by their own descriptors, as a frozen dataclass sets them itself.
    """
    with _no_garbage():
        seats = list(map(object.__new__, repeat(Seat, count)))
        for name, values in columns.items():
            deque(map(getattr(Seat, name).__set__, seats, values), maxlen=0)
    return seats


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep the collector from looking through what is only being made, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
