"""Single seats left alone between taken ones: hardly anybody buys them afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from boxoffice.core.hall import Hall

ALONE = re.compile(rb"(?<!\x01)\x01(?!\x01)")


def left_alone(hall: Hall, free: Sequence[bool], taken: Collection[int]) -> list[int]:
    """Return the seats that are alone because of the seats `taken`, all given by seat_no.

    An aisle ends a run; blocked and held seats count as taken. A seat that was alone before is
    nobody's fault.
    """
    before = list(free)
    for seat in taken:
        before[seat] = True
    alone_before = {place.start() for place in ALONE.finditer(hall.by_place(map(bool, before)))}
    line = hall.by_place(map(bool, free))
    places = (place.start() for place in ALONE.finditer(line))
    return [hall.seats[place] for place in places if place not in alone_before]
