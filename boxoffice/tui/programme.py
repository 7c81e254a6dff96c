"""What can be sold: every performance with a sale, as the counter lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boxoffice.core.model import Performance
    from boxoffice.core.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A performance and the concert it is of."""

    concert: int
    concert_name: str
    venue: str
    performance: Performance


def read_programme(office: Office) -> tuple[Listed, ...]:
    """Return the performances of all concerts on sale, in the order of their dates."""
    details = [office.show_concert(str(concert.id)) for concert in office.list_concerts()]
    listed = [
        Listed(concert=d.id, concert_name=d.name, venue=d.venue, performance=performance)
        for d in details
        for performance in d.dates
    ]
    return tuple(sorted(listed, key=lambda one: (one.performance.date, one.concert)))
